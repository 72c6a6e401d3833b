"""What an answer may speak of: a claim's names, index variables and functions, and other people's names for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from refute.formula.expr import Expr, Name, walk

if TYPE_CHECKING:
    from refute.formula.model import Model

BUILT_IN: Mapping[str, int] = {
    **dict.fromkeys(
        ("sigmoid", "sigma", "tanh", "exp", "sinh", "cosh", "sech", "log", "log2", "sqrt", "sin", "cos"), 1
    ),
    **dict.fromkeys(("tan", "abs", "det", "transpose", "sigmoid'", "tanh'"), 1),
    **dict.fromkeys(
        ("coth", "csch", "cot", "sec", "csc", "asinh", "acosh", "atanh", "atan", "asin", "acos", "relu", "softplus"), 1
    ),
    **dict.fromkeys(("max", "min", "binom"), 2),
}  # each function that needs no claim, with how many arguments it takes
ORDERS = ("O", "Theta")  # of growth


@dataclass(frozen=True)
class Vocabulary:
    """The names an answer may use.

    names: how many indices each name takes: ``{"h": 1, "w_ih": 0, "h_bar": 1, "T": 0}``
    indices: the index variables, each with the range of a sum that states none: ``{"t": ("1", "T")}``
    functions: functions besides the built-in ones: ``{"grad_J", "hess_J"}``
    aliases: other people's names: ``{"v": "p", "eta": "alpha", "mu": "beta"}``
    losses: names of the loss, ``{"L", "E", "J"}``; the derivative of one by ``h[t]`` is ``h_bar[t]``
    own: the node asked for, ``"h_bar[t]"``; a name without its index gets that of `own`
    model: the sheet's equations, for local partial derivatives
    units: words that may follow a formula and say what it counts: ``{"weights"}``
    spoken: words of the question, which say nothing in a sentence around a formula
    is_open: any name is a variable, as when two formulas are compared without a claim
    products: words that are the product of their letters all the same
    """

    names: Mapping[str, int]
    indices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    losses: frozenset[str] = frozenset()
    own: str = ""
    model: Model | None = None
    units: frozenset[str] = frozenset()
    spoken: frozenset[str] = frozenset()
    is_open: bool = False
    products: frozenset[str] = frozenset()

    @cached_property
    def own_node(self) -> Name | None:
        """`own` as a name with its indices."""
        from refute.formula.parse import parse  # reading needs a vocabulary in turn

        node = parse(self.own) if self.own else None
        return node if isinstance(node, Name) else None

    @cached_property
    def names_on_the_left(self) -> Mapping[str, int]:
        """The names with that of what is asked for, which no answer may speak of where it is no node of the sheet."""
        own = self.own_node
        return self.names if own is None else {**self.names, own.name: len(own.indices)}

    @cached_property
    def ranges(self) -> Mapping[str, tuple[Expr, Expr]]:
        """The ends of `indices` as expressions."""
        from refute.formula.parse import parse

        return {variable: (parse(low), parse(high)) for variable, (low, high) in self.indices.items()}

    @cached_property
    def single(self) -> tuple[str, ...]:
        """The index variables that stand for a single step."""
        return tuple(variable for variable, (low, high) in self.indices.items() if low == high)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The index variables: those with a range, and those of `own`."""
        indices = self.own_node.indices if self.own_node else ()
        own = {node.name for index in indices for node in walk(index) if isinstance(node, Name)}
        return frozenset({*self.indices, *(own - self.sizes)})

    @cached_property
    def sizes(self) -> frozenset[str]:
        """The names that may stand in an index: capital letters without indices, and what the ranges end with."""
        words = {word for ends in self.indices.values() for end in ends for word in re.findall(r"[A-Za-z]\w*", end)}
        return frozenset(
            words | {name for name, n in self.names.items() if n == 0 and len(name) == 1 and name.isupper()}
        )

    @cached_property
    def energies(self) -> frozenset[str]:
        """The names of the loss; where there is a gradient, those that people give to what it is the gradient of."""
        is_given = self.function("grad_") is not None or self.is_open
        return self.losses | ({"J", "L", "E", "f"} if is_given else frozenset())

    def function(self, start: str) -> str | None:
        """The one function whose name begins so: "grad_" gives "grad_J"."""
        found = [name for name in self.functions if name.startswith(start)]
        return found[0] if len(found) == 1 else None


OPEN = Vocabulary({}, is_open=True)
