"""Question 3: the inverse undoes the step for any J; volume shrinks by beta^D a step, and what it loses is what must be
remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, log2, log10
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impl import momentum
from impl.momentum import momentum_inverse, momentum_step
from properties.judging import (
    JUDGES,
    Judge,
    cases_met,
    example,
    in_balls,
    in_floats,
    is_shrunk,
    mistakes,
    told_apart,
    with_formulas,
)
from properties.strategies import DESCENTS, MOMENTUM, bowls, cases
from properties.twins import FIXED_POINT, NESTEROV, NOTHING_KEPT, RIGHT, SGD, Twin
from properties.twins import MOMENTUM as TWINS
from refute.claims import Claim
from refute.deciding.bench import Case, run
from refute.deciding.check import Checker
from refute.deciding.counterexample import LADDER
from refute.deciding.identity import refutation
from refute.deciding.meeting import meetings
from refute.formula.evaluate import as_is
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
JUDGED = [
    (CLAIMS[name], judge) for name in DESCENTS for judge in JUDGES if judge is not in_floats or name == "3a.theta"
]
WRONG_WAY = with_formulas(CLAIMS["3a.theta"], {"": "theta[k+1] + p[k+1]"})
TOO_LATE = with_formulas(CLAIMS["3a.p"], {"": "(p[k+1] + alpha*grad_J(theta[k+1]))/beta"})


# --- The claims -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claim", "judge"), JUDGED, ids=[f"{claim.id}-{judge.__name__}" for claim, judge in JUDGED])
def test_the_formula_and_the_code_agree_for_any_energy(claim: Claim, judge: Judge) -> None:
    assert cases_met(judge, claim, momentum, cases(claim, DESCENTS[claim.id], MOMENTUM)) > 0


@pytest.mark.parametrize("judge", JUDGES)
def test_each_number_system_tells_a_wrong_formula(judge: Judge) -> None:
    assert told_apart(judge, WRONG_WAY, momentum, cases(WRONG_WAY, DESCENTS[WRONG_WAY.id], MOMENTUM))


@pytest.mark.parametrize(("claim", "formulas"), mistakes(QUESTION.claims))
def test_a_mistake_is_refuted_by_a_small_case(claim: Claim, formulas: Mapping[str, str], checker: Checker) -> None:
    shown = refutation(claim, momentum, checker.bench, formulas)
    assert shown is not None
    assert is_shrunk(claim, shown)


def test_hypothesis_shrinks_to_a_case_as_small() -> None:
    whole = cases(TOO_LATE, {"D": st.integers(1, 2)}, MOMENTUM, regimes=((1,),))
    case = told_apart(in_balls, TOO_LATE, momentum, whole, shrunk=True)
    assert set(case.fixed.values()) <= set(LADDER)


@pytest.mark.parametrize("twin", [*TWINS, *FIXED_POINT], ids=[twin.name for twin in (*TWINS, *FIXED_POINT)])
def test_a_wrong_implementation_is_refuted(twin: Twin, checker: Checker) -> None:
    shown = checker.check(CLAIMS[twin.claim], twin.implementation).counterexample
    assert shown is not None
    assert shown.formula  # two values differ; it did not merely fail to run
    assert shown.expected != shown.observed


RIGHTS = {"ours": momentum} | {twin.name: twin.implementation for twin in (RIGHT["3"], *SGD)}


@pytest.mark.parametrize("implementation", RIGHTS.values(), ids=RIGHTS)
def test_a_right_implementation_is_accepted(implementation: Any, checker: Checker) -> None:
    assert [claim.id for claim in QUESTION.claims if not checker.check(claim, implementation).accepted] == []


# --- The inverse ------------------------------------------------------------------------------------------------------

# The two formulas of 3a as one recursion: the second needs what the first gives.
INVERSE = Model(
    f"theta[k] = {CLAIMS['3a.theta'].formulas['']}\np[k] = {CLAIMS['3a.p'].formulas['']}", {"k": ("0", "0")}
)


def explained(inverse: Any, bowl: Any) -> list[bool]:
    """Whether each result of an inverse in binary64 is as close as one evaluation of the formulas."""
    balls = Balls(53)
    h, g, theta, p, alpha, beta = (np.vectorize(balls.number, otypes=[object])(entry) for entry in bowl)
    names = {"grad_J": lambda q: h @ q + g, "alpha": alpha.item(), "beta": beta.item()}
    states = {"theta": Sequence({(1,): theta}), "p": Sequence({(1,): p})}
    truth = INVERSE.unroll({**names, **states}, {}, number=balls.number)
    h, g, *state = (np.array(entry, dtype=float) for entry in bowl)
    results = dict(zip(("theta", "p"), inverse(*state[:2], lambda q: h @ q + g, *state[2:]), strict=True))
    pairs = [pair for name in results for pair in zip(results[name], truth.at(name, 0), strict=True)]
    return [is_explained_by_rounding(result, ball) is True for result, ball in pairs]


@pytest.mark.claim("3a.*")
@given(bowls(8))
def test_the_inverse_in_binary64_is_as_close_as_one_evaluation_of_the_formulas(bowl: Any) -> None:
    assert all(explained(momentum_inverse, bowl))


@pytest.mark.claim("3a.*")
@pytest.mark.parametrize("twin", [twin for twin in TWINS if "momentum_inverse" in twin.functions], ids=lambda t: t.name)
def test_a_wrong_inverse_in_binary64_is_not(twin: Twin) -> None:
    assert example(bowls(8), lambda bowl: not all(explained(twin.functions["momentum_inverse"], bowl)))


def slope_of(energy: str, number: Callable[[Any], Any] = as_is) -> Gradient:
    """The gradient of an energy that the claims name, in two parameters, by dual numbers."""
    model = Model(f"J[n] = {energies[energy]}", {"n": ("1", "1")})
    matrix = Sequence({(i, j): number(Fraction(1, 1 + (i != j))) for i in (1, 2) for j in (1, 2)})

    def gradient(theta: Any) -> Any:
        inner = Sequence({(i + 1,): Dual(value, {i: 1}, level=1) for i, value in enumerate(theta)})
        run = model.unroll({"A": matrix, "B": matrix, "theta": inner}, {"D": 2}, number=number)
        return np.array([partial(run.at("J", 1), i) for i in range(2)], dtype=object)

    return gradient


def error_in_mpmath(energy: str, beta: Fraction, steps: int, digits: int) -> Fraction:
    """How far from where it began momentum ends, after steps there and steps back at so many digits."""
    number = Reals(digits).number
    start = tuple(np.array([number(Fraction(v)) for v in values]) for values in (("1/3", "-1/5"), ("1/7", "0")))
    rest = slope_of(energy, number), number(Fraction(1, 100)), number(beta)
    end = there_and_back(start, steps, *rest)
    entries = zip(np.concatenate(end), np.concatenate(start), strict=True)
    return Fraction(max(abs((now - was).fraction()) for now, was in entries))


def there_and_back(state: Any, steps: int, *rest: Any) -> Any:
    for step in (momentum_step, momentum_inverse):
        for _ in range(steps):
            state = step(*state, *rest)
    return state


WANTED, GUARD = 20, 3  # decimal digits


@pytest.mark.claim("3a.roundtrip")
@pytest.mark.parametrize("energy", energies)
@pytest.mark.parametrize("beta", [Fraction(1, 4), Fraction(1, 2), Fraction(9, 10)], ids=str)
@settings(max_examples=4)
@given(steps=st.integers(1, 200))
def test_each_step_back_costs_log10_of_one_over_beta_digits(energy: str, beta: Fraction, steps: int) -> None:
    digits = WANTED + ceil(steps * log10(1 / beta)) + GUARD
    assert error_in_mpmath(energy, beta, steps, digits) < Fraction(1, 10**WANTED)


# Not on the quartic, whose slope is a cube: there what is lost soon grows beyond all numbers.
@pytest.mark.claim("3a.roundtrip")
@pytest.mark.parametrize("energy", ["quadratic", "tanh network"])
@pytest.mark.parametrize("beta", [Fraction(1, 4), Fraction(1, 2)], ids=str)
def test_without_these_digits_nothing_is_left(energy: str, beta: Fraction) -> None:
    assert error_in_mpmath(energy, beta, 150, WANTED + GUARD) > 1


# --- The determinant --------------------------------------------------------------------------------------------------


def exact_volume(step: Any, theta: Any, p: Any, *rest: Any, steps: int = 1) -> Fraction:
    """The determinant of the Jacobian of some steps, in exact rationals."""
    state = seed(theta, "theta"), seed(p, "p")
    for _ in range(steps):
        state = step(*state, *rest)
    directions = [(name, i) for name in ("theta", "p") for i in range(len(theta))]
    return exact_determinant(jacobian([*state[0], *state[1]], directions))


@pytest.mark.claim("3b.det")
@settings(max_examples=20)
@given(bowls(50, least=20))
def test_the_determinant_is_beta_to_the_number_of_parameters(bowl: Any) -> None:
    h, g, theta, p, alpha, beta = bowl
    assert exact_volume(momentum_step, theta, p, lambda q: h @ q + g, alpha, beta) == beta ** len(p)


@pytest.mark.claim("3b.det")
@settings(max_examples=20)
@given(bowls(20))
def test_with_nesterov_the_hessian_enters_it(bowl: Any) -> None:
    h, g, theta, p, alpha, beta = bowl
    volume = exact_volume(NESTEROV.functions["momentum_step"], theta, p, lambda q: h @ q + g, alpha, beta)
    assert volume == beta ** len(p) * exact_determinant(np.eye(len(p), dtype=int) - alpha * h)


@pytest.mark.claim("3b.volume")
@pytest.mark.parametrize("energy", ["quadratic", "quartic"])
@settings(max_examples=20)
@given(steps=st.integers(1, 3), bowl=bowls(2, least=2))
def test_over_many_steps_the_volumes_multiply(energy: str, steps: int, bowl: Any) -> None:
    _, _, theta, p, alpha, beta = bowl
    assert exact_volume(momentum_step, theta, p, slope_of(energy), alpha, beta, steps=steps) == beta ** (2 * steps)


SYMBOLIC = [("3b.det", {"D": d}) for d in (1, 2, 3)] + [
    ("3b.volume", {"D": d, "K": k}) for d, k in ((1, 2), (1, 3), (2, 2))
]


@pytest.mark.parametrize(("name", "sizes"), SYMBOLIC, ids=str)
def test_sympy_proves_it_for_any_energy(name: str, sizes: Mapping[str, int]) -> None:
    claim, symbols = CLAIMS[name], Symbols()
    show = run(claim, momentum, Case({**sizes, "J": "any"}), symbols)
    assert all(meeting.expected - meeting.observed == symbols.number(0) for meeting in meetings(claim, show))
    wrong = meetings(claim, show, {"": "beta^(2*D*K)" if "K" in sizes else "beta^(2*D)"})
    assert all(meeting.expected - meeting.observed != symbols.number(0) for meeting in wrong)


# --- What must be remembered ------------------------------------------------------------------------------------------

THETA, P, ALPHA, BITS = np.array([0.1, 0.35]), np.array([0.125, -0.25]), 0.01, 32


def valleys(theta: Any) -> Any:
    """A slope, convex, whose minimum is not at the origin, where floats have more digits than elsewhere."""
    return np.tanh(theta - np.arange(1, len(theta) + 1) / 3)


def in_fixed_point(step: Any, state: Any, beta: tuple[int, int], steps: int = 10_000) -> Any:
    for _ in range(steps):
        state = step(state, valleys, ALPHA, beta, BITS)
    return state


@pytest.mark.claim("3.exact_reversal")
@pytest.mark.parametrize("beta", [(1, 2), (2, 3), (7, 16), (9, 10), (999, 1000)], ids=str)
def test_exact_reversal_remembers_what_volume_loses_and_no_more(beta: tuple[int, int]) -> None:
    start = momentum.to_fixed_point(THETA, P, BITS)
    end = in_fixed_point(momentum.fixed_point_step, start, beta)
    lost = Balls().number(Fraction(beta[1], beta[0])).log() / Balls().number(2).log() * 10_000
    room = int(EXACT_REVERSAL.within["bits per parameter"])
    assert all(abs(lost - int(length)) <= room for length in momentum.buffer_bits(end))
    assert all(map(np.array_equal, in_fixed_point(momentum.fixed_point_inverse, end, beta), start))


@pytest.mark.claim("3.exact_reversal")
def test_without_a_memory_it_does_not_come_back() -> None:
    start, twin = momentum.to_fixed_point(THETA, P, BITS), NOTHING_KEPT.implementation
    end = in_fixed_point(twin.fixed_point_step, start, (9, 10))
    assert not any(map(np.array_equal, in_fixed_point(twin.fixed_point_inverse, end, (9, 10))[:2], start))


def error_in_floats(beta: float, steps: int) -> float:
    """How far from where it began momentum on a quadratic ends in binary64, after steps there and back."""
    end = there_and_back((THETA, P), steps, lambda theta: theta - 1 / 3, ALPHA, beta)
    return float(max(np.abs(end[0] - THETA).max(), np.abs(end[1] - P).max()))


@pytest.mark.parametrize("beta", [0.25, 0.5, 0.75])
def test_floats_lose_up_to_log2_of_one_over_beta_bits_a_step_and_then_nothing_is_left(beta: float) -> None:
    # The modes on a convex quadratic are the roots of r^2 - (1 + beta - alpha h) r + beta: real ones lie between beta
    # and 1, others have modulus sqrt(beta). So a step back multiplies errors by at most 1/beta, at least sqrt(1/beta).
    steps = ceil(53 / log2(1 / beta))
    some, more = error_in_floats(beta, 2 * steps), error_in_floats(beta, 6 * steps)
    assert log2(1 / beta) / 2 <= log2(more / some) / (4 * steps) <= log2(1 / beta)
    assert some > 1


def test_in_floats_different_starts_end_in_the_same_state_and_in_fixed_point_never() -> None:
    starts = [(np.array([theta]), np.array([p])) for theta in (0.125, 0.5) for p in (0.0, 0.25, 0.5)]
    floats: set[Any] = set()
    fixed: set[Any] = set()
    for theta, p in starts:
        state = momentum.to_fixed_point(theta, p, BITS)
        fixed.add(tuple(np.concatenate(in_fixed_point(momentum.fixed_point_step, state, (1, 2), 3_000))))
        for _ in range(3_000):
            theta, p = momentum_step(theta, p, valleys, ALPHA, 0.5)
        floats.add((theta.item(), p.item()))
    assert len(floats) < len(fixed) == len(starts)
