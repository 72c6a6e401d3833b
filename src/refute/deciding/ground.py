"""The ground on which formulas are judged: names, with their values at formal and at real points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from threading import RLock
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from refute.cases import Draw
from refute.claims import Natural, Real, Setting, Sizes
from refute.formula.evaluate import (
    MAX_WORK,
    WORK,
    Evaluator,
    Number,
    Work,
    as_is,
    compile_expr,
    evaluate,
    times_identity,
)
from refute.formula.expr import Expr, Name, names, walk
from refute.formula.parse import parse
from refute.memory import Recent

KEPT = 256  # cases that are kept to try the next answer on
Ranges = Mapping[str, tuple[str, str]]  # of an index variable, as formulas of the sizes
Names = dict[str, Any]
_Index = list[Evaluator]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Place:
    """Sizes and indices at which formulas are compared: ``{"T": 3}`` and ``{"t": 2}``."""

    sizes: Sizes
    at: Mapping[str, int]

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in {**self.sizes, **self.at}.items())

    @cached_property
    def shape(self) -> tuple[tuple[str, int | str], ...]:
        """The sizes, to look things up by."""
        return tuple(self.sizes.items())


@dataclass(eq=False)
class Formula:
    """A formula compiled, and the index variables that it leaves free and no place binds, with their ranges. `work` is
    what sums and matrices took in an evaluation, at most, so far."""

    expr: Expr
    evaluator: Evaluator
    free: Ranges
    work: int = 0

    def value(self, names: Mapping[str, Any], number: Number) -> Any:
        """Its value. Raises what an evaluator does."""
        work = names.get(WORK)
        if work is None:
            return self.evaluator(names, number)
        work.left = MAX_WORK
        value = self.evaluator(names, number)
        if work.left != MAX_WORK:
            self.work = max(self.work, MAX_WORK - work.left)
        return value

    @cached_property
    def parts(self) -> int:
        """How many parts it has."""
        return sum(1 for _ in walk(self.expr))


class Cases:
    """Cases of a setting, each worked out once for all grounds that have setting and domains in common.

    Threads take turns: each holds `lock` while it judges.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self._systems: dict[Any, Any] = {}
        self._kept: Recent[Any, tuple[Draw, Mapping[str, Any]]] = Recent(KEPT)

    def system(self, key: Any, make: Callable[[], T]) -> T:
        """The number system that `key` tells, made if it is new; values that are kept here are of that one alone."""
        if key not in self._systems:
            self._systems[key] = make()
        found: T = self._systems[key]
        return found

    def values(self, key: Any, setting: Setting, sizes: Sizes, draw: Draw) -> tuple[Draw, Mapping[str, Any]]:
        """What the setting gives, and what it was drawn with: `draw`, if the case that `key` tells is new."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = draw, setting(sizes, draw)
        else:
            self._kept.move_to_end(key)
        return found


@dataclass(frozen=True)
class Ground:
    """A `setting`, which gives names their values, at some `places`, and the domains `given` for what it draws.

    Nodes that are `withheld` are known to the right formula only; an answer gets arbitrary values for them, and for all
    but the nodes `shown` of a name of which some are. `ranges` are those of index variables that an answer may leave
    free. `cases` are shared by grounds that only differ in these and in their places. It `is_free` if the names are the
    variables that are drawn, on which nothing else depends.
    """

    setting: Setting
    places: tuple[Place, ...]
    given: Mapping[str, Real | Natural] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    ranges: Ranges = field(default_factory=dict)
    cases: Cases | None = field(default=None, compare=False)
    is_free: bool = False

    def names(self, place: Place, draw: Draw, values: Mapping[str, Any] | None = None) -> tuple[Names, Names]:
        """The names of the right formula and those of an answer; `values` are the setting's if it was run already."""
        right = {**(self.setting(place.sizes, draw) if values is None else values), **place.at}
        answer = {**right, WORK: self._work}
        for name, nodes in self._guessed.items():
            unknown, known = (self._indices(which, right, place) for which in nodes)
            answer[name] = _Nodes(answer[name], known, unknown, name, draw)
        return right, answer

    def _indices(self, nodes: list[_Index], names: Names, place: Place) -> list[tuple[int, ...]]:
        """The indices of nodes, for every value of what a place does not bind."""
        environments = [{**names, **binding} for binding in self.bindings(self.unbound, place)]
        return [tuple(index(env, as_is) for index in node) for node in nodes for env in environments]

    @property
    def has_guesses(self) -> bool:
        """Whether an answer may need values that are drawn for it alone."""
        return bool(self.withheld or self.shown)

    @cached_property
    def _work(self) -> Work:
        return Work()

    @cached_property
    def _guessed(self) -> dict[str, tuple[list[_Index], list[_Index]]]:
        """The names of which an answer does not know all nodes: those withheld, and those shown, by their indices."""
        found: dict[str, tuple[list[_Index], list[_Index]]] = {}
        for which, node in ((i, parse(text)) for i, texts in enumerate((self.withheld, self.shown)) for text in texts):
            if isinstance(node, Name):
                found.setdefault(node.name, ([], []))[which].append(list(map(compile_expr, node.indices)))
        return found

    def formula(self, expr: Expr, parts: Mapping[int, Evaluator] = MappingProxyType({})) -> Formula:
        """A formula, ready to be evaluated here; `parts` of it may be so already."""
        free = self.unbound and {name: ends for name, ends in self.unbound.items() if name in names(expr)}
        return Formula(expr, compile_expr(expr, parts), free)

    @cached_property
    def unbound(self) -> Ranges:
        """The index variables that no place binds."""
        bound = {name for place in self.places for name in place.at}
        return {name: ends for name, ends in self.ranges.items() if name not in bound}

    @cached_property
    def shapes(self) -> tuple[str, ...]:
        """The sizes of the places, as one reads them: ``T = 2``."""
        shapes = dict.fromkeys(place.shape for place in self.places if place.sizes)
        return tuple(", ".join(f"{name} = {value}" for name, value in shape) for shape in shapes)

    def bindings(self, free: Ranges, place: Place) -> list[Mapping[str, int]]:
        """Every value of the free index variables at a place; a single empty one if there is none."""
        if not free:
            return [{}]
        key = place.shape, tuple(free)
        if key not in self._bindings:
            self._bindings[key] = [other.at for other in places((place.sizes,), free)]
        return self._bindings[key]

    @cached_property
    def _bindings(self) -> dict[Any, list[Mapping[str, int]]]:
        return {}


