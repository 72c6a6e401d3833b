"""Zeros that nobody can write down, such as the square root of 2: between two numbers at which the signs differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from refute.claims import Real

SIXTY_FOURTHS = (1, 8, 16, 32, 64, 96, 128, 160, 192, 224, 256, 384, 512, 1024, 4096, 65536, 1 << 20, 1 << 26, 1 << 46)
STEPS = [Fraction(1, 1 << 20), *(Fraction(n, 64) for n in SIXTY_FOURTHS)]
PARTS = 32  # of a bounded domain
NEARLY_HALF = (Fraction(1, 2), Fraction(7, 16))  # where a bracket is divided
DIPS = 3  # towards 0, that are followed where no sign changes
DEEP = 24  # how often a dip is followed
Value = Callable[[Fraction], Any]  # an arb, or None where it is not bounded


class Near(Fraction):
    """A fraction near the number that is meant, which is none; `arb` is a ball around that."""

    arb: Any = None

    @classmethod
    def of(cls, arb: Any) -> Near:
        """The middle of a ball."""
        mantissa, exponent = arb.mid().man_exp()
        near = cls(int(mantissa) * Fraction(2) ** int(exponent))
        near.arb = arb
        return near


def brackets(value: Value, domain: Real) -> list[tuple[Fraction, Fraction]]:
    """Intervals in a domain at whose ends a function has different signs, next to 0 first, and positive ones first."""
    known = [(x, v) for x in _spread(domain) if _sign(v := value(x))]
    found = [(low, high) for (low, before), (high, after) in pairwise(known) if _sign(before) != _sign(after)]
    return sorted(found or _dips(value, known), key=lambda ends: (abs(sum(ends)), sum(ends) < 0))


def narrowed(value: Value, low: Fraction, high: Fraction, times: int) -> tuple[Fraction, Fraction] | None:
    """A part of a bracket that still is one, halved so many times; None where the sign is known nowhere in it."""
    below = _sign(value(low))
    for _ in range(times):
        for part in NEARLY_HALF:  # for the zero itself may be in the middle
            middle = low + (high - low) * part
            at_middle = _sign(value(middle))
            if at_middle:
                break
        else:
            return None
        low, high = (middle, high) if at_middle == below else (low, middle)
    return low, high


def _sign(ball: Any) -> int:
    """0 where it is not known."""
    return 0 if ball is None else int(ball > 0) - int(ball < 0)


def _dips(value: Value, known: list[tuple[Fraction, Any]]) -> Iterator[tuple[Fraction, Fraction]]:
    """Brackets around what a function that comes nearer to 0 between its neighbours may reach there."""
    triples = zip(known, known[1:], known[2:], strict=False)
    dips = [(a, b, c) for a, b, c in triples if abs(b[1]) < abs(a[1]) and not abs(b[1]) > abs(c[1])]
    for (low, _), (middle, least), (high, _) in sorted(dips, key=lambda dip: abs(dip[1][1]).mid())[:DIPS]:
        ends = low, high
        for _ in range(DEEP):
            is_left = middle - low > high - middle
            other = (low + middle) / 2 if is_left else (middle + high) / 2
            at_other = value(other)
            if _sign(at_other) == -_sign(least):
                yield from ((ends[0], other), (other, ends[1]))
                break
            if at_other is not None and abs(at_other) < abs(least):
                low, high = (low, middle) if is_left else (middle, high)
                middle, least = other, at_other
            else:
                low, high = (other, high) if is_left else (low, other)


def _spread(domain: Real) -> list[Fraction]:
    """Numbers all over a domain, in order."""
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        steps = [Fraction(1, 1 << 20), *(Fraction(k, PARTS) for k in range(1, PARTS)), 1 - Fraction(1, 1 << 20)]
        found = [low, *(low + (high - low) * step for step in steps), high]
    elif low is not None:
        found = [low, *(low + step for step in STEPS)]
    elif high is not None:
        found = [*(high - step for step in reversed(STEPS)), high]
    else:
        return [*(-step for step in reversed(STEPS)), Fraction(0), *STEPS]
    return [Fraction(value) for value in found if value in domain]
