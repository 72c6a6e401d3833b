"""Laws: an equation in a test function, decided for all values of its variables.

The function is run in the number systems, by way of recordings, as other people's implementations are: pairs certify,
balls refute, and binary64 is judged by the radius. A law is a claim whose scene is the function.
"""

from __future__ import annotations

import ast
import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial, wraps
from math import isclose
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import numpy as np

from refute.cases import LINE, Draw
from refute.claims import Choice, Claim, Grid, Natural, Real, Seen, Sighting, Size, Sizes
from refute.deciding.bench import MOST_SAMPLES, Bench
from refute.deciding.check import failed
from refute.deciding.floating import Expected, judge_floats
from refute.deciding.identity import Options, decide_identity
from refute.deciding.verdict import Counterexample, Status, Verdict
from refute.errors import ImplementationError, UsageError
from refute.numbers.floats import Floats
from refute.numbers.scalar import Unmet
from refute.report.terminal import failure
from refute.sandbox.local import LocalImplementation
from refute.testing.running import NotAccepted, current

Shape = tuple[int, ...]
EXAMPLE = "return softmax(x).sum(), 1"
CONSTANTS = "the sides differ by a rounding only: a constant such as 0.1 is the float that it is, and not 1/10"
VARIABLES = 'x=3, x="D" with D=range(1, 5), x="H D", x=Real(0), x=reals("D", low=0)'


class _Unassumed(BaseException):
    """An assumption does not hold: none of the law's own handlers may take it."""


@dataclass(frozen=True)
class Variable:
    """An array of real numbers in a domain; each length is a whole number, or the name of a size."""

    domain: Real
    shape: tuple[int | str, ...] = ()

    def shape_at(self, sizes: Sizes) -> Shape:
        """Its shape at some sizes."""
        return tuple(int(sizes[length]) if isinstance(length, str) else length for length in self.shape)


def reals(
    *shape: int | str, low: Fraction | int | None = None, high: Fraction | int | None = None, closed: bool = False
) -> Variable:
    """An array of real numbers between bounds, as in `Real`; without a shape one number. Each length is a whole number,
    or the name of a size: ``reals("D", low=0)``."""
    return Variable(Real(low, high, closed), shape)


def law(**variables: Any) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Make a test of a function that returns two sides, which must be equal for all values of its variables.

    A variable is named as the function's parameter and given by its shape, ``x=3``, ``x=(2, 3)``, ``x=()``, by the
    names of sizes, ``x="D"`` or ``W="H D"``, by a domain, ``x=Real(0)`` for one number greater than 0, or by both,
    ``x=reals("D", low=0)``. A size is a ``range``, or a `Natural` or `Choice`: every value is checked, and passed
    to the function if it has such a parameter. The other parameters are pytest's: fixtures, and what is parametrized.

    The sides are numbers or arrays of one shape, or one of them is a single number that all entries equal. The function
    and what it calls are ordinary NumPy code. Raises UsageError for variables that the function does not have.
    """

    def decorate(body: Callable[..., Any]) -> Callable[..., None]:
        __tracebackhide__ = True
        return _test_of(Law(body, variables))

    return decorate


def assume(condition: object) -> None:
    """Say nothing about cases at which a condition does not hold; it may compare variables. A law that no case meets is
    an error."""
    if not condition:
        raise _Unassumed


def _test_of(law: Law) -> Callable[..., None]:
    """The function that pytest sees: its parameters are those that are not the law's."""

    @wraps(law.body)
    def test(*arguments: Any, **fixtures: Any) -> None:
        __tracebackhide__ = True
        law.hold(partial(law.body, *arguments, **fixtures))

    own = {*law.variables, *law.sizes}
    signature = inspect.signature(law.body)
    rest = [parameter for name, parameter in signature.parameters.items() if name not in own]
    vars(test).update(__signature__=signature.replace(parameters=rest, return_annotation=None), refute_law=law)
    return test