class _Nodes:
    """A name's nodes as an answer knows them: arbitrary values stand in for those that are `unknown`, and for all that
    are not `known` if some are named so."""

    def __init__(
        self, nodes: Any, known: list[tuple[int, ...]], unknown: list[tuple[int, ...]], name: str, draw: Draw
    ) -> None:
        self._nodes, self._known, self._unknown = nodes, known, unknown
        self._name, self._draw = name, draw

    def at(self, *index: int) -> Any:
        is_known = index not in self._unknown and (not self._known or index in self._known)
        if is_known:
            return self._nodes.at(*index)
        like = self._nodes.at(*(index if index in self._unknown else self._known[0]))
        return self._draw(f"a guess of {self._name}[{', '.join(map(str, index))}]", *shape_of(like))


def places(sizes: tuple[Sizes, ...], ranges: Ranges) -> Iterator[Place]:
    """Every index of every shape."""
    for shape in sizes:
        ends = [[evaluate(parse(end), shape) for end in both] for both in ranges.values()]
        for chosen in product(*(range(low, high + 1) for low, high in ends)):
            yield Place(shape, dict(zip(ranges, chosen, strict=True)))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a value: () for a number."""
    return value.shape if isinstance(value, np.ndarray) else ()


def fitted(value: Any, shape: tuple[int, ...]) -> Any:
    """A value in the shape it is compared in: where a matrix is expected, numbers stand for multiples of I, and where a
    number is, a matrix with one entry for that."""
    own = shape_of(value)
    if not shape and own == (1, 1):
        return value[0, 0]
    if len(shape) != 2 or own == shape or len(own) not in (0, 2):
        return value
    rows, columns = own or (1, 1)
    times, rest = divmod(shape[0], rows)
    if rest or shape[1] != times * columns:
        return value
    return times_identity(np.array(value, dtype=object).reshape(rows, columns), times)


def entries(value: Any) -> list[Any]:
    """The scalars of a value, in order."""
    return list(value.flat) if isinstance(value, np.ndarray) else [value]
