"""Reals: mpmath numbers at any number of digits, an independent high-precision cross-check by another library."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Self

from mpmath.ctx_mp import MPContext

from refute.numbers.scalar import Exact, Scalar, Undefined, exact


class Reals:
    """A number system: mpmath numbers with `digits` decimal digits, in a context of its own."""

    name = "mpmath"
    is_formal = False

    def __init__(self, digits: int = 50) -> None:
        self.digits = digits
        self.context = MPContext()
        self.context.dps = digits

    def number(self, value: Exact) -> Real:
        """An exact rational, rounded to the context's digits."""
        fraction = Fraction(value)
        return Real(self.context.mpf(fraction.numerator) / fraction.denominator, self)

    def variable(self, label: str, value: Exact) -> Real:
        """The variable `label` at the real point `value`."""
        return self.number(value)


class Real(Scalar):
    """An mpmath number and its context: correct to about the context's digits, with no rigorous bound."""

    __slots__ = ("mpf", "system")
    system_name = "reals"

    def __init__(self, mpf: Any, system: Reals) -> None:
        self.mpf, self.system = mpf, system

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else self.system.number(value)

    def _make(self, mpf: Any) -> Self:
        return self.__class__(mpf, self.system)

    def _add(self, other: Self) -> Self:
        return self._make(self.mpf + other.mpf)

    def _sub(self, other: Self) -> Self:
        return self._make(self.mpf - other.mpf)

    def _neg(self) -> Self:
        return self._make(-self.mpf)

    def _mul(self, other: Self) -> Self:
        return self._make(self.mpf * other.mpf)

    def _div(self, other: Self) -> Self:
        return self._make(self.mpf / other.mpf)

    def _power(self, n: int) -> Self:
        return self._make(self.mpf**n)

    def _sign(self) -> int:
        return int(self.system.context.sign(self.mpf))

    def exp(self) -> Self:
        return self._make(self.system.context.exp(self.mpf))

    def log(self) -> Self:
        if self.mpf <= 0:
            raise Undefined(f"no logarithm of {self!r} is real")
        return self._make(self.system.context.log(self.mpf))

    def sqrt(self) -> Self:
        if self.mpf < 0:
            raise Undefined(f"no square root of {self!r} is real")
        return self._make(self.system.context.sqrt(self.mpf))

    def sin(self) -> Self:
        return self._make(self.system.context.sin(self.mpf))

    def cos(self) -> Self:
        return self._make(self.system.context.cos(self.mpf))

    def tanh(self) -> Self:
        return self._make(self.system.context.tanh(self.mpf))

    def sinh(self) -> Self:
        return self._make(self.system.context.sinh(self.mpf))

    def cosh(self) -> Self:
        return self._make(self.system.context.cosh(self.mpf))

    def expm1(self) -> Self:
        return self._make(self.system.context.expm1(self.mpf))

    def log1p(self) -> Self:
        if self.mpf <= -1:
            raise Undefined(f"no logarithm of 1 + {self!r} is real")
        return self._make(self.system.context.log1p(self.mpf))

    def fraction(self) -> Fraction:
        """The exact dyadic value of the approximation."""
        sign, mantissa, exponent, _ = self.mpf._mpf_
        return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)

    def __repr__(self) -> str:
        return f"Real({self.system.context.nstr(self.mpf, 15)})"
