"""Balls: rigorous real arithmetic (Arb, through python-flint). Are two values *different* here?

A ball [m ± r] holds the exact real result, whatever was rounded on the way. Two disjoint balls prove two numbers
different; balls that overlap prove nothing, so precision is doubled until the balls are tight. On a wide ball the same
code bounds a whole box of inputs at once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from threading import RLock, local
from typing import Any, Self

import flint

from refute.numbers.scalar import Exact, Scalar, UndecidedSign, Undefined, exact

MOST_EXPONENT = 1 << 20  # of a dyadic number that is written out
BEYOND = flint.arb(2) ** MOST_EXPONENT  # exp of more is bounded by no ball of fewer than half as many bits
_lock = RLock()  # flint's precision is one global of the process, shared by all threads


class _Held(local):
    """At what precision this thread holds the lock, 0 if it does not: it need not ask again for each operation."""

    bits = 0


_held = _Held()


class working_precision:  # noqa: N801  # it is used as a function
    """Run the body with flint's working precision at `bits`, and put back what was there. Much done with balls of that
    precision is faster inside it; other threads wait."""

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def __enter__(self) -> None:
        _lock.acquire()
        self._before = flint.ctx.prec, _held.bits
        flint.ctx.prec = _held.bits = self._bits

    def __exit__(self, *_: object) -> None:
        flint.ctx.prec, _held.bits = self._before
        _lock.release()


@lru_cache(maxsize=1024)
def _enclosed(numerator: int, denominator: int, precision: int) -> Any:
    with working_precision(precision):
        return flint.arb(flint.fmpq(numerator, denominator))


class Balls:
    """A number system: balls at `precision` bits. `is_beyond` is set when exp, sinh or cosh of a number came out
    unbounded that is so large that it does at any precision."""

    name = "balls"
    is_formal = False

    def __init__(self, precision: int = 128) -> None:
        self.precision, self.is_beyond = precision, False

    def number(self, value: Exact) -> Ball:
        """The tightest ball around an exact rational."""
        numerator, denominator = value.as_integer_ratio()  # a Fraction's hash is slow
        return Ball(_enclosed(numerator, denominator, self.precision), self)

    def variable(self, label: str, value: Exact) -> Ball:
        """The variable `label` at the real point `value`."""
        return self.number(value)

    def pi(self) -> Ball:
        """The circle's constant."""
        with working_precision(self.precision):
            return Ball(flint.arb.pi(), self)

    def interval(self, low: Exact, high: Exact) -> Ball:
        """A ball that holds every real in [low, high]."""
        centre, half = (Fraction(low) + high) / 2, (Fraction(high) - low) / 2
        with working_precision(self.precision):
            middle, radius = (flint.arb(flint.fmpq(v.numerator, v.denominator)) for v in (centre, half))
            return Ball(middle + flint.arb(0, 1) * radius, self)


def _operator(operation: Callable[[Any, Any], Any], otherwise: Callable[[Any, Any], Any]) -> Any:
    """An operator, without a detour for two balls, as most are, where this thread holds their precision, as it mostly
    does."""

    def result(left: Ball, right: object) -> Any:
        if right.__class__ is not Ball:
            return otherwise(left, right)
        system = left.system
        if _held.bits == system.precision:
            return Ball(operation(left.arb, right.arb), system)
        return left._apply(operation, right.arb)

    return result


def _function(operation: Callable[[Any], Any]) -> Any:
    """A function of a ball, with no detour either."""

    def result(ball: Ball) -> Ball:
        system = ball.system
        if _held.bits == system.precision:
            return Ball(operation(ball.arb), system)
        return ball._apply(operation)

    return result


