"""Question 1: the formulas of backpropagation through time are the derivatives, and what the code computes; with gates
that remember, the gradient does not explode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from impl import lstm
from properties.judging import (
    JUDGES,
    Judge,
    cases_met,
    example,
    in_balls,
    is_shrunk,
    mistakes,
    told_apart,
    with_formulas,
)
from properties.strategies import LSTM, STEPS, cases, gates_in_box, points, remembering
from properties.twins import LSTM as TWINS
from properties.twins import RIGHT, Twin
from refute.claims import Bound, Claim
from refute.deciding.bench import Case
from refute.deciding.bounds import violate
from refute.deciding.check import Checker
from refute.deciding.counterexample import LADDER
from refute.deciding.identity import refutation
from refute.deciding.verdict import Status
from refute.formula.evaluate import evaluate
from refute.formula.model import Sequence
from refute.formula.parse import parse
from refute.numbers.balls import Ball, Balls
from specs.lstm import QUESTION, backward, bounded, c_bar

CLAIMS = {claim.id: claim for claim in QUESTION.claims}
GRADIENTS = [claim for claim in QUESTION.claims if claim is not bounded]
FORGETFUL = with_formulas(c_bar, {"": "h_bar[t]*o[t]*(1 - tanh(c[t])^2)"})  # the path through the next c is left out
(BOUND,) = (claim.observe for claim in QUESTION.claims if isinstance(claim.observe, Bound))

# --- What is drawn ----------------------------------------------------------------------------------------------------

KINDS: Mapping[str, Callable[[Case], bool]] = {
    "the shortest sequence": lambda case: case.sizes["T"] == 2,
    "a sequence longer than those that are enumerated": lambda case: case.sizes["T"] == 6,
    "a gate saturated beyond 53 bits": lambda case: 40 < abs(case.fixed["w_ix"] * case.fixed["x[1]"]) <= 1024,
    "a tiny weight": lambda case: 0 < abs(case.fixed["w_ih"]) < Fraction(1, 2**190),
    "a huge weight": lambda case: abs(case.fixed["w_ih"]) > 2**40,
    "a weight of zero": lambda case: case.fixed["w_ih"] == 0,
    "a first state of zeros": lambda case: case.fixed["h[0]"] == case.fixed["c[0]"] == 0,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cases_include(kind: str) -> None:
    assert example(cases(c_bar, STEPS, LSTM), KINDS[kind])


@given(cases(c_bar, STEPS, LSTM))
def test_every_step_has_another_input_than_the_one_before(case: Case) -> None:
    x = [case.fixed[f"x[{t}]"] for t in range(1, int(case.sizes["T"]) + 1)]
    assert all(now != before for before, now in pairwise(x))


# --- 1a and 1b: the formulas are the derivatives ----------------------------------------------------------------------


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("claim", GRADIENTS, ids=[claim.id for claim in GRADIENTS])
def test_the_formula_the_derivative_and_the_code_agree(claim: Claim, judge: Judge) -> None:
    assert cases_met(judge, claim, lstm, cases(claim, STEPS, LSTM), examples=8) > 0


@pytest.mark.parametrize("judge", JUDGES)
def test_each_number_system_tells_a_wrong_formula(judge: Judge) -> None:
    assert told_apart(judge, FORGETFUL, lstm, cases(c_bar, STEPS, LSTM))


@pytest.mark.parametrize(("claim", "formulas"), mistakes(GRADIENTS))
def test_a_mistake_is_refuted_by_a_small_case(claim: Claim, formulas: Mapping[str, str], checker: Checker) -> None:
    shown = refutation(claim, lstm, checker.bench, formulas)
    assert shown is not None
    assert is_shrunk(claim, shown)


def test_hypothesis_shrinks_to_a_case_as_small() -> None:
    whole = cases(c_bar, {**STEPS, "T": st.just(2)}, LSTM, regimes=((1,),))
    case = told_apart(in_balls, FORGETFUL, lstm, whole, shrunk=True)
    assert set(case.fixed.values()) <= set(LADDER)


@pytest.mark.parametrize("twin", TWINS, ids=[twin.name for twin in TWINS])
def test_a_wrong_implementation_is_refuted(twin: Twin, checker: Checker) -> None:
    shown = checker.check(CLAIMS[twin.claim], twin.implementation).counterexample
    assert shown is not None
    assert shown.formula  # two values differ; it did not merely fail to run
    assert shown.expected != shown.observed


@pytest.mark.parametrize("implementation", [lstm, RIGHT["1"].implementation], ids=["ours", "textbook"])
def test_a_right_implementation_is_accepted(implementation: Any, checker: Checker) -> None:
    assert [claim.id for claim in GRADIENTS if not checker.check(claim, implementation).accepted] == []


# --- 1c: the gradient does not explode --------------------------------------------------------------------------------


def growth(eps: Any, w: Any, c: Any) -> Any:
    """What the claim says the gradient grows by at most in one step: 1 + K eps."""
    return evaluate(parse(bounded.formulas["norm"]), {"eps": eps, "W": w, "C": c})


def largest(balls: Iterable[Ball]) -> Fraction:
    """The most that any of these numbers can be, whatever its sign."""
    return max(max(-low, high) for low, high in (ball.bounds() for ball in balls))


@pytest.mark.claim("1c.bounded")
def test_the_bounds_are_proved(checker: Checker) -> None:
    assert checker.check(bounded, lstm).status is Status.PROVED


@pytest.mark.claim("1c.bounded")
@given(points(BOUND))
def test_the_bounds_hold_at_every_point_of_the_box(point: Mapping[str, Fraction]) -> None:
    balls = Balls()
    variables = {name: balls.number(value) for name, value in point.items()}
    quantities = BOUND.quantities(variables, balls.number)
    for part, formula in bounded.formulas.items():
        most = evaluate(parse(formula), variables, balls.number)
        assert not any(quantity.arb > most.arb for quantity in quantities[part])


@pytest.mark.parametrize(("claim", "formulas"), mistakes([bounded]))
def test_a_mistaken_bound_is_exceeded_at_a_small_point(claim: Claim, formulas: Mapping[str, str]) -> None:
    shown = violate(BOUND, formulas, "")
    assert shown is not None
    assert is_shrunk(claim, shown)


@pytest.mark.claim("1c.bounded")
@pytest.mark.parametrize("eps", [Fraction(1, 1000), Fraction(1, 10), Fraction(1)])
@settings(max_examples=20)
@given(data=st.data())
def test_over_many_steps_no_gates_in_the_box_let_the_gradient_explode(eps: Fraction, data: st.DataObject) -> None:
    w, c, steps, values, weights = data.draw(gates_in_box(eps))
    balls = Balls()
    sequences = {name: Sequence({(t,): balls.number(v) for t, v in values[name].items()}) for name in values}
    recurrent = {name: balls.number(weight) for name, weight in weights.items()}
    run = backward.unroll({**sequences, **recurrent, "L_h": Sequence({})}, {"T": steps + 1}, number=balls.number)
    assert largest(run.at(name, 1) for name in ("h_bar", "c_bar")) <= growth(eps, w, c) ** steps


def gradients(x: Any, c_0: Any, weights: Mapping[str, Any]) -> tuple[Any, Any]:
    """What the code computes in balls, forwards and backwards, for the loss h[T]."""
    number = Balls().number
    h_direct = np.array([number(0)] * (len(x) - 1) + [number(1)])
    case = np.array(list(map(number, x))), number(0), number(c_0), {name: number(w) for name, w in weights.items()}
    return lstm.lstm_forward(*case), lstm.lstm_backward(*case, h_direct)


@pytest.mark.claim("1c.bounded")
@settings(max_examples=20)
@given(remembering())
def test_the_gradient_of_a_network_that_remembers_does_not_explode(case: tuple[Any, Any, Any]) -> None:
    forward, backward = gradients(*case)
    eps = largest([*(1 - forward["f"]), *forward["i"], *forward["o"]])
    w = max(abs(weight) for name, weight in case[2].items() if name.endswith("h"))
    most = growth(eps, w, largest(forward["c"]))
    assume(most < 2)
    assert largest([backward["h_bar"][0], backward["c_bar"][0]]) <= most ** (len(case[0]) - 1)


@pytest.mark.claim("1c.bounded")
def test_with_gates_at_one_half_and_large_weights_it_does() -> None:
    weights = {f"w_{gate}{read}": 20 for gate in "ifog" for read in "xh"}
    forward, backward = gradients([0] * 30, 0, weights)
    assert {forward[gate][t].bounds() for gate in "ifo" for t in range(30)} == {(Fraction(1, 2), Fraction(1, 2))}
    assert all(earlier > 2 * later for earlier, later in pairwise(backward["c_bar"]))
