"""Question 3: the inverse undoes the step for any J; volume shrinks by beta^D a step, and what is lost of it is what must
be remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, log2, log10
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from impl import momentum
from impl.momentum import momentum_inverse, momentum_step
from properties.judging import (
    JUDGES,
    Judge,
    cases_met,
    disagreements,
    in_balls,
    in_floats,
    is_shrunk,
    mistakes,
    with_formulas,
)
from properties.strategies import DESCENTS, MOMENTUM, bowls, cases
from properties.twins import FIXED_POINT, NESTEROV, NOTHING_KEPT, RIGHT, Twin
from properties.twins import MOMENTUM as TWINS
from refute.claims import Claim
from refute.deciding.bench import Case, run
from refute.deciding.check import Checker
from refute.deciding.counterexample import LADDER
from refute.deciding.identity import refutation
from refute.deciding.meeting import meetings
from refute.formula.model import Model, Sequence
from refute.numbers.balls import Balls
from refute.numbers.duals import Dual, jacobian, partial, seed
from refute.numbers.floats import is_explained_by_rounding
from refute.numbers.linear import exact_determinant
from refute.numbers.reals import Reals
from refute.numbers.symbols import Symbols
from specs.momentum import QUESTION, energies

Gradient = Callable[[Any], Any]

CLAIMS = {claim.id: claim for claim in QUESTION.claims}
EXACT_REVERSAL = CLAIMS["3.exact_reversal"]
# In binary64 the results of momentum_inverse itself are judged below, by a test of their own.
JUDGED = [(CLAIMS[name], judge) for name in DESCENTS for judge in JUDGES if judge is not in_floats or name == "3a.theta"]
TOO_LATE = with_formulas(CLAIMS["3a.p"], {"": "(p[k+1] + alpha*grad_J(theta[k+1]))/beta"})


def of(claim: Claim, **more: Any) -> st.SearchStrategy[Case]:
    return cases(claim, DESCENTS[claim.id], MOMENTUM, **more)


# --- The claims -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claim", "judge"), JUDGED, ids=[f"{claim.id}-{judge.__name__}" for claim, judge in JUDGED])
def test_the_formula_and_the_code_agree_for_any_energy(claim: Claim, judge: Judge) -> None:
    assert cases_met(judge, claim, momentum, of(claim)) > 0


@pytest.mark.parametrize("judge", JUDGES)
def test_each_number_system_tells_a_wrong_formula(judge: Judge) -> None:
    quickly = settings(phases=[Phase.generate])
    assert find(of(TOO_LATE), lambda case: bool(disagreements(judge, TOO_LATE, momentum, case)), settings=quickly)


@pytest.mark.parametrize(("claim", "formulas"), mistakes(QUESTION.claims))
def test_a_mistake_is_refuted_by_a_small_case(claim: Claim, formulas: Mapping[str, str], checker: Checker) -> None:
    shown = refutation(claim, momentum, checker.bench, formulas)
    assert shown is not None
    assert is_shrunk(claim, shown)


def test_hypothesis_shrinks_to_a_case_as_small() -> None:
    whole = of(TOO_LATE, regimes=((1,),))
    case = find(whole, lambda case: bool(disagreements(in_balls, TOO_LATE, momentum, case)), random=Random(0))
    assert set(case.fixed.values()) <= set(LADDER)


@pytest.mark.parametrize("twin", [*TWINS, *FIXED_POINT], ids=[twin.name for twin in (*TWINS, *FIXED_POINT)])
def test_a_wrong_implementation_is_refuted(twin: Twin, checker: Checker) -> None:
    shown = checker.check(CLAIMS[twin.claim], twin.implementation).counterexample
    assert shown is not None
    assert shown.formula  # two values differ; it did not merely fail to run
    assert shown.expected != shown.observed


@pytest.mark.parametrize("implementation", [momentum, RIGHT["3"].implementation], ids=["ours", "textbook"])
@pytest.mark.parametrize("claim", QUESTION.claims, ids=list(CLAIMS))
def test_a_right_implementation_is_accepted(claim: Claim, implementation: Any, checker: Checker) -> None:
    assert checker.check(claim, implementation).accepted


# --- The inverse ------------------------------------------------------------------------------------------------------

# The two formulas of 3a as one recursion: the second needs what the first gives.
INVERSE = Model(
    f"theta[k] = {CLAIMS['3a.theta'].formulas['']}\np[k] = {CLAIMS['3a.p'].formulas['']}", {"k": ("0", "0")}
)


@given(bowls(8))
def test_the_inverse_in_binary64_is_as_close_as_one_evaluation_of_the_formulas(bowl: Any) -> None:
    hessian, offset, theta, p, alpha, beta = bowl
    balls = Balls(53)
    exact = [np.array([balls.number(v) for v in np.ravel(a)]).reshape(np.shape(a)) for a in bowl]
    names = {"grad_J": lambda q: exact[0] @ q + exact[1], "alpha": exact[4].item(), "beta": exact[5].item()}
    states = {"theta": Sequence({(1,): exact[2]}), "p": Sequence({(1,): exact[3]})}
    truth = INVERSE.unroll({**names, **states}, {}, number=balls.number)
    hessian, offset, *state = (np.array(a, dtype=float) for a in bowl)
    results = momentum_inverse(*state[:2], lambda q: hessian @ q + offset, *state[2:])
    for name, result in zip(("theta", "p"), results, strict=True):
        assert all(is_explained_by_rounding(*pair) is not False for pair in zip(result, truth.at(name, 0), strict=True))
