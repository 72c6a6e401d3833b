"""Traces: numbers that remember what they were made from. Which inputs does a result depend on? How long is the longest
chain?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from refute.numbers.scalar import Exact, Scalar, exact


class Traces:
    """A number system: each scalar is a node of the computation's graph."""

    name = "traces"
    is_formal = False

    def number(self, value: Exact) -> Trace:
        """A constant: a node that depends on nothing."""
        return Trace(())

    def variable(self, label: str, value: Exact = 0) -> Trace:
        """An input: a node named `label`."""
        return Trace((), label)


class Trace(Scalar):
    """A node of a computation: its operands, and a label when it is an input. The graph has no cycles by
    construction."""

    __slots__ = ("operands", "label")
    system_name = "traces"

    def __init__(self, operands: tuple[Trace, ...], label: str | None = None) -> None:
        self.operands, self.label = operands, label

    def _lift(self, other: object) -> Any:
        return None if exact(other) is None else Trace(())

    def _combine(self, other: Any) -> Any:
        return Trace((self, other))

    _add = _sub = _mul = _div = _combine

    def _derived(self) -> Any:
        return Trace((self,))

    _neg = exp = log = sqrt = sin = cos = tanh = sinh = cosh = expm1 = log1p = _derived

    def _power(self, n: int) -> Any:
        return Trace((self,))

    def __repr__(self) -> str:
        return f"Trace({self.label or len(self.operands)})"


def ancestors(results: Iterable[Any]) -> list[Trace]:
    """All nodes that the results are made from, the results included, operands before what is made of them."""
    order: list[Trace] = []
    done: set[int] = set()
    stack = [(node, False) for node in results if isinstance(node, Trace)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            order.append(node)
        elif id(node) not in done:
            done.add(id(node))
            stack.append((node, True))
            stack.extend((operand, False) for operand in node.operands)
    return order


def sources(results: Iterable[Any]) -> frozenset[str]:
    """The labels of all inputs that the results depend on."""
    return frozenset(node.label for node in ancestors(results) if node.label is not None)


def longest_chain(groups: Mapping[Any, Iterable[Any]]) -> list[Any]:
    """The longest chain of groups of nodes, each depending on the one before, first to last.

    `groups` maps a name (a grid square, a time step) to the nodes that make it up; one group depends on another when
    one of its nodes is made, directly or not, from one of the other's. Raises ValueError when groups depend on each
    other.
    """
    before = _dependencies(groups)
    longest: dict[Any, list[Any]] = {}
    try:
        for name in TopologicalSorter(before).static_order():
            longest[name] = [*max((longest[other] for other in before[name]), key=len, default=[]), name]
    except CycleError as error:
        raise ValueError(f"expected groups that do not depend on each other, got {error.args[1]}") from error
    return max(longest.values(), key=len, default=[])


def _dependencies(groups: Mapping[Any, Iterable[Any]]) -> dict[Any, set[Any]]:
    """The groups that each group is made from with no other in between."""
    nodes = {name: list(members) for name, members in groups.items()}
    owner = {id(node): name for name, members in nodes.items() for node in members}
    before: dict[Any, set[Any]] = {name: set() for name in nodes}
    nearest: dict[int, frozenset[Any]] = {}
    for node in ancestors(node for members in nodes.values() for node in members):
        seen = {nearest[id(operand)] for operand in node.operands}
        reached = next(iter(seen)) if len(seen) == 1 else frozenset().union(*seen)
        name = owner.get(id(node))
        if name is not None:
            before[name] |= reached - {name}
            reached = frozenset({name})
        nearest[id(node)] = reached
    return before
