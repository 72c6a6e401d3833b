"""Which indices a name has: in brackets, below, above or beside it, or none, which are those of the sum around."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from refute.formula.expr import Add, Expr, Mul, Name, Neg, Num
from refute.formula.scripts import bare, flat, is_index, mentions, parts_of
from refute.formula.surface import Group, Node, Number, Row, Scripted, Series, Signed, Symbol

if TYPE_CHECKING:
    from refute.formula.resolve import Resolver


def index(resolver: Resolver, node: Node) -> Expr:
    """An index or an end of a sum. Raises FormulaError unless it is made of index variables, sizes and numbers."""
    match node:
        case Number(value) if value.denominator == 1:
            return Num(value)
        case Symbol() if resolver.is_known_index(flat(node) or "") or (resolver.vocabulary.is_open and flat(node)):
            return Name(resolver.renamed(flat(node) or ""))
        case Series(terms):
            parts = [Neg(index(resolver, term)) if sign == "-" else index(resolver, term) for sign, term in terms]
            return Add(tuple(parts))
        case Row(items) if all(operator != "/" for operator, _ in items):
            return Mul(tuple(index(resolver, item) for _, item in items))
        case Signed(sign, operand):
            return Neg(index(resolver, operand)) if sign == "-" else index(resolver, operand)
        case Group(_, [inner]):
            return index(resolver, inner)
    return _no_index(resolver, node)


def split(node: Node, arity: int) -> list[Node]:
    """``i,j`` or, for two indices, ``ij``."""
    places, inner = parts_of(node), bare(node)
    if arity > 1 and len(places) == 1 and isinstance(inner, Row) and len(inner.items) == arity:
        return [item for _, item in inner.items]
    return places


def above(resolver: Resolver, script: Node, arity: int, name: str) -> tuple[list[Node] | None, Node | None]:
    """Whether what is above is an index or a power, or one after the other: ``c^{(t)2}``."""
    inner = bare(script)
    if isinstance(inner, Row) and isinstance(inner.items[0][1], Group) and len(inner.items) > 1:
        head = inner.items[0][1]
        rest = inner.items[1:]
        if rest[0][0] == "" and all(is_index(part, resolver.is_known_index) for part in parts_of(head)):
            return parts_of(head), rest[0][1] if len(rest) == 1 else Row(rest)
    if isinstance(inner, Row) and _is_power_before_index(resolver, inner):
        resolver.note(f"the {flat(inner.items[0][1])} before the index above {name} was read as a power")
        return parts_of(inner.items[1][1]), inner.items[0][1]
    places = split(script, arity)
    is_round = isinstance(inner, Group) and inner.kind == "(" and (resolver.is_latex or _is_raised(inner))
    if not all(is_index(place, resolver.is_known_index) for place in places):
        return (places, None) if is_round else (None, script)
    has_variable = any(mentions(place, resolver.is_variable) for place in places)
    if has_variable or is_round:
        return places, None
    if mentions(inner, lambda base: base == "T" and resolver.is_known_index(base)):
        resolver.note(f"{name}^T was read as {name}[T]")
        return places, None
    return None, script


def is_step(resolver: Resolver, node: Node) -> bool:
    """Whether a script is an index with an index variable in it."""
    inner = bare(node)
    return is_index(inner, resolver.is_known_index) and mentions(inner, resolver.is_variable)


def _is_power_before_index(resolver: Resolver, row: Row) -> bool:
    """``g^{2(t+1)}``."""
    match row.items:
        case [(_, Number()), ("", Group("(", [inner]))]:
            return is_step(resolver, inner)
    return False


def beside(resolver: Resolver, node: Node, arity: int) -> tuple[list[Node] | None, Node | None]:
    """``h[t]`` in LaTeX, and ``h(t+1)``: a bracket with an index variable in it and nothing else."""

    def is_only_variable(base: str) -> bool:
        return resolver.is_variable(base) and base not in resolver.names

    outer = node.sup if isinstance(node, Scripted) else None
    group = node.base if isinstance(node, Scripted) and node.sub is None else node
    if not isinstance(group, Group) or group.kind not in ("(", "[") or len(group.items) != arity:
        return None, None
    if not all(is_index(item, resolver.is_known_index) for item in group.items):
        return None, None
    if group.kind == "[" or any(mentions(item, is_only_variable) for item in group.items):
        return group.items, outer
    return None, None


def omitted(resolver: Resolver, symbol: Symbol, name: str, arity: int) -> tuple[Expr, ...]:
    """The index of the innermost sum, else that of the node asked for."""
    from refute.formula.show import text  # printing needs no reading

    own = resolver.vocabulary.own_node
    if resolver.scope and arity == 1:
        indices: tuple[Expr, ...] = (Name(resolver.scope[-1][1]),)
    elif own is not None and len(own.indices) == arity:
        indices = own.indices
    elif own is None and arity == 1 and len(resolver.vocabulary.single) == 1:
        indices = (Name(resolver.vocabulary.single[0]),)
    else:
        shape = ("t", "i, j")[arity > 1]
        resolver.fail(symbol, f"an index of {name}", got="none", example=f"{name}[{shape}]")
    resolver.note(f"{name} without an index was read as {text(Name(name, indices))}")
    return indices


def _no_index(resolver: Resolver, node: Node) -> NoReturn:
    """Raise FormulaError: an index has something else in it."""
    sums = (written for written, _ in resolver.scope)
    known = sorted({*resolver.vocabulary.variables, *sums, *resolver.vocabulary.sizes})
    resolver.fail(node, f"an index made of {', '.join([*known, 'whole numbers'])}", "an index cannot be read")


def _is_raised(group: Group) -> bool:
    """Whether a bracket is one written in raised letters, ``⁽¹⁾``: it is in a bracket of its own."""
    return len(group.items) == 1 and isinstance(group.items[0], Group)
