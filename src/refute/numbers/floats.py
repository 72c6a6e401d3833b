"""Floats: what the hardware computes, judged against balls.

A float result is judged by the radius of *one* evaluation of the formula in balls at the float's own precision. That
radius, or the rounding of the result itself if that is more, bounds what rounding can do to a careful evaluation at
this very input, so no tolerance is tuned: ill-conditioned inputs get the room they need and no other does. A correct
implementation may order its operations differently; a factor of 8 covers that, and a floor (1e-300 in binary64, the
smallest normal number elsewhere), as often, the values that flush to zero on the way. (Measured: torch stays within
0.65 radii, JAX within 4.6.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import isfinite
from typing import Any

import flint
import numpy as np

from refute.numbers.balls import Ball, working_precision
from refute.numbers.scalar import Exact

FACTOR = 8


@dataclass(frozen=True)
class Format:
    """A floating-point format: its bits of precision, the NumPy type of arrays of it, the exponents of the least and
    of the largest normal number, and the power of two by which inputs are made tiny."""

    name: str
    precision: int
    dtype: str
    least: int
    most: int
    tiny: int

    @cached_property
    def floor(self) -> Any:
        """Below it a result may be flushed to zero; as a ball."""
        return _arb(max(Fraction(2) ** self.least, Fraction(1, 10**300)))

    @cached_property
    def largest(self) -> Fraction:
        """The largest number."""
        return (2 - Fraction(2) ** (1 - self.precision)) * Fraction(2) ** self.most

    @cached_property
    def end(self) -> Any:
        """The largest number, as a ball."""
        return _arb(self.largest)

    def spacing(self, value: Fraction) -> Fraction:
        """What the last bit of a number of that size is worth."""
        size = abs(value)
        exponent = size.numerator.bit_length() - size.denominator.bit_length()
        if Fraction(2) ** exponent > size:
            exponent -= 1
        return Fraction(2) ** (max(exponent, self.least) - self.precision + 1)


# By the name that array libraries give the type. bfloat16 and TF32 numbers are kept in arrays of binary32.
FORMATS = {
    "float64": Format("binary64", 53, "float64", -1022, 1023, -200),
    "float32": Format("binary32", 24, "float32", -126, 127, -20),
    "tf32": Format("TF32", 11, "float32", -126, 127, -20),
    "bfloat16": Format("bfloat16", 8, "float32", -126, 127, -20),
    "float16": Format("binary16", 11, "float16", -14, 15, -3),
}


class Floats:
    """A number system: floats of one of the `FORMATS`, in real float arrays."""

    is_formal = False

    def __init__(self, form: str = "float64") -> None:
        self.form = FORMATS[form]
        self.dtype = np.dtype(self.form.dtype)
        self.precision, self.name = self.form.precision, self.form.name

    def number(self, value: Exact) -> Any:
        """An exact rational, rounded to the nearest number; an infinity beyond the largest."""
        fraction = Fraction(value)
        if fraction and self.precision != 53:
            spacing = self.form.spacing(fraction)
            fraction = round(fraction / spacing) * spacing
        if abs(fraction) > self.form.largest:
            return self.dtype.type(np.inf if fraction > 0 else -np.inf)
        return self.dtype.type(fraction.numerator / fraction.denominator)  # Python's own division rounds once

    def variable(self, label: str, value: Exact) -> Any:
        """The variable `label` at the real point `value`."""
        return self.number(value)


def is_explained_by_rounding(result: Any, ball: Ball, form: Format | None = None) -> bool | None:
    """Whether a float lies within `FACTOR` radii, and as many of the format's floors, of the centre of the ball which
    one evaluation at the float's own precision gave. The format is that of the float's type, if no other is told.

    None when the ball says nothing: it is unbounded, or reaches beyond the largest float, where an infinity is right.
    False for any other infinity or NaN.
    """
    form = form or format_of(result)
    if not ball.is_finite() or not abs(ball.arb) < form.end:
        return None
    value = float(result)
    if not isfinite(value):
        return False
    point = flint.arb(value)
    if ball.arb.contains(point):
        return True
    with working_precision(128):
        off = abs(point - ball.arb.mid())
        return bool(off <= FACTOR * (_radius(ball, form) + form.floor))


def format_of(result: Any) -> Format:
    """The format of a NumPy float, or of an array of such; binary64 for a number of another type."""
    return _of_type(getattr(result, "dtype", None))


@cache
def _of_type(dtype: Any) -> Format:
    return FORMATS.get(str(dtype), FORMATS["float64"])


def _radius(ball: Ball, form: Format) -> Any:
    """The ball's radius, but no less than what rounding its centre to a float costs."""
    rounding = abs(ball.arb.mid()) / (1 << form.precision)
    return ball.arb.rad().max(rounding)


def _arb(value: Fraction) -> Any:
    with working_precision(128):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))


def radii_off(result: Any, ball: Ball, form: Format | None = None) -> str:
    """How many radii a float lies from the centre of a bounded ball, in a few digits, to be read by a person."""
    if not np.isfinite(result):
        return "infinitely many"
    form = form or format_of(result)
    with working_precision(128):
        off = abs(flint.arb(float(result)) - ball.arb.mid())
        return str((off / (_radius(ball, form) + form.floor)).str(3, radius=False))
