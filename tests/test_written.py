"""Written answers: what is accepted, what is refused and how, beside near misses of each."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import flint
import pytest

import refute
from refute.claims import Real
from refute.deciding.reach import reach
from refute.deciding.same import same
from refute.deciding.verdict import Status
from refute.deciding.written import Decider, Deciders
from refute.errors import UsageError
from refute.formula.parse import parse
from tests.answering import ROOT, decide, homework

RIGHT = (
    ("1a.c_bar", "c_bar[t+1]*f[t+1] + h_bar[t]*o[t]*sech(c[t])^2"),
    ("1a.c_bar", "c_bar[t+1]*f[t+1] + h_bar[t]*o[t]*4/(exp(c[t]) + exp(-c[t]))^2"),
    ("1a.g_bar", "c_bar[t]*sigmoid(w_ix*x[t] + w_ih*h[t-1])"),
    ("1a.o_bar", "h_bar[t]*h[t]/o[t]"),  # the gate is nowhere 0
    ("1b.w_ix_bar", "sum(i_bar[n]*i[n]*(1 - i[n])*x[n], n, 1, T)"),
    ("1b.w_ix_bar", "sum(c_bar[t]*g[t]*i[t]^2*exp(-w_ix*x[t])*exp(-w_ih*h[t-1])*x[t], t, 1, T)"),
    ("2a.weights", "H*(D + 2*H)"),
    ("2a.operations", "2*G^2*H*(D + 2*H)"),
    ("3a.theta", "theta[k+1] - p[k+1]"),
    ("3a.p", "(p[k+1] + alpha*grad_J(theta[k+1] - p[k+1]))/beta"),
    ("3b.factors", "[[1, 1], [0, 1]]*[[1, 0], [-alpha*H, beta]]"),
    ("3b.factors", "[[I, 0], [I, I]]*[[beta*I, -alpha*H], [0, I]]"),
    ("3b.det", "beta^(2*D)/beta^D"),
)


@pytest.mark.parametrize(("claim", "answer"), RIGHT)
def test_a_right_answer_is_certified_below_2_to_the_minus_100(claim: str, answer: str) -> None:
    verdict = decide(claim, answer)
    assert verdict.status is Status.CERTIFIED
    assert verdict.error_bound is not None
    assert 0 < verdict.error_bound < Fraction(1, 2**100)


WRONG = (
    ("1a.c_bar", "c_bar[t+1]*f[t] + h_bar[t]*o[t]*sech(c[t])^2", "t for t+1 in the forget gate"),
    ("1a.c_bar", "c_bar[t+1]*f[t+1] + h_bar[t]*o[t]*(1 - tan(c[t])^2)", "tan for tanh"),
    ("1a.h_bar", "i_bar[t+1]*i[t+1]*(1-i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1-f[t+1])*w_fh + g_bar[t+1]*(1-g[t+1]^2)*w_gh",
     "the path through the output gate is missing"),
    ("1a.g_bar", "c[t]*i[t]", "the bar is lost"),
    ("1b.w_ix_bar", "i_bar[t]*i[t]*(1 - i[t])*x[t]", "the sum over time is missing"),
    ("1b.w_fh_bar", "sum(f_bar[t]*f[t]*h[t-1], t, 1, T)", "the sigmoid's derivative lost its factor 1 − f"),
    ("2a.weights", "H^2 + D*H", "only one of the two recurrent matrices is counted"),
    ("3a.p", "(p[k+1] + alpha*grad_J(theta[k+1]))/beta", "the gradient is taken after the step"),
    ("3b.det", "0", "the step can be inverted"),
)  # fmt: skip


@pytest.mark.parametrize(("claim", "answer", "mistake"), WRONG)
def test_a_wrong_answer_has_a_counterexample_and_a_name(claim: str, answer: str, mistake: str) -> None:
    verdict = decide(claim, answer)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert Fraction(verdict.counterexample.expected) != Fraction(verdict.counterexample.observed)
    assert verdict.mistake is not None
    assert verdict.mistake.text == mistake


def test_a_counterexample_is_not_one_in_which_everything_vanishes() -> None:
    shown = decide("1a.i_bar", "c_bar[t]*i[t]").counterexample
    assert shown is not None
    assert "0" not in (shown.expected, shown.observed)


@pytest.mark.parametrize("off", ["1e-9", "1e-30", "1e-60"])
def test_an_answer_that_is_hardly_off_is_refused_with_the_digits_that_show_it(off: str) -> None:
    shown = decide("1a.f_bar", f"c_bar[t]*c[t-1] + {off}").counterexample
    assert shown is not None
    assert abs(Fraction(shown.observed) - Fraction(shown.expected) - Fraction(off)) < Fraction(off) / 100


@pytest.mark.parametrize("direct", ["", "L_h[t] + "])
def test_the_losss_own_term_may_be_left_out(direct: str) -> None:
    rest = "sum(0, t, 1, T) + i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fh"
    verdict = decide(
        "1a.h_bar", f"{direct}{rest} + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_oh + g_bar[t+1]*w_gh*(1 - g[t+1]^2)"
    )
    assert (verdict.status, "own term" in verdict.reading) == (Status.CERTIFIED, not direct)


@pytest.mark.parametrize(
    ("claim", "answer"),
    [("3a.theta", "theta[k]"), ("3a.p", "p[k]"), ("3a.theta", "theta[k+1] - beta*p[k] + alpha*grad_J(theta[k])"),
     ("1a.c_bar", "c_bar[t]"), ("1a.c_bar", "g_bar[t]/i[t]")],
)  # fmt: skip
def test_an_answer_that_uses_what_is_to_be_found_is_refused(claim: str, answer: str) -> None:
    verdict = decide(claim, answer)
    assert verdict.status is Status.REFUTED
    assert verdict.mistake is not None
    assert verdict.mistake.kind == "circular"
    assert any("a guess" in name for name in verdict.counterexample.case)  # type: ignore[union-attr]  # it has one


@pytest.mark.parametrize(
    ("claim", "right", "beyond"),
    [
        ("3a.theta", "theta[k+1] - p[k+1]", "theta[k+2]"),
        ("3a.theta", "theta[k+1] - p[k+1]", "p[k-1]"),
        ("3a.theta", "theta[k+1] - p[k+1]", "theta[3]"),
        ("3a.p", "(p[k+1] + alpha*grad_J(theta[k]))/beta", "p[k+9]"),
    ],
)
def test_what_a_step_does_not_show_is_unknown_and_not_zero(claim: str, right: str, beyond: str) -> None:
    assert decide(claim, f"{right} + 0*{beyond}").status is Status.CERTIFIED
    verdict = decide(claim, f"{right} + {beyond}")
    assert verdict.status is Status.REFUTED
    assert verdict.mistake is not None
    assert verdict.mistake.kind == "unknown"


def test_an_index_does_not_count_from_the_end() -> None:
    right = "c_bar[t]*c[t-1]"
    for answer in (f"{right} + h[-1]", rf"{right} + h^{{(-1)}}", f"{right} + h_-1"):
        assert decide("1a.f_bar", answer).status is Status.UNREADABLE


@pytest.mark.parametrize("order", ["G^2*(D*H + H^2)", "2*G^2*H*max(D, H)", "(3*G + 1)^2*H*(D + H)"])
def test_a_tight_order_of_growth_is_proved(order: str) -> None:
    assert {decide("2a.operations", f"{name}({order})").status for name in ("O", "Theta")} == {Status.PROVED}


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("G^2*H^2*D", "true, not tight"), ("G^2*H^2", "not an upper bound"), ("G*H*D + G*H^2", "not an"),
        ("2^G", "not an upper bound"), ("H^G", "not an upper bound"), ("G^H", "not an"), ("exp(-G)*H^2*D", "not an"),
        ("H^3", "not an upper bound"), ("sqrt(G)*H", "not an upper bound"), ("G^2/H", "not an upper bound"),
        ("2^(G*D*H)", "true, not tight"), ("exp(G + D + H)", "true, not tight"), ("log(G)", "not an upper bound"),
        ("G^2*(H^2 + D*H)*log(D)", "true, not tight"), ("(G^2*(D*H + H^2))^2", "true, not tight"),
        ("min(G, H)^9", "not an upper bound"), ("log_10(G)*G^2*H*(D + H)", "true, not tight"),
    ],
)  # fmt: skip
def test_a_loose_order_of_growth_is_refused_with_a_direction(order: str, says: str) -> None:
    verdict = decide("2a.operations", f"O({order})")
    assert (verdict.status, verdict.message.startswith(says)) == (Status.REFUTED, True)
    assert "n^" in verdict.message


@pytest.mark.parametrize("order", ["sqrt(G^4)*H*(D + H)", "G^3/G*(D*H + H^2)", "G^(H - H + 2)*H*(D + H)"])
def test_a_tight_order_that_is_no_polynomial_is_neither_accepted_nor_refused(order: str) -> None:
    assert decide("2a.operations", f"O({order})").status is Status.UNDECIDED


@pytest.mark.parametrize("order", ["tanh(G)", "G^2 - sqrt(G)", "log(2^G)", "2^sqrt(G)"])
def test_an_order_whose_growth_is_not_known_is_unreadable(order: str) -> None:
    assert decide("2a.operations", f"O({order})").status is Status.UNREADABLE


def test_a_polynomial_that_vanishes_on_all_small_sizes_is_seen() -> None:
    vanishing = "*".join(f"(D - {n})" for n in range(1, 10))
    assert decide("2a.weights", f"2*H^2 + D*H + {vanishing}").status is Status.REFUTED


def test_outside_the_class_an_answer_is_tested_never_certified() -> None:
    assert decide("3b.det", "sqrt(beta^(2*D))").status is Status.TESTED
    assert decide("3b.det", "sqrt(beta^(3*D))").status is Status.REFUTED
    assert decide("1a.f_bar", "c_bar[t]*c[t-1]*(sin(x[t])^2 + cos(x[t])^2)").status is Status.TESTED
    assert decide("1a.f_bar", "c_bar[t]*c[t-1]*(sin(x[t])^2 - cos(x[t])^2)").status is Status.REFUTED


@pytest.mark.parametrize(
    ("answer", "twin"),
    [
        ("exp(D*log(beta))", "exp(D*log(2*beta))"),
        ("exp(-D*log(1/beta))", "exp(D*log(1/beta))"),
        ("exp(D*log(beta^2)/2)", "exp(D*log(beta^2))"),
        ("2^(D*log2(beta))", "2^(D*log(beta))"),
    ],
)
def test_what_is_positive_has_a_logarithm(answer: str, twin: str) -> None:
    assert decide("3b.det", answer).status is Status.CERTIFIED
    assert decide("3b.det", twin).status is Status.REFUTED


def test_a_mistake_is_named_only_if_it_is_one_at_every_step() -> None:
    paths = " + ".join(f"{gate}_bar[t+1]*{gate}[t+1]*(1 - {gate}[t+1])*w_{gate}h" for gate in "ifo")
    rest = f"{paths} + g_bar[t+1]*(1 - g[t+1]^2)*w_gh"
    assert decide("1a.h_bar", f"{rest} + h_bar[t+1]").mistake is None  # which at the last step but one is L_h[t+1]
    verdict = decide("1a.h_bar", f"{rest} + L_h[t+1]")
    assert verdict.mistake is not None
    assert "t + 1" in verdict.mistake.text


def test_what_is_positive_has_every_power() -> None:
    given = {"a": Real(low=0), "b": Real(low=1, closed=True)}
    assert same("a^(x + log(2)/log(a))", "2*exp(x*log(a + b - b))", given).status is Status.REFUTED  # not at a = 1
    assert same("a^(x + y)*b^(2*y)", "(b^y)^2*a^y*exp(x*log(a + b - b))", given).status is Status.CERTIFIED


def test_a_chain_is_judged_by_its_last_member_and_says_which_step_breaks() -> None:
    right, broken = "c_bar[t+1]*f[t+1] + h_bar[t]*o[t]*sech(c[t])^2", "c_bar[t+1]*f[t+1] + h_bar[t]*o[t]"
    assert decide("1a.c_bar", f"{right} = {right}").message == ""
    verdict = decide("1a.c_bar", f"{broken} = {right}")
    assert verdict.accepted
    assert verdict.message.startswith("step 1 breaks")


@pytest.mark.parametrize(
    ("claim", "answer", "named"),
    [
        ("1a.c_bar", "2*h_bar[t]*o[t]*sech(c[t])^2 - 3*c_bar[t+1]*f[t+1]",
         "the path through the hidden state is there 2 times; the path through the cell state is there -3 times"),
        ("1a.c_bar", "h_bar[t]*o[t]*sech(c[t])^2 + c_bar[t+1]*f[t+1]/2",
         "the path through the cell state is there 1/2 times"),
        ("1a.c_bar", "h_bar[t]*o[t]*(1 - tan(c[t])^2) + c_bar[t+1]*f[t]",
         "tan for tanh; and t for t+1 in the forget gate"),
        ("1a.g_bar", "2*c_bar[t]*i[t]/3", "it is 2/3 times what it is to be"),
        ("1b.w_ix_bar", "5*sum(i_bar[t]*i[t]*(1 - i[t])*x[t], t, 1, T)", "it is 5 times what it is to be"),
        ("1b.w_ix_bar", "sum(i_bar[t]*i[t]*(1 - i[t])*x[t], t, 1, T)/T", "the mean over time where the sum belongs"),
        ("1b.w_ix_bar", "T*sum(i_bar[t]*i[t]*(1 - i[t])*x[t], t, 1, T)", None),
        ("1b.w_ix_bar", "i_bar[t]*i[t]*(1 - i[t])*x[t]", "the sum over time is missing"),
        ("1b.w_ix_bar", "i_bar[t]*i[t]*(1 - i[t])*x[t-1]",
         "the sum over time is missing; and x (input) at t - 1 where t belongs"),
        ("1b.w_ix_bar", "i_bar[t]*i[t]*h[t]*x[t-1]", None),
        ("1b.w_ix_bar", "sum(i_bar[t]*i[t]*(1 - i[t])*x[t], t, 1, T) + h[t]", None),
        ("1a.c_bar", "h_bar[t]*o[t]*sech(c[t])^2 + c_bar[t+1]*f[t+1] + x[t]", None),
        ("1a.f_bar", "c_bar[t+1]*c[t-1]", "t + 1 where t belongs"),
        ("1a.f_bar", "c_bar[T]*c[t-1]", None),
        ("1a.c_bar", "29*h_bar[t]*o[t]*sech(c[t])^2 + c_bar[t+1]*f[t+1]", None),
    ],
)  # fmt: skip
def test_several_mistakes_are_named_together(claim: str, answer: str, named: str | None) -> None:
    verdict = decide(claim, answer)
    assert verdict.status is Status.REFUTED
    assert (verdict.mistake and verdict.mistake.text) == named


def test_fingerprints_are_equal_for_equal_functions_only() -> None:
    prints = [decide("1a.c_bar", a).fingerprint for a in ("h_bar[t]*2", "h_bar[t] + h_bar[t]", "h_bar[t]*3")]
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(("index", "is_free"), [("t", False), ("n", False), ("t", True)])
def test_a_sums_own_index_is_not_free(index: str, is_free: bool) -> None:
    summed = decide("1b.w_ix_bar", "sum(i_bar[k]*x[k], k, 1, T)")
    body = f"i_bar[{index}]*x[{index}]"
    verdict = decide("1b.w_ix_bar", body if is_free else f"sum({body}, {index}, 1, T)")
    assert verdict.counterexample is not None
    assert ("t" in verdict.counterexample.case) is is_free
    assert (verdict.fingerprint == summed.fingerprint) is not is_free


def test_a_fingerprint_depends_on_the_secret_not_on_what_was_asked_before() -> None:
    answers = ["exp(x[t])*h_bar[t]", "exp(2*x[t])", "h_bar[t]"]
    one, two, other = (Decider(homework().claim("1a.c_bar"), secret) for secret in ("s", "s", "other"))
    forward = [one.decide(answer).fingerprint for answer in answers]
    backward = [two.decide(answer).fingerprint for answer in reversed(answers)]
    assert forward == backward[::-1]
    assert not {*forward} & {other.decide(answer).fingerprint for answer in answers}


CIRCULAR = "g_bar[t] + i_bar[t] + h_bar[t]"
SHARED = (
    ("1a.g_bar", CIRCULAR),
    ("1a.g_bar", "-c_bar[t]*i[t]"),
    ("1a.g_bar", "exp(x[t])"),
    ("1a.i_bar", CIRCULAR),
    ("1a.i_bar", "c_bar[t]"),
    ("1a.i_bar", "exp(2*x[t])"),
    ("1a.i_bar", "c_bar[t]*g[t]"),
    ("1a.i_bar", "c_bar[t]*g[t]*(2 + x[t])^9/(2 + x[t])^9"),
    ("1a.i_bar", "c_bar[t]*g[t]/(1 + tanh(x[t])^2)*(tanh(x[t])^2 + 1)"),
    ("1a.i_bar", "c_bar[t]*(1 + tanh(x[t])^2)/(1 + tanh(x[t])^2)"),
)


def test_a_verdict_depends_on_no_other_answer_even_of_a_claim_that_shares_its_cases() -> None:
    forward, backward = (Deciders(homework()) for _ in range(2))
    verdicts = {key: forward.of(key[0]).decide(key[1]) for key in SHARED}
    for claim, answer in reversed(SHARED):
        alone = Decider(homework().claim(claim)).decide(answer)
        for verdict in (verdicts[claim, answer], backward.of(claim).decide(answer)):
            assert replace(verdict, seconds=0) == replace(alone, seconds=0)


def test_threads_may_share_a_decider_and_leave_the_precision_alone() -> None:
    before = flint.ctx.prec
    answers = [answer for claim, answer in RIGHT if claim == "1a.c_bar"] + ["h_bar[t]", "c_bar[t]*f[t]"] * 3
    asked = [(claim, answer) for answer in answers for claim in ("1a.c_bar", "1a.g_bar")]
    with ThreadPoolExecutor(4) as pool:
        shared = Deciders(homework())
        verdicts = list(pool.map(lambda pair: shared.of(pair[0]).decide(pair[1]), asked))
    assert [verdict.status for verdict in verdicts] == [decide(*pair).status for pair in asked]
    assert flint.ctx.prec == before


def test_a_claim_without_a_blank_takes_no_answer() -> None:
    with pytest.raises(UsageError, match="takes no written answer"):
        refute.decide("1c.bounded", "1")
    with pytest.raises(UsageError, match="no claim matches"):
        refute.decide("1a.nothing", "1")


def test_decide_is_a_function_after_its_package_was_imported() -> None:
    code = "import refute, refute.deciding.written; print(refute.decide('2a.weights', '2H^2 + DH').status)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "certified\n"


SUMMED = "i_bar[t]*i[t]*(1 - i[t])*x[t]"
RIGHT_WHERE_IT_IS_TRIED = (
    ("1b.w_ix_bar", f"sum({SUMMED}, t, 1, 3)"),  # T is 2 and 3
    ("1b.w_ix_bar", f"sum({SUMMED}, t, 1, 10)"),
    ("1b.w_ix_bar", " + ".join(SUMMED.replace("[t]", f"[{t}]") for t in (1, 2, 3))),
    ("1b.w_ix_bar", f"sum({SUMMED} + x[t+3], t, 1, T)"),
    ("1b.w_ix_bar", f"sum({SUMMED}, t, 1, T) + sum((t - 1)*(t - 2)*(t - 3), t, 1, T)"),
    ("1b.w_ix_bar", f"sum({SUMMED}, t, 1, T) + (sum(1, t, 1, T) - 2)*(T - 3)"),
    ("1a.f_bar", "c_bar[t]*c[t-1] + c_bar[t+3]"),
    ("1a.f_bar", "c_bar[t]*c[t-1] + x[t-5]"),
    ("1a.f_bar", "c_bar[t]*c[t-1] + x[4]"),
    ("1a.f_bar", "c_bar[t]*c[t-1] + (T - 2)*(T - 3)"),
    ("1a.f_bar", "c_bar[t]*c[t-1]*(1 + (t - 1)*(t - 2)*(t - 3))"),
    ("1a.f_bar", "c_bar[t]*c[t-1]*(1 + sum((T - 2)*(T - 3)*s, s, 1, 2))"),
    ("3a.p", "(p[k+1] + alpha*grad_J(theta[k]))/beta*(1 + (D - 1)*(D - 2)*(D - 3))"),
    ("3b.det", "beta^D + (D - 1)*(D - 2)*(D - 3)*(D - 5)"),
    ("3b.det", "beta^min(D, 5)"),
    ("3b.factors", "[[I, I], [0, I]]*[[I, 0], [-alpha*H, (beta + (D - 1)*(D - 2)*(D - 3))*I]]"),
    ("3b.volume", "beta^(K*D) + (K - D - 1)*(K - D - 8)"),
    ("3b.volume", "beta^(K*D + (K - D - 1)*(K - D - 8))"),
)


@pytest.mark.parametrize(("claim", "answer"), RIGHT_WHERE_IT_IS_TRIED)
def test_what_is_right_at_small_sizes_only_is_refused(claim: str, answer: str) -> None:
    assert decide(claim, answer).status is Status.REFUTED


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        ("1b.w_ix_bar", f"sum({SUMMED}, t, 1, T+3)"),
        ("1b.w_ix_bar", f"sum({SUMMED}, t, 1, 3) + sum({SUMMED}, t, 4, T)"),
        ("1a.f_bar", "c_bar[t]*c[t-1]*(T + 1)/(1 + T)"),
        ("1a.f_bar", "c_bar[t]*c[t-1]*sum(s + T/100 - T/100, s, 1, 4)/10"),
        ("3b.det", "beta^(D + 7)/beta^7"),
        ("3b.det", "beta^(40*D)/beta^(39*D)"),
        ("3b.det", "beta^(D - 20)*(beta - D/7 + D/7)^20"),
        ("3b.volume", "beta^(K*D) + (D + 70) - (70 + D)"),
        ("3b.factors", "[[I, I], [0, I]]*[[I, 0], [-alpha*H, (beta - D/700 + D/700)*I]]"),
        ("3b.factors", "[[I, I], [0*(D^2 + 7*D), I]]*[[I, 0], [-alpha*D*H/D, beta*I]]"),
    ],
)
def test_what_is_right_at_larger_sizes_too_is_accepted(claim: str, answer: str) -> None:
    verdict = decide(claim, answer)
    assert verdict.status is Status.CERTIFIED
    assert verdict.fingerprint in {decide(claim, text).fingerprint for text in right_texts(claim)}


def right_texts(claim: str) -> list[str]:
    """What is right, as the spec has it."""
    found = homework().claim(claim)
    assert found.blank is not None
    return [found.formulas[part] for part in found.blank.right]


def test_a_verdict_lists_the_sizes_at_which_it_was_reached() -> None:
    assert decide("1b.w_ix_bar", f"sum({SUMMED}, t, 1, T)").shapes == ("T = 2", "T = 3")
    further = decide("1b.w_ix_bar", f"sum({SUMMED}, t, 1, T+3)")
    assert further.shapes == ("T = 2", "T = 3", "T = 5")
    assert further.answer_json()["message"] == "decided at T = 2; T = 3; T = 5"
    assert decide("2a.weights", "2H^2 + DH").shapes == ()
    assert decide("1b.w_ix_bar", SUMMED).answer_json()["message"].startswith("with T = 2")


def test_an_answer_is_tested_at_every_value_of_what_it_leaves_free() -> None:
    right = f"sum({SUMMED}, t, 1, T)"
    assert decide("1b.w_ix_bar", f"{right} + abs(h[t]) - abs(h[t])").status is Status.TESTED
    assert decide("1b.w_ix_bar", f"{right} + abs(h[t]) - h[t]").status is Status.REFUTED


def test_numbers_too_large_to_try_leave_an_answer_undecided() -> None:
    for answer in (f"sum({SUMMED}, t, 1, 100)", f"sum({SUMMED}, t, 1, T)*(1 + (T - 2)*(T - 3)*(T - 14))"):
        assert decide("1b.w_ix_bar", answer).status is Status.UNDECIDED
    assert decide("1b.w_ix_bar", f"sum({SUMMED} + x[t+100]/1000, t, 1, 3)").status is Status.REFUTED


@pytest.mark.parametrize(
    ("formula", "size"),
    [("beta^D", 3), ("x[t-1]", 3), ("x[4]", 5), ("x[t+3] + 9", 5), ("sum(x[s], s, 1, 3)", 4),
     ("sum(9*x[s], s, 1, T)", 2),
     ("sum(2 + s, s, 1, 3)", 4), ("sum(2 + s, s, 1, T)", 8),
     ("(D - 2)*(D - 3)", 11), ("D/20 - 1", 24), ("9^1000*D", 1_002), ("alpha*9^9", 0)],
)  # fmt: skip
def test_a_formula_reaches_beyond_the_numbers_in_it(formula: str, size: int) -> None:
    assert reach(parse(formula), frozenset({"D", "T", "t"})) == size


@pytest.mark.parametrize(
    ("claim", "answer", "not_it"),
    [
        ("3b.det", "beta^(D - 2)", "right for D = 1 only"),
        ("3b.det", "beta^(D + 3)", "only the velocity is scaled"),
        ("3b.volume", "beta^(K*(D - 1))", "right for D = 1 only"),
        ("3b.volume", "beta^(D + 1)", "right for D = 1 only"),
    ],
)
def test_what_is_like_a_mistake_at_one_small_size_is_not_named_after_it(claim: str, answer: str, not_it: str) -> None:
    verdict = decide(claim, answer)
    assert verdict.status is Status.REFUTED
    assert verdict.mistake is None or verdict.mistake.text != not_it
