"""Symbols: SymPy expressions, for proofs with symbolic inputs and for pictures of formulas."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Self

import sympy

from refute.numbers.scalar import Exact, Scalar, exact


class Symbols:
    """A number system: SymPy expressions in real symbols."""

    name = "sympy"
    is_formal = True

    def number(self, value: Exact) -> Symbol:
        """An exact rational as a SymPy number."""
        fraction = Fraction(value)
        return Symbol(sympy.Rational(fraction.numerator, fraction.denominator))

    def variable(self, label: str, value: Exact = 0) -> Symbol:
        """The real symbol of that name."""
        return Symbol(sympy.Symbol(label, real=True))


class Symbol(Scalar):
    """A SymPy expression; equality is `==` of expanded expressions, which proves but may fail to see equal."""

    __slots__ = ("expr",)
    system_name = "symbols"

    def __init__(self, expr: Any) -> None:
        self.expr = expr

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else Symbols().number(value)

    def _add(self, other: Self) -> Self:
        return self.__class__(self.expr + other.expr)

    def _neg(self) -> Self:
        return self.__class__(-self.expr)

    def _mul(self, other: Self) -> Self:
        return self.__class__(self.expr * other.expr)

    def _div(self, other: Self) -> Self:
        return self.__class__(self.expr / other.expr)

    def _power(self, n: int) -> Self:
        return self.__class__(self.expr**n)

    def exp(self) -> Self:
        return self.__class__(sympy.exp(self.expr))

    def log(self) -> Self:
        return self.__class__(sympy.log(self.expr))

    def sqrt(self) -> Self:
        return self.__class__(sympy.sqrt(self.expr))

    def sin(self) -> Self:
        return self.__class__(sympy.sin(self.expr))

    def cos(self) -> Self:
        return self.__class__(sympy.cos(self.expr))

    def tanh(self) -> Self:
        return self.__class__(sympy.tanh(self.expr))

    def sinh(self) -> Self:
        return self.__class__(sympy.sinh(self.expr))

    def cosh(self) -> Self:
        return self.__class__(sympy.cosh(self.expr))

    def __eq__(self, other: object) -> Any:
        o = other if isinstance(other, Symbol) else self._lift(other)
        return NotImplemented if o is None else sympy.expand(self.expr - o.expr) == 0

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def formal_key(self) -> Any:
        return self.expr.expand()

    def __hash__(self) -> int:
        return hash(sympy.expand(self.expr))

    def __repr__(self) -> str:
        return f"Symbol({self.expr})"
