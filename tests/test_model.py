"""Models: unrolling solves the recurrence, a node beyond the ranges is zero, and a tap sees every node once."""

from __future__ import annotations

import doctest
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refute.errors import ProjectError
from refute.formula import model
from refute.formula.evaluate import evaluate
from refute.formula.model import Equation, Index, Model, Run, Sequence
from refute.formula.parse import FormulaError, parse
from refute.numbers.balls import Balls

CELL = Model("c[t] = f[t]*c[t-1] + i[t]", {"t": ("1", "T")})
GRID = Model("h[i,j] = h[i-1,j] + h[i,j-1] + x[i,j]", {"i": ("1", "G"), "j": ("1", "G")})
LAYERS = Model(
    """
    z[t] = w*h[t-1] + x[t]
    h[t] = z[t]^2
    """,
    {"t": ("1", "T")},
)

FRACTIONS = st.fractions(-3, 3, max_denominator=4)
STEPS = st.lists(st.tuples(FRACTIONS, FRACTIONS), min_size=1, max_size=6)


def unrolled(steps: list[tuple[Fraction, Fraction]], start: Fraction = Fraction(0), **more: Any) -> Run:
    """CELL with the steps' factors and inputs, from c[0] = start."""
    f, i = (Sequence({(t,): step[part] for t, step in enumerate(steps, 1)}) for part in (0, 1))
    return CELL.unroll({"f": f, "i": i, "c": Sequence({(0,): start})}, {"T": len(steps)}, **more)


def solution(steps: list[tuple[Fraction, Fraction]], start: Fraction) -> Fraction:
    """The closed form: every input times the product of the later factors."""
    terms = [(Fraction(1), start), *steps]
    return sum((term * math.prod(f for f, _ in terms[s + 1 :]) for s, (_, term) in enumerate(terms)), Fraction(0))


@given(STEPS, FRACTIONS)
def test_unrolling_gives_the_closed_form_of_a_linear_recurrence(steps: Any, start: Fraction) -> None:
    assert unrolled(steps, start).at("c", len(steps)) == solution(steps, start)


def test_a_recurrence_with_another_sign_has_another_solution() -> None:
    steps = [(Fraction(2), Fraction(3)), (Fraction(5), Fraction(7))]
    flipped = Model("c[t] = f[t]*c[t-1] - i[t]", CELL.ranges).unroll(unrolled(steps).inputs, {"T": 2})
    assert flipped.at("c", 2) != solution(steps, Fraction(0)) == 22


@given(STEPS, FRACTIONS)
def test_unrolled_in_balls_the_exact_solution_lies_in_the_ball(steps: Any, start: Fraction) -> None:
    balls = Balls(64)
    number = balls.number
    run = unrolled([(number(f), number(i)) for f, i in steps], number(start), number=number)  # type: ignore[misc,arg-type]
    assert run.at("c", len(steps)).contains(solution(steps, start))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_grid_counts_its_paths(size: int) -> None:
    run = GRID.unroll({"x": Sequence({(1, 1): 1})}, {"G": size})
    assert run.at("h", size, size) == math.comb(2 * (size - 1), size - 1)


def test_a_node_beyond_the_ranges_is_the_number_systems_zero() -> None:
    run = GRID.unroll({"x": Sequence({(1, 1): 1})}, {"G": 2}, number=Fraction)
    beyond = [run.at("h", *index) for index in ((0, 1), (1, 0), (3, 1), (2, 3), (-1, -1))]
    assert [(type(node), node) for node in beyond] == [(Fraction, 0)] * 5
    assert run.at("h", 2, 1) == 1


def test_an_input_of_the_same_name_stands_in_for_an_equation() -> None:
    run = CELL.unroll({"f": Sequence({}, 2), "i": Sequence({}, 1), "c": Sequence({(0,): 5, (2,): 100})}, {"T": 3})
    assert [run.at("c", t) for t in range(4)] == [5, 11, 100, 201]


def test_an_equation_for_the_next_step_defines_the_next_node() -> None:
    run = Model("p[k+1] = 2*p[k]", {"k": ("0", "K-1")}).unroll({"p": Sequence({(0,): 3})}, {"K": 3})
    assert [run.at("p", k) for k in range(5)] == [3, 6, 12, 24, 0]


def test_an_equation_for_the_step_before_defines_the_node_before() -> None:
    run = Model("b[t-1] = b[t] + 1", {"t": ("1", "T")}).unroll({}, {"T": 3})
    assert [run.at("b", t) for t in range(4)] == [3, 2, 1, 0]


