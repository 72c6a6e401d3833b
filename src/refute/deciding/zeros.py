"""Zeros that nobody can write down, such as the square root of 2: between two numbers at which the signs differ."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from refute.claims import Real

STEPS = [Fraction(n, 64) for n in (1, 8, 16, 32, 64, 96, 128, 160, 192, 224, 256, 384, 512, 1024, 4096, 65536)]
STEPS = [Fraction(1, 1 << 20), *STEPS, *(Fraction(1 << n) for n in (14, 20, 40))]
PARTS = 32  # of a bounded domain
NEARLY_HALF = (Fraction(1, 2), Fraction(7, 16))  # where a bracket is divided
Sign = Callable[[Fraction], int]  # 0 where it is not known


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


def brackets(sign: Sign, domain: Real) -> list[tuple[Fraction, Fraction]]:
    """Intervals in a domain at whose ends a function has different signs, next to 0 first, and positive ones first."""
    signs = [(x, s) for x in _spread(domain) if (s := sign(x))]
    found = [(low, high) for (low, before), (high, after) in pairwise(signs) if before != after]
    return sorted(found, key=lambda ends: (abs(sum(ends)), sum(ends) < 0))


def narrowed(sign: Sign, low: Fraction, high: Fraction, times: int) -> tuple[Fraction, Fraction] | None:
    """A part of a bracket that still is one, halved so many times; None where the sign is known nowhere in it."""
    below = sign(low)
    for _ in range(times):
        for part in NEARLY_HALF:  # for the zero itself may be in the middle
            middle = low + (high - low) * part
            at_middle = sign(middle)
            if at_middle:
                break
        else:
            return None
        low, high = (middle, high) if at_middle == below else (low, middle)
    return low, high


def _spread(domain: Real) -> list[Fraction]:
    """Numbers all over a domain, in order."""
    low, high = domain.low, domain.high
    if low is not None and high is not None:
        return [low + (high - low) * Fraction(k, PARTS) for k in range(1, PARTS)]
    if low is not None:
        return [low + step for step in STEPS]
    if high is not None:
        return [high - step for step in reversed(STEPS)]
    return [*(-step for step in reversed(STEPS)), Fraction(0), *STEPS]
