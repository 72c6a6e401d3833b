"""The bench: runs a scene on an implementation in one number system, once for all the claims that look at it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, TypeVar

from refute.cases import Draw, System, Values
from refute.claims import Agreement, Claim, Scene, Seen, Sizes
from refute.errors import ImplementationError, InternalError
from refute.formula.evaluate import Environment, as_is, compile_expr
from refute.formula.parse import parse
from refute.numbers.balls import Balls, working_precision
from refute.numbers.lattice import TooManyArguments
from refute.numbers.pairs import Pairs
from refute.numbers.scalar import OutsideClass, UndecidedSign, Unmet

T = TypeVar("T")
MOST_SAMPLES = 24  # per shape, when looking for points that take every branch both ways, or meet what is assumed


@dataclass
class Watch:
    """What an implementation that stands beside another, in one run of a scene, did of its `own` functions: which
    `ran`, for which the other `stood_in`, and the outputs, after the function's name, that they `lack`."""

    own: Set[str]
    ran: set[str] = field(default_factory=set)
    stood_in: set[str] = field(default_factory=set)
    lack: set[tuple[str, str]] = field(default_factory=set)

    def is_own(self, function: str, output: str) -> bool:
        """Whether an output is of the implementation's own. A scene may remember a run of before."""
        ran = function in self.ran or function not in self.stood_in
        return function in self.own and ran and (function, output) not in self.lack


@dataclass(frozen=True)
class Show:
    """One run of a scene: what was seen, what was drawn, in which number system; and what of it is the implementation's
    own, if another stands in for what it lacks."""

    seen: tuple[Seen, ...]
    values: Mapping[str, Fraction]
    system: Any
    watch: Watch | None = None

    def of(self, claim: Claim) -> list[Seen]:
        """What concerns one claim: its own sightings, and the agreements of the same run."""
        return [s for s in self.seen if isinstance(s, Agreement) or s.claim == claim.id]

    def is_own(self, seen: Seen) -> bool:
        """Whether a function of the implementation's own had a part in what was seen."""
        if self.watch is None:
            return True
        return any(self.watch.is_own(function, seen.output) for function in seen.seen.split())


@dataclass(frozen=True)
class Case:
    """One case of a scene: its sizes, the seed of its values, those fixed, and the power of two that scales them."""

    sizes: Sizes
    seed: str = "0"
    fixed: Values = field(default_factory=dict)
    scale: int = 0


class Bench:
    """Runs scenes. Shows made in a number system that `key` names are kept, so that claims share them."""

    def __init__(self) -> None:
        self._shows: dict[Any, Show] = {}
        self._implementations: dict[int, Any] = {}  # held, so that no other object gets the same id

    def shared(self, claim: Claim, implementation: Any, case: Case, key: object, system: Callable[[], System]) -> Show:
        """The show for a case, made on first use and kept under `key`."""
        self._implementations[id(implementation)] = implementation
        values = tuple(sorted(case.sizes.items())), case.seed, tuple(sorted(case.fixed.items())), case.scale
        place = (claim.observe, id(implementation), values, key)
        if place not in self._shows:
            self._shows[place] = run(claim, implementation, case, system())
        return self._shows[place]


def where_met(case: Case, look: Callable[[Case], T]) -> T:
    """What a look at a case gives; if the case does not meet what the scene assumes, at the first other one of these
    sizes that does. Raises Unmet when none of `MOST_SAMPLES` does."""
    for number in range(MOST_SAMPLES):
        try:
            return look(replace(case, seed=f"{case.seed}/{number}") if number else case)
        except Unmet:
            continue
    raise Unmet


def run(claim: Claim, implementation: Any, case: Case, system: System) -> Show:
    """Run the claim's scene at one case.

    Raises ImplementationError when the implementation fails there. OutsideClass, UndecidedSign, TooManyArguments and,
    but for formal systems, ZeroDivisionError say that this number system cannot carry the case.
    """
    assert callable(claim.observe)
    scene: Scene = claim.observe
    draw = Draw(system, claim.given, seed=case.seed, fixed=case.fixed, scale=case.scale)
    try:
        with _at_its_precision(system), _watched(implementation) as watch:
            seen = tuple(scene(implementation, case.sizes, draw))
    except (OutsideClass, UndecidedSign, TooManyArguments, InternalError):
        raise
    except Exception as error:
        if isinstance(error, ZeroDivisionError) and not system.is_formal:
            raise  # at this point only
        raise _implementation_failed(error, implementation, case) from error
    return Show(seen, draw.used, system, watch)


def _watched(implementation: Any) -> AbstractContextManager[Watch | None]:
    """Watch an implementation that can tell what it does of its own."""
    watched: Callable[[], AbstractContextManager[Watch]] | None = getattr(implementation, "watched", None)
    return nullcontext() if watched is None else watched()


def _at_its_precision(system: System) -> AbstractContextManager[None]:
    """Much done in balls, also in those of pairs, is faster with flint's precision set once."""
    balls = system.balls if isinstance(system, Pairs) else system
    return working_precision(balls.precision) if isinstance(balls, Balls) else nullcontext()


def _implementation_failed(error: Exception, implementation: Any, case: Case) -> ImplementationError:
    if isinstance(error, ImplementationError):  # it says itself where it failed
        error.case = {name: str(value) for name, value in case.sizes.items()}
        return error
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename == getattr(implementation, "__file__", None)] or list(frames)
    failure = ImplementationError(
        f"{name_of(implementation)} failed",
        expected="a result",
        got=f"{type(error).__name__}: {error}",
        where=f"{own[-1].filename}:{own[-1].lineno}",
    )
    failure.case = {name: str(value) for name, value in case.sizes.items()}
    return failure


def name_of(implementation: Any) -> str:
    """The name of an implementation: that of the module, or of the class of the object; a model alone has none."""
    if implementation is None:
        return "the model"
    return str(getattr(implementation, "__name__", type(implementation).__name__))


def compiled(formula: str, show: Show) -> Callable[[Environment], Any]:
    """The formula as a function of the show's environments. Where nothing was drawn its constants stay exact rationals,
    so that a count is compared as the integer it is."""
    evaluator, number = compile_expr(parse(formula)), show.system.number if show.values else as_is
    return lambda environment: evaluator(environment, number)