def test_ranges_are_formulas_of_the_sizes() -> None:
    run = Model("s[d] = d", {"d": ("G", "2*G-1")}).unroll({}, {"G": 3})
    assert [run.at("s", d) for d in range(2, 7)] == [0, 3, 4, 5, 0]


# --- Taps ------------------------------------------------------------------------------------------------------------


def seen_by_a_tap(of: Model, order: list[tuple[str, Index]] | None = None) -> list[tuple[str, Index]]:
    """The nodes in the order in which they were computed, when asked for in `order`, or in the model's own."""
    seen: list[tuple[str, Index]] = []

    def tap(name: str, index: Index, value: Any) -> Any:
        seen.append((name, index))
        return value

    run = of.unroll(
        {"x": Sequence({}, 1), "i": Sequence({}, 1), "f": Sequence({}, 1), "w": 2}, {"T": 3, "G": 3}, tap=tap
    )
    for name, index in run.nodes() if order is None else order:
        run.at(name, *index)
    return seen


@pytest.mark.parametrize("of", [CELL, GRID, LAYERS])
def test_each_node_needs_only_those_before_it(of: Model) -> None:
    nodes = list(of.unroll({}, {"T": 3, "G": 3}).nodes())
    assert seen_by_a_tap(of) == nodes
    assert seen_by_a_tap(of, nodes[::-1]) != nodes[::-1]


def test_each_node_is_named_once() -> None:
    mixed = Model("a[i] = 1\nb[i,j] = a[i]", {"i": ("1", "2"), "j": ("1", "2")})
    nodes = list(mixed.unroll({}, {}).nodes())
    assert sorted(nodes) == [("a", (1,)), ("a", (2,)), *(("b", (i, j)) for i in (1, 2) for j in (1, 2))]


@given(STEPS, FRACTIONS, st.data())
def test_a_tap_that_perturbs_a_node_gives_its_derivative(steps: Any, start: Fraction, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(steps)), label="at")
    perturbed = unrolled(steps, start, tap=lambda name, index, value: value + (index == (at,)))
    difference = perturbed.at("c", len(steps)) - unrolled(steps, start).at("c", len(steps))
    assert difference == math.prod(f for f, _ in steps[at:])  # of a linear model the difference is the derivative


def test_a_perturbed_node_leaves_those_before_it() -> None:
    steps = [(Fraction(2), Fraction(1))] * 4
    perturbed = unrolled(steps, tap=lambda name, index, value: value + (index == (3,)))
    same = [perturbed.at("c", t) == unrolled(steps).at("c", t) for t in range(5)]
    assert same == [True, True, True, False, False]


def test_a_formula_may_use_inputs_sizes_nodes_and_indices() -> None:
    run = LAYERS.unroll({"w": 2, "x": Sequence({(1,): 1, (2,): 3})}, {"T": 2})
    value = evaluate(parse("h[t]*100 + z[t-1]*10 + w + T + x[t]"), run.environment(t=2))
    assert value == 25 * 100 + 1 * 10 + 2 + 2 + 3


# --- What is no model ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", ["c[2*t]", "c[t+1/2]", "c[t+0.5]", "c[0]", "c[x[t]]", "c[t, s*t]", "c[-t]", "c[t+k]"])
def test_an_index_that_cannot_be_solved_for_its_variable_is_the_spec_authors_fault(left: str) -> None:
    with pytest.raises(ProjectError, match="cannot be solved for its variable") as error:
        Equation.read(f"  {left} = x[t]")
    assert error.value.got == f"{left} = x[t]"
    assert Equation.read(str(error.value.example)).shifts == (1,)


@pytest.mark.parametrize(
    ("left", "shifts"), [("c[t]", (0,)), ("c[t+2]", (2,)), ("c[t-1]", (-1,)), ("c[i, j+1]", (0, 1))]
)
def test_an_index_is_a_variable_and_a_shift(left: str, shifts: Index) -> None:
    assert Equation.read(f"{left} = x").shifts == shifts


def test_a_line_that_is_no_equation_cannot_be_read() -> None:
    with pytest.raises(FormulaError):
        _ = Model("c[t] + 1", {"t": ("1", "T")}).lines


def test_the_example_in_the_docstring_is_right() -> None:
    assert doctest.testmod(model) == (0, 3)
