"""The one internal expression: an immutable tree. Everything that reads, prints or evaluates formulas speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Num:
    """An exact rational constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, with its indices: ``c[t-1]``."""

    name: str
    indices: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Add:
    """A sum of two or more terms."""

    terms: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Mul:
    """A product of two or more factors, in order (matrices do not commute)."""

    factors: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Neg:
    """The negative of an expression."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Div:
    """A quotient."""

    numerator: Expr
    denominator: Expr


@dataclass(frozen=True, slots=True)
class Pow:
    """A power."""

    base: Expr
    exponent: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A function, built in or uninterpreted, applied to arguments."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """``sum(body, index, low, high)``, both ends included."""

    body: Expr
    index: str
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix given by rows; entries may be blocks."""

    rows: tuple[tuple[Expr, ...], ...]


Expr = Num | Name | Add | Mul | Neg | Div | Pow | Call | Sum | Matrix


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct sub-expressions, left to right."""
    match expr:
        case Num():
            return ()
        case Name(_, indices):
            return indices
        case Add(parts) | Mul(parts) | Call(_, parts):
            return parts
        case Neg(operand):
            return (operand,)
        case Div(first, second) | Pow(first, second):
            return (first, second)
        case Sum(body, _, low, high):
            return (body, low, high)
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything in it."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def names(expr: Expr) -> frozenset[str]:
    """The variables and uninterpreted functions an expression mentions; a sum's own index is none of them."""
    found: set[str] = set()
    bound = {node.index for node in walk(expr) if isinstance(node, Sum)}
    for node in walk(expr):
        if isinstance(node, Name):
            found.add(node.name)
        elif isinstance(node, Call):
            found.add(node.function)
    return frozenset(found - bound)
