"""How far a formula reaches: a size up to which it could be right at every smaller one, and wrong beyond.

``x[4]`` is 0 wherever T is at most 3, and ``(T - 2)*(T - 3)`` at the two sizes that were tried. So what was found right
at small sizes is tried once more at one that is larger than the numbers in it can undo.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from refute.formula.expr import Add, Expr, Name, Num, Pow, Sum, children, names, walk

MOST = 1_000  # no size so large is tried


def reach(expr: Expr, sizes: frozenset[str]) -> int:
    """The size from which on a formula is what it is for all larger ones: beyond its indices and, where a size or an
    index is used as a number, beyond what the numbers beside it can undo."""
    nodes = [*_values(expr)]
    counting = _counting(nodes, sizes)
    return max(_farthest_index(nodes) + 1, _turns(expr, counting) + 2 if _any_counts(nodes, counting) else 0)


def counts(expr: Expr, sizes: frozenset[str]) -> bool:
    """Whether a formula uses a size or an index as a number."""
    nodes = [*_values(expr)]
    return _any_counts(nodes, _counting(nodes, sizes))


def quantities(expr: Expr, sizes: frozenset[str]) -> frozenset[str]:
    """The sizes that an expression uses as numbers, and neither in an index nor as an end of a sum: what it is, it is
    for any number in their place."""
    used = sizes.intersection(node.name for node in _values(expr) if node.__class__ is Name)
    return used and used.difference(*(names(part) for node in walk(expr) for part in _places(node)))


def _any_counts(nodes: Iterable[Expr], counting: frozenset[str]) -> bool:
    return any(_counts(node, counting) for node in nodes)


def farthest(expr: Expr, sizes: frozenset[str]) -> int:
    """A bound on the numbers in indices, ends of sums, and sums of a size and numbers: beyond them the formula names no
    node, and such a sum is not 0."""
    nodes = [*_values(expr)]
    counting = _counting(nodes, sizes)
    sums = (node for node in nodes if isinstance(node, Add))
    polynomials = (s for s in sums if _any_counts(_values(s, exponents=False), counting))
    return max(_farthest_index(nodes), max(map(height, polynomials), default=-1))


def _counting(nodes: Iterable[Expr], sizes: frozenset[str]) -> frozenset[str]:
    return sizes.union(node.index for node in nodes if isinstance(node, Sum) and not _is_fixed(node))


def _is_fixed(node: Sum) -> bool:
    """Whether a sum has a number of terms that depends on nothing."""
    return not (names(node.low) or names(node.high))


def _farthest_index(nodes: Iterable[Expr]) -> int:
    return max((height(place) for node in nodes for place in _places(node)), default=-1)


def height(expr: Expr) -> int:
    """A bound on the coefficients of an expression, as a polynomial in the names in it, and so (Cauchy) on its roots;
    `MOST` if it is larger."""
    match expr:
        case Num(value):
            found = max(abs(value.numerator), value.denominator)
        case Name():
            found = 1
        case Add(terms):
            found = sum(map(height, terms))
        case Pow(base, Num(value)) if 0 <= value <= MOST and value.denominator == 1:
            found = height(base) ** int(value)
        case Sum(body, _, low, high):
            found = height(body) * (1 + height(low) + height(high))
        case _:
            found = prod(max(height(part), 1) for part in children(expr))
    return min(found, MOST)


def _turns(expr: Expr, sizes: frozenset[str]) -> int:
    """A size beyond which an expression does not come back to what it was: of a product no larger than for its factors
    together, each of which is a whole number not 0 there, or grows."""
    match expr:
        case Name(name, ()) if name in sizes:
            return 1
        case _ if not _any_counts(_values(expr), sizes):
            return height(expr) - 1
        case Add(terms):
            return min(sum(_turns(term, sizes) + 1 for term in terms), MOST)
        case Sum(body, _, low, high):
            return min(_turns(body, sizes) + height(low) + height(high), MOST)
    return min(sum(_turns(part, sizes) for part in children(expr)), MOST)


def _places(node: Expr) -> tuple[Expr, ...]:
    """The indices of a name, and the ends of a sum."""
    match node:
        case Name(_, indices):
            return indices
        case Sum(_, _, low, high):
            return low, high
    return ()


def _values(expr: Expr, *, exponents: bool = True) -> Iterator[Expr]:
    """The parts of an expression but for those that are indices or ends of sums."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Sum(body, _, _, _):
                waiting.append(body)
            case Pow(base, _) if not exponents:
                waiting.append(base)
            case Name():
                pass
            case _:
                waiting += children(node)


def _counts(node: Expr, sizes: frozenset[str] | set[str]) -> bool:
    """Whether a part is a size as a number, or a sum over sizes of things that do not depend on its index."""
    match node:
        case Name(name, ()):
            return name in sizes
        case Sum(body, index, _, _) if not _is_fixed(node):
            return not any(Name(index) in walk(place) for part in walk(body) for place in _places(part))
    return False
