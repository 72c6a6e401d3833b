"""What is claimed, as data: domains, claims, questions. Frozen records; a spec file is made of nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from refute.errors import ProjectError

if TYPE_CHECKING:
    from refute.cases import Draw
    from refute.formula.vocabulary import Vocabulary
    from refute.pictures import Picture

Sizes = Mapping[str, int | str]


@dataclass(frozen=True)
class Natural:
    """A whole number from `low` to `high`, both included. Every one of them is checked."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ProjectError(
                "a domain is empty",
                expected="low <= high",
                got=f"Natural({self.low}, {self.high})",
                example="Natural(1, 6)",
            )

    @property
    def is_positive(self) -> bool:
        """Whether every number in it is positive."""
        return self.low > 0

    def values(self) -> Iterator[int]:
        return iter(range(self.low, self.high + 1))

    def __contains__(self, value: Fraction | int) -> bool:
        return value.denominator == 1 and self.low <= value <= self.high

    def up_to(self, largest: int) -> Natural:
        """Those of its numbers that are no larger; the least one always."""
        return Natural(self.low, max(self.low, min(self.high, largest)))

    def __str__(self) -> str:
        return f"whole number {self.low}..{self.high}"


@dataclass(frozen=True)
class Choice:
    """One of a few options, names or whole numbers. Every one of them is checked."""

    options: tuple[str | int, ...]

    def __post_init__(self) -> None:
        if not self.options:
            raise ProjectError("a choice has no options", expected="one at least", got="Choice(())")

    def values(self) -> Iterator[str | int]:
        return iter(self.options)

    def __str__(self) -> str:
        return " or ".join(map(str, self.options))


@dataclass(frozen=True)
class Real:
    """A real number between `low` and `high`; None is no bound. The ends themselves are in it if it is `closed`, but
    none of the numbers `without` which it is."""

    low: Fraction | int | None = None
    high: Fraction | int | None = None
    closed: bool = False
    without: tuple[Fraction | int, ...] = ()

    def __contains__(self, value: Fraction | int) -> bool:
        if value in self.without:
            return False
        if self.closed and value in (self.low, self.high):
            return True
        return (self.low is None or value > self.low) and (self.high is None or value < self.high)

    @property
    def is_positive(self) -> bool:
        """Whether every number in it is positive."""
        return self.low is not None and (self.low > 0 or (self.low == 0 and 0 not in self))

    def __str__(self) -> str:
        low = "-∞" if self.low is None else self.low
        high = "∞" if self.high is None else self.high
        left = "[" if self.low is not None and self.low in self else "("
        right = "]" if self.high is not None and self.high in self else ")"
        others = [str(value) for value in self.without if value not in (self.low, self.high)]
        return f"real in {left}{low}, {high}{right}" + (f" without {', '.join(others)}" if others else "")


Domain = Natural | Choice | Real
Size = Natural | Choice
Grid = Mapping[str, Size]


@dataclass(frozen=True)
class Sighting:
    """One thing seen when an implementation (or the model) was run: the `value` that a claim's formula must give.

    `claim` is the claim's id and `part` the formula's name if it has several; `environment` is what the formula may
    use; `seen` says what was run, `output` which of its results this is, and `at` where in it (``{"t": 2}``).
    """

    claim: str
    value: Any
    environment: Mapping[str, Any]
    seen: str
    at: Mapping[str, int] = field(default_factory=dict)
    part: str = ""
    output: str = ""


@dataclass(frozen=True)
class Agreement:
    """An implementation's `value` beside the `expected` value of the model's own equations; it counts for every claim
    seen in the same run."""

    value: Any
    expected: Any
    seen: str
    at: Mapping[str, int] = field(default_factory=dict)
    output: str = ""


Seen = Sighting | Agreement
Scene = Callable[[Any, Sizes, "Draw"], Iterable[Seen]]


@dataclass(frozen=True)
class Bound:
    """An observation that a claim's formulas bound from above, at every point of a box.

    `quantities(variables, number)` gives, for each part, the quantities that the part's formula must be at least as
    large as, in any number system. `box` gives closed intervals for variables; those named in `unbounded` are any real
    >= 0.
    """

    quantities: Callable[[Mapping[str, Any], Callable[[Any], Any]], Mapping[str, Sequence[Any]]]
    box: Mapping[str, tuple[Fraction | int, Fraction | int]]
    unbounded: tuple[str, ...] = ()


Observation = Scene | Bound
Setting = Callable[[Sizes, "Draw"], Mapping[str, Any]]


