"""How large a power an answer may ask for: an answer must not be able to keep a machine busy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn

from refute.formula.expr import Add, Div, Expr, Mul, Neg, Num, Pow, children, walk
from refute.numbers.scalar import Exact

MAX_EXPONENT = 1_000


def check_power(base: Expr, exponent: Expr, refuse: Callable[[str, str], NoReturn], *, has_sizes: bool) -> None:
    """Call `refuse` with what is expected and what was got if base^exponent asks for too much.

    The exponents of powers in one another multiply. Where a name may be a size, no exponent has a power with an unknown
    exponent in it: with sizes up to 50 the largest exponent is then a number of moderate length.
    """
    value = literal(exponent)
    if value is None:
        if has_sizes and has_open_power(exponent):
            refuse("an exponent without a power of unknown height in it", "a power in an exponent")
        return
    total = max(_size(value), 1) * height(base)
    if total > MAX_EXPONENT:
        refuse(f"an exponent of at most {MAX_EXPONENT}", _shown(total))


def has_open_power(expr: Expr) -> bool:
    """Whether an expression has a power whose exponent is no number."""
    return any(isinstance(node, Pow) and literal(node.exponent) is None for node in walk(expr))


def _shown(value: Exact) -> str:
    return f"{value}" if value < 10**12 else "one beyond 10^12"


def height(expr: Expr) -> Exact:
    """The largest product of literal exponents in one another, at least 1."""
    inner: Exact = 1
    for child in children(expr):
        inner = max(inner, height(child))
    return inner * max(_size(literal(expr.exponent) or 1), 1) if isinstance(expr, Pow) else inner


def literal(expr: Expr) -> Exact | None:
    """The value of an expression of numbers only, at most 10^12 in size; None if it has a variable."""
    match expr:
        case Num(value):
            return _bounded(value.numerator if value.denominator == 1 else value)
        case Neg(operand):
            value_of = literal(operand)
            return None if value_of is None else -value_of
        case Add(parts) | Mul(parts):
            total: Exact = int(isinstance(expr, Mul))
            for part in map(literal, parts):
                if part is None:
                    return None
                total = _bounded(total * part if isinstance(expr, Mul) else total + part)
            return total
        case Div(top, bottom):
            first, second = literal(top), literal(bottom)
            if first is None or second is None:
                return None
            return first if second == 0 else _bounded(Fraction(first) / second)
        case Pow(base, exponent):
            first, second = literal(base), literal(exponent)
            if first is None or second is None:
                return None
            if second.denominator != 1 or _size(second) > 40 or first == 0:
                return _LARGE
            return _bounded(Fraction(first) ** int(second))
    return None


_LARGE = 10**12


def _bounded(value: Exact) -> Exact:
    return min(max(value, -_LARGE), _LARGE)


def _size(value: Exact) -> Exact:
    return -value if value < 0 else value
