"""Floats: what the hardware computes, judged against balls.

A float result is judged by the radius of *one* evaluation of the formula in balls at the float's own precision. That
radius, or the rounding of the result itself if that is more, bounds what rounding can do to a careful evaluation at
this very input, so no tolerance is tuned: ill-conditioned inputs get the room they need and no other does. A correct
implementation may order its operations differently; a factor of 8 covers that, and a floor (1e-300 in binary64, the
smallest normal number elsewhere) the values that flush to zero. (Measured: torch stays within 0.65 radii, JAX within
4.6.)
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np

from refute.numbers.balls import Ball, working_precision
from refute.numbers.scalar import Exact

FACTOR = 8
FLOOR = "1e-300"
LARGEST = "1e308"
PRECISION = {"float64": 53, "float32": 24, "float16": 11}


class Floats:
    """A number system: NumPy floats of one `dtype`, in real float arrays."""

    is_formal = False

    def __init__(self, dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)
        self.precision = PRECISION[self.dtype.name]
        self.name = f"binary{8 * self.dtype.itemsize}"

    def number(self, value: Exact) -> Any:
        """An exact rational, rounded to the nearest float; an infinity beyond the largest."""
        fraction = Fraction(value)
        try:
            near = self.dtype.type(fraction.numerator / fraction.denominator)
        except OverflowError:
            return self.dtype.type(np.inf if fraction > 0 else -np.inf)
        if self.dtype == np.float64 or not np.isfinite(near):
            return near
        around = (near, np.nextafter(near, -np.inf), np.nextafter(near, np.inf))  # it was rounded twice
        return min((c for c in around if np.isfinite(c)), key=lambda c: abs(Fraction(float(c)) - fraction))

    def variable(self, label: str, value: Exact) -> Any:
        """The variable `label` at the real point `value`."""
        return self.number(value)


def is_explained_by_rounding(result: Any, ball: Ball) -> bool | None:
    """Whether a float lies within `FACTOR` radii (and `FLOOR`) of the centre of the ball that one evaluation at the
    float's own precision gave.

    None when the ball says nothing: it is unbounded, or reaches beyond the largest float, where an infinity is right.
    False for any other infinity or NaN.
    """
    floor, largest = _range(result)
    if not ball.is_finite() or not abs(ball.arb) < largest:
        return None
    if not np.isfinite(result):
        return False
    with working_precision(128):
        return bool(abs(flint.arb(float(result)) - ball.arb.mid()) <= FACTOR * _radius(result, ball) + floor)


def _radius(result: Any, ball: Ball) -> Any:
    """The ball's radius, but no less than what rounding its centre to a float costs."""
    precision = PRECISION.get(str(getattr(result, "dtype", "float64")), 53)
    rounding = abs(ball.arb.mid()) / (1 << precision)
    return ball.arb.rad().max(rounding)


def _range(result: Any) -> tuple[Any, Any]:
    """The floor and the largest value of a float's type."""
    if isinstance(result, (np.float16, np.float32)):
        info = np.finfo(result.dtype)
        return flint.arb(float(info.smallest_normal)), flint.arb(float(info.max))
    return flint.arb(FLOOR), flint.arb(LARGEST)


def radii_off(result: Any, ball: Ball) -> str:
    """How many radii a float lies from the centre of a bounded ball, in a few digits, to be read by a person."""
    if not np.isfinite(result):
        return "infinitely many"
    with working_precision(128):
        off = abs(flint.arb(float(result)) - ball.arb.mid())
        return str((off / (_radius(result, ball) + _range(result)[0])).str(3, radius=False))
