"""What every number system shares: exact constants, operators, and functions derived from a few primitives.

NumPy runs unchanged on an object array: ``a + b`` calls the elements' own operators, ``np.exp(a)`` their ``.exp()``.
A `Scalar` therefore needs no NumPy code at all. A subclass gives `_lift` and the primitives it has; the rest follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np

Exact = int | Fraction
# What NumPy calls by name on the elements of object arrays.
FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "expm1", "log1p")


class OutsideClass(TypeError):
    """The operation leaves what this number system can represent, for example an order on residues."""


class UndecidedSign(ArithmeticError):
    """A comparison whose outcome the precision in use does not settle."""


class Unmet(UndecidedSign):
    """The case does not meet what is assumed of it, so nothing is said there. On pairs, `decisions` led to that."""

    def __init__(self, decisions: Sequence[Any] = ()) -> None:
        super().__init__("the case does not meet what is assumed")
        self.decisions = decisions


class Undefined(ZeroDivisionError):
    """The expression has no real value at this point: the root or logarithm of a negative number."""


def exact(value: object) -> Exact | None:
    """The exact rational value of a Python or NumPy number, or None when it is no number.

    Floats are taken at their exact dyadic value. Raises ValueError for infinities and NaN.
    """
    if value.__class__ is int or value.__class__ is Fraction:
        return value
    if isinstance(value, (int, np.integer, np.bool_)):
        return int(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            raise ValueError(f"expected a finite number, got {value!r}; exact arithmetic has no infinity or NaN")
        fraction = Fraction(*value.as_integer_ratio())
        return fraction.numerator if fraction.denominator == 1 else fraction
    return None


def plain(value: Any) -> Any:
    """A NumPy integer as Python's own; anything else as it is."""
    return int(value) if isinstance(value, np.integer) else value


class Scalar:
    """Base of all scalars of ours.

    A subclass defines `_lift` (constants into the system, None for a foreign object), `_add`, `_neg`, `_mul`, `_div`
    on two of its own, and `exp`; it overrides what it can do better. `_sign` makes it ordered.
    """

    __slots__ = ()
    system_name: ClassVar[str]

    def _lift(self, other: object) -> Any:
        raise NotImplementedError

    def _add(self, other: Self) -> Self:
        raise NotImplementedError

    def _neg(self) -> Self:
        raise NotImplementedError

    def _mul(self, other: Self) -> Self:
        raise NotImplementedError

    def _div(self, other: Self) -> Self:
        raise NotImplementedError

    def _sub(self, other: Self) -> Self:
        return self._add(other._neg())

    def _sign(self) -> int:
        raise OutsideClass(f"{self.system_name} have no order, so code cannot branch on them; run it on pairs")

    # Operators. An operand of another kind (an array, a dual number over this one) is left to that operand.

    def __add__(self, other: object) -> Any:
        o: Any = other if other.__class__ is self.__class__ else self._lift(other)
        return NotImplemented if o is None else self._add(o)

    def __radd__(self, other: object) -> Any:
        o = self._lift(other)
        return NotImplemented if o is None else o._add(self)

    def __sub__(self, other: object) -> Any:
        o: Any = other if other.__class__ is self.__class__ else self._lift(other)
        return NotImplemented if o is None else self._sub(o)

    def __rsub__(self, other: object) -> Any:
        o = self._lift(other)
        return NotImplemented if o is None else o._sub(self)

    def __mul__(self, other: object) -> Any:
        o: Any = other if other.__class__ is self.__class__ else self._lift(other)
        return NotImplemented if o is None else self._mul(o)

    def __rmul__(self, other: object) -> Any:
        o = self._lift(other)
        return NotImplemented if o is None else o._mul(self)

    def __truediv__(self, other: object) -> Any:
        o: Any = other if other.__class__ is self.__class__ else self._lift(other)
        return NotImplemented if o is None else self._div(o)

    def __rtruediv__(self, other: object) -> Any:
        o = self._lift(other)
        return NotImplemented if o is None else o._div(self)

    def __neg__(self) -> Self:
        return self._neg()

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return self._neg() if self._sign() < 0 else self

    def __pow__(self, exponent: object) -> Any:
        n = exact(exponent) if not isinstance(exponent, Scalar) else None
        if isinstance(n, int):
            return self._power(n)
        if n == Fraction(1, 2):
            return self.sqrt()
        if n is not None or isinstance(exponent, Scalar):
            return (self.log() * exponent).exp()
        return NotImplemented

    def __rpow__(self, base: object) -> Any:
        b = self._lift(base)
        return NotImplemented if b is None else (self * b.log()).exp()

    def _power(self, n: int) -> Self:
        """Integer power by repeated squaring."""
        if n < 0:
            return self._lift(1)._div(self._power(-n))  # type: ignore[no-any-return]  # an integer always lifts
        if n == 0:
            return self._lift(1)  # type: ignore[no-any-return]  # an integer always lifts
        result = self
        for bit in bin(n)[3:]:
            result = result._mul(result)
            if bit == "1":
                result = result._mul(self)
        return result

    # Order. `==` is equality of values wherever the system can tell; scalars that can are hashable by identity only.

    def _compare(self, other: object) -> int | None:
        o: Any = other if other.__class__ is self.__class__ else self._lift(other)
        return None if o is None else self._sub(o)._sign()

    def __lt__(self, other: object) -> Any:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign < 0

    def __le__(self, other: object) -> Any:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign <= 0

    def __gt__(self, other: object) -> Any:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign > 0

    def __ge__(self, other: object) -> Any:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign >= 0

    def __eq__(self, other: object) -> Any:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign == 0

    def __ne__(self, other: object) -> Any:
        sign = self._compare(other)
        return NotImplemented if sign is None else sign != 0

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return self._sign() != 0

    def __float__(self) -> float:
        raise OutsideClass(
            f"the code makes floats of {self.system_name}; allocate with np.zeros_like(x), not np.zeros(n)"
        )

    def __complex__(self) -> complex:
        return complex(float(self))

    # Functions NumPy calls by name on object arrays, derived from `exp`, `log` and `sqrt`.

    def exp(self) -> Self:
        raise self._outside("exp")

    def log(self) -> Self:
        raise self._outside("log")

    def sqrt(self) -> Self:
        raise self._outside("sqrt")

    def sin(self) -> Self:
        raise self._outside("sin")

    def cos(self) -> Self:
        raise self._outside("cos")

    def arctan(self) -> Self:
        raise self._outside("arctan")

    def _outside(self, function: str) -> OutsideClass:
        return OutsideClass(f"{self.system_name} have no {function}; only balls, reals and floats do")

    def tanh(self) -> Any:
        e = (self + self).exp()
        return (e - 1) / (e + 1)

    def sinh(self) -> Any:
        e = self.exp()
        return (e - 1 / e) / 2

    def cosh(self) -> Any:
        e = self.exp()
        return (e + 1 / e) / 2

    def tan(self) -> Any:
        return self.sin() / self.cos()

    def expm1(self) -> Any:
        return self.exp() - 1

    def log1p(self) -> Any:
        return (self + 1).log()

    def maximum(self, other: Any) -> Any:
        """The larger of this and another number."""
        return max(self, other)

    def conjugate(self) -> Self:
        return self

    def formal_key(self) -> Any:
        """Something hashable that formally equal scalars share."""
        return self
