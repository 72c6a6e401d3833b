"""Refuting: a case at which two balls are disjoint, made small and human by shrinking."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import Any

from refute.cases import Values
from refute.claims import Claim, Sighting
from refute.deciding.bench import Bench, Case, Show, compiled, where_met
from refute.deciding.meeting import Meeting, balls_of, meetings
from refute.deciding.verdict import Counterexample
from refute.errors import ImplementationError
from refute.numbers.balls import Ball, Balls
from refute.numbers.scalar import OutsideClass, UndecidedSign

PRECISIONS = (128, 512, 2048, 8192)
SAMPLES = 3
LONGEST_BITS = 100  # of a whole number that is shown in full
LADDER = tuple(Fraction(v) for v in ("0", "1", "2", "1/2", "-1", "3", "1/4", "-2"))
Formulas = Mapping[str, str]


@dataclass(frozen=True)
class Separation:
    """A meeting whose two sides are disjoint balls, the case it happened at, and the precision that showed it."""

    meeting: Meeting
    expected: Ball
    observed: Ball
    case: Case
    values: Values

    @property
    def is_telling(self) -> bool:
        """Whether neither side is 0: a case in which something vanishes teaches less."""
        return not (self.expected.arb.is_zero() or self.observed.arb.is_zero())


def separate(
    claim: Claim,
    implementation: Any,
    bench: Bench,
    formulas: Formulas | None = None,
    *,
    thorough: bool = True,
    also: Iterable[Case] = (),
) -> Separation | None:
    """The first case, smallest sizes first, at which the claim (with `formulas` in place of its own) is proved false.

    Tries each case, and last those given `also`, at rising precision; not `thorough` stops at the lowest. None when
    nothing was told apart.
    """
    precisions = PRECISIONS if thorough else PRECISIONS[:1]
    for precision in precisions:

        def look(case: Case, precision: int = precision) -> Separation | None:
            show = bench.shared(claim, implementation, case, ("balls", precision), partial(Balls, precision))
            return first_separation(claim, show, case, formulas)

        for case in (*cases_of(claim), *also):
            try:
                found = where_met(case, look)
            except (OutsideClass, UndecidedSign, ZeroDivisionError):
                continue
            if found is not None:
                return found
    return None


def cases_of(claim: Claim) -> Iterator[Case]:
    """The cases at which a claim is tried in balls: smallest sizes first, several samples at those of its first
    grid."""
    first = list(claim.sizes_of(claim.grids[0]))
    for sizes in claim.all_sizes():
        samples = SAMPLES if claim.given and sizes in first else 1
        for sample in range(samples):
            yield Case(sizes, seed=f"refute/{sample}")


def first_separation(claim: Claim, show: Show, case: Case, formulas: Formulas | None = None) -> Separation | None:
    """The first meeting of a show whose sides are disjoint balls, a telling one if there is one."""
    best = None
    for meeting in meetings(claim, show, formulas):
        expected, observed = balls_of(meeting, show)
        if expected.disjoint(observed) and not _is_close_enough(claim, show, meeting, expected, observed):
            found = Separation(meeting, expected, observed, case, show.values)
            if found.is_telling:
                return found
            best = best or found
    return best


def _is_close_enough(claim: Claim, show: Show, meeting: Meeting, expected: Ball, observed: Ball) -> bool:
    seen = meeting.seen
    if not isinstance(seen, Sighting) or seen.part not in claim.within:
        return False
    room = compiled(claim.within[seen.part], show)(seen.environment)
    return bool(abs(expected - observed) <= room)


def simplify(
    values: Values, candidates: Callable[[str], Iterable[Fraction]], still_fails: Callable[[Values], bool]
) -> dict[str, Fraction]:
    """Replace values, one at a time, by the first simpler candidate with which the case still fails."""
    simple = dict(values)
    for label, value in values.items():
        for candidate in candidates(label):
            if candidate == value:
                break
            if still_fails({**simple, label: candidate}):
                simple[label] = candidate
                break
    return simple


def shrink(
    claim: Claim, implementation: Any, bench: Bench, found: Separation, formulas: Formulas | None = None
) -> Separation:
    """The same refutation with values from a ladder of simple ones; it stays telling if it was, and about the same
    result."""
    precision = found.expected.system.precision
    smallest = found

    def still_fails(values: Values) -> bool:
        nonlocal smallest
        smaller = _attempt(claim, implementation, bench, replace(found.case, fixed=values), precision, formulas)
        if smaller is None or (found.is_telling and not smaller.is_telling):
            return False
        if found.meeting.seen.output != smaller.meeting.seen.output:
            return False
        smallest = smaller
        return True

    with _sparing(implementation):
        simplify(found.values, lambda label: _inside_domain(label, claim), still_fails)
    return smallest


def _sparing(implementation: Any) -> AbstractContextManager[None]:
    """Spare an implementation that is costly to run at cases that are tried for their looks."""
    sparing: Callable[[], AbstractContextManager[None]] = getattr(implementation, "sparing", nullcontext)
    return sparing()


def _inside_domain(label: str, claim: Claim) -> Iterator[Fraction]:
    domain = claim.given.get(label.partition("[")[0])
    return (value for value in LADDER if domain is None or value in domain)


def _attempt(
    claim: Claim, implementation: Any, bench: Bench, case: Case, precision: int, formulas: Formulas | None
) -> Separation | None:
    try:
        show = bench.shared(claim, implementation, case, ("balls", precision), partial(Balls, precision))
        return first_separation(claim, show, case, formulas)
    except (OutsideClass, UndecidedSign, ZeroDivisionError, ImplementationError):
        return None


def describe(claim: Claim, implementation: Any, found: Separation) -> Counterexample:
    """The counterexample as a person reads it."""
    sizes = {name: str(value) for name, value in found.case.sizes.items()}
    values = {label: str(value) for label, value in found.values.items()}
    expected, observed = readable_apart(found.expected, found.observed)
    places = [claim.place, function_place(implementation, found.meeting.seen.seen)]
    return Counterexample(
        case={**sizes, **values},
        formula=found.meeting.formula,
        expected=expected,
        observed=observed,
        seen=found.meeting.place,
        where="; ".join(place for place in places if place),
    )


def function_place(implementation: Any, seen: str) -> str:
    """File and line of the implementation's function that `seen` mentions, or '' if it mentions none. An implementation
    whose functions are elsewhere has a method `place_of` that says where."""
    place_of = getattr(implementation, "place_of", None)
    if place_of is not None:
        return next(filter(None, map(place_of, seen.split())), "")
    for name, function in vars(implementation).items() if implementation is not None else ():
        if name in seen.split() and inspect.isfunction(function):
            return f"{inspect.getsourcefile(function)}:{inspect.getsourcelines(function)[1]}"
    return ""


def readable_apart(left: Ball, right: Ball) -> tuple[str, str]:
    """Two different numbers in as few digits as show that they differ; a small fraction as itself. Where that would
    take more than some dozens, the second is told by the difference."""
    for digits in (6, 12, 20, 40, 80):
        texts = left.text(digits), right.text(digits)
        if texts[0] != texts[1] and _written(texts[0]) != _written(texts[1]):
            return _fraction(left) or texts[0], _fraction(right) or texts[1]
    about, difference = readable(left, 20), right - left
    sign = "+" if difference > 0 else "-"
    return about, f"{about} {sign} {abs(difference).text(3)}"


def _written(text: str) -> Decimal | str:
    """What digits denote, so that 0.5 is 0.50; those with an exponent beyond all measure as they are."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def readable(ball: Ball, digits: int) -> str:
    """A ball's value as a small fraction when it can only sensibly be that, else in decimal digits."""
    return _fraction(ball) or ball.text(digits)


def _fraction(ball: Ball) -> str:
    """The small fraction that a ball's value can only sensibly be; '' if there is none."""
    parts = ball.dyadic() if ball.is_tight(60) else None
    if parts is None:
        return ""
    middle, radius, bits = parts
    top, bottom = _small_fraction(middle, 1 << bits, 1000)
    if abs(middle * bottom - (top << bits)) > radius * bottom or top.bit_length() >= LONGEST_BITS:
        return ""
    return f"{top}/{bottom}" if bottom > 1 else f"{top}"


def _small_fraction(top: int, bottom: int, largest: int) -> tuple[int, int]:
    """The last convergent of top/bottom with a denominator up to `largest`. A fraction p/q nearer to the number than
    1/(2 q^2) is a convergent (Legendre 1798)."""
    p_before, p, q_before, q = 0, 1, 1, 0
    while bottom:
        whole, rest = divmod(top, bottom)
        if q_before + whole * q > largest:
            break
        p_before, p, q_before, q = p, p_before + whole * p, q, q_before + whole * q
        top, bottom = bottom, rest
    return p, q
