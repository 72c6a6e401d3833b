"""Cases of a ground worked out in balls: what is drawn for them, the names of an answer, the right formulas' values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, NamedTuple

from refute.cases import LINE, Draw, Values, bits_of
from refute.claims import Natural, Real
from refute.deciding.counterexample import PRECISIONS
from refute.deciding.ground import KEPT, Formula, Ground, Place, entries
from refute.memory import Recent
from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.scalar import OutsideClass, UndecidedSign, plain

HUMAN = "1 2 -1 1/2 3 -2 1/4 -1/2"
NEAR = Fraction(1, 1 << 20)  # how far from the end of a domain it is tried


class RealCase(NamedTuple):
    """Values for all that a ground draws: those `fixed`, the rest picked by `seed` from `values`, a list in text, or
    any small dyadic rationals times ``2**scale`` when it is empty. With `ends`, values near the ends of the domains
    come too."""

    place: Place
    seed: str
    values: str = HUMAN
    scale: int = 0
    ends: bool = False
    fixed: Values = MappingProxyType({})

    def at(self, fixed: Values) -> RealCase:
        """The case with other values fixed."""
        return self._replace(fixed=fixed)


class _Draw(Draw):
    """Draws what a case says."""

    def __init__(self, system: Balls, ground: Ground, case: RealCase) -> None:
        super().__init__(system, ground.given, seed=case.seed, fixed=case.fixed, scale=case.scale)
        self._values, self._ends = _listed(case.values), case.ends

    def _random(self, label: str, domain: Real | Natural) -> Fraction:
        near = _near_ends(domain) if self._ends else []
        values = inside(near, domain) or inside(self._values, domain)
        if len(values) < 2:
            value = values[0] if values else self._far(super()._random(label, domain), domain)
            return value if domain is LINE or value in domain else value + NEAR
        return values[bits_of(f"{self.seed}/{label}") % len(values)]

    def _far(self, value: Fraction, domain: Real | Natural) -> Fraction:
        """A value as far from the one end of its domain as the scale says, where that end is not 0."""
        ends = [end for end in (domain.low, domain.high) if end is not None] if isinstance(domain, Real) else []
        if not self.scale or len(ends) != 1 or not ends[0]:
            return value
        return ends[0] + (value - ends[0]) * Fraction(2) ** self.scale


@lru_cache(maxsize=64)
def _listed(values: str) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, values.split()))


def _near_ends(domain: Real | Natural) -> list[Fraction]:
    """Values next to the ends of a domain, and between an end and 0."""
    ends = [(Fraction(end), sign) for end, sign in ((domain.low, 1), (domain.high, -1)) if end is not None]
    return [value for end, sign in ends for value in (end, end + sign * NEAR, end / 2)]


def next_to_ends(domain: Real | Natural) -> list[Fraction]:
    """A value next to each end of a domain of reals."""
    return [value for value in _near_ends(domain)[1::3] if value in domain] if isinstance(domain, Real) else []


def inside(values: Sequence[Fraction], domain: Real | Natural) -> Sequence[Fraction]:
    """Those of the values that are in a domain."""
    return values if domain is LINE or domain == LINE else [value for value in values if value in domain]


class Point(NamedTuple):
    """A case worked out: what was drawn for it and for an answer's guesses, an answer's names, and the right formulas'
    values, None where they have none."""

    draw: Draw
    guesses: Draw
    names: Mapping[str, Any]
    right: tuple[Any, ...]


class Points:
    """The cases of a ground, each worked out once; `right` are the right formulas."""

    def __init__(self, ground: Ground, right: Iterable[Formula]) -> None:
        self.ground, self.right = ground, tuple(right)
        self._systems: dict[int, Balls] = {}
        self._kept: Recent[tuple[Any, ...], Point] = Recent(KEPT)

    def system(self, precision: int) -> Balls:
        """The balls of a precision."""
        if precision not in self._systems:
            cases, make = self.ground.cases, partial(Balls, precision)
            self._systems[precision] = make() if cases is None else cases.system(precision, make)
        return self._systems[precision]

    def at(self, case: RealCase, precision: int) -> Point:
        """A case worked out; it is kept for the next answer, which is often told apart at the same case."""
        fixed = tuple([(label, value.as_integer_ratio()) for label, value in case.fixed.items()])
        drawn = (case.seed, case.values, case.scale, case.ends, fixed, precision)
        key = case.place, drawn
        point = self._kept.get(key)
        if point is None:
            point = self._kept[key] = self._work_out(case, drawn, precision)
        else:
            self._kept.move_to_end(key)
        return point

    def _work_out(self, case: RealCase, drawn: Any, precision: int) -> Point:
        ground, place = self.ground, case.place
        system = self.system(precision)
        draw: Draw = _Draw(system, ground, case)
        if ground.cases is None:
            values = ground.setting(place.sizes, draw)
        else:
            draw, values = ground.cases.values((place.shape, drawn), ground.setting, place.sizes, draw)
        guesses = _Draw(system, ground, case) if ground.has_guesses else draw
        names, names_of_answer = ground.names(place, guesses, values)
        right = tuple(value_of(formula, names, system) for formula in self.right)
        return Point(draw, guesses, names_of_answer, right)

    def drawn(self, case: RealCase) -> Values:
        """What is drawn at a case; nothing where the right formulas cannot be evaluated."""
        with suppress(UndecidedSign, OutsideClass):
            return self.at(case, PRECISIONS[0]).draw.used
        return {}

    def names(self, case: RealCase) -> Mapping[str, Any]:
        """An answer's names at a case; none where the right formulas cannot be evaluated."""
        with suppress(UndecidedSign, OutsideClass):
            return self.at(case, PRECISIONS[0]).names
        return {}

    def domain(self, label: str) -> Real | Natural:
        """That of what is drawn under a label."""
        return self.ground.given.get(label.partition("[")[0], LINE)

    def bounded(self, formula: Formula, values: Mapping[str, Any]) -> Ball | None:
        """A formula's value, or the first entry of it; None if some entry is not bounded."""
        system = self.system(PRECISIONS[0])
        try:
            with working_precision(system.precision):
                value = value_of(formula, values, system)
        except (UndecidedSign, OutsideClass, KeyError):
            return None
        balls = [] if value is None else [ball_of(entry, system) for entry in entries(value)]
        return balls[0] if balls and all(ball.is_finite() for ball in balls) else None


def value_of(formula: Formula, names: Mapping[str, Any], system: Balls) -> Any:
    """A formula's value, None where it has none: it divides by 0, or takes the logarithm of a negative number."""
    try:
        return formula.value(names, system.number)
    except ZeroDivisionError:
        return None


def ball_of(value: Any, system: Balls) -> Ball:
    """A ball, or an exact number as one."""
    return value if isinstance(value, Ball) else system.number(plain(value))
