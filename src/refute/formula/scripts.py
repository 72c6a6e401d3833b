"""What hangs on a symbol: whether a script is an index, a power, a transpose, or part of the name."""

from __future__ import annotations

from collections.abc import Callable

from refute.formula.surface import Group, Node, Number, Row, Series, Signed, Symbol

Is = Callable[[str], bool]


def bare(node: Node) -> Node:
    """The node without braces around it."""
    while isinstance(node, Group) and node.kind == "{" and len(node.items) == 1:
        node = node.items[0]
    return node


def flat(node: Node | None) -> str | None:
    """Letters and digits side by side, as ``ix`` in ``w_{ix}``, and ``t'``; None for anything else."""
    if node is None:
        return None
    node = bare(node)
    if isinstance(node, Symbol):
        return None if node.sub or node.sup or node.has_bar or node.indices else node.base + "'" * node.primes
    if isinstance(node, Number):
        return str(node.value) if node.value.denominator == 1 else None
    if isinstance(node, Row) and all(operator == "" for operator, _ in node.items):
        parts = [flat(item) for _, item in node.items]
        return None if None in parts else "".join(part or "" for part in parts)
    return None


def parts_of(node: Node) -> list[Node]:
    """The members of ``i,j``, in brackets or not; a single index is a list of one."""
    node = bare(node)
    if isinstance(node, Group) and node.kind in ("(", "{", "["):
        return node.items
    return [node]


def is_index(node: Node, is_known: Is) -> bool:
    """Whether a node is made of known index variables and sizes, and whole numbers."""
    match node:
        case Number(value):
            return value.denominator == 1
        case Symbol():
            return is_known(flat(node) or "")
        case Series(terms):
            return all(is_index(term, is_known) for _, term in terms)
        case Row(items):
            return all(operator != "/" and is_index(item, is_known) for operator, item in items)
        case Signed(_, operand):
            return is_index(operand, is_known)
        case Group(_, [inner]):
            return is_index(inner, is_known)
    return False


def mentions(node: Node, is_wanted: Is) -> bool:
    """Whether an index mentions a symbol of some kind."""
    match node:
        case Symbol():
            return is_wanted(flat(node) or "")
        case Series(pairs) | Row(pairs):
            return any(mentions(part, is_wanted) for _, part in pairs)
        case Signed(_, operand):
            return mentions(operand, is_wanted)
        case Group(_, items):
            return any(mentions(item, is_wanted) for item in items)
    return False


def is_transpose(script: Node | None, is_name: Is) -> bool:
    r"""``^\top``, and ``^T`` where T is no name."""
    base = flat(script) if script is not None else None
    return base == "top" or (base == "T" and not is_name("T"))
