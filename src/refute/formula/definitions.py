"""Auxiliary definitions, ``where a = w_ix x + w_ih h``: each use is replaced by what the name stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from refute.formula.differentiate import with_tidy_indices
from refute.formula.expr import Expr, substitute
from refute.formula.naming import lookup
from refute.formula.scripts import bare, flat, parts_of
from refute.formula.surface import Line, Node, Row, Symbol

if TYPE_CHECKING:
    from refute.formula.resolve import Resolver


@dataclass(slots=True)
class Definition:
    """A name, the index variables it is written with, and what it stands for."""

    name: str
    parameters: tuple[str, ...]
    body: Node
    is_being_read: bool = False
    is_used: bool = False

    @property
    def arity(self) -> int:
        """How many indices the name takes."""
        return len(self.parameters)

    def value(self, resolver: Resolver, indices: tuple[Expr, ...], symbol: Symbol) -> Expr:
        """What the name stands for at these indices. Raises FormulaError for definitions in a circle."""
        if self.is_being_read:
            resolver.fail(symbol, "definitions that do not need one another in a circle", got=repr(self.name))
        self.is_being_read = self.is_used = True
        scope = resolver.scope
        if self.parameters:
            resolver.scope = [(parameter, parameter) for parameter in self.parameters]
        value = resolver.expr(self.body)
        resolver.scope, self.is_being_read = scope, False
        if not self.parameters:
            return value
        return with_tidy_indices(substitute(value, dict(zip(self.parameters, indices, strict=True))))

    def gradient(self) -> list[Node] | None:
        r"""What stands for the gradient if the name does, ``\nabla J``, of which an argument is that of the name."""
        body = bare(self.body)
        nodes = [node for _, node in body.items] if isinstance(body, Row) and not self.parameters else [body]
        if not (_is_nabla(nodes[0]) and len(nodes) == 2) and flat(nodes[0]) != "grad_J":
            return None
        self.is_used = True
        return [replace(node) if isinstance(node, Symbol) else node for node in nodes]


def _is_nabla(node: Node) -> bool:
    return isinstance(node, Symbol) and node.base in ("nabla", "grad")


def define(resolver: Resolver, line: Line) -> Definition | None:
    """Take in a line ``a = ...``. Anything else after "where", as in "where D is the dimension", gives no name a
    meaning, and is left out."""
    left = bare(line.members[0])
    if not isinstance(left, Symbol) or len(line.members) < 2 or not line.has_left:
        resolver.note("what is no definition after the formula was left out")
        return None
    known = lookup(resolver, left.base, flat(left.sub), left.has_bar) or lookup(resolver, left.base, None, left.has_bar)
    if known is not None and known in resolver.names:
        resolver.note(f"the definition of {known} was not used: the claim gives {known} a meaning")
        return None
    name, parameters = _left_side(resolver, left)
    if name in resolver.definitions:
        resolver.fail(left, "one definition of each name", got=f"another of {name}")
    definition = resolver.definitions[name] = Definition(name, parameters, line.members[-1])
    return definition


def _left_side(resolver: Resolver, left: Symbol) -> tuple[str, tuple[str, ...]]:
    """The name and the index variables it is defined for: ``a^{(t)}``, ``a_t``, ``a[t]``, ``z_i`` (a name)."""
    base, places = left.base, list(left.indices or ())
    if left.sub is not None:
        if all(_is_parameter(resolver, place) for place in parts_of(left.sub)):
            places = places or parts_of(left.sub)
        else:
            base += f"_{flat(left.sub)}"
    if left.sup is not None and places and (flat(left.sup) or "").isalpha() and not _is_parameter(resolver, left.sup):
        base += f"_{flat(left.sup)}"  # z^i_t
    elif left.sup is not None:
        places = places or parts_of(left.sup)
    head, underscore, tail = base.rpartition("_")
    if underscore and not places and resolver.is_variable(tail):
        base, places = head, [Symbol(tail, left.at)]
    parameters = tuple(flat(place) or "" for place in places)
    if not all(parameter.isalpha() for parameter in parameters):
        resolver.fail(left, "a name with index variables, such as a or a[t], left of a definition")
    return base + ("_bar" if left.has_bar else ""), parameters


def _is_parameter(resolver: Resolver, node: Node) -> bool:
    base = flat(node)
    return base is not None and resolver.is_variable(base)
