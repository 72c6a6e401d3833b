"""Question 2: both ways to compute an MDRNN are the sheet's equation, on grids of any shape; the counts are what the
formulas say, beyond the sizes that are enumerated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impl import mdrnn
from properties.judging import (
    CHANCE,
    JUDGES,
    Judge,
    cases_met,
    in_balls,
    in_residues,
    is_shrunk,
    mistakes,
    told_apart,
    with_formulas,
)
from properties.strategies import CONV_NETS, MDRNN, NETS, Grid, Sizes, cases, counts, grids
from properties.twins import CONV, ELEMENTWISE, RIGHT, SWAPPED, Twin
from properties.twins import MDRNN as TWINS
from refute.claims import Claim
from refute.deciding import growth
from refute.deciding.check import Checker
from refute.deciding.counterexample import LADDER
from refute.deciding.identity import refutation
from refute.formula.evaluate import evaluate
from refute.formula.parse import parse
from refute.numbers.residues import Residues
from refute.numbers.traces import Traces, longest_chain, sources
from specs.mdrnn import QUESTION

CLAIMS = {claim.id: claim for claim in QUESTION.claims}
ACTIVATIONS, OPERATIONS = CLAIMS["2.activations"], CLAIMS["2a.operations"]
COUNTED = [(CLAIMS[name], NETS[name]) for name in NETS if name != ACTIVATIONS.id]
COUNTED += [(CLAIMS["2c.receptive_field"], CONV_NETS)]
NO_NORTH = with_formulas(ACTIVATIONS, {"": "phi(transpose(W_in)*x[i,j] + transpose(W_W)*h[i-1,j])"})
MISTAKES = [case for case in mistakes(QUESTION.claims) if "growth" not in case.values[1]]
ORDERS = [case for case in mistakes(QUESTION.claims) if "growth" in case.values[1]]


@pytest.mark.claim("2.activations")
@pytest.mark.parametrize("judge", JUDGES)
def test_both_implementations_are_the_equation(judge: Judge) -> None:
    assert cases_met(judge, ACTIVATIONS, mdrnn, cases(ACTIVATIONS, NETS[ACTIVATIONS.id], MDRNN)) > 0


@pytest.mark.claim("2.activations")
@pytest.mark.parametrize("judge", JUDGES)
def test_each_number_system_tells_a_wrong_equation(judge: Judge) -> None:
    assert told_apart(judge, NO_NORTH, mdrnn, cases(ACTIVATIONS, NETS[ACTIVATIONS.id], MDRNN))


@pytest.mark.parametrize(("claim", "sizes"), COUNTED, ids=[f"{claim.id}, {','.join(at)}" for claim, at in COUNTED])
def test_the_count_is_the_formula(claim: Claim, sizes: Sizes) -> None:
    assert cases_met(in_residues, claim, mdrnn, counts(sizes)) > 0


@pytest.mark.parametrize(("claim", "formulas"), MISTAKES)
def test_a_mistake_is_refuted_by_a_small_case(claim: Claim, formulas: Mapping[str, str], checker: Checker) -> None:
    shown = refutation(claim, mdrnn, checker.bench, formulas)
    assert shown is not None
    assert is_shrunk(claim, shown)


def test_hypothesis_shrinks_to_a_case_as_small() -> None:
    whole = cases(ACTIVATIONS, dict.fromkeys("GDH", st.just(2)), MDRNN, regimes=((1,),))
    case = told_apart(in_balls, NO_NORTH, mdrnn, whole, shrunk=True)
    assert set(case.fixed.values()) <= set(LADDER)


@pytest.mark.parametrize("twin", [*TWINS, *CONV], ids=[twin.name for twin in (*TWINS, *CONV)])
def test_a_wrong_implementation_is_refuted(twin: Twin, checker: Checker) -> None:
    shown = checker.check(CLAIMS[twin.claim], twin.implementation).counterexample
    assert shown is not None
    assert shown.formula  # two values differ; it did not merely fail to run
    assert shown.expected != shown.observed


@pytest.mark.parametrize("implementation", [mdrnn, RIGHT["2"].implementation], ids=["ours", "textbook"])
def test_a_right_implementation_is_accepted(implementation: Any, checker: Checker) -> None:
    assert [claim.id for claim in QUESTION.claims if not checker.check(claim, implementation).accepted] == []


def test_with_elementwise_recurrent_weights_there_are_as_many_as_hidden_units_for_each_neighbour(
    checker: Checker,
) -> None:
    counted = with_formulas(CLAIMS["2a.weights"], {"": "2*H + D*H"})
    assert checker.judge(counted, ELEMENTWISE.implementation).accepted
    assert not checker.judge(counted, mdrnn).accepted


# --- Orders of growth -------------------------------------------------------------------------------------------------


def valued(formula: str, sizes: Mapping[str, int]) -> Any:
    return evaluate(parse(formula), sizes)


@pytest.mark.claim("2a.operations")
@pytest.mark.parametrize("part", OPERATIONS.growth)
@given(sizes=st.fixed_dictionaries({name: st.integers(least, 10**9) for name, least in OPERATIONS.least.items()}))
def test_the_operations_stay_within_constants_of_their_order(part: str, sizes: Mapping[str, int]) -> None:
    order = OPERATIONS.growth[part]
    found = growth.constants(OPERATIONS.formulas[part], order, OPERATIONS.least)
    assert found is not None
    ratio = Fraction(valued(OPERATIONS.formulas[part], sizes), valued(order, sizes))
    assert found[0] <= ratio <= found[1]


@pytest.mark.parametrize(("claim", "formulas"), ORDERS)
def test_within_no_constants_of_a_wrong_order(claim: Claim, formulas: Mapping[str, str]) -> None:
    for part in claim.growth:
        assert growth.constants(claim.formulas[part], formulas["growth"], claim.least) is None
        assert growth.direction(claim.formulas[part], formulas["growth"], claim.least) is not None


# --- Grids that are not square ----------------------------------------------------------------------------------------

PHIS: Mapping[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "cubic": lambda z: z - z**3 / 3,
}


def net(grid: Grid, system: Any) -> tuple[Any, ...]:
    """x, W_in, W_W and W_N, every entry a variable of the number system."""
    rows, columns, d, h = grid
    shapes = {"x": (rows, columns, d), "W_in": (d, h), "W_W": (h, h), "W_N": (h, h)}
    arrays = {name: np.empty(shape, dtype=object) for name, shape in shapes.items()}
    for name, array in arrays.items():
        for index in np.ndindex(array.shape):
            array[index] = system.variable(f"{name}{list(index)}", 0)
    return tuple(arrays.values())


def identical(one: Any, other: Any, grid: Grid, phi: Callable[[Any], Any]) -> bool:
    """Whether two implementations give the same residues, but for a chance below 2^-100."""
    field = Residues(relations=False)
    case = net(grid, field)
    left, right = one(*case, phi).ravel(), other(*case, phi).ravel()
    assert sum(field.bound((a - b).size) for a, b in zip(left, right, strict=True)) < CHANCE
    return bool((left == right).all())


@pytest.mark.claim("2.activations")
@pytest.mark.parametrize("phi", PHIS)
@settings(max_examples=10)
@given(grid=grids())
def test_raster_and_wavefront_are_identical(phi: str, grid: Grid) -> None:
    assert identical(mdrnn.mdrnn_forward, mdrnn.mdrnn_wavefront, grid, PHIS[phi])


@pytest.mark.claim("2.activations")
@pytest.mark.parametrize("phi", PHIS)
@settings(max_examples=10)
@given(grid=grids(least=2))
def test_with_west_and_north_swapped_they_are_not(phi: str, grid: Grid) -> None:
    assert not identical(SWAPPED.implementation.mdrnn_forward, mdrnn.mdrnn_wavefront, grid, PHIS[phi])


@pytest.mark.claim("2b.optimal", "2c.depth")
@pytest.mark.parametrize("name", ["mdrnn_forward", "mdrnn_wavefront"])
@given(grid=grids())
def test_the_longest_chain_has_as_many_squares_as_there_are_diagonals(name: str, grid: Grid) -> None:
    hidden = getattr(mdrnn, name)(*net(grid, Traces()))
    chain = longest_chain({square: hidden[square] for square in np.ndindex(*grid[:2])})
    assert len(chain) == grid[0] + grid[1] - 1


@pytest.mark.claim("2c.receptive_field")
@pytest.mark.parametrize("name", ["mdrnn_forward", "mdrnn_wavefront"])
@given(grid=grids())
def test_a_square_sees_all_inputs_to_its_north_west_and_no_other(name: str, grid: Grid) -> None:
    hidden = getattr(mdrnn, name)(*net(grid, Traces()))
    for i, j in np.ndindex(*grid[:2]):
        seen = {label for label in sources(hidden[i, j]) if label.startswith("x")}
        assert seen == {f"x{[a, b, c]}" for a in range(i + 1) for b in range(j + 1) for c in range(grid[2])}
