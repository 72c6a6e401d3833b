"""Compile an expression into a function of an environment, to be run in any number system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum
from refute.numbers.scalar import Exact

Environment = Mapping[str, Any]
Evaluator = Callable[[Environment], Any]
Number = Callable[[Exact], Any]


class Indexed(Protocol):
    """What a name with indices stands for: ``c[t-1]`` asks for ``at(t - 1)``."""

    def at(self, *index: int) -> Any: ...


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _log2(z: Any) -> Any:
    return np.log(z) / np.log(z * 0 + 2)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sigmoid": _sigmoid,
    "sigma": _sigmoid,
    "tanh": np.tanh,
    "exp": np.exp,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sech": lambda z: 1 / np.cosh(z),
    "log": np.log,
    "log2": _log2,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "abs": abs,
    "max": np.maximum,
    "min": np.minimum,
    "transpose": np.transpose,
}


def as_is(value: Exact) -> Exact:
    """The identity: leaves constants exact rationals."""
    return value


def compile_expr(expr: Expr, number: Number = as_is) -> Evaluator:
    """A function from an environment to the value of `expr`.

    Names without indices are looked up as they are; a name with indices asks ``environment[name].at(*indices)``. A
    function that is not built in is looked up too. `number` makes the number system's constants; indices, the ends of
    sums and exponents stay exact. A product of two matrices, or of a matrix and a vector, is the matrix product.
    Evaluation raises KeyError for a name the environment lacks.
    """

    def build(node: Expr) -> Evaluator:
        return compile_expr(node, number)

    match expr:
        case Num(value):
            constant = number(_integer_if_whole(value))
            return lambda env: constant
        case Name(name, ()):
            return lambda env: env[name]
        case Name(name, indices):
            at = tuple(compile_expr(index) for index in indices)
            return lambda env: env[name].at(*(index(env) for index in at))
        case Add(terms):
            first, *others = map(build, terms)
            return lambda env: _fold(_plus, first, others, env)
        case Mul(factors):
            first, *others = map(build, factors)
            return lambda env: _fold(_times, first, others, env)
        case Neg(operand):
            value_of = build(operand)
            return lambda env: -value_of(env)
        case Div(numerator, denominator):
            top, bottom = build(numerator), build(denominator)
            return lambda env: _divide(top(env), bottom(env))
        case Pow(base, exponent):
            base_of, exponent_of = build(base), compile_expr(exponent)
            return lambda env: base_of(env) ** exponent_of(env)
        case Call(function, arguments):
            parts = tuple(map(build, arguments))
            known = FUNCTIONS.get(function)
            return lambda env: (known or env[function])(*(part(env) for part in parts))
        case Sum(body, index, low, high):
            return _compile_sum(build(body), index, compile_expr(low), compile_expr(high), number)
        case Matrix(rows):
            blocks = [[_zero_block if entry == _ZERO else build(entry) for entry in row] for row in rows]
            return lambda env: block_matrix([[entry(env) for entry in row] for row in blocks])


def _compile_sum(body: Evaluator, index: str, low: Evaluator, high: Evaluator, number: Number) -> Evaluator:
    def total(env: Environment) -> Any:
        result = number(0)
        for i in range(low(env), high(env) + 1):
            result = result + body({**env, index: i})
        return result

    return total


def _fold(operation: Callable[[Any, Any], Any], first: Evaluator, others: list[Evaluator], env: Environment) -> Any:
    result = first(env)
    for other in others:
        result = operation(result, other(env))
    return result


def _plus(left: Any, right: Any) -> Any:
    return left + right


def _times(left: Any, right: Any) -> Any:
    is_product_of_matrices = np.ndim(left) == 2 and np.ndim(right) in (1, 2)
    return left @ right if is_product_of_matrices else left * right


def _divide(top: Any, bottom: Any) -> Any:
    if isinstance(top, int) and isinstance(bottom, int):
        return _integer_if_whole(Fraction(top, bottom))
    return top / bottom


def _integer_if_whole(value: Fraction) -> Exact:
    return value.numerator if value.denominator == 1 else value


def block_matrix(rows: list[list[Any]]) -> Any:
    """Join blocks into one matrix; a plain 0 (or 1 by 1 number) beside larger blocks stands for a zero block.

    Raises ValueError when a row's blocks differ in height, a column's in width, or a number other than 0 stands for a
    block.
    """
    heights = [max((np.shape(entry)[0] for entry in row if np.ndim(entry) == 2), default=1) for row in rows]
    widths = [
        max((np.shape(entry)[1] for entry in column if np.ndim(entry) == 2), default=1)
        for column in zip(*rows, strict=True)
    ]
    filled = [
        [_block(entry, height, width) for entry, width in zip(row, widths, strict=True)]
        for row, height in zip(rows, heights, strict=True)
    ]
    return np.block(filled)


def _block(entry: Any, height: int, width: int) -> Any:
    if np.ndim(entry) == 2:
        return entry
    if height == width == 1:
        return np.array([[entry]], dtype=object)
    if isinstance(entry, int) and entry == 0:
        return np.full((height, width), 0, dtype=object)
    raise ValueError(f"expected a block of {height} by {width}, got the number {entry!r}; write {entry!r}*I")


_ZERO = Num(Fraction(0))


def _zero_block(env: Environment) -> Any:
    return 0  # exact in every number system, so a literal 0 needs no number system of its own
