"""Generators for the tests of the engine: exact rationals, expressions and their rewritings, matrices, graphs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from refute.numbers.balls import Balls
from refute.numbers.scalar import Exact

VARIABLES = ("x", "y")
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sinh": np.sinh,
    "cosh": np.cosh, "expm1": np.expm1, "log1p": np.log1p,
}  # fmt: skip
RATIONAL = ("+", "-", "*", "/")
EXPONENTIAL = (*RATIONAL, "exp", "tanh", "sinh", "cosh", "expm1")
SMOOTH = (*EXPONENTIAL, "sin", "cos")
ELEMENTARY = tuple(FUNCTIONS)


@dataclass(frozen=True)
class Expression:
    """A constant, a variable's name, or a function of expressions. Calling it evaluates it in a number system."""

    head: str | Exact
    parts: tuple[Expression, ...] = ()

    def __call__(self, system: Any, variables: Mapping[str, Any]) -> Any:
        if self.parts:
            assert isinstance(self.head, str)
            return FUNCTIONS[self.head](*(part(system, variables) for part in self.parts))
        return variables[self.head] if isinstance(self.head, str) else system.number(self.head)

    def nodes(self) -> list[Expression]:
        """The expression and all its parts, at every depth."""
        return [self, *(node for part in self.parts for node in part.nodes())]

    def __repr__(self) -> str:
        if len(self.parts) == 2:
            return f"({self.parts[0]} {self.head} {self.parts[1]})"
        return f"{self.head}({self.parts[0]})" if self.parts else str(self.head)


def apply(head: str, *parts: Expression) -> Expression:
    """A function of expressions."""
    return Expression(head, parts)


def rationals(bound: int = 4) -> SearchStrategy[Fraction]:
    """Rationals within `bound`, with small denominators."""
    return st.fractions(-bound, bound, max_denominator=16)


def nonzero_rationals(bound: int = 4) -> SearchStrategy[Fraction]:
    """Rationals within `bound` other than 0."""
    return rationals(bound).filter(bool)


def dyadics(bound: int = 4) -> SearchStrategy[Fraction]:
    """Rationals within `bound` that binary32 holds exactly."""
    return st.integers(-64 * bound, 64 * bound).map(lambda n: Fraction(n, 64))


def points(values: SearchStrategy[Fraction] | None = None) -> SearchStrategy[dict[str, Fraction]]:
    """A value for every variable."""
    return st.fixed_dictionaries(dict.fromkeys(VARIABLES, rationals() if values is None else values))


def expressions(
    functions: tuple[str, ...], constants: SearchStrategy[Fraction] | None = None, max_leaves: int = 6
) -> SearchStrategy[Expression]:
    """Expressions in the variables, made of `functions` and of `constants` (any rationals when None)."""
    unary = [head for head in functions if head not in RATIONAL]
    binary = [head for head in functions if head in RATIONAL]

    def extend(inner: SearchStrategy[Expression]) -> SearchStrategy[Expression]:
        ways = [
            st.builds(apply, st.sampled_from(heads), *[inner] * n) for n, heads in ((1, unary), (2, binary)) if heads
        ]
        return st.one_of(ways)

    leaves = st.one_of(st.sampled_from(VARIABLES), rationals() if constants is None else constants)
    return st.recursive(leaves.map(Expression), extend, max_leaves=max_leaves)


def is_moderate(expression: Expression, point: Mapping[str, Fraction]) -> bool:
    """Whether no part of an expression is beyond a million at a point. On towers of exponentials mpmath never ends."""
    balls = Balls(64)
    at = {name: balls.number(value) for name, value in point.items()}
    try:
        return all(abs(node(balls, at).arb) < 10**6 for node in expression.nodes())
    except ZeroDivisionError:
        return False


TWO = Expression(2)


def _tanh_by_exp(u: Expression) -> Expression:
    e = apply("exp", apply("*", TWO, u))
    return apply("/", apply("-", e, Expression(1)), apply("+", e, Expression(1)))


def _square_of_half(u: Expression) -> Expression:
    half = apply("exp", apply("/", u, TWO))
    return apply("*", half, half)


def _half_sum(u: Expression, sign: str) -> Expression:
    negated = apply("exp", apply("-", Expression(0), u))
    return apply("/", apply(sign, apply("exp", u), negated), TWO)


REWRITINGS: Mapping[str, Callable[..., Expression]] = {
    "+": lambda u, v: apply("+", v, u),
    "*": lambda u, v: apply("*", v, u),
    "-": lambda u, v: apply("+", u, apply("*", Expression(-1), v)),
    "/": lambda u, v: apply("*", apply("/", Expression(1), v), u),
    "exp": _square_of_half,
    "tanh": _tanh_by_exp,
    "sinh": lambda u: _half_sum(u, "-"),
    "cosh": lambda u: _half_sum(u, "+"),
    "expm1": lambda u: apply("-", apply("exp", u), Expression(1)),
}


def rewritten(expression: Expression) -> Expression:
    """The same function, every part of it written by another identity."""
    if not expression.parts:
        return expression
    return REWRITINGS[str(expression.head)](*map(rewritten, expression.parts))


def square_matrices(entries: SearchStrategy[Any], most: int = 4) -> SearchStrategy[list[list[Any]]]:
    """Square matrices, as lists of rows, of at most so many rows."""

    def rows(n: int) -> SearchStrategy[list[list[Any]]]:
        return st.lists(st.lists(entries, min_size=n, max_size=n), min_size=n, max_size=n)

    return st.integers(1, most).flatmap(rows)


def graphs(most: int = 8) -> SearchStrategy[list[list[int]]]:
    """Graphs without cycles: for each node the nodes before it, at most two, that it is made from."""

    def operands(n: int) -> SearchStrategy[list[list[int]]]:
        before = [st.lists(st.integers(0, i - 1), max_size=2) if i else st.just([]) for i in range(n)]
        return st.tuples(*before).map(list)

    return st.integers(1, most).flatmap(operands)
