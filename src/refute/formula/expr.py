"""The one internal expression: an immutable tree. Everything that reads, prints or evaluates formulas speaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple


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
    return _CHILDREN[expr.__class__](expr)


_CHILDREN: dict[type, Callable[[Any], tuple[Expr, ...]]] = {
    Num: lambda number: (),
    Name: lambda name: name.indices,
    Add: lambda add: add.terms,
    Mul: lambda mul: mul.factors,
    Neg: lambda neg: (neg.operand,),
    Div: lambda div: (div.numerator, div.denominator),
    Pow: lambda power: (power.base, power.exponent),
    Call: lambda call: call.arguments,
    Sum: lambda total: (total.body, total.low, total.high),
    Matrix: lambda matrix: tuple(entry for row in matrix.rows for entry in row),
}


def with_children(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
    """The expression with other children."""
    match expr:
        case Name(name, _):
            return Name(name, parts)
        case Add() | Mul():
            return type(expr)(parts)
        case Neg():
            return Neg(parts[0])
        case Div() | Pow():
            return type(expr)(parts[0], parts[1])
        case Call(function, _):
            return Call(function, parts)
        case Sum(_, index, _, _):
            return Sum(parts[0], index, parts[1], parts[2])
        case Matrix(rows):
            width = len(rows[0])
            return Matrix(tuple(parts[r : r + width] for r in range(0, len(parts), width)))
        case Num():
            raise ValueError("a number has no parts")


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything in it."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)[::-1]


def substitute(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with names without indices, index variables above all, replaced; a sum's own index stays."""
    match expr:
        case Name(name, ()) if name in values:
            return values[name]
        case Sum(body, index, low, high):
            inner = {name: value for name, value in values.items() if name != index}
            return Sum(substitute(body, inner), index, substitute(low, values), substitute(high, values))
        case Name(name, indices):
            return Name(name, tuple(substitute(i, values) for i in indices))
        case Num():
            return expr
        case Add(parts) | Mul(parts):
            return type(expr)(tuple(substitute(part, values) for part in parts))
        case Call(function, arguments):
            return Call(function, tuple(substitute(argument, values) for argument in arguments))
        case Neg(operand):
            return Neg(substitute(operand, values))
        case Div(first, second) | Pow(first, second):
            return type(expr)(substitute(first, values), substitute(second, values))
        case Matrix(rows):
            return Matrix(tuple(tuple(substitute(entry, values) for entry in row) for row in rows))


class Mentioned(NamedTuple):
    """The variables and uninterpreted functions of an expression, those of them with indices, and whether it has
    sums."""

    names: frozenset[str]
    indexed: frozenset[str]
    has_sums: bool


def names(expr: Expr) -> frozenset[str]:
    """The variables and uninterpreted functions an expression mentions; a sum's own index is none in its body."""
    return mentioned(expr).names


def mentioned(expr: Expr) -> Mentioned:
    """What an expression mentions."""
    found: set[str] = set()
    indexed: set[str] = set()
    has_sums = False
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name):
            found.add(node.name)
            if node.indices:
                indexed.add(node.name)
                waiting += node.indices
        elif isinstance(node, Call):
            found.add(node.function)
            waiting += node.arguments
        elif isinstance(node, Sum):
            inner, more, _ = mentioned(node.body)
            found |= inner - {node.index}
            indexed |= more
            waiting += node.low, node.high
            has_sums = True
        elif not isinstance(node, Num):
            waiting += children(node)
    return Mentioned(frozenset(found), frozenset(indexed), has_sums)
