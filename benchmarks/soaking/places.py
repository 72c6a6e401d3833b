"""Places in a formula: each one that holds a formula of its own, and another put there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Neg, Pow, Sum


def positions(
    expr: Expr, bound: frozenset[str], path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], Expr, frozenset[str]]]:
    """Every place in a formula but indices, exponents and the ends of sums, with the indices that are bound there."""
    yield path, expr, bound
    if isinstance(expr, Sum):
        bound = bound | {expr.index}
    for i, part in enumerate(operands(expr)):
        yield from positions(part, bound, (*path, i))


def operands(expr: Expr) -> tuple[Expr, ...]:
    """The parts of a formula that are formulas of their own."""
    match expr:
        case Add(parts) | Mul(parts) | Call(_, parts):
            return parts
        case Neg(part) | Pow(part, _) | Sum(part, _, _, _):
            return (part,)
        case Div(top, bottom):
            return top, bottom
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
    return ()


def placed(expr: Expr, path: tuple[int, ...], part: Expr) -> Expr:
    """The formula with one part in another's place."""
    if not path:
        return part
    parts = list(operands(expr))
    parts[path[0]] = placed(parts[path[0]], path[1:], part)
    match expr:
        case Add() | Mul():
            return type(expr)(tuple(parts))
        case Call(function, _):
            return Call(function, tuple(parts))
        case Neg():
            return Neg(parts[0])
        case Pow(_, exponent):
            return Pow(parts[0], exponent)
        case Sum():
            return replace(expr, body=parts[0])
        case Div():
            return Div(*parts)
        case Matrix(rows):
            width = len(rows[0])
            return Matrix(tuple(tuple(parts[i : i + width]) for i in range(0, len(parts), width)))
    raise AssertionError(f"{expr} has no parts")
