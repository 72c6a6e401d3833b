"""Where a formula and an observation meet: scalar by scalar, in one number system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from refute.claims import Agreement, Claim, Seen, Sighting
from refute.deciding.bench import Show, compiled
from refute.errors import ImplementationError, ProjectError
from refute.formula.evaluate import Environment
from refute.numbers.balls import Ball
from refute.numbers.pairs import Pair
from refute.numbers.scalar import OutsideClass, Scalar, plain

MODEL = "the model's equations"


@dataclass(frozen=True)
class Meeting:
    """An expected and an observed scalar that a claim says are equal."""

    expected: Any
    observed: Any
    formula: str
    seen: Seen
    entry: tuple[int, ...]

    @property
    def place(self) -> str:
        """Which result of what was run, and where in it: ``c_bar of lstm_backward at t = 2``."""
        at = [f"{name} = {value}" for name, value in self.seen.at.items()]
        at += [f"entry {', '.join(str(i + 1) for i in self.entry)}"] if self.entry else []
        output = f"{self.seen.output} of " if self.seen.output else ""
        return f"{output}{self.seen.seen}" + (f" at {', '.join(at)}" if at else "")


def meetings(claim: Claim, show: Show, formulas: Mapping[str, str] | None = None) -> Iterator[Meeting]:
    """Every scalar of a claim's formula beside what was observed. `formulas`, by part, stand in for the claim's own.

    Raises ProjectError for a formula that uses a name the scene does not offer.
    """
    for seen, formula, expected in expectations(claim, show, formulas):
        yield from side_by_side(expected, seen, formula)


def expectations(
    claim: Claim, show: Show, formulas: Mapping[str, str] | None = None
) -> Iterator[tuple[Seen, str, Any]]:
    """What a claim's formula gives for all that concerns it in a show, in order: what was seen, the formula, and its
    value. It raises what `meetings` does."""
    wanted = claim.formulas if formulas is None else formulas
    evaluators = {part: compiled(formula, show) for part, formula in wanted.items()}
    for seen in concerning(claim, show, formulas):
        if isinstance(seen, Agreement):
            yield seen, MODEL, seen.expected
        else:
            formula = wanted[seen.part]
            yield seen, formula, _evaluate(claim, show, evaluators[seen.part], formula, seen)


def concerning(claim: Claim, show: Show, formulas: Mapping[str, str] | None = None) -> Iterator[Seen]:
    """What in a show concerns the claim's formulas, or others in their place."""
    for seen in show.of(claim):
        if formulas is None if isinstance(seen, Agreement) else seen.part in (formulas or claim.formulas):
            yield seen


def _evaluate(claim: Claim, show: Show, evaluator: Callable[[Environment], Any], formula: str, seen: Sighting) -> Any:
    try:
        return evaluator(seen.environment)
    except KeyError as error:
        names = ", ".join(sorted(seen.environment))
        raise _bad_formula(claim, formula, f"the unknown name {error.args[0]!r}", f"one of {names}") from error
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, OutsideClass):
            raise
        raise _bad_formula(claim, formula, str(error), "a formula that can be evaluated") from error
    except ZeroDivisionError as error:
        if not show.system.is_formal:
            raise  # at this point only
        raise _bad_formula(claim, formula, "a division by something that is 0 everywhere", "a divisor") from error


def _bad_formula(claim: Claim, formula: str, got: str, expected: str) -> ProjectError:
    return ProjectError(
        f"claim {claim.id} has a formula without a value",
        expected=expected,
        got=f"{got} in {formula!r}",
        where=claim.place,
    )


def side_by_side(expected: Any, seen: Seen, formula: str) -> Iterator[Meeting]:
    """Every scalar of a formula's value beside that of what was seen. Raises ImplementationError for another shape."""
    observed, shape = seen.value, _shape(expected)
    if shape != _shape(observed):
        raise ImplementationError(f"{seen.seen} has the wrong shape", expected=str(shape), got=str(_shape(observed)))
    if not shape:
        yield Meeting(_scalar(expected), _scalar(observed), formula, seen, ())
        return
    for index in np.ndindex(shape):
        yield Meeting(expected[index], observed[index], formula, seen, index)


def _shape(value: Any) -> tuple[int, ...]:
    return () if isinstance(value, Scalar) else np.shape(value)


def _scalar(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray) else value


def formal_difference(meeting: Meeting) -> tuple[bool, int]:
    """Whether both sides are formally identical, and the size of their difference (0 for exact rationals).

    Raises OutsideClass when a side has left the exact number systems.
    """
    difference = meeting.expected - meeting.observed
    if isinstance(difference, Pair):
        return bool(difference.residue.element == 0), difference.residue.size
    if isinstance(difference, (int, Fraction, np.integer)):
        return bool(difference == 0), 0
    raise OutsideClass(f"{meeting.place} gives {type(meeting.observed).__name__}, which is not exact")


def balls_of(meeting: Meeting, show: Show) -> tuple[Ball, Ball]:
    """Both sides as balls."""
    return ball_of(meeting.expected, show), ball_of(meeting.observed, show)


def ball_of(side: Any, show: Show) -> Ball:
    """A side of a meeting in a show in balls, an exact number perhaps, as a ball."""
    ball: Ball = side if isinstance(side, Ball) else show.system.number(plain(side))
    return ball
