"""Cases on every side of where formulas turn: between, at and beyond the zeros of what an abs, max, min, root or
logarithm in them depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, pairwise, permutations
from typing import Any

from refute.claims import Real
from refute.deciding.counterexample import PRECISIONS
from refute.deciding.ground import Formula
from refute.deciding.partial import is_positive, roots, turns
from refute.deciding.points import Points, RealCase
from refute.deciding.zeros import brackets, narrowed
from refute.formula.expr import Expr, Matrix, names, walk

MOST_CASES = 64
MOST_TURNS = 16  # parts of formulas that turn
MOST_ZEROS = 8  # of one of them along a variable
MOST_NEAR = 4  # of one that are no polynomial's
MOST_VALUES = 600  # of what turns that are asked for to find such zeros
ONE = Fraction(1)
SHORT = 1 << 20  # a denominator that is easier to read; zeros are near enough with it
FINE = 20  # how often a bracket around a zero is halved


class Turning:
    """Cases of a ground on every side of where formulas turn."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._known: dict[Any, Iterable[Fraction]] = {}  # zeros of what one answer and the right one depend on
        self._left = 0  # how many more values may be asked for

    def of(self, formulas: Iterable[Formula], case: RealCase) -> Iterator[RealCase]:
        """Cases where one variable is anywhere and all others are as in a case; then where two are; and then where all
        are between what turns there, or two go on between that."""
        self._known.clear()
        self._left = MOST_VALUES
        given, drawn = self._points.ground.given, self._points.drawn(case)
        parts = dict.fromkeys(part for formula in formulas for part in turns(formula.expr))
        unknown = (part for part in islice(parts, MOST_TURNS) if not (is_positive(part, given) or _has_matrix(part)))
        turning = [self._points.ground.formula(part) for part in unknown]
        labels = [label for label in drawn if any(label in names(formula.expr) for formula in turning)]
        some = [*((label,) for label in labels), *permutations(labels, 2)]
        found = (values for along in some for values in self._along(case, turning, along, drawn, _among))
        yield from (case.at(values) for values in islice(found, MOST_CASES))
        if len(turning) > 2:
            inner = (
                values
                for all_of in (labels, labels[::-1])
                for values in self._along(case, turning, all_of, drawn, _between)
            )
            yield from (case.at(values) for values in islice(inner, MOST_CASES))
            found = (
                more
                for along in some[len(labels) :]
                for values in self._along(case, turning, along, drawn, _among)
                for more in self._along(case, turning, along, values, _between)
            )
            yield from (case.at(values) for values in islice(found, MOST_CASES))

    def _along(
        self,
        case: RealCase,
        turning: Sequence[Formula],
        labels: Sequence[str],
        values: Mapping[str, Fraction],
        choose: Callable[[Iterable[Fraction]], list[Fraction]],
    ) -> Iterator[Mapping[str, Fraction]]:
        """Values, the first of some variables being each of those that are chosen from where something turns, and the
        next there in turn."""
        if not labels:
            yield values
            return
        label, *others = labels
        zeros = {zero for formula in turning for zero in self._zeros(case, formula, label, values)}
        for value in choose(zeros):
            if value in self._points.domain(label):
                yield from self._along(case, turning, others, {**values, label: value}, choose)

    def _zeros(
        self, case: RealCase, formula: Formula, label: str, values: Mapping[str, Fraction]
    ) -> Iterable[Fraction]:
        """Where something is 0, or nearly, along a variable."""
        others = names(formula.expr) & values.keys()
        if label not in others:
            return ()
        key = id(formula), label, *(values[name] for name in sorted(others - {label}))
        if key not in self._known:
            self._known[key] = self._found(case, formula, label, values)
        return self._known[key]

    def _found(
        self, case: RealCase, formula: Formula, label: str, values: Mapping[str, Fraction]
    ) -> Iterable[Fraction]:
        found = roots(formula.expr, label, values)
        domain = self._points.domain(label)
        if found is not None or not isinstance(domain, Real):
            return [zero.limit_denominator(SHORT) for zero in (found or ())[:MOST_ZEROS]]
        if self._left < 0:
            return ()
        system, environment = self._points.system(PRECISIONS[0]), self._points.names(case.at(values))

        def at(value: Fraction) -> Any:
            self._left -= 1
            ball = self._points.bounded(formula, {**environment, label: system.number(value)})
            return None if ball is None else ball.arb

        near = (narrowed(at, *bracket, FINE) for bracket in brackets(at, domain)[:MOST_NEAR])
        return [((low + high) / 2).limit_denominator(SHORT) for low, high in filter(None, near)]


def _has_matrix(expr: Expr) -> bool:
    return any(isinstance(node, Matrix) for node in walk(expr))


def _between(zeros: Iterable[Fraction]) -> list[Fraction]:
    """Numbers halfway between neighbours."""
    return [(low + high) / 2 for low, high in pairwise(sorted(zeros))]


def _among(zeros: Iterable[Fraction]) -> list[Fraction]:
    """Numbers, those between them, and one on either side of them all."""
    ordered = sorted(zeros)
    beyond = [end + sign * max(abs(end), ONE) for end, sign in ((ordered[0], -1), (ordered[-1], 1))] if ordered else []
    return [*_between(ordered), *ordered, *beyond]
