"""A question's model: the sheet's own equations, as data, unrolled in any number system.

>>> decay = Model(equations="c[t] = f[t]*c[t-1]", ranges={"t": ("1", "T")})
>>> run = decay.unroll({"f": Sequence({(1,): 3, (2,): 5}), "c": Sequence({(0,): 7})}, {"T": 2})
>>> run.at("c", 2)
105
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import product
from typing import Any

from refute.errors import ProjectError
from refute.formula.evaluate import Evaluator, Number, as_is, compile_expr, evaluate
from refute.formula.expr import Add, Expr, Name, Neg, Num
from refute.formula.parse import parse, parse_equation

Index = tuple[int, ...]
Tap = Callable[[str, Index, Any], Any]


class Sequence:
    """Values by index, zero where there is none: what a name with indices stands for in a formula."""

    def __init__(self, values: Mapping[Any, Any], outside: Any = 0) -> None:
        self.values, self.outside = values, outside

    def at(self, *index: int) -> Any:
        return self.values.get(index, self.outside)


@dataclass(frozen=True)
class Equation:
    """``name[t+1] = right``: at index t of its range it defines the node (name, t+1)."""

    name: str
    variables: tuple[str, ...]
    shifts: Index
    right: Expr

    @classmethod
    def read(cls, line: str) -> Equation:
        """Raises ProjectError for an index that is not a variable plus or minus a whole number."""
        left, right = parse_equation(line)
        pairs = [_variable_and_shift(index, line) for index in left.indices]
        return cls(left.name, tuple(v for v, _ in pairs), tuple(s for _, s in pairs), right)


def _variable_and_shift(index: Expr, line: str) -> tuple[str, int]:
    match index:
        case Name(variable, ()):
            return variable, 0
        case Add((Name(variable, ()), Num(value))) if value.denominator == 1:
            return variable, int(value)
        case Add((Name(variable, ()), Neg(Num(value)))) if value.denominator == 1:
            return variable, -int(value)
    raise ProjectError(
        "an equation's left side has an index that cannot be solved for its variable",
        expected="a variable, or a variable plus a whole number",
        got=line.strip(),
        example="p[k+1] = beta*p[k] - alpha*grad_J(theta[k])",
    )


@dataclass(frozen=True)
class Model:
    """Equations over index ranges. `ranges` gives each index variable's first and last value as formulas of the sizes.

    A node that neither an equation nor an input gives is 0: there is no step before the first or after the last, and a
    grid square beyond the border has no activation.
    """

    equations: str
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def lines(self) -> tuple[Equation, ...]:
        return tuple(Equation.read(line) for line in self.equations.splitlines() if line.strip())

    @cached_property
    def rules(self) -> Mapping[str, tuple[Equation, Evaluator]]:
        """The equations by name, compiled."""
        return {line.name: (line, compile_expr(line.right)) for line in self.lines}

    def unroll(
        self, inputs: Mapping[str, Any], sizes: Mapping[str, int], *, number: Number = as_is, tap: Tap | None = None
    ) -> Run:
        """All nodes at one case. `inputs` gives every other name: scalars, arrays, functions, or a `Sequence` for a
        name with indices. `tap` sees each node's value and returns what the run is to go on with, so it may perturb
        it."""
        return Run(self, inputs, sizes, number, tap)


class Run:
    """One unrolled model: ``at(name, *index)`` is a node's value."""

    def __init__(
        self, model: Model, inputs: Mapping[str, Any], sizes: Mapping[str, int], number: Number, tap: Tap | None
    ) -> None:
        self.model, self.inputs, self.sizes = model, inputs, dict(sizes)
        self._number, self._zero, self._tap = number, number(0), tap
        self._nodes: dict[tuple[str, Index], Any] = {}
        self._rules = model.rules
        self._ranges = {v: self._range(*ends) for v, ends in model.ranges.items()}
        self.names: dict[str, Any] = {**inputs, **self.sizes, **{name: _Node(self, name) for name in self._rules}}

    def _range(self, low: str, high: str) -> range:
        first, last = (evaluate(parse(end), self.sizes) for end in (low, high))
        return range(first, last + 1)

    def at(self, name: str, *index: int) -> Any:
        """The value of a node. Computed when first asked for, along with what it depends on."""
        value = self._nodes.get((name, index))
        if value is None:
            value = self._nodes[name, index] = self._compute(name, index)
        return value

    def _compute(self, name: str, index: Index) -> Any:
        line, evaluator = self._rules[name]
        given = self.inputs.get(name)
        if given is not None and index in given.values:
            return self._tapped(name, index, given.values[index])
        here = {v: i - s for v, i, s in zip(line.variables, index, line.shifts, strict=True)}
        for variable, i in here.items():
            if i not in self._ranges[variable]:
                return self._zero
        return self._tapped(name, index, evaluator({**self.names, **here}, self._number))

    def _tapped(self, name: str, index: Index, value: Any) -> Any:
        return self._tap(name, index, value) if self._tap is not None else value

    def nodes(self) -> Iterator[tuple[str, Index]]:
        """Every node an equation defines, in an order in which each needs only earlier ones if the equations allow
        it."""
        variables = dict.fromkeys(v for line, _ in self._rules.values() for v in line.variables)
        found: dict[tuple[str, Index], None] = {}
        for values in product(*(self._ranges[v] for v in variables)):
            here = dict(zip(variables, values, strict=True))
            for line, _ in self._rules.values():
                node = line.name, tuple(here[v] + s for v, s in zip(line.variables, line.shifts, strict=True))
                found.setdefault(node)
        return iter(found)

    def environment(self, **indices: int) -> dict[str, Any]:
        """What a formula may use at the given indices: the inputs, the sizes, every node."""
        return {**self.names, **indices}


class _Node:
    """A model's node family as a formula sees it."""

    def __init__(self, run: Run, name: str) -> None:
        self.at = partial(run.at, name)