class Ball(Scalar):
    """An Arb ball and the system whose precision its operations use. Invariant: it contains the exact real value."""

    __slots__ = ("arb", "system")
    system_name = "balls"

    def __init__(self, arb: Any, system: Balls) -> None:
        self.arb, self.system = arb, system

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else self.system.number(value)

    def _apply(self, operation: Callable[..., Any], *others: Any) -> Self:
        system = self.system
        if _held.bits == system.precision:
            return self.__class__(operation(self.arb, *others), system)
        with working_precision(system.precision):
            return self.__class__(operation(self.arb, *others), system)

    __add__ = _add = _operator(operator.add, Scalar.__add__)
    __sub__ = _sub = _operator(operator.sub, Scalar.__sub__)
    __mul__ = _mul = _operator(operator.mul, Scalar.__mul__)

    __neg__ = _neg = _function(flint.arb.__neg__)
    __abs__ = _function(flint.arb.__abs__)
    sin, cos, tanh, expm1 = map(_function, (flint.arb.sin, flint.arb.cos, flint.arb.tanh, flint.arb.expm1))
    arctan = _function(flint.arb.atan)

    def _div(self, other: Self) -> Self:
        if other.arb.is_zero():
            raise ZeroDivisionError("division by a ball that is exactly zero")
        return self._apply(operator.truediv, other.arb)

    def __pow__(self, exponent: object) -> Any:
        """0 and negative numbers, of which no logarithm speaks, have whole powers, and 0 positive ones."""
        if exponent.__class__ is int:
            return self._power(exponent)
        power = exponent if isinstance(exponent, Ball) else self._lift(exponent)
        if power is None or self.arb > 0:
            return super().__pow__(exponent)
        if power.arb.is_integer():
            return self._power(int(power.arb.unique_fmpz()))
        if self.arb.is_zero() and power.arb > 0:
            return self
        if isinstance(exponent, Ball) and power.arb.contains_integer():
            raise UndecidedSign(f"whether {exponent!r} is whole is not decided at {self.system.precision} bits")
        return super().__pow__(exponent)

    def _power(self, n: int) -> Self:
        if n < 0:
            return self._lift(1)._div(self._power(-n))  # type: ignore[no-any-return]  # an integer always lifts
        if self.arb.contains(0):
            return super()._power(n)  # of a ball around 0 flint's power says nothing
        return self._apply(flint.arb.__pow__, n)

    def _steep(self, function: Callable[..., Any]) -> Self:
        """A function that grows like exp."""
        result = self._apply(function)
        if not result.arb.is_finite() and abs(self.arb) > BEYOND:
            self.system.is_beyond = True
        return result

    def _sign(self) -> int:
        if self.arb > 0:
            return 1
        if self.arb < 0:
            return -1
        if self.arb.is_zero():
            return 0
        raise UndecidedSign(f"the sign of {self!r} is not decided at {self.system.precision} bits")

    def exp(self) -> Self:
        return self._steep(flint.arb.exp)

    def log(self) -> Self:
        if self.arb <= 0:
            raise Undefined(f"no logarithm of {self!r} is real")
        return self._apply(flint.arb.log)

    def sqrt(self) -> Self:
        if self.arb < 0:
            raise Undefined(f"no square root of {self!r} is real")
        return self._apply(flint.arb.sqrt)

    def sinh(self) -> Self:
        return self._steep(flint.arb.sinh)

    def cosh(self) -> Self:
        return self._steep(flint.arb.cosh)

    def log1p(self) -> Self:
        if self.arb <= -1:
            raise Undefined(f"no logarithm of 1 + {self!r} is real")
        return self._apply(flint.arb.log1p)

    def maximum(self, other: Any) -> Any:
        o = other if isinstance(other, Ball) else self._lift(other)
        return super().maximum(other) if o is None else self._apply(flint.arb.max, o.arb)

    def is_finite(self) -> bool:
        """Whether the ball is bounded: an unbounded one (after a division by a ball around zero) says nothing."""
        return bool(self.arb.is_finite())

    def disjoint(self, other: object) -> bool:
        """Whether this ball and `other` (a ball or exact number) are proved to be different numbers."""
        o = other if isinstance(other, Ball) else self._lift(other)
        return self.is_finite() and o.is_finite() and not self.arb.overlaps(o.arb)

    def contains(self, value: Exact) -> bool:
        """Whether an exact rational lies in the ball."""
        if not self.is_finite():
            return True
        low, high = self.bounds()
        return low <= value <= high

    def dyadic(self) -> tuple[int, int, int] | None:
        """The exact centre and radius of a bounded ball as whole multiples of ``2**-bits``, and `bits`, at least 0;
        None where an exponent is too large to write them out."""
        (middle, one), (radius, other) = self.arb.mid().man_exp(), self.arb.rad().man_exp()
        if max(abs(one), abs(other)) >= MOST_EXPONENT:
            return None
        bits = -int(min(one, other, 0))
        return int(middle) << int(one) + bits, int(radius) << int(other) + bits, bits

    def bounds(self) -> tuple[Fraction, Fraction]:
        """Exact rational ends of an interval that holds the ball. Raises ArithmeticError for an unbounded ball, or one
        that is too large or too small to write them out."""
        if not self.is_finite():
            raise ArithmeticError("an unbounded ball has no ends")
        parts = self.dyadic()
        if parts is None:
            raise ArithmeticError(f"the ends of {self!r} are too long to write out")
        middle, radius, bits = parts
        return Fraction(middle - radius, 1 << bits), Fraction(middle + radius, 1 << bits)

    def is_tight(self, bits: int) -> bool:
        """Whether the ball gives its value to `bits` significant bits, or to within 2^-bits."""
        return self.is_finite() and bool(self.arb.rel_one_accuracy_bits() >= bits)

    def text(self, digits: int = 15) -> str:
        """The value in at most `digits` decimal digits, only those that are certain."""
        return str(self.arb.str(digits, radius=False))

    def __repr__(self) -> str:
        return f"Ball({self.arb.str(15)})"
