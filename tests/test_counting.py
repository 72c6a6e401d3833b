"""Tallies count each operation once and separately; traces know what a result depends on, and the longest chain."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refute.numbers.scalar import OutsideClass
from refute.numbers.tallies import Count, Tallies
from refute.numbers.traces import Trace, Traces, ancestors, longest_chain, sources
from tests.strategies import ELEMENTARY, RATIONAL, VARIABLES, Expression, expressions, graphs

Code = Callable[..., Any]
KINDS = {"*": "multiplications", "+": "additions", "-": "additions", "/": "divisions"}


def tallied(code: Code, *shapes: tuple[int, ...]) -> dict[str, int]:
    """What is counted when code runs on arrays of tallies (scalars for the shape ``()``)."""
    system = Tallies()
    code(*(np.full(shape, system.number(0))[()] for shape in shapes))
    return {kind: number for kind, number in vars(system.count).items() if number}


class Counted:
    """A number that counts the calls of its own operators: the least that NumPy asks of an object."""

    done: ClassVar[Counter[str]] = Counter()

    def _call(self, head: str) -> Any:
        self.done[KINDS.get(head, "nonlinear")] += 1
        return self

    def _operator(head: str) -> Any:  # type: ignore[misc]  # noqa: N805  # used while the class is made
        return lambda self, other: NotImplemented if isinstance(other, np.ndarray) else self._call(head)

    __add__ = __radd__ = _operator("+")
    __sub__ = __rsub__ = _operator("-")
    __mul__ = __rmul__ = _operator("*")
    __truediv__ = __rtruediv__ = _operator("/")

    def __neg__(self) -> Any:
        return self

    def exp(self) -> Any:
        return self._call("exp")

    def tanh(self) -> Any:
        return self._call("tanh")


def counted(code: Code, *shapes: tuple[int, ...]) -> dict[str, int]:
    """The same by operators that count their own calls."""
    Counted.done.clear()
    code(*(np.full(shape, Counted())[()] for shape in shapes))
    return dict(Counted.done)


# --- Tallies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_dot_product_takes_n_multiplications_and_n_minus_1_additions(n: int) -> None:
    expected = Count(multiplications=n, additions=n - 1)
    assert Count(**tallied(np.dot, (n,), (n,))) == expected
    assert Count(**tallied(np.dot, (n + 1,), (n + 1,))) != expected


@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (2, 3, 4), (5, 1, 2), (3, 3, 3)])
def test_a_matrix_product_takes_mkn_multiplications(m: int, k: int, n: int) -> None:
    expected = Count(multiplications=m * k * n, additions=m * (k - 1) * n)
    assert Count(**tallied(operator.matmul, (m, k), (k, n))) == expected
    assert Count(**tallied(operator.matmul, (m, k + 1), (k + 1, n))) != expected


ALGORITHMS: Mapping[str, tuple[Code, tuple[tuple[int, ...], ...]]] = {
    "matmul": (operator.matmul, ((2, 3), (3, 4))),
    "einsum": (lambda a, b: np.einsum("ij,jk->ik", a, b), ((2, 3), (3, 4))),
    "outer": (np.outer, ((3,), (4,))),
    "sum": (lambda a: sum(a) + a.sum(), ((5,),)),
    "mean": (np.mean, ((5,),)),
    "softmax": (lambda z: np.exp(z) / np.exp(z).sum(), ((4,),)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), ((3, 2),)),
    "rnn": (lambda w, u, h, x: np.tanh(w @ x + u @ h), ((3, 2), (3, 3), (3,), (2,))),
    "horner": (lambda x, c: c[0] + x * (c[1] + x * (c[2] + x * c[3])), ((), (4,))),
    "cumulative": (np.cumsum, ((6,),)),
    "with constants": (lambda a: 2 * a - np.ones(3) + a / 4, ((3,),)),
}


@pytest.mark.parametrize(("code", "shapes"), ALGORITHMS.values(), ids=ALGORITHMS)
def test_tallies_count_what_operators_count_of_their_own_calls(code: Code, shapes: tuple[tuple[int, ...], ...]) -> None:
    assert tallied(code, *shapes) == counted(code, *shapes)
    assert tallied(code, *shapes) != counted(lambda *a: code(*a) / 2, *shapes)


@given(expressions(ELEMENTARY, max_leaves=10))
def test_an_expression_takes_as_many_operations_as_it_has(expression: Expression) -> None:
    system = Tallies()
    expression(system, {name: system.variable(name) for name in VARIABLES})
    heads = Counter(KINDS.get(str(node.head), "nonlinear") for node in expression.nodes() if node.parts)
    assert {kind: n for kind, n in vars(system.count).items() if n} == heads
    assert system.count.total == heads.total()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (lambda x: -x, Count()),
        (lambda x: +x, Count()),
        (lambda x: x - 3, Count(additions=1)),
        (lambda x: 3 - x, Count(additions=1)),
        (lambda x: x * Fraction(1, 2), Count(multiplications=1)),
        (lambda x: x / 2, Count(divisions=1)),
        (lambda x: 1 / x, Count(divisions=1)),
        (lambda x: x**-1, Count(divisions=1)),
        (lambda x: np.reciprocal(np.array([x, x])), Count(divisions=2)),
        (np.tanh, Count(nonlinear=1)),
        (np.sqrt, Count(nonlinear=1)),
        (lambda x: x**0.5, Count(nonlinear=1)),
        (np.square, Count(multiplications=1)),
        (lambda x: 1 - np.tanh(x) ** 2, Count(additions=1, multiplications=1, nonlinear=1)),
        (lambda x: np.tanh(np.array([x] * 5)), Count(nonlinear=5)),
    ],
)
def test_each_operation_counts_once_and_a_negation_is_free(code: Code, expected: Count) -> None:
    assert Count(**tallied(code, ())) == expected
    assert Count(**tallied(lambda x: code(x) + x, ())) != expected


@pytest.mark.parametrize("n", [1, 2, 3, 4, 10, 31, 100])
def test_a_power_takes_repeated_squaring(n: int) -> None:
    expected = n.bit_length() - 1 + n.bit_count() - 1
    assert Count(**tallied(lambda x: x**n, ())) == Count(multiplications=expected)
    assert Count(**tallied(lambda x: x**-n, ())) == Count(multiplications=expected, divisions=1)
    assert Count(**tallied(lambda x: x ** (2 * n), ())) != Count(multiplications=expected)


def test_equal_functions_may_take_different_numbers_of_operations() -> None:
    def horner(x: Any, c: Sequence[Any]) -> Any:
        return c[0] + x * horner(x, c[1:]) if len(c) > 1 else c[0]

    def naive(x: Any, c: Sequence[Any]) -> Any:
        return sum((a * x**k for k, a in enumerate(c[1:], 1)), c[0])

    assert horner(3, range(1, 6)) == naive(3, range(1, 6))
    assert Count(**tallied(horner, (), (5,))) == Count(multiplications=4, additions=4)
    assert Count(**tallied(naive, (), (5,))) == Count(multiplications=9, additions=4)  # x^3 and x^4 take two


def test_each_system_counts_for_itself_and_its_total_is_the_sum() -> None:
    one, other = Tallies(), Tallies()
    _ = np.tanh(one.number(1) * one.number(2) + 1) / 3
    assert (one.count, one.count.total) == (Count(1, 1, 1, 1), 4)
    assert (other.count, other.count.total) == (Count(), 0)


# --- What a result depends on -----------------------------------------------------------------------------------------


def inputs(name: str, *shape: int) -> Any:
    """An array of inputs, each with its index in its label."""
    system = Traces()
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        array[index] = system.variable(f"{name}{list(index)}")
    return array


@given(expressions(ELEMENTARY))
def test_an_expression_depends_on_the_variables_in_it(expression: Expression) -> None:
    system = Traces()
    result = expression(system, {name: system.variable(name) for name in VARIABLES})
    found = {node.head for node in expression.nodes() if node.head in VARIABLES}
    assert sources([result]) == found
    assert sources([result + system.variable("z")]) == found | {"z"}


@pytest.mark.parametrize("product", [operator.matmul, lambda a, b: np.einsum("ik,kj->ij", a, b)])
def test_an_entry_of_a_product_depends_on_its_row_and_its_column(product: Code) -> None:
    result = product(inputs("a", 3, 4), inputs("b", 4, 2))
    for i, j in np.ndindex(3, 2):
        expected = {f"a[{i}, {k}]" for k in range(4)} | {f"b[{k}, {j}]" for k in range(4)}
        assert sources([result[i, j]]) == expected
        assert sources([result[i - 1, j]]) != expected


def test_a_result_depends_on_what_cancels_and_not_on_what_is_not_taken() -> None:
    x, y = inputs("x", 3), inputs("y", 3)
    assert sources([x[0] - x[0] + 0 * y[1]]) == {"x[0]", "y[1]"}
    assert sources(np.where([True, False, True], x, y)) == {"x[0]", "y[1]", "x[2]"}
    assert sources([1, Fraction(1, 2), Traces().number(3)]) == frozenset()
    assert sources(np.cumsum(x)[:2]) == {"x[0]", "x[1]"}


@given(graphs())
def test_ancestors_come_before_what_is_made_of_them_and_each_once(graph: list[list[int]]) -> None:
    nodes = made_of(graph)
    order = ancestors(nodes)
    place = {id(node): k for k, node in enumerate(order)}
    assert len(place) == len(order) == len(nodes)
    assert all(place[id(operand)] < place[id(node)] for node in nodes for operand in node.operands)
    assert [id(node) for node in ancestors([nodes[0], 5])] == [id(nodes[0])]


def test_traces_refuse_to_branch() -> None:
    x: Any = Traces().variable("x")
    for branch in (lambda: abs(x), lambda: x > 0, lambda: np.maximum(x, 0), lambda: bool(x)):
        with pytest.raises(OutsideClass, match="traces have no order"):
            branch()


# --- The longest chain ------------------------------------------------------------------------------------------------


def made_of(graph: Iterable[Iterable[int]]) -> list[Trace]:
    """One node for each entry of a graph, made from those that it names."""
    nodes: list[Trace] = []
    for operands in graph:
        nodes.append(Trace(tuple(nodes[i] for i in operands)))
    return nodes


def chains(graph: Sequence[Sequence[int]], node: int) -> list[list[int]]:
    """All chains of direct dependence that end at a node."""
    return [[node], *([*chain, node] for operand in graph[node] for chain in chains(graph, operand))]


@given(graph=graphs(), data=st.data())
@settings(max_examples=150)
def test_the_longest_chain_is_the_longest_of_all(graph: list[list[int]], data: st.DataObject) -> None:
    named = data.draw(st.sets(st.sampled_from(range(len(graph)))))
    nodes = made_of(graph)
    every = [[i for i in chain if i in named] for end in named for chain in chains(graph, end)]
    found = longest_chain({i: [nodes[i]] for i in named})
    assert found in every or (not named and found == [])
    assert len(found) == max(map(len, every), default=0)


def grid(rows: int, columns: int, *, west: bool = True, north: bool = True) -> dict[tuple[int, ...], list[Any]]:
    """Squares of two units, each made from the squares to its west and north."""
    x = inputs("x", rows, columns, 2)
    h: dict[tuple[int, ...], Any] = {}
    for i, j in np.ndindex(rows, columns):
        z = 1 * x[i, j]
        z = z + h[i - 1, j][::-1] if north and i else z
        z = z + h[i, j - 1] if west and j else z
        h[i, j] = np.tanh(z)
    return {square: list(units) for square, units in h.items()}


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 6), (6, 1), (4, 4), (3, 5)])
def test_the_longest_chain_of_a_grid_goes_from_corner_to_corner(rows: int, columns: int) -> None:
    chain = longest_chain(grid(rows, columns))
    assert len(chain) == rows + columns - 1
    assert (chain[0], chain[-1]) == ((0, 0), (rows - 1, columns - 1))
    assert all((b[0] - a[0], b[1] - a[1]) in {(1, 0), (0, 1)} for a, b in pairwise(chain))
    assert len(longest_chain(grid(rows, columns, north=False))) == columns
    assert len(longest_chain(grid(rows, columns, west=False))) == rows
    assert len(longest_chain(grid(rows, columns, west=False, north=False))) == 1


def test_the_longest_chain_of_a_diamond_takes_one_side_and_of_a_path_all() -> None:
    diamond, path = made_of([[], [0], [0], [1, 2]]), made_of([[], [0], [1], [2]])
    assert longest_chain({name: [node] for name, node in zip("abcd", diamond, strict=True)}) in (
        ["a", "b", "d"],
        list("acd"),
    )
    assert longest_chain({name: [node] for name, node in zip("abcd", path, strict=True)}) == list("abcd")
    assert longest_chain({"d": [path[3]], "a": [path[0]]}) == ["a", "d"]  # what lies between has no name
    assert longest_chain({}) == []


def test_a_chain_of_many_thousand_nodes_is_no_recursion() -> None:
    nodes = made_of([[], *([k] for k in range(20_000))])
    assert longest_chain({k: [node] for k, node in enumerate(nodes)}) == list(range(20_001))


@pytest.mark.parametrize("function", RATIONAL)
def test_a_step_is_one_link_whatever_it_computes(function: str) -> None:
    x = inputs("x", 4)
    states = [x[0]]
    for entry in x[1:]:
        states.append(Expression(function, (Expression("h"), Expression("x")))(Traces(), {"h": states[-1], "x": entry}))
    assert longest_chain({t: [state] for t, state in enumerate(states)}) == [0, 1, 2, 3]
    assert longest_chain({t: [entry] for t, entry in enumerate(x)}) != [0, 1, 2, 3]