class Law:
    """A law: its `variables` and `sizes`, by name, and the function that gives its two sides."""

    def __init__(self, body: Callable[..., Any], declared: Mapping[str, Any]) -> None:
        __tracebackhide__ = True
        self.body, self.name = body, body.__name__
        self.place = f"{body.__code__.co_filename}:{body.__code__.co_firstlineno}"
        found = {name: self._declared(name, value) for name, value in declared.items()}
        self.variables = {name: value for name, value in found.items() if isinstance(value, Variable)}
        self.sizes: Grid = {name: value for name, value in found.items() if not isinstance(value, Variable)}
        self._check_names(inspect.signature(body).parameters)
        self._passed = [name for name in self.sizes if name in inspect.signature(body).parameters]
        self.left, self.right = _written(body)

    def _check_names(self, parameters: Iterable[str]) -> None:
        __tracebackhide__ = True
        for name, variable in self.variables.items():
            if name not in parameters:
                raise self.misused(f"{self.name} has no parameter {name}", ", ".join(parameters) or "none", name)
            for length in variable.shape:
                if isinstance(length, str) and length not in self.sizes:
                    example = f'@law({name}="{length}", {length}=range(1, 5))'
                    sizes = ", ".join(self.sizes) or "none"
                    raise self.misused(f"{self.name} has no size {length}, a length of {name}", sizes, length, example)

    def _declared(self, name: str, value: Any) -> Variable | Size:
        """What a variable or a size is given by."""
        __tracebackhide__ = True
        match value:
            case Variable() | Natural() | Choice():
                return value
            case Real():
                return Variable(value)
            case range() if value:
                return Natural(value[0], value[-1]) if value.step == 1 else Choice(tuple(value))
            case str():
                return Variable(LINE, tuple(int(word) if word.isdigit() else word for word in value.split()))
            case int() if not isinstance(value, bool):
                return Variable(LINE, (value,))
            case tuple() if all(isinstance(length, (int, str)) for length in value):
                return Variable(LINE, value)
        raise self.misused(f"{self.name}: {name} is nothing that varies", "a shape, a domain or sizes", repr(value))

    def misused(self, message: str, expected: str, got: str, example: str = VARIABLES) -> UsageError:
        """The error of a law that is not written as it must be."""
        return UsageError(message, expected=expected, got=got, where=self.place, example=example)

    def hold(self, body: Callable[..., Any]) -> None:
        """Decide the law, of the function with pytest's arguments in place. Raises NotAccepted unless it stands, and
        UsageError when there is nothing to decide."""
        __tracebackhide__ = True
        run, called = current(), _Sides(self, body)
        options = run.profile.options(run.seed)
        claim = Claim(
            self.name, ask=inspect.getdoc(self.body) or "", formula="right", observe=called.scene, mistakes={},
            source=self.place, sizes=run.profile.fitted_grid(self.sizes), functions=(self.name,),
            given={name: variable.domain for name, variable in self.variables.items()},
        ).but(place=self.place)  # fmt: skip
        for sizes in claim.all_sizes():
            called.look(sizes, options)
        implementation = LocalImplementation(self.name, SimpleNamespace(**{self.name: called}), None)
        verdict = self._worded(_decided(claim, implementation, options))
        run.verdicts.append(("law", verdict))
        if not verdict.accepted:
            raise NotAccepted(verdict, failure(claim, verdict))

    def arguments(self, sizes: Sizes, draw: Draw) -> dict[str, Any]:
        """The function's arguments at a case."""
        drawn = {name: draw(name, *variable.shape_at(sizes)) for name, variable in self.variables.items()}
        return drawn | {name: sizes[name] for name in self._passed}

    def shape_of(self, sides: Any, sizes: Sizes) -> Shape:
        """The shape that both sides have. Raises UsageError unless they are two, of real numbers, in one shape."""
        if not isinstance(sides, tuple) or len(sides) != 2:
            got = f"{type(sides).__name__} {sides!r}"[:100]
            raise self.misused(f"{self.name} does not return two sides", "a tuple of two", got, EXAMPLE)
        arrays = [np.asarray(side) for side in sides]
        strange = next((array for array in arrays if array.dtype.kind not in "fiu"), None)
        if strange is not None:
            raise self.misused(f"{self.name} has a side of something else", "real numbers", repr(strange), EXAMPLE)
        shapes = [array.shape for array in arrays]
        if shapes[0] != shapes[1] and () not in shapes:
            raise self.misused(
                f"the sides of {self.name} have different shapes{_at(sizes)}", str(shapes[0]), str(shapes[1]), EXAMPLE
            )
        shape = max(shapes, key=len)
        if 0 in shape:
            raise self.misused(f"{self.name} compares nothing{_at(sizes)}", "sides with entries", str(shape), VARIABLES)
        return shape

    def _worded(self, verdict: Verdict) -> Verdict:
        """The verdict, its counterexample in the words of the law's own sides."""
        shown = verdict.counterexample
        if shown is None or not shown.formula:
            return verdict
        place = shown.seen.removeprefix(self.name).strip()
        formula, seen = self.right, self.left
        if place.endswith(f"in {Floats().name}"):  # where a side is held against itself
            seen = {"left": self.left, "right": self.right}[shown.formula]
            formula = f"{seen}, in balls"
        told = replace(shown, formula=formula, seen=f"{seen} {place}".strip(), where=self.place)
        message = CONSTANTS if _differ_by_rounding(shown) else verdict.message
        return replace(verdict, counterexample=told, message=message)


