"""How far a formula reaches: a size up to which it could be right at every smaller one, and wrong beyond.

``x[4]`` is 0 wherever T is at most 3, and ``(T - 2)*(T - 3)`` at the two sizes that were tried. So what was found right
at small sizes is tried once more at one that is larger than the numbers in it can undo.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from refute.formula.expr import Add, Expr, Matrix, Mul, Name, Num, Pow, Sum, children, walk

ZERO = Fraction(0)
MOST = 1_000  # no size so large is tried


def reach(expr: Expr, sizes: frozenset[str]) -> int:
    """The size from which on a formula is what it is for all larger ones: beyond the indices that are written in it
    and, where a size or an index is used as a number, beyond the roots of any polynomial in it (Cauchy's bound)."""
    nodes = list(walk(expr))
    found = max((height(place) + 1 for node in nodes for place in _places(node)), default=0)
    counting = sizes | {node.index for node in nodes if isinstance(node, Sum)}
    for part in (expr, *(node.exponent for node in nodes if isinstance(node, Pow))):
        if any(_counts(node, counting) for node in _values(part)):
            found = max(found, height(part) + 2)
    return found


def height(expr: Expr) -> int:
    """A bound on the coefficients of an expression, as a polynomial in the names in it; `MOST` if it is larger."""
    match expr:
        case Num(value):
            found = max(abs(value.numerator), value.denominator)
        case Name():
            found = 1
        case Add(terms):
            found = sum(map(height, terms))
        case Pow(base, Num(value)) if 0 <= value <= MOST and value.denominator == 1:
            found = height(base) ** int(value)
        case Pow(base, _):
            found = height(base)
        case Mul(factors) if Num(ZERO) in factors:
            found = 0
        case Matrix():
            found = max(map(height, children(expr)))
        case Sum(body, _, low, high):
            found = height(body) * (1 + height(low) + height(high))
        case _:
            found = prod(max(height(part), 1) for part in children(expr))
    return min(found, MOST)


def _places(node: Expr) -> tuple[Expr, ...]:
    """The indices of a name, and the ends of a sum."""
    match node:
        case Name(_, indices):
            return indices
        case Sum(_, _, low, high):
            return low, high
    return ()


def _values(expr: Expr) -> Iterator[Expr]:
    """The parts of an expression but for those that are indices, ends of sums or exponents, or multiplied by 0."""
    waiting = [expr]
    while waiting:
        match node := waiting.pop():
            case Sum(body, _, _, _):
                waiting.append(body)
            case Pow(base, _):
                waiting.append(base)
            case Name():
                pass
            case Mul(factors) if Num(ZERO) in factors:
                continue
            case _:
                waiting += children(node)
        yield node


def _counts(node: Expr, sizes: frozenset[str] | set[str]) -> bool:
    """Whether a part is a size as a number, or a sum of things that do not depend on its index."""
    match node:
        case Name(name, ()):
            return name in sizes
        case Sum(body, index, _, _):
            return not any(Name(index) in walk(place) for part in walk(body) for place in _places(part))
    return False
