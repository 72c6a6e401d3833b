"""Searching for a case at which a formula is proved different from the right ones, small enough to check by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import chain, islice, product
from math import ceil
from typing import Any

from refute.cases import Values
from refute.claims import Natural
from refute.deciding.counterexample import LADDER, PRECISIONS, simplify
from refute.deciding.difference import Difference, apart
from refute.deciding.gaps import Gaps
from refute.deciding.ground import Formula, Ground, entries
from refute.deciding.identity import BITS_PER_DIGIT
from refute.deciding.partial import landmarks
from refute.deciding.points import HUMAN, Points, RealCase, ball_of, inside, value_of
from refute.deciding.turning import Turning
from refute.formula.evaluate import as_is
from refute.formula.expr import names
from refute.formula.limits import has_open_power
from refute.numbers.balls import Balls, working_precision
from refute.numbers.scalar import OutsideClass, UndecidedSign, exact

FEW = ("1", "1 2")  # tried first: they need little shrinking
SIMPLE = ("0", "1", "-1", "2", "0 1", "0 -1", "1 -1")
CORNERS = [Fraction(v) for v in ("0", "-1", "1/2", "2", "7/2", "-5/2")]
MOST_CORNERS = 216  # choices among them
SIDES = (Fraction(1, 2), 2, -2, 1_024, -1_024)  # of a number in a formula: what a value there is multiplied by
MOST_LANDMARKS = 4  # such numbers
MOST_DRAWN = 2_000  # values, in the cases on their sides
SEEDS = 6  # human cases at each place
SPREAD = {0: 10, 2: 2, 4: 4, -6: 4}  # how many random cases at each place are multiplied by which power of two
MOST_EXHAUSTED = 2_000  # cases of a finite domain, all of which are tried
DEEPEST = (32_768, 262_144)  # bits, at which only the first few cases are tried
ALWAYS = 6  # cases at which an answer is tried, however long it takes
MOST_WORK = 1 << 24  # at one precision: that of an evaluation, times cases, times bits


class Search:
    """Looks for differences between an answer and all of the `right` formulas on a ground."""

    def __init__(self, ground: Ground, right: Iterable[Formula]) -> None:
        self._ground, self._right = ground, tuple(right)
        self._points = Points(ground, self._right)
        self._gaps, self._turning = Gaps(self._points), Turning(self._points)

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
        system, names = self._points.system(PRECISIONS[0]), self._points.names(case)
        system.is_beyond = False
        with suppress(UndecidedSign, OutsideClass, KeyError):  # which another precision may settle
            for binding in self._ground.bindings(answer.free, case.place):
                value_of(answer, {**names, **binding}, system)
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
            drawn = self._points.drawn(RealCase(place, "0"))
            domains = [self._ground.given.get(label) for label in drawn]
            if not all(isinstance(domain, Natural) for domain in domains):
                return
            for values in product(*(d.values() for d in domains if isinstance(d, Natural))):
                yield RealCase(place, "0", fixed=dict(zip(drawn, map(Fraction, values), strict=True)))

    def _equals(self, answer: Formula, case: RealCase) -> bool:
        names = self._points.names(case)
        try:
            value, *right = (exact(formula.value(names, as_is)) for formula in (answer, *self._right))
        except (OutsideClass, ZeroDivisionError, KeyError):
            return False
        return value is not None and value in right

    def again(self, answer: Formula, difference: Difference) -> Difference | None:
        """The difference at the case at which another answer differed, if there is one."""
        ball = difference.answer if difference.right is None else difference.right
        assert ball is not None, "one side has a value"
        return self._difference(answer, difference.case, ball.system.precision)

    def undefined(self, answer: Formula) -> Difference | None:
        """A simple case at which just one of the answer and the right formula has a value, or they differ."""
        cases = chain(self._simple(), self._corners(answer))
        return self._shown(answer, cases, PRECISIONS[0]) or next(self._gaps.of(answer), None)

    def tested(self, answer: Formula, digits: int) -> tuple[Difference | None, int]:
        """A difference, or the number of cases in which no digit differed."""
        bits = ceil(digits * BITS_PER_DIGIT)
        first, *others = (p for p in PRECISIONS if p > bits + 32)
        cases = [*self._afforded(answer, chain(self._human(), self._ends(), self._spread()), first)]
        marked = chain(self._gaps.corners(), self._at_landmarks(answer))
        found = self._shown(answer, chain(cases, marked), first) or self.undefined(answer)
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
        drawn = self._points.drawn(case)
        values = {label: inside(CORNERS, self._points.domain(label)) for label in drawn}
        yield from (case.at({**drawn, label: corners[0]}) for label, corners in values.items() if corners)
        if len(CORNERS) ** len(drawn) <= MOST_CORNERS and any(has_open_power(f.expr) for f in (answer, self._right[0])):
            chosen = product(*values.values())
            yield from (case.at(dict(zip(values, corner, strict=True))) for corner in chosen)

    def _at_landmarks(self, answer: Formula) -> Iterator[RealCase]:
        """Cases on each side of the numbers that the formulas contain, and where abs, max, min and roots turn."""
        marks = islice(landmarks([answer.expr, *(formula.expr for formula in self._right)]), MOST_LANDMARKS)
        sides = [mark * side for mark in marks for side in SIDES]
        written = names(answer.expr).union(*(names(formula.expr) for formula in self._right))
        for place in self._ground.places[:2]:
            case = RealCase(place, "0")
            drawn = self._points.drawn(case)
            labels = sorted(drawn, key=lambda label: label.partition("[")[0] not in written)
            beside = islice(product(labels, sides), MOST_DRAWN // max(len(drawn), 1))
            for label, value in beside:
                if value in self._points.domain(label):
                    yield case.at({**drawn, label: value})
            for other in (case, case._replace(seed="1"))[: len(drawn)]:  # of one variable, all values are tried
                yield from self._turning.of((answer, self._right[0]), other)

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
        return inside(LADDER, self._points.domain(label))

    def _difference(self, answer: Formula, case: RealCase, precision: int) -> Difference | None:
        """Where an answer and every right formula are proved different at a case. Raises what evaluating raises, but
        for a missing value."""
        try:
            with working_precision(precision):
                return self._difference_at(answer, case, precision)
        except (UndecidedSign, OutsideClass):
            return None

    def _difference_at(self, answer: Formula, case: RealCase, precision: int) -> Difference | None:
        point, system = self._points.at(case, precision), self._points.system(precision)
        if point.guesses is not point.draw:
            point.guesses.used.clear()  # those of the answer before
        for binding in self._ground.bindings(answer.free, case.place):
            value = value_of(answer, {**point.names, **binding} if binding else point.names, system)
            found = [apart(right, value, system) for right in point.right]
            if found[0] is not None and None not in found:
                right, wrong, entry = found[0]
                drawn = {**point.draw.used, **point.guesses.used}
                return Difference(case, drawn, right, wrong, binding, entry)
        return None

    def _agrees(self, answer: Formula, case: RealCase, precision: int, bits: int) -> bool:
        """Whether an answer and a right formula have a value to so many bits at a case, which then shows something."""
        system = self._points.system(precision)
        try:
            point = self._points.at(case, precision)
            bindings = self._ground.bindings(answer.free, case.place)
            values = [value_of(answer, {**point.names, **binding}, system) for binding in bindings]
        except (UndecidedSign, OutsideClass, KeyError):
            return False
        is_known = all(_is_tight(value, system, bits) for value in values)
        return is_known and any(_is_tight(right, system, bits) for right in point.right)


def _is_tight(value: Any, system: Balls, bits: int) -> bool:
    return value is not None and all(ball_of(entry, system).is_tight(bits) for entry in entries(value))
