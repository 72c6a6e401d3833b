"""Expressions as Hypothesis draws them, and their values in the numbers of another library, by a walk of the tree that
shares no code with the compiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

from hypothesis import strategies as st

from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum

Expressions = st.SearchStrategy[Expr]

VARIABLES = st.sampled_from(("x", "y", "beta", "h_bar", "w_ix_bar", "L_h", "T"))
FUNCTIONS = st.sampled_from(("tanh", "sigmoid", "phi", "grad_J", "log2"))
INDICES = st.sampled_from(("t", "k"))
DECIMALS = st.builds(lambda n, places: Num(Fraction(n, 10**places)), st.integers(0, 10**45), st.integers(0, 50))
NUMBERS = st.builds(Num, st.integers(0, 30).map(Fraction)) | DECIMALS


def canonical(*, sums: bool = True) -> Expressions:
    """Any tree that reading can give: numbers are decimals >= 0, and no sum begins with a sum nor a product with a
    product."""
    leaves: Expressions = NUMBERS | VARIABLES.map(Name)
    return st.recursive(leaves, lambda inner: st.one_of(*_nodes(inner, sums=sums)), max_leaves=12)


def _nodes(inner: Expressions, *, sums: bool) -> list[Expressions]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    nodes: list[Expressions] = [
        *_arithmetic(inner),
        st.builds(Pow, inner, inner),
        st.builds(Name, VARIABLES, several),
        st.builds(Call, FUNCTIONS, several),
        st.builds(Matrix, st.lists(several, min_size=1, max_size=2).map(tuple)),
    ]
    return [*nodes, st.builds(Sum, inner, INDICES, inner, inner)] if sums else nodes


def _arithmetic(inner: Expressions) -> list[Expressions]:
    return [_series(inner, Add), _series(inner, Mul), st.builds(Neg, inner), st.builds(Div, inner, inner)]


def _series(inner: Expressions, node: type[Add] | type[Mul]) -> Expressions:
    def build(first: Expr, others: list[Expr]) -> Expr:
        return node((first, *others))

    first = inner.filter(lambda expr: not isinstance(expr, node))
    return st.builds(build, first, st.lists(inner, min_size=1, max_size=3))


def rational() -> Expressions:
    """Rational expressions of the variables x and y and the sequence c, with sums over t and k inside one another."""
    near = st.builds(lambda index, shift: Add((Name(index), shift)), INDICES, st.integers(0, 2).map(_number))
    leaves: Expressions = st.one_of(
        st.integers(0, 4).map(_number),
        st.sampled_from(("x", "y", "t", "k")).map(Name),
        st.builds(lambda index: Name("c", (index,)), near),
    )
    powers = st.integers(0, 3).map(_number) | st.integers(1, 2).map(_number).map(Neg)

    def extend(inner: Expressions) -> Expressions:
        sums = st.builds(Sum, inner, INDICES, st.integers(0, 2).map(_number), st.integers(0, 3).map(_number))
        return st.one_of(*_arithmetic(inner), st.builds(Pow, inner, powers), sums)

    return st.recursive(leaves, extend, max_leaves=10)


def smooth() -> Expressions:
    """Expressions of x and y with functions that stay small, or of small arguments."""
    leaves: Expressions = st.sampled_from(("x", "y")).map(Name) | st.integers(0, 4).map(_number)
    steep = st.builds(lambda f, x: Call(f, (x,)), st.sampled_from(("exp", "sinh", "cosh", "abs")), leaves)

    def extend(inner: Expressions) -> Expressions:
        bounded = st.sampled_from(("tanh", "sigmoid", "sigma", "sech", "sin", "cos"))
        larger = st.builds(lambda f, x, y: Call(f, (x, y)), st.sampled_from(("max", "min")), leaves, leaves)
        return st.one_of(*_arithmetic(inner)[:3], st.builds(lambda f, x: Call(f, (x,)), bounded, inner), larger)

    return st.recursive(leaves | steep, extend, max_leaves=8)


def _number(value: int) -> Num:
    return Num(Fraction(value))


def value(
    expr: Expr,
    environment: Mapping[str, Any],
    number: Callable[[Fraction], Any],
    functions: Mapping[str, Callable[..., Any]],
) -> Any:
    """What an expression is worth in the numbers of another library, that `number` makes. A name with indices stands
    for a dictionary, 0 where it has no entry. Raises ZeroDivisionError."""

    def of(part: Expr, **more: Any) -> Any:
        return value(part, {**environment, **more}, number, functions)

    match expr:
        case Num(constant):
            return number(constant)
        case Name(name, ()):
            return environment[name]
        case Name(name, indices):
            return environment[name].get(tuple(int(of(index)) for index in indices), number(Fraction(0)))
        case Add(terms):
            return reduce(add, map(of, terms))
        case Mul(factors):
            return reduce(mul, map(of, factors))
        case Neg(operand):
            return number(Fraction(0)) - of(operand)
        case Div(numerator, denominator):
            return _quotient(of(numerator), of(denominator))
        case Pow(base, exponent):
            n = int(of(exponent))
            power = reduce(mul, [of(base)] * abs(n), number(Fraction(1)))
            return power if n >= 0 else _quotient(number(Fraction(1)), power)
        case Call(function, arguments):
            return functions[function](*map(of, arguments))
        case Sum(body, index, low, high):
            steps = range(int(of(low)), int(of(high)) + 1)
            return sum((of(body, **{index: number(Fraction(i))}) for i in steps), start=number(Fraction(0)))
        case Matrix():
            raise NotImplementedError("matrices have an oracle of their own")


def _quotient(top: Any, bottom: Any) -> Any:
    if bottom == 0:
        raise ZeroDivisionError
    return top / bottom
