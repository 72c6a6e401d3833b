"""A slice through a counterexample: an answer and the right formula along a line on which one variable changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any, NamedTuple

import numpy as np

from refute.cases import Draw, Values
from refute.claims import Natural, Real
from refute.deciding.ground import Formula, Ground, Place, fitted
from refute.deciding.verdict import Counterexample
from refute.formula.expr import Expr
from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.scalar import OutsideClass, UndecidedSign, plain

POINTS = 41  # on a line, the counterexample in the middle
REACH = Fraction(2)  # how far the line goes to both sides, or as far as to 0 and as much beyond
PROBES = (Fraction(-1), Fraction(1, 2), Fraction(1))  # of the reach: where a variable is tried for what it changes
CLEAR = 1e-3  # relative change that one sees
LARGEST = 1e12  # value that a picture can show
SEEN_BITS = 20  # to which a value in a picture is known
INSIDE = Fraction(POINTS - 1, POINTS)  # of the way to the end of a domain
UNKNOWN = (ZeroDivisionError, UndecidedSign, OutsideClass)


class Sides(NamedTuple):
    """The values of an answer and of the right formula at a point; None where there is none."""

    answer: float | None
    right: float | None

    @property
    def apart(self) -> float | None:
        """How far they are apart."""
        return None if self.answer is None or self.right is None else self.answer - self.right


@dataclass(frozen=True)
class Slice:
    """Both sides along the line on which `variable` changes and all else is as in the counterexample.

    `middle` is the variable's value in the counterexample, where the two sides are `answer` and `right`.
    """

    variable: str
    points: Mapping[Fraction, Sides]
    middle: Fraction
    answer: float
    right: float


def slice_through(ground: Ground, right: Expr, answer: Expr, shown: Counterexample) -> Slice | None:
    """The slice along the real variable that shows the most, one that is not 0 in the counterexample if it can be.

    None where a side has no value at the counterexample, and where no variable changes either side.
    """
    place = next((place for place in ground.places if _is_at(place, shown.case)), None)
    if place is None:
        return None
    line = _Line(ground, place, (answer, right), shown.case)
    sides = line.sides({})
    if sides.answer is None or sides.right is None:
        return None
    variable = line.telling(sides)
    if variable is None:
        return None
    steps = (Fraction(2 * i, POINTS - 1) - 1 for i in range(POINTS))
    points = {x: line.sides({variable: x}) for x in (line.along(variable, step) for step in steps)}
    return Slice(variable, points, line.values[variable], sides.answer, sides.right)


def _is_at(place: Place, case: Mapping[str, str]) -> bool:
    return all(case.get(name) == str(value) for name, value in {**place.sizes, **place.at}.items())


class _Line:
    """A counterexample's case, at which one value after the other may be changed."""

    def __init__(self, ground: Ground, place: Place, formulas: tuple[Expr, Expr], case: Mapping[str, str]) -> None:
        self._ground, self._place, self._system = ground, place, Balls()
        self._answer, self._right = map(ground.formula, formulas)
        free = self._answer.free.keys() - place.at.keys()
        self._binding = {name: int(case[name]) for name in free if name in case}
        self._entry = tuple(int(i) - 1 for i in case["entry"].split(", ")) if "entry" in case else ()
        others = {*place.sizes, *place.at, *self._binding, "entry"}
        self.values = {label: Fraction(value) for label, value in case.items() if label not in others}

    def telling(self, sides: Sides) -> str | None:
        """The variable that shows the most: of those that are not 0, or else of the others."""
        reals = [label for label in self.values if self._is_real(label)]
        for labels in ([label for label in reals if self.values[label]], reals):
            shown = {label: self._changes(label, sides) for label in labels}
            best = max(labels, key=shown.__getitem__, default=None)
            if best is not None and shown[best]:
                return best
        return None

    def _is_real(self, label: str) -> bool:
        """Whether it is a real variable, of a size that one can draw. A guess at a node is none."""
        is_moderate = abs(self.values[label]) < LARGEST
        return is_moderate and isinstance(self._domain(label), Real) and not label.startswith("a guess of ")

    def _domain(self, label: str) -> Real | Natural:
        given = self._ground.given
        return given.get(label) or given.get(label.partition("[")[0], Real())

    def along(self, label: str, step: Fraction) -> Fraction:
        """A variable's value at a step from -1 to 1 along the line, inside its domain."""
        value, domain = self.values[label], self._domain(label)
        end = domain.low if step < 0 else domain.high
        reach = max(REACH, 2 * abs(value))
        if end is not None:
            reach = min(reach, abs(end - value) * INSIDE)
        return value + step * reach

    def _changes(self, label: str, sides: Sides) -> int:
        """How much a variable shows: 2 if it changes how far the sides are apart, and 1 for each side it changes."""
        probes = [sides, *(self.sides({label: self.along(label, step)}) for step in PROBES)]
        answers, rights = zip(*probes, strict=True)
        return 2 * _vary(probe.apart for probe in probes) + _vary(answers) + _vary(rights)

    def sides(self, changed: Values) -> Sides:
        """The values of both sides with some variables changed."""
        draw = Draw(self._system, self._ground.given, fixed={**self.values, **changed})
        with working_precision(self._system.precision):
            try:
                names, names_of_answer = self._ground.names(self._place, draw)
            except UNKNOWN:
                return Sides(None, None)
            right = self._value(self._right, names)
            answer = self._value(self._answer, {**names_of_answer, **self._binding})
            if right is not None and answer is not None:
                answer = fitted(answer, np.shape(right))
            return Sides(self._number(answer), self._number(right))

    def _value(self, formula: Formula, names: Mapping[str, Any]) -> Any:
        try:
            return formula.value(names, self._system.number)
        except UNKNOWN:
            return None

    def _number(self, value: Any) -> float | None:
        """The entry that the counterexample shows, where it is known well enough for a picture."""
        if value is None:
            return None
        entry = value[self._entry] if self._entry else value
        ball = entry if isinstance(entry, Ball) else self._system.number(plain(entry))
        number = float(ball.arb.mid()) if ball.is_tight(SEEN_BITS) else inf
        return number if abs(number) < LARGEST else None


def _vary(values: Iterable[float | None]) -> bool:
    """Whether they differ so that one sees it."""
    known = [value for value in values if value is not None]
    return max(known) - min(known) > CLEAR * max(map(abs, known)) if known else False
