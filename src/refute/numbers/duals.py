"""Dual numbers: a value and its derivatives in several directions at once, over any other number system.

Forward-mode differentiation (Wengert 1964; Griewank and Walther 2008, chapter 3): run any code on duals and each result
carries its true total derivative. That makes duals the oracle of every gradient: they see the code, never the formula.
Duals nest: a dual over duals has second derivatives.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from refute.numbers.scalar import Scalar, UndecidedSign, exact

Partials = Mapping[Hashable, Any]


class Dual(Scalar):
    """``value + sum of partials[d] * epsilon_d``. A direction that is absent has derivative 0.

    Operations with a number or scalar of the system below treat it as a constant. Two duals of different `level` nest:
    the lower level is a constant to the higher.
    """

    __slots__ = ("value", "partials", "level")
    system_name = "duals"

    def __init__(self, value: Any, partials: Partials, level: int = 0) -> None:
        self.value, self.partials, self.level = value, partials, level

    def _lift(self, other: object) -> Any:
        if isinstance(other, Dual) and other.level > self.level:
            return None
        if isinstance(self.value, Scalar) and not isinstance(other, Scalar):
            constant = self.value._lift(other)  # of the system below, since Python would make floats of whole numbers
            if constant is not None:
                return Dual(constant, {}, self.level)
        if isinstance(other, Scalar) or _is_field_element(other) or exact(other) is not None:
            return Dual(other, {}, self.level)
        return None

    def __add__(self, other: object) -> Any:
        return self._with(other, "_add", "__radd__")

    def __sub__(self, other: object) -> Any:
        return self._with(other, "_sub", "__rsub__")

    def __mul__(self, other: object) -> Any:
        return self._with(other, "_mul", "__rmul__")

    def __truediv__(self, other: object) -> Any:
        return self._with(other, "_div", "__rtruediv__")

    def _with(self, other: object, forward: str, reflected: str) -> Any:
        if isinstance(other, Dual) and other.level == self.level:
            return getattr(self, forward)(other)
        if isinstance(other, Dual) and other.level > self.level:
            return getattr(other, reflected)(self)
        lifted = self._lift(other)
        return NotImplemented if lifted is None else getattr(self, forward)(lifted)

    def _make(self, value: Any, partials: Partials) -> Any:
        return Dual(value, partials, self.level)

    def _chain(self, value: Any, slope: Any) -> Any:
        return self._make(value, {d: slope * v for d, v in self.partials.items()} if self.partials else {})

    def _add(self, other: Any) -> Any:
        return self._make(self.value + other.value, _merge(self.partials, other.partials))

    def _neg(self) -> Any:
        return self._make(-self.value, {d: -v for d, v in self.partials.items()})

    def _sub(self, other: Any) -> Any:
        negated = {d: -v for d, v in other.partials.items()}
        return self._make(self.value - other.value, _merge(self.partials, negated))

    def _mul(self, other: Any) -> Any:
        left = {d: v * other.value for d, v in self.partials.items()}
        right = {d: self.value * v for d, v in other.partials.items()}
        return self._make(self.value * other.value, _merge(left, right))

    def _div(self, other: Any) -> Any:
        quotient = _divided(self.value, other.value)
        left = {d: _divided(v, other.value) for d, v in self.partials.items()}
        right = {d: _divided(-(quotient * v), other.value) for d, v in other.partials.items()}
        return self._make(quotient, _merge(left, right))

    def _power(self, n: int) -> Any:
        if n == 0:
            return self._make(self.value**0, {})
        return self._chain(self.value**n, n * self.value ** (n - 1))

    def exp(self) -> Any:
        e = np.exp(self.value)
        return self._chain(e, e)

    def tanh(self) -> Any:
        t = np.tanh(self.value)
        return self._chain(t, 1 - t * t)

    def log(self) -> Any:
        return self._chain(np.log(self.value), 1 / self.value)

    def sqrt(self) -> Any:
        root = np.sqrt(self.value)
        return self._chain(root, 1 / (2 * root))

    def sin(self) -> Any:
        return self._chain(np.sin(self.value), np.cos(self.value))

    def cos(self) -> Any:
        return self._chain(np.cos(self.value), -np.sin(self.value))

    def formal_key(self) -> Any:
        return self.value.formal_key() if isinstance(self.value, Scalar) else self.value

    def _sign(self) -> int:
        sign = sign_of(self.value)
        if sign == 0 and self.partials:
            raise UndecidedSign("the point lies on the border between two branches, where there may be no derivative")
        return sign

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {dict(self.partials)!r})"


def _divided(top: Any, bottom: Any) -> Any:
    return Fraction(top, bottom) if isinstance(top, int) and isinstance(bottom, int) else top / bottom


def _is_field_element(value: object) -> bool:
    """A foreign exact scalar, such as flint's fmpq, that duals may run over: it has arithmetic and is no container."""
    return hasattr(value, "__truediv__") and not isinstance(value, (np.ndarray, str))


def _merge(left: Partials, right: Partials) -> Partials:
    if not right:
        return left
    if not left:
        return right
    merged = dict(left)
    for direction, v in right.items():
        merged[direction] = merged[direction] + v if direction in merged else v
    return merged


def sign_of(x: Any) -> int:
    """-1, 0 or 1. Raises what the number system raises when it cannot tell."""
    return x._sign() if isinstance(x, Scalar) else int(x > 0) - int(x < 0)


def value_of(x: Any) -> Any:
    """The value of a dual; anything else is its own value."""
    return x.value if isinstance(x, Dual) else x


def partial(x: Any, direction: Hashable) -> Any:
    """The derivative of `x` in a direction: 0 for a direction, or a number, that it does not depend on."""
    return x.partials.get(direction, 0) if isinstance(x, Dual) else 0


def seed(values: Any, name: Hashable, level: int = 0) -> Any:
    """Make each entry of an array (or a scalar) a dual with direction ``(name, *index)``, or ``(name,)`` for a
    scalar."""
    if not isinstance(values, np.ndarray):
        return Dual(values, {(name,): 1}, level)
    seeded = np.empty(values.shape, dtype=object)
    for index in np.ndindex(values.shape):
        seeded[index] = Dual(values[index], {(name, *index): 1}, level)
    return seeded


def jacobian(outputs: Sequence[Any], directions: Sequence[Hashable]) -> Any:
    """The matrix of derivatives, shape (outputs, directions), as an object array."""
    matrix = np.empty((len(outputs), len(directions)), dtype=object)
    for row, output in enumerate(outputs):
        for column, direction in enumerate(directions):
            matrix[row, column] = partial(output, direction)
    return matrix
