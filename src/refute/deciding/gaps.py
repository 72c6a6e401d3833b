"""Where just one of two formulas has a value: at a zero of something that the other divides by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import chain, islice, product
from typing import Any

from refute.cases import Values
from refute.claims import Natural, Real
from refute.deciding.counterexample import PRECISIONS
from refute.deciding.difference import Difference
from refute.deciding.ground import Formula
from refute.deciding.partial import divisors, roots
from refute.deciding.points import Points, RealCase, next_to_ends
from refute.deciding.zeros import Near, brackets, narrowed
from refute.formula.expr import Expr, names
from refute.formula.show import text
from refute.numbers.balls import Ball, Balls

FEW = ("1", "-1", "2")  # values of the other variables
MOST_CORNERS = 16  # of the domains
MOST_LINES = 8  # on which a zero of what one side divides by is looked for
MOST_BRACKETS = 4  # around zeros of one divisor in one variable
COARSE, FINE = 6, 64  # how often they are halved, at first and to be shown


class Gaps:
    """Looks for cases at which just one of an answer and the right formula has a value."""

    def __init__(self, points: Points) -> None:
        self._points = points

    def of(self, answer: Formula) -> Iterator[Difference]:
        """Such cases: where a polynomial is 0, and where a change of sign shows that something else is."""
        right = self._points.right[0]
        yield from self._at_poles(answer, right)
        yield from self._at_zeros(answer, right)

    def _at_poles(self, answer: Formula, right: Formula) -> Iterator[Difference]:
        """Cases at which something that the answer, or the right formula, divides by is exactly 0, and the other has a
        value."""
        few = (RealCase(place, "0", values) for place, values in product(self._points.ground.places[:2], FEW))
        for case, (side, other) in product(chain(few, self.corners()), ((answer, right), (right, answer))):
            drawn = self._points.drawn(case)
            for divisor, name, found in roots_of(divisors(side.expr), drawn):
                for root in found:
                    at = case.at({**drawn, name: root})
                    ball = self._at_root(other, at, name, root)
                    if ball is not None:
                        left, wrong = (ball, None) if side is answer else (None, ball)
                        near = {name: _where(root, divisor)} if isinstance(root, Near) else {}
                        yield Difference(at, at.fixed, left, wrong, {}, (), near)

    def _at_root(self, formula: Formula, at: RealCase, name: str, root: Fraction) -> Ball | None:
        """A formula's value at a case where a variable is a root; None if it is not bounded, or the root is outside of
        the variable's domain, or no fraction although other names depend on the variable."""
        points = self._points
        if root not in points.domain(name) or (isinstance(root, Near) and not points.ground.is_free):
            return None
        values = points.names(at)
        if isinstance(root, Near):
            values = {**values, name: Ball(root.arb, points.system(PRECISIONS[0]))}
        return points.bounded(formula, values)

    def _at_zeros(self, answer: Formula, right: Formula) -> Iterator[Difference]:
        """Small intervals in which something that the answer, or the right formula, divides by is 0 somewhere, and in
        all of which the other has a value. Source: the intermediate value theorem, since what has a bounded ball on an
        interval is continuous there."""
        if not self._points.ground.is_free:
            return
        for case, (side, other) in product(chain(self._few(), self.corners()), ((answer, right), (right, answer))):
            drawn, values = self._points.drawn(case), self._points.names(case)
            for divisor, name in islice(_lines(side.expr, other.expr, drawn), MOST_LINES):
                along = partial(self._along, values, name)
                found = self._zero(along, self._points.ground.formula(divisor), other, self._points.domain(name))
                if found is not None:
                    zero, ball = found
                    left, wrong = (ball, None) if side is answer else (None, ball)
                    near = {name: _where(zero, divisor)}
                    yield Difference(case, {**drawn, name: zero}, left, wrong, {}, (), near)

    def _few(self) -> Iterator[RealCase]:
        """A case, and others where there is more than one variable."""
        case = RealCase(self._points.ground.places[0], "0", FEW[-1])
        yield case
        if len(self._points.drawn(case)) > 1:
            yield from (case._replace(values=values) for values in ("1/2 -1/2", "16", "-16"))

    def corners(self) -> Iterator[RealCase]:
        """Cases next to the ends of the domains, each with each."""
        case = RealCase(self._points.ground.places[0], "0", FEW[-1])
        drawn = self._points.drawn(case)
        ends = {label: next_to_ends(self._points.domain(label)) for label in drawn}
        if len(drawn) > 1 and any(ends.values()):
            choices = product(*(values or [drawn[label]] for label, values in ends.items()))
            yield from (case.at(dict(zip(drawn, chosen, strict=True))) for chosen in islice(choices, MOST_CORNERS))

    def _zero(
        self, along: Callable[..., Ball | None], divisor: Formula, other: Formula, domain: Real | Natural
    ) -> tuple[Fraction, Ball] | None:
        """About where a divisor is 0 along a variable though another formula has a value there, and that value."""

        def at(value: Fraction) -> Any:
            ball = along(divisor, value, value)
            return None if ball is None else ball.arb

        if not isinstance(domain, Real):
            return None
        for bracket in brackets(at, domain)[:MOST_BRACKETS]:
            near = narrowed(at, *bracket, COARSE)
            if near is None or along(other, *near) is None:
                continue
            nearer = narrowed(at, *near, FINE) or near
            value = along(other, *nearer) if along(divisor, *nearer) is not None else None
            if value is not None and not any(nearer[0] <= hole <= nearer[1] for hole in domain.without):
                return nearer[0], value
        return None

    def _along(
        self, values: Mapping[str, Any], name: str, formula: Formula, low: Fraction, high: Fraction
    ) -> Ball | None:
        """A formula's value where a variable is anything from one number to another; None if that is not bounded."""
        system = self._points.system(PRECISIONS[0])
        variable = system.number(low) if low == high else system.interval(low, high)
        return self._points.bounded(formula, {**values, name: variable})


def _lines(side: Expr, other: Expr, values: Values) -> Iterator[tuple[Expr, str]]:
    """What one side alone divides by, with one or two variables in which that is no polynomial."""
    shared = set(divisors(other))
    for divisor in dict.fromkeys(d for d in divisors(side) if d not in shared):
        bent = (name for name in sorted(names(divisor) & values.keys()) if roots(divisor, name, values) is None)
        yield from ((divisor, name) for name in islice(bent, 2))


def _where(zero: Fraction, divisor: Expr) -> str:
    return f"about {Balls(64).number(zero).text(8)}, where {text(divisor)} is 0"


def roots_of(expressions: Iterable[Expr], values: Values) -> Iterator[tuple[Expr, str, list[Fraction]]]:
    """The roots of polynomials in one variable, all others as they are, each with the polynomial and the variable."""
    for expr in dict.fromkeys(expressions):
        for name in sorted(names(expr) & values.keys()):
            yield expr, name, roots(expr, name, values) or []