@dataclass(frozen=True)
class Blank:
    """Where a person writes a claim's formula in words of their own.

    An answer is right when it equals the claim's formula, in one of its `right` parts, whatever values
    ``setting(sizes, draw)`` gives to the names of the `vocabulary`, at each of the `sizes` and each index of the node
    asked for. A node that is `withheld` is not known before the answer is: an answer that uses one is given an
    arbitrary value for it. So it is with all but the nodes `shown` of a name of which some are, where the setting is an
    excerpt; else a node that it does not give is 0. `given` states domains besides those of the claim, `words` says
    what a name is called, and `examples` show the notation without being answers.

    In a document the answer is found by its left-hand side: the vocabulary's own node, or one of the texts, in words or
    LaTeX, by which it is `called`. Fonts, case and all brackets but bars mean nothing there, and ``\\det ...`` is any
    text that begins so.
    """

    setting: Setting
    vocabulary: Vocabulary
    sizes: tuple[Sizes, ...] = ({},)
    given: Mapping[str, Real | Natural] = field(default_factory=dict)
    right: tuple[str, ...] = ("",)
    withheld: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """For every case of `sizes` and `given`, the formula equals (or, for a `Bound`, bounds) what is observed.

    `id` is permanent and unique in a project. `formula` is text in the formula language, or several, by part.
    `points` are those of the question sheet; with `manual` a person awards them. `mistakes` maps wrong formulas,
    each of which must be refuted, to what is wrong with them; for a claim in parts a mistake is written ``part:
    formula``. A part that `within` names is a measurement, and need only come as close as that other formula says.
    At the `symbolic` sizes SymPy proves the claim as well. A part that `growth` names is a count whose tight order
    of growth, for sizes from `least` on, is that formula. A claim with a `blank` is one that people answer in
    writing. `functions` are the names of the implementation's functions that the observation runs;
    with `by_code` code that does it answers the question as well as a formula.
    ``pictures(implementation, is_right)`` are shown to those who answered; to those who were wrong they do not tell
    the answer.
    """

    id: str
    ask: str
    formula: str | Mapping[str, str]
    observe: Observation
    mistakes: Mapping[str, str]
    source: str
    sizes: Grid | tuple[Grid, ...] = field(default_factory=dict)
    given: Mapping[str, Real] = field(default_factory=dict)
    points: Fraction = Fraction(0)
    manual: bool = False
    within: Mapping[str, str] = field(default_factory=dict)
    symbolic: tuple[Sizes, ...] = ()
    growth: Mapping[str, str] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    blank: Blank | None = None
    place: str = field(init=False, compare=False, default="")  # file and line, noted when the claim is made

    def __post_init__(self) -> None:
        caller = sys._getframe(2)  # above this method and the dataclass's __init__
        object.__setattr__(self, "place", f"{caller.f_code.co_filename}:{caller.f_lineno}")

    functions: tuple[str, ...] = ()
    by_code: bool = False
    pictures: Callable[[Any, bool], tuple[Picture, ...]] | None = None

    @property
    def formulas(self) -> Mapping[str, str]:
        """The formula by part; a claim with one formula has the one part ''."""
        return {"": self.formula} if isinstance(self.formula, str) else self.formula

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The grids of sizes that are checked."""
        return self.sizes if isinstance(self.sizes, tuple) else (self.sizes,)

    def sizes_of(self, grid: Grid) -> Iterator[dict[str, int | str]]:
        """Every combination of sizes of one grid, smallest first."""
        for values in product(*(domain.values() for domain in grid.values())):
            yield dict(zip(grid, values, strict=True))

    def all_sizes(self) -> Iterator[dict[str, int | str]]:
        """Every combination of sizes, grid by grid."""
        for grid in self.grids:
            yield from self.sizes_of(grid)

    @property
    def typical_sizes(self) -> dict[str, int | str]:
        """The largest sizes of the first grid: those at which other libraries are asked too."""
        return list(self.sizes_of(self.grids[0]))[-1]

    def of_sizes(self, sizes: tuple[Grid, ...]) -> Claim:
        """The same claim, over other sizes."""
        return self.but(sizes=sizes)

    def but(self, *, place: str = "", **changes: Any) -> Claim:
        """The same claim with other parts; it comes from the same place unless another is given."""
        claim = replace(self, **changes)
        object.__setattr__(claim, "place", place or self.place)
        return claim

    def mistaken_formulas(self) -> Iterator[tuple[str, Mapping[str, str], str]]:
        """Each mistake: its text, the formulas by part with it in place, and what is wrong with it."""
        for mistake, reason in self.mistakes.items():
            part, _, formula = mistake.rpartition(": ")
            yield mistake, {part: formula}, reason


@dataclass(frozen=True)
class Question:
    """A question of the sheet and its claims."""

    id: str
    title: str
    text: str
    claims: tuple[Claim, ...]