def _differ_by_rounding(shown: Counterexample) -> bool:
    try:
        return isclose(float(shown.expected), float(shown.observed), rel_tol=2**-50)
    except ValueError:
        return False  # a small fraction, or words


class _Sides:
    """A law's function as one that can be recorded: it is given all that a case has, and gives both sides in one shape,
    and whether the case meets what is assumed."""

    def __init__(self, law: Law, body: Callable[..., Any]) -> None:
        self.law, self._body = law, body
        self.__wrapped__ = law.body  # where it is written
        self._shapes: dict[Any, Shape] = {}

    def __call__(self, number: Any, given: Mapping[str, Any]) -> tuple[Any, Any, int]:
        """The sides. The `number` is there so that even without a variable the call belongs to a number system."""
        try:
            left, right = self._body(**given)
        except _Unassumed:
            nothing = np.zeros(self._shapes[_key(given)])[()]  # a recording gives the same structure on every path
            return nothing, nothing, 0
        shape = np.broadcast_shapes(np.shape(left), np.shape(right))
        return _of_shape(left, shape), _of_shape(right, shape), 1

    def scene(self, implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        """Both sides, seen at a case; and each beside itself, which is what floats are judged by."""
        name = self.law.name
        left, right, met = getattr(implementation, name)(draw.number(0), self.law.arguments(sizes, draw))
        if not met:
            raise Unmet(getattr(draw.system, "decisions", ()))
        sides = {"left": left, "right": right}
        yield Sighting(name, left, sides, name)
        yield from (Sighting(name, value, sides, name, part=side) for side, value in sides.items())

    def look(self, sizes: Sizes, options: Options) -> None:
        """Run the function in floats, at the first case of those sizes that meets what is assumed. What it raises is
        raised. Raises UsageError when no case does, or it does not give two sides."""
        __tracebackhide__ = True
        domains = {name: variable.domain for name, variable in self.law.variables.items()}
        for sample in range(MOST_SAMPLES):
            given = self.law.arguments(sizes, Draw(Floats(), domains, seed=f"{options.seed}/{sample}"))
            try:
                with np.errstate(all="ignore"):
                    sides = self._body(**given)
            except _Unassumed:
                continue
            self._shapes[_key(given)] = self.law.shape_of(sides, sizes)
            return
        raise self.law.misused(
            f"no case meets what {self.law.name} assumes{_at(sizes)}", f"one of {MOST_SAMPLES} that does", "none",
            'a domain in place of an assumption, x=reals("D", low=0)',
        )  # fmt: skip


def _key(given: Mapping[str, Any]) -> Any:
    """What a function can know of the sizes."""
    return tuple((name, value if isinstance(value, (int, str)) else np.shape(value)) for name, value in given.items())


def _of_shape(side: Any, shape: Shape) -> Any:
    return np.broadcast_to(np.asarray(side), shape)[()]


def _at(sizes: Sizes) -> str:
    return f" at {', '.join(f'{name} = {value}' for name, value in sizes.items())}" if sizes else ""


def _decided(claim: Claim, implementation: LocalImplementation, options: Options) -> Verdict:
    """The verdict on a law: as functions, and then on each side in binary64 beside itself in balls."""
    start, bench = time.perf_counter(), Bench()
    try:
        verdict = decide_identity(claim, implementation, bench, options)
        if verdict.status in (Status.CERTIFIED, Status.TESTED):
            sides = claim.but(formula={"left": "left", "right": "right"})
            judged, shown = judge_floats(sides, implementation, bench, options.seed, Expected(implementation, bench))
            if judged:
                verdict = replace(verdict, systems=(*verdict.systems, Floats().name))
            if shown is not None:
                verdict = replace(verdict, status=Status.REFUTED, error_bound=None, counterexample=shown)
    except ImplementationError as error:
        verdict = failed(claim, implementation, error)
    reason = implementation.floats_only.get(claim.id)
    if reason is not None and verdict.status is Status.UNDECIDED:
        verdict = replace(verdict, message=f"it leaves NumPy, so nothing can be told: {reason}")
    return replace(verdict, seconds=time.perf_counter() - start)


def _written(body: Callable[..., Any]) -> tuple[str, str]:
    """The two sides as they are written in the function."""
    try:
        tree = ast.parse(dedent(inspect.getsource(body)))
    except (OSError, SyntaxError):
        return "left", "right"
    for node in ast.walk(tree):
        match node:
            case ast.Return(ast.Tuple([left, right])):
                return ast.unparse(left), ast.unparse(right)
    return "left", "right"
