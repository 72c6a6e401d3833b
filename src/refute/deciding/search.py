"""Searching for a case at which a formula is proved different from the right ones, small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain, islice, pairwise, product
from math import ceil
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from refute.cases import LINE, Draw, Values, bits_of
from refute.claims import Natural, Real
from refute.deciding.counterexample import LADDER, PRECISIONS, readable, readable_apart, simplify
from refute.deciding.ground import KEPT, Formula, Ground, Place, entries, fitted, shape_of
from refute.deciding.identity import BITS_PER_DIGIT
from refute.deciding.partial import divisors, has_open_power, landmarks, roots, turns
from refute.deciding.verdict import Counterexample
from refute.deciding.zeros import Near, brackets, narrowed
from refute.formula.evaluate import as_is
from refute.formula.expr import Expr, names
from refute.formula.show import text
from refute.memory import Recent
from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.scalar import OutsideClass, UndecidedSign, exact, plain

FEW = ("1", "1 2")  # tried first: they need little shrinking
HUMAN = "1 2 -1 1/2 3 -2 1/4 -1/2"
SIMPLE = ("0", "1", "-1", "2", "0 1", "0 -1", "1 -1")
CORNERS = [Fraction(v) for v in ("0", "-1", "1/2", "2", "7/2", "-5/2")]
MOST_CORNERS = 216  # choices among them
NEAR = Fraction(1, 1 << 20)  # how far from the end of a domain it is tried
SIDES = (Fraction(1, 2), 2, -2, 1_024, -1_024)  # of a number in a formula: what a value there is multiplied by
MOST_LANDMARKS = 4  # such numbers
MOST_DRAWN = 20_000  # values, in the cases on their sides
MOST_TURNS = 16  # points at which something turns
MOST_LINES = 8  # on which a zero of what one side divides by is looked for
MOST_BRACKETS = 4  # around zeros of one divisor in one variable
COARSE, FINE = 6, 64  # how often they are halved, at first and to be shown
SEEDS = 6  # human cases at each place
SPREAD = {0: 10, 2: 2, 4: 4, -6: 4}  # how many random cases at each place are multiplied by which power of two
MOST_EXHAUSTED = 2_000  # cases of a finite domain, all of which are tried
DEEPEST = (32_768, 262_144)  # bits, at which only the first few cases are tried
ALWAYS = 6  # cases at which an answer is tried, however long it takes
MOST_WORK = 1 << 24  # at one precision: that of an evaluation, times cases, times bits
UNDEFINED = "undefined"


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


class Difference(NamedTuple):
    """A case at which an entry of an answer and that of the right formula are disjoint; None is undefined."""

    case: RealCase
    drawn: Values
    right: Ball | None
    answer: Ball | None
    binding: Mapping[str, int]
    entry: tuple[int, ...]
    near: Mapping[str, str] = MappingProxyType({})  # what is no rational number, as one reads it

    @property
    def is_telling(self) -> bool:
        """Whether both sides have a value other than 0: a case in which something vanishes teaches less."""
        return not any(side is None or side.arb.is_zero() for side in (self.right, self.answer))


class _Draw(Draw):
    """Draws what a case says."""

    def __init__(self, system: Balls, ground: Ground, case: RealCase) -> None:
        super().__init__(system, ground.given, seed=case.seed, fixed=case.fixed, scale=case.scale)
        self._values, self._ends = _listed(case.values), case.ends

    def _random(self, label: str, domain: Real | Natural) -> Fraction:
        near = _near_ends(domain) if self._ends else []
        values = _inside(near, domain) or _inside(self._values, domain)
        if len(values) < 2:
            return values[0] if values else self._far(super()._random(label, domain), domain)
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


def _inside(values: Sequence[Fraction], domain: Real | Natural) -> Sequence[Fraction]:
    return values if domain is LINE or domain == LINE else [value for value in values if _is_inside(value, domain)]


def _is_inside(value: Fraction, domain: Real | Natural) -> bool:
    if isinstance(domain, Natural):
        return value.denominator == 1 and domain.low <= value <= domain.high
    return value in domain


class _Point(NamedTuple):
    """A case worked out: what was drawn for it and for an answer's guesses, an answer's names, and the right formulas'
    values, None where they have none."""

    draw: Draw
    guesses: Draw
    names: Mapping[str, Any]
    right: tuple[Any, ...]


class Search:
    """Looks for differences between an answer and all of the `right` formulas on a ground."""

    def __init__(self, ground: Ground, right: Iterable[Formula]) -> None:
        self._ground, self._right = ground, tuple(right)
        self._systems: dict[int, Balls] = {}
        self._kept: Recent[tuple[Any, ...], _Point] = Recent(KEPT)

    def counterexample(self, answer: Formula, *, first: int = 0, last: int = 2) -> Difference | None:
        """The first difference, shrunk, from the first to the last of three searches: 0 in human cases, 1 in others too
        and at rising precision, 2 to the last bits."""
        attempts = chain(*(search(answer) for search in (self._easily, self._widely, self._deeply)[first : last + 1]))
        return next(filter(None, (self._shown(answer, cases, precision) for cases, precision in attempts)), None)

    def _easily(self, answer: Formula) -> Iterator[tuple[Iterable[RealCase], int]]:
        yield self._human(), PRECISIONS[0]

    def _widely(self, answer: Formula) -> Iterator[tuple[Iterable[RealCase], int]]:
        yield self._human(), PRECISIONS[1]
        others = [*self._human(), *self._simple(), *self._ends(), *self._spread()]
        yield others, PRECISIONS[0]
        others = [case for case in others if self._may_be_bounded(answer, case)]
        yield from ((others, precision) for precision in PRECISIONS[1:])

    def _deeply(self, answer: Formula) -> Iterator[tuple[Iterable[RealCase], int]]:
        few = [*islice(self._ends(), 1), *islice(self._human(), 1)]
        few = [case for case in few if self._may_be_bounded(answer, case)]
        yield from ((few, precision) for precision in DEEPEST)

    def _may_be_bounded(self, answer: Formula, case: RealCase) -> bool:
        """Whether some precision may tell where an answer's value is: none does for exp of a number beyond all
        measure."""
        system, names = self._system(PRECISIONS[0]), self._names(case)
        system.is_beyond = False
        with suppress(UndecidedSign, OutsideClass, KeyError):  # which another precision may settle
            for binding in self._ground.bindings(answer.free, case.place):
                _value(answer, {**names, **binding}, system)
        return not system.is_beyond

    def exhausted(self, answer: Formula) -> int | None:
        """The number of cases of a finite domain, at all of which an answer equals a right formula exactly; None for
        another domain, or when it does not."""
        cases = list(islice(self._all_cases(), MOST_EXHAUSTED + 1))
        if not cases or len(cases) > min(MOST_EXHAUSTED, self._affordable(answer, PRECISIONS[0])):
            return None
        return len(cases) if all(self._equals(answer, case) for case in cases) else None

    def _all_cases(self) -> Iterator[RealCase]:
        """Every case of a ground that draws nothing but whole numbers."""
        for place in self._ground.places:
            drawn = self._drawn(RealCase(place, "0"))
            domains = [self._ground.given.get(label) for label in drawn]
            if not all(isinstance(domain, Natural) for domain in domains):
                return
            for values in product(*(d.values() for d in domains if isinstance(d, Natural))):
                yield RealCase(place, "0", fixed=dict(zip(drawn, map(Fraction, values), strict=True)))

    def _equals(self, answer: Formula, case: RealCase) -> bool:
        names = self._names(case)
        try:
            value, *right = (exact(formula.value(names, as_is)) for formula in (answer, *self._right))
        except (OutsideClass, ZeroDivisionError, KeyError):
            return False
        return value is not None and value in right

    def again(self, answer: Formula, difference: Difference) -> Difference | None:
        """The difference at the case at which another answer differed, if there is one."""
        ball = difference.right or difference.answer
        assert ball is not None, "one side has a value"
        return self._difference(answer, difference.case, ball.system.precision)

    def undefined(self, answer: Formula) -> Difference | None:
        """A simple case at which just one of the answer and the right formula has a value, or they differ."""
        cases = chain(self._simple(), self._corners(answer))
        found = self._shown(answer, cases, PRECISIONS[0]) or next(self._at_poles(answer), None)
        return found or next(self._at_zeros(answer), None)

    def tested(self, answer: Formula, digits: int) -> tuple[Difference | None, int]:
        """A difference, or the number of cases in which no digit differed."""
        bits = ceil(digits * BITS_PER_DIGIT)
        first, *others = (p for p in PRECISIONS if p > bits + 32)
        cases = [*self._afforded(answer, chain(self._human(), self._ends(), self._spread()), first)]
        found = self._shown(answer, chain(cases, self._at_landmarks(answer)), first) or self.undefined(answer)
        if found is None:  # to more digits where it costs little
            few = [next(self._human()), next(self._spread())]
            found = self._shown(answer, few, PRECISIONS[-1])
        if found is not None:
            return found, 0
        agreed = sum(self._agrees(answer, case, first, bits) for case in cases)
        if agreed:  # look at more digits where that costs little
            found = self._shown(answer, [next(self._human()), next(self._spread())], PRECISIONS[-1])
            return found, agreed
        for precision in others:
            found = self._first(answer, cases[:ALWAYS], precision)
            agreed = sum(self._agrees(answer, case, precision, bits) for case in cases[:ALWAYS])
            if found is not None or agreed:
                return found, agreed
        return None, agreed

    def differs(self, answer: Formula) -> bool:
        """Whether some case tells an answer apart from the right formulas."""
        cases = chain(self._human(), self._ends(), self._spread())
        return any(self._difference(answer, case, PRECISIONS[0]) is not None for case in cases)

    def contradiction(self, answer: Formula) -> Difference | None:
        """The difference at one case that is not a simple one."""
        return self._difference(answer, next(self._spread()), PRECISIONS[0])

    def _human(self) -> Iterator[RealCase]:
        for seed in range(SEEDS):
            values = FEW[seed] if seed < len(FEW) else HUMAN
            yield from (RealCase(place, str(seed), values) for place in self._ground.places)

    def _ends(self) -> Iterator[RealCase]:
        if any(domain.low is not None or domain.high is not None for domain in self._ground.given.values()):
            yield from (RealCase(place, str(seed), ends=True) for seed in range(SEEDS) for place in self._ground.places)

    def _simple(self) -> Iterator[RealCase]:
        for seed, values in enumerate(SIMPLE):
            yield from (RealCase(place, str(seed), values) for place in self._ground.places[:2])

    def _corners(self, answer: Formula) -> Iterator[RealCase]:
        """Each variable at 0; and where exponents are variables, all choices among a few values for all of them. Only
        of variables on which nothing else depends."""
        if not self._ground.is_free:
            return
        case = RealCase(self._ground.places[0], "0", FEW[-1])
        drawn = self._drawn(case)
        values = {label: _inside(CORNERS, self._domain(label)) for label in drawn}
        yield from (case.at({**drawn, label: corners[0]}) for label, corners in values.items() if corners)
        if len(CORNERS) ** len(drawn) <= MOST_CORNERS and any(has_open_power(f.expr) for f in (answer, self._right[0])):
            chosen = product(*values.values())
            yield from (case.at(dict(zip(values, corner, strict=True))) for corner in chosen)

    def _at_poles(self, answer: Formula) -> Iterator[Difference]:
        """Cases at which something that the answer, or the right formula, divides by is exactly 0, and the other has a
        value."""
        system = self._system(PRECISIONS[0])
        for place in self._ground.places[:2]:
            for values in SIMPLE[1:4]:
                case = RealCase(place, "0", values)
                drawn = self._drawn(case)
                for side, other in ((answer, self._right[0]), (self._right[0], answer)):
                    every = (
                        (of, name, root) for of, name, found in _roots(divisors(side.expr), drawn) for root in found
                    )
                    for divisor, name, root in every:
                        is_near = isinstance(root, Near)
                        if not _is_inside(root, self._domain(name)) or (is_near and not self._ground.is_free):
                            continue
                        at = case.at({**drawn, name: root})
                        names_at = self._names(at)
                        if isinstance(root, Near):
                            names_at = {**names_at, name: Ball(root.arb, system)}
                        ball = self._bounded(other, names_at)
                        if ball is not None:
                            left, wrong = (ball, None) if side is answer else (None, ball)
                            near = {name: _where(root, divisor)} if is_near else {}
                            yield Difference(at, at.fixed, left, wrong, {}, (), near)

    def _at_zeros(self, answer: Formula) -> Iterator[Difference]:
        """Small intervals in which something that the answer, or the right formula, divides by is 0 somewhere, and in
        all of which the other has a value. Source: the intermediate value theorem, since what has a bounded ball on an
        interval is continuous there."""
        if not self._ground.is_free:
            return
        right = self._right[0]
        for case, (side, other) in product(self._few(), ((answer, right), (right, answer))):
            drawn, values = self._drawn(case), self._names(case)
            for divisor, name in islice(_lines(side.expr, other.expr, drawn), MOST_LINES):
                along = partial(self._along, values, name)
                found = self._zero(along, self._ground.formula(divisor), other, self._domain(name))
                if found is not None:
                    zero, ball = found
                    left, wrong = (ball, None) if side is answer else (None, ball)
                    near = {name: _where(zero, divisor)}
                    yield Difference(case, {**drawn, name: zero}, left, wrong, {}, (), near)

    def _few(self) -> Iterator[RealCase]:
        """A case, and another one where there is more than one variable."""
        case = RealCase(self._ground.places[0], "0", FEW[-1])
        yield case
        if len(self._drawn(case)) > 1:
            yield case._replace(values="1/2 -1/2")

    def _zero(
        self, along: Callable[..., Ball | None], divisor: Formula, other: Formula, domain: Real | Natural
    ) -> tuple[Fraction, Ball] | None:
        """About where a divisor is 0 along a variable though another formula has a value there, and that value."""

        def sign(value: Fraction) -> int:
            ball = along(divisor, value, value)
            return 0 if ball is None else int(ball.arb > 0) - int(ball.arb < 0)

        for bracket in brackets(sign, domain)[:MOST_BRACKETS] if isinstance(domain, Real) else ():
            near = narrowed(sign, *bracket, COARSE)
            if near is None or along(other, *near) is None or along(divisor, *near) is None:
                continue
            nearer = narrowed(sign, *near, FINE) or near
            value = along(other, *nearer)
            if value is not None:
                return nearer[0], value
        return None

    def _along(
        self, values: Mapping[str, Any], name: str, formula: Formula, low: Fraction, high: Fraction
    ) -> Ball | None:
        """A formula's value where a variable is anything from one number to another; None if that is not bounded."""
        system = self._system(PRECISIONS[0])
        variable = system.number(low) if low == high else system.interval(low, high)
        return self._bounded(formula, {**values, name: variable})

    def _bounded(self, formula: Formula, values: Mapping[str, Any]) -> Ball | None:
        """A formula's value, or the first entry of it; None if some entry is not bounded."""
        system = self._system(PRECISIONS[0])
        try:
            with working_precision(system.precision):
                value = _value(formula, values, system)
        except (UndecidedSign, OutsideClass, KeyError):
            return None
        balls = [] if value is None else [_ball(entry, system) for entry in entries(value)]
        return balls[0] if balls and all(ball.is_finite() for ball in balls) else None

    def _names(self, case: RealCase) -> Mapping[str, Any]:
        """An answer's names at a case; none where the right formulas cannot be evaluated."""
        with suppress(UndecidedSign, OutsideClass):
            return self._point(case, PRECISIONS[0]).names
        return {}

    def _domain(self, label: str) -> Real | Natural:
        return self._ground.given.get(label.partition("[")[0], LINE)

    def _at_landmarks(self, answer: Formula) -> Iterator[RealCase]:
        """Cases on each side of the numbers that the formulas contain, and where abs, max, min and roots turn."""
        marks = islice(landmarks([answer.expr, *(formula.expr for formula in self._right)]), MOST_LANDMARKS)
        sides = [mark * side for mark in marks for side in SIDES]
        written = names(answer.expr).union(*(names(formula.expr) for formula in self._right))
        for place in self._ground.places[:2]:
            case = RealCase(place, "0")
            drawn = self._drawn(case)
            parts = (part for formula in (answer, self._right[0]) for part in turns(formula.expr))
            turning = ((name, value) for _, name, found in _roots(parts, drawn) for value in _among(found))
            labels = sorted(drawn, key=lambda label: label.partition("[")[0] not in written)
            beside = islice(product(labels, sides), MOST_DRAWN // max(len(drawn), 1))
            for label, value in chain(beside, islice(turning, MOST_TURNS)):
                if _is_inside(value, self._domain(label)):
                    yield case.at({**drawn, label: value})

    def _drawn(self, case: RealCase) -> Values:
        """What is drawn at a case; nothing where the right formulas cannot be evaluated."""
        with suppress(UndecidedSign, OutsideClass):
            return self._point(case, PRECISIONS[0]).draw.used
        return {}

    def _spread(self) -> Iterator[RealCase]:
        scales = [scale for scale, count in SPREAD.items() for _ in range(count)]
        for place in self._ground.places:
            yield from (RealCase(place, f"spread/{i}", "", scale) for i, scale in enumerate(scales))

    def _shown(self, answer: Formula, cases: Iterable[RealCase], precision: int) -> Difference | None:
        found = self._first(answer, self._afforded(answer, cases, precision), precision)
        return found if found is None or precision in DEEPEST else self._shrunk(answer, found, precision)

    def _affordable(self, answer: Formula, precision: int) -> int:
        """At how many cases an answer is tried with so many bits: one that takes long at few."""
        work = answer.work + answer.parts + sum(formula.parts for formula in self._right)
        return MOST_WORK // (work * precision)

    def _afforded(self, answer: Formula, cases: Iterable[RealCase], precision: int) -> Iterator[RealCase]:
        """As many of the cases as can be afforded, and some always."""
        left, always = iter(cases), ALWAYS if precision == PRECISIONS[0] else 0
        yield from islice(left, always)
        yield from islice(left, max(self._affordable(answer, precision) - always, 0))

    def _first(self, answer: Formula, cases: Iterable[RealCase], precision: int) -> Difference | None:
        """The first telling difference, else the first."""
        best = None
        for case in cases:
            found = self._difference(answer, case, precision)
            if found is not None and found.is_telling:
                return found
            best = best or found
        return best

    def _shrunk(self, answer: Formula, found: Difference, precision: int) -> Difference:
        smallest, tried = found, 0

        def still_differs(values: Values) -> bool:
            nonlocal smallest, tried
            tried += 1
            if tried > ALWAYS and tried > self._affordable(answer, precision):
                return False
            smaller = self._difference(answer, found.case.at(values), precision)
            if smaller is None or (found.is_telling and not smaller.is_telling):
                return False
            smallest = smaller
            return True

        simplify(found.drawn, self._simpler, still_differs)
        return smallest

    def _simpler(self, label: str) -> Sequence[Fraction]:
        return _inside(LADDER, self._domain(label))

    def _system(self, precision: int) -> Balls:
        if precision not in self._systems:
            cases, make = self._ground.cases, partial(Balls, precision)
            self._systems[precision] = make() if cases is None else cases.system(precision, make)
        return self._systems[precision]

    def _point(self, case: RealCase, precision: int) -> _Point:
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

    def _work_out(self, case: RealCase, drawn: Any, precision: int) -> _Point:
        ground, place = self._ground, case.place
        system = self._system(precision)
        draw: Draw = _Draw(system, ground, case)
        if ground.cases is None:
            values = ground.setting(place.sizes, draw)
        else:
            draw, values = ground.cases.values((place.shape, drawn), ground.setting, place.sizes, draw)
        guesses = _Draw(system, ground, case) if ground.has_guesses else draw
        names, names_of_answer = ground.names(place, guesses, values)
        right = tuple(_value(formula, names, system) for formula in self._right)
        return _Point(draw, guesses, names_of_answer, right)

    def _difference(self, answer: Formula, case: RealCase, precision: int) -> Difference | None:
        """Where an answer and every right formula are proved different at a case. Raises what evaluating raises, but
        for a missing value."""
        try:
            with working_precision(precision):
                return self._difference_at(answer, case, precision)
        except (UndecidedSign, OutsideClass):
            return None

    def _difference_at(self, answer: Formula, case: RealCase, precision: int) -> Difference | None:
        point, system = self._point(case, precision), self._system(precision)
        if point.guesses is not point.draw:
            point.guesses.used.clear()  # those of the answer before
        for binding in self._ground.bindings(answer.free, case.place):
            value = _value(answer, {**point.names, **binding} if binding else point.names, system)
            apart = [_apart(right, value, system) for right in point.right]
            if apart[0] is not None and None not in apart:
                right, wrong, entry = apart[0]
                drawn = {**point.draw.used, **point.guesses.used}
                return Difference(case, drawn, right, wrong, binding, entry)
        return None

    def _agrees(self, answer: Formula, case: RealCase, precision: int, bits: int) -> bool:
        """Whether an answer and a right formula have a value to so many bits at a case, which then shows something."""
        system = self._system(precision)
        try:
            point = self._point(case, precision)
            value = _value(answer, point.names, system)
        except (UndecidedSign, OutsideClass, KeyError):
            return False
        return _is_tight(value, system, bits) and any(_is_tight(right, system, bits) for right in point.right)


def _lines(side: Expr, other: Expr, values: Values) -> Iterator[tuple[Expr, str]]:
    """What one side alone divides by, with one or two variables in which that is no polynomial."""
    shared = set(divisors(other))
    for divisor in dict.fromkeys(d for d in divisors(side) if d not in shared):
        bent = (name for name in sorted(names(divisor) & values.keys()) if roots(divisor, name, values) is None)
        yield from ((divisor, name) for name in islice(bent, 2))


def _where(zero: Fraction, divisor: Expr) -> str:
    return f"{float(zero):.8g}…, where {text(divisor)} is 0"


def _roots(expressions: Iterable[Expr], values: Values) -> Iterator[tuple[Expr, str, list[Fraction]]]:
    """The roots of polynomials in one variable, all others as they are, each with the polynomial and the variable."""
    for expr in dict.fromkeys(expressions):
        for name in sorted(names(expr) & values.keys()):
            yield expr, name, roots(expr, name, values) or []


def _among(points: Iterable[Fraction]) -> list[Fraction]:
    """Points, and one between each two neighbours."""
    ordered = sorted(points)
    return [*ordered, *((low + high) / 2 for low, high in pairwise(ordered))]


def _value(formula: Formula, names: Mapping[str, Any], system: Balls) -> Any:
    """A formula's value, None where it has none: it divides by 0, or takes the logarithm of a negative number."""
    try:
        return formula.value(names, system.number)
    except ZeroDivisionError:
        return None


def _is_tight(value: Any, system: Balls, bits: int) -> bool:
    return value is not None and all(_ball(entry, system).is_tight(bits) for entry in entries(value))


def _apart(right: Any, answer: Any, system: Balls) -> tuple[Ball | None, Ball | None, tuple[int, ...]] | None:
    """The first entries that are proved different, a telling pair if there is one."""
    if right.__class__ is Ball and answer.__class__ is Ball:
        return (right, answer, ()) if right.disjoint(answer) else None
    if right is None or answer is None:
        defined = right if answer is None else answer
        if defined is None:
            return None
        balls = [_ball(v, system) for v in entries(defined)]
        if not all(ball.is_finite() for ball in balls):
            return None
        return (balls[0], None, ()) if answer is None else (None, balls[0], ())
    answer = fitted(answer, shape_of(right))
    if shape_of(answer) != shape_of(right):
        raise ValueError("one is a matrix or vector of another shape than the other")
    best = None
    for index, (left, value) in enumerate(zip(entries(right), entries(answer), strict=True)):
        expected, got = _ball(left, system), _ball(value, system)
        if expected.disjoint(got):
            entry = tuple(int(i) for i in np.unravel_index(index, shape_of(right))) if shape_of(right) else ()
            if not (expected.arb.is_zero() or got.arb.is_zero()):
                return expected, got, entry
            best = best or (expected, got, entry)
    return best


def _ball(value: Any, system: Balls) -> Ball:
    return value if isinstance(value, Ball) else system.number(plain(value))


def _defined(side: Ball | None) -> str:
    if side is None:
        return UNDEFINED
    return readable(side, 6) if side.disjoint(0) or side.arb.is_zero() else "close to 0"


def described(found: Difference) -> Counterexample:
    """A difference as a person reads it."""
    if found.right is None or found.answer is None:
        texts = [_defined(side) for side in (found.right, found.answer)]
    else:
        texts = list(readable_apart(found.right, found.answer))
    place = found.case.place
    names = {**place.sizes, **place.at, **found.binding}
    if found.entry:
        names["entry"] = ", ".join(str(i + 1) for i in found.entry)
    return Counterexample(
        case={name: str(value) for name, value in {**names, **found.drawn, **found.near}.items()},
        formula="",
        expected=texts[0],
        observed=texts[1],
        seen="the answer",
        where="",
    )
