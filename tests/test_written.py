"""Written answers: what is accepted, what is refused and how, beside near misses of each."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import flint
import pytest

import refute
from refute.claims import Natural, Real
from refute.deciding.domain import parse_domains
from refute.deciding.ground import Ground, Place
from refute.deciding.judge import Judge
from refute.deciding.reach import reach
from refute.deciding.same import same
from refute.deciding.verdict import ACCEPTED, Status, Verdict
from refute.deciding.written import Decider, Deciders
from refute.errors import UsageError
from refute.formula.parse import parse
from refute.numbers.residues import DEFAULT_BITS, Residues, random_prime
from refute.project import Project, load

ROOT = Path(__file__).parents[1]


@cache
def homework() -> Project:
    return load(ROOT)


@cache
def decider(claim: str) -> Decider:
    return Decider(homework().claim(claim))


def decide(claim: str, answer: str) -> Verdict:
    return decider(claim).decide(answer)


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


def test_what_is_positive_has_every_power() -> None:
    assert decide("3b.det", "exp(D*log(beta))").status is Status.CERTIFIED
    assert decide("3b.det", "exp(D*log(2*beta))").status is Status.REFUTED
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


# --- two formulas ----------------------------------------------------------------------------------------------------

SAME = (
    ("tanh(x)", "2*sigmoid(2*x) - 1"),
    ("sech(x)^2", "4/(exp(x) + exp(-x))^2"),
    ("sigmoid(1000*x)", "1 - sigmoid(-1000*x)"),
    ("2^x*3^x", "6^x"),
    ("(1/2)^x", "2^(-x)"),
    ("2^(x + 1)", "2*2^x"),
    ("(5 - 2)^x*(2^-2)^y", "3^x*4^(-y)"),
    ("x + log(10^-3)", "x - 3*log(10)"),
    ("(2^x)^y + exp(x)^(y/3)", "2^(x*y) + exp(x*y/3)"),
    ("log(exp(x + y))", "x + log(e^y)"),
    ("cosh(a*x) + sinh(a*x)", "(cosh(x) + sinh(x))^a"),
    ("exp(exp(x))*exp(y)", "exp(exp(x) + y)"),
    ("tanh(x + y)", "(tanh(x) + tanh(y))/(1 + tanh(x)*tanh(y))"),
    ("exp(3*x + 5*y)", "exp(x)^3*exp(y)^5"),
)


@pytest.mark.parametrize(("left", "right"), SAME)
def test_equal_formulas_are_certified(left: str, right: str) -> None:
    assert same(left, right).status is Status.CERTIFIED


@pytest.mark.parametrize(("left", "right"), SAME)
@pytest.mark.parametrize("off", ["1e-9", "1e-30"])
def test_a_near_miss_of_equal_formulas_is_refuted(left: str, right: str, off: str) -> None:
    assert same(left, f"({right})*(1 + {off})").status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right", "case"),
    [("x/x", "1", {"x": "0"}), ("log(x^2)", "2*log(x)", {"x": "-1"}), ("sqrt(x)^2", "x", {"x": "-1"}),
     ("(x^2 - 1)/(x - 1)", "x + 1", {"x": "1"}), ("a + 1", "(1 + 1/a)*a", {"a": "0"}),
     ("(x^4 - 4)/(x^2 - 2)", "x^2 + 2", {"x": "about 1.4142136"}),
     ("cos(x)*tan(x)", "sin(x)", {"x": "about 1.5707963"}),
     ("(exp(2*x) - 4)/(exp(x) - 2)", "exp(x) + 2", {"x": "about 0.69314718"}),
     ("(x^4 - 4*x^2 + 4)/(x^4 - 4*x^2 + 4)", "1", {"x": "about 1.4142136"}),
     ("x*(x^2 - 2000000)/(x^2 - 2000000)", "x", {"x": "about 1414.2136"}),
     ("sqrt((x - 3)^2*(x - 4))", "abs(x - 3)*sqrt(x - 4)", {"x": "3"}),
     ("1/(1/(x^2 - 5))", "x^2 - 5", {"x": "about 2.2360680"}), ("1", "(2^x - 3)/(2^x - 3)", {"x": "about 1.5849625"}),
     ("log(x^y)", "y*log(x)", {"x": "0", "y": "0"}), ("x^x", "exp(x*log(x))", {"x": "0"})],
)  # fmt: skip
def test_a_point_where_just_one_side_has_a_value_refutes(left: str, right: str, case: dict[str, str]) -> None:
    shown = same(left, right).counterexample
    assert shown is not None
    about = {name: value.partition(", where")[0] for name, value in shown.case.items()}
    assert (about, "undefined" in (shown.expected, shown.observed)) == (case, True)


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [("(x^4 - 4)/(x^2 + 2)", "x^2 - 2", ""), ("x*(x^2 - 5)/(x^2 - 5)", "x", "x > 3"),
     ("cos(x)*tan(x)", "sin(x)", "0 < x < 1"), ("a + 1", "(1 + 1/a)*a", "a < 0"),
     ("1/(x^2 - 2)", "1/((x - sqrt(2))*(x + sqrt(2)))", ""), ("1/(1 - tan(x)^2)", "1/((1 - tan(x))*(1 + tan(x)))", ""),
     ("x^x", "exp(x*log(x))", "x > 0"), ("1/tan(-x)", "-1/tan(x)", ""),
     ("x^(3*(y/3))/(x + 5)", "x^y/(x + 5)", ""), ("1/max(x, 1)", "1/max(1, x)", ""),
     ("1/(1 + max(x, 0))", "1/max(1, 1 + x)", "")],
)  # fmt: skip
def test_where_both_sides_lack_a_value_they_may_be_the_same(left: str, right: str, domain: str) -> None:
    given = parse_domains([domain] if domain else [])
    assert same(left, right, given).status in (Status.CERTIFIED, Status.TESTED)
    assert same(left, f"{right} + 1e-30", given).status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right"), [("sin(1)", "tan(pi/2)"), ("tan(pi/2)", "sin(1)"), ("sqrt(-1)", "sqrt(-2)")]
)
def test_what_has_no_value_that_is_known_is_accepted_for_nothing(left: str, right: str) -> None:
    assert same(left, right).status is Status.UNDECIDED


@pytest.mark.parametrize(
    ("one", "other", "off"),
    [
        ("exp(x)", "abs(exp(x))", "abs(exp(x)) + 1e-30"),
        ("x^4 + 1", "(x^2 + sqrt(2)*x + 1)*(x^2 - sqrt(2)*x + 1)", "(x^2 + sqrt(2)*x + 1)*(x^2 + sqrt(2)*x - 1)"),
        ("(2/3)^(3/2)", "2*sqrt(6)/9", "2*sqrt(6)/8"),
        ("0", "sin(7*10^99*pi)", "sin(7*10^99*pi) + 1e-30"),
        ("max(1, sin(x)^2 + cos(x)^2)", "1", "1 + 1e-30"),
        ("min(a, b, max(a, c))", "min(a, b)", "min(a, c)"),
        (r"\max\{a, b, c\}", "max(max(c, b), a)", "max(a, b)"),
    ],
)
def test_it_is_all_one_on_which_side_a_function_is_that_residues_lack(one: str, other: str, off: str) -> None:
    assert same(one, other).status is same(other, one).status is Status.TESTED
    assert same(one, off).status is same(off, one).status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right", "off"),
    [
        ("2^(2^x)", "4^(2^(x - 1))", "4^(2^(x + 1))"),
        ("2^(x*2^(2*x))", "2^(x*4^x)", "4^(x*2^x)"),
        ("e^(2^(2^x))", "exp(4^(2^(x - 1)))", "exp(4^(2^x))"),
    ],
)
def test_powers_are_heaped_where_no_name_is_a_size(left: str, right: str, off: str) -> None:
    assert same(left, right).status is Status.CERTIFIED
    assert same(left, off).status is Status.REFUTED
    assert decide("3b.det", f"beta^D*({left.replace('x', 'D')})^0").status is Status.UNREADABLE
    assert same(f"{left} + 9^(9^(9^n))", right, {"n": Natural(1, 9)}).status is Status.UNREADABLE


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        ("(-1)^n", "(-1)^(n + 2)", Status.TESTED),
        ("(-1)^n", "(-1)^(n + 1)", Status.REFUTED),
        ("(-2)^n", "(-1)^n*2^n", Status.TESTED),
        ("a^(b - b)", "1", Status.TESTED),
        ("a^b", "a^(b/2)*a^(b/2)", Status.REFUTED),
        ("(x^a)^b", "x^(a*b)", Status.REFUTED),
    ],
)
def test_negative_numbers_and_0_have_whole_powers(left: str, right: str, status: Status) -> None:
    assert same(left, right).status is same(right, left).status is status


def test_a_domain_can_make_formulas_the_same() -> None:
    assert same("log(x^2)", "2*log(x)", {"x": Real(low=0)}).status is Status.TESTED
    assert same("sqrt(x^2)", "x", {"x": Real(low=0)}).status is Status.TESTED
    assert same("sqrt(x^2)", "x", {"x": Real(high=0)}).status is Status.REFUTED
    assert same("x/x", "1", {"x": Natural(1, 9)}).status is Status.CERTIFIED


@pytest.mark.parametrize(
    ("text", "domain"),
    [("x > 0", Real(0)), ("x<=1/2", Real(high=Fraction(1, 2), closed=True)), ("0 < x < 1", Real(0, 1)),
     ("x > 0, x < 2", Real(0, 2)), ("1e-3 < x < 2.5e3", Real(Fraction(1, 1000), 2500)), ("x in 1..9", Natural(1, 9)),
     ("0 < x <= 1", Real(0, 1, True, (0,))), ("x <= 1, x > 0", Real(0, 1, True, (0,))), ("x != 2", Real(without=(2,))),
     ("x >= 0, x ≠ 0, x != 1", Real(0, None, False, (0, 1))), ("1 <= x <= 1", Real(1, 1, closed=True))],
)  # fmt: skip
def test_a_domain_is_read(text: str, domain: Real | Natural) -> None:
    assert parse_domains([text]) == {"x": domain}


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x > y",
        "0 < 1",
        "x in 9..1",
        "",
        "x ** 2 > 1",
        "x > 1e999999",
        "x != y",
        "x > 1, x < 0",
        "0 < x < 0",
        "x != 1, x in 1..9",
    ],
)
def test_a_domain_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(UsageError, match="expected"):
        parse_domains([text])


ROW = f"[{', '.join(['H'] * 30)}]"
LARGE = f"[{', '.join([ROW] * 30)}]"


@pytest.mark.parametrize(
    "answer",
    [
        "sum(1, t, 1, 1000000)",
        "sum(sum(sum(1, i, 1, 900), j, 1, 900), k, 1, 900)",
        "sum(sum(1, i, 1, j), j, 1, 500)",
        f"sum({' + '.join(['H'] * 900)}, t, 1, 900)",
        f"{LARGE}^900",
        f"det({LARGE})",
        f"abs({LARGE})",
        f"{LARGE}*{LARGE}*{LARGE}*{LARGE}",
    ],
)
def test_what_takes_too_long_is_refused_at_once(answer: str) -> None:
    verdict = decide("2a.weights", answer)
    assert (verdict.status, verdict.place) == (Status.UNREADABLE, (1, 1))
    assert "a sum or a matrix is too long" in verdict.message
    assert decide("2a.weights", "sum(sum(2, i, 1, H), j, 1, H) + sum(D, k, 1, H)").status is Status.TESTED


@pytest.mark.parametrize("depth", [6, 8, 40])
def test_towers_beyond_all_measure_are_told_or_left_open(depth: int) -> None:
    tower = "exp(" * depth + "x" + ")" * depth
    verdict = same(tower, f"{tower} + 1")
    assert verdict.status is Status.UNDECIDED
    assert same(tower, tower).status is Status.CERTIFIED
    if depth == 6:
        assert "e+" in same(tower, "x").message


def test_what_vanishes_in_the_residues_of_a_known_seed_is_accepted_by_nobody() -> None:
    field, tiny = Residues(0), "exp(-1000000*(x^2 + 1))"  # so small that balls do not see it
    for zero in (f"{field.prime}", f"({int(field.variable('x').element)} - x)", f"{field.prime}*(x + 1)"):
        assert same(f"exp(x) + {zero}*{tiny}", "exp(x)").status is Status.UNDECIDED
    hidden = f"c_bar[t]*c[t-1] + {field.prime}*exp(-1000000*(c[t-1]^2 + 1))"
    assert decide("1a.f_bar", hidden).status not in ACCEPTED
    fooled = Judge(Ground(lambda sizes, draw: {"x": draw("x")}, (Place({}, {}),)), {"": parse("tanh(x)")})
    assert fooled.judge(parse(f"tanh(x) + {field.prime}*exp(-1000000*(x^2 + 1))")).status is Status.CERTIFIED


@pytest.mark.parametrize("factor", ["1", "(x - 1)"])
def test_a_constant_that_residues_take_for_0_is_told_where_the_rest_is_not_0(factor: str) -> None:
    prime = random_prime(DEFAULT_BITS, 0)  # as whoever does not keep the seed secret gives away
    hidden = f"tanh(x) + {prime}*{factor}"
    assert same(hidden, "tanh(x)").status is Status.REFUTED
    ground = Ground(lambda sizes, draw: {"x": draw("x")}, (Place({}, {}),))
    judge = Judge(ground, {"": parse("tanh(x)")})
    assert judge.judge(parse("tanh(x)")).status is Status.CERTIFIED  # the same fingerprint, which is remembered
    assert judge.judge(parse(hidden)).status is Status.REFUTED


def test_a_refusal_is_shown_again_where_balls_only_know_the_right_value_to_be_close_to_0() -> None:
    ground = Ground(lambda sizes, draw: {"x": draw("x")}, (Place({}, {}),))
    judge = Judge(ground, {"": parse("exp(x)*exp(-x) - 1")})
    for answer in ("x + 1", "1 + x"):
        assert judge.judge(parse(answer)).status is Status.REFUTED


def test_a_root_that_one_field_lacks_is_found_in_another() -> None:
    """Modulo 1 in 4 primes there is no root of order 25 to take, so of 40 fields some lack it."""
    x, power = parse("exp(x)"), parse("exp(x/1000)^1000")
    ground = Ground(lambda sizes, draw: {"x": draw("x")}, (Place({}, {}),))
    statuses = {Judge(ground, {"": x}, f"field {n}").judge(power).status for n in range(40)}
    assert statuses == {Status.CERTIFIED}
    assert Judge(ground, {"": x}, "field 0").judge(parse("exp(x/1000)^1001")).status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        ("max(x, -1000000)", "x", ""),
        ("max(x, 1e-20)", "x", "x > 0"),
        ("min(x, 10^6)", "x", "x > 0"),
        ("sqrt((x + 1000)^2)", "x + 1000", ""),
        ("abs(x - 1/1000000)", "abs(x) - 1/1000000", "x > 0"),
        ("x + max(y - 1000, 0)", "x", ""),
        ("max(x*y/8, -1000)", "x*y/8", ""),
        ("max(0, 1/1000 - abs(x - 1/7))", "0", ""),
        ("abs(x) + max(0, 1e-9 - (x^2 - 2)^2)", "abs(x)", ""),
    ],
)
def test_formulas_are_tried_on_each_side_of_the_numbers_in_them(left: str, right: str, domain: str) -> None:
    verdict = same(left, right, parse_domains([domain]) if domain else None)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None


def test_an_answer_that_turns_far_away_is_refused() -> None:
    assert decide("1a.g_bar", "max(c_bar[t]*i[t], -1000)").status is Status.REFUTED
    assert decide("1a.g_bar", "c_bar[t]*i[t] + max(x[t] - 1000, 0)").status is Status.REFUTED
    assert decide("1a.g_bar", "c_bar[t]*max(i[t], -1000)").status is Status.TESTED  # a gate is positive


@pytest.mark.parametrize(
    ("left", "right"), [("x^(3/2)", "x*sqrt(x)"), ("x^(1/4)", "sqrt(sqrt(x))"), ("(x^2)^(3/2)", "abs(x)^3")]
)
def test_a_positive_power_of_0_is_0(left: str, right: str) -> None:
    assert same(left, right).status is Status.TESTED
    assert same(f"1/({left})", f"1/({right})").status is Status.TESTED
    assert same(left.replace("3/2", "-3/2").replace("1/4", "-1/4"), right).status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        ("sum(x[t + 1], t, 0, 3)", "sum(x[s], s, 1, 4)", Status.CERTIFIED),
        ("sum(x[t], t, 1, 3)", "sum(x[t], t, 1, 4)", Status.REFUTED),
        ("sum(x_t, t, 1, 2)", "x_1 + x_2", Status.CERTIFIED),
        (r"\sum_{t=1}^{3} x_t", r"\sum_{s=1}^{3} x_s", Status.CERTIFIED),
        (r"\sum_{t=1}^{3} x_t", r"3 x_t", Status.REFUTED),
        (r"\sum_{t=1}^{2} x_t", r"x_1 + 2x_2", Status.REFUTED),
        ("sum(sum(x[s]*y[t], s, 1, t), t, 1, 3)", "sum(sum(x[s]*y[t], t, s, 3), s, 1, 3)", Status.CERTIFIED),
        ("sum(sum(x[s]*y[t], s, 1, t), t, 1, 3)", "sum(sum(x[s]*y[t], s, 1, 3), t, 1, 3)", Status.REFUTED),
        ("sum(abs(x[t]), t, 1, 2)", "abs(x[1]) + abs(x_2)", Status.TESTED),
    ],
)
def test_without_a_claim_a_name_with_an_index_is_a_variable_for_each(left: str, right: str, status: Status) -> None:
    assert same(left, right).status is status


@pytest.mark.parametrize(
    ("left", "right", "says"),
    [
        ("t*x[t]", "x[t]*t", "an index of x has no value"),
        ("x[1] + x", "x", "x with and without"),
        ("[[1, 2], [3, 4]]", "[[1, 2, 3], [4, 5, 6]]", "another shape"),
        ("gelu(x)", "max(x, 0)", "there is no such function"),
        (r"\operatorname{arcoth}(x)", r"1/\tanh(x)", "there is no such function"),
    ],
)
def test_what_has_no_meaning_without_a_claim_is_unreadable(left: str, right: str, says: str) -> None:
    verdict = same(left, right)
    assert verdict.status is Status.UNREADABLE
    assert says in verdict.message


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        ("coth(x)", "cosh(x)/sinh(x)", Status.CERTIFIED),
        ("coth(x)", "tanh(x)", Status.REFUTED),
        ("coth(x)*tanh(x)", "1", Status.REFUTED),  # where x is 0
        ("sech(x)^2*csch(x)^2", "csch(x)^2 - sech(x)^2", Status.CERTIFIED),
        ("sec(x)^2", "1 + tan(x)^2", Status.TESTED),
        ("sec(x)^2 - tan(x)^2", "1", Status.REFUTED),  # where the cosine of x is 0
        ("cot(x)*tan(x)", "1", Status.REFUTED),  # where x is 0
        ("csc(x)/csc(x)", "1", Status.REFUTED),
        ("sec(x)*cos(x)", "1", Status.REFUTED),
        ("csc(x)", "sec(x)", Status.REFUTED),
        ("tan(atan(x))", "x", Status.TESTED),
        ("atan(tan(x))", "x", Status.REFUTED),
        ("sinh(asinh(x))", "x", Status.TESTED),
        ("acosh(cosh(x))", "abs(x)", Status.TESTED),
        ("acosh(cosh(x))", "x", Status.REFUTED),
        ("tanh(atanh(x))", "x", Status.REFUTED),  # where x is 1
        ("relu(x) + relu(-x)", "abs(x)", Status.TESTED),
        ("softplus(x) - softplus(-x)", "x", Status.TESTED),
        ("softplus(x)", "relu(x)", Status.REFUTED),
        (r"\sqrt[4]{x^4}", "|x|", Status.TESTED),
        (r"\sqrt[4]{x^4}", "x", Status.REFUTED),
        ("log_10(1000)", "3", Status.CERTIFIED),
        (r"\log 2 \cdot (x + 1)", r"(x + 1) \log 2", Status.CERTIFIED),
        (r"\log 2x", r"\log x", Status.REFUTED),
    ],
)
def test_functions_are_what_they_are_called(left: str, right: str, status: Status) -> None:
    assert same(left, right).status is status


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        ("(a + b)^2", "a^2 + 2ab + b^2", Status.CERTIFIED),
        ("(a + b)^2", "a^2 + ab + b^2", Status.REFUTED),
        ("x*y^2", "xy^2", Status.CERTIFIED),
        ("(x*y)^2", "xy^2", Status.REFUTED),
        (r"\frac{x}{y}", "xy/y^2", Status.CERTIFIED),  # LaTeX has letters
        ("|xy|", "|x||y|", Status.TESTED),
        ("foo*x", "x*foo", Status.CERTIFIED),
        ("pi", "p*i", Status.REFUTED),
    ],
)
def test_a_word_is_a_product_where_its_letters_are_names(left: str, right: str, status: Status) -> None:
    assert same(left, right).status is status


def test_a_word_that_is_read_as_a_product_is_noted_and_one_that_a_domain_names_is_none() -> None:
    assert same("x*y", "xy").reading == "xy was read as x*y"
    assert same("x*y", "xy", parse_domains(["xy > 0"])).status is Status.REFUTED


SERIES = (
    ("sum(k, k, 1, n)", "n*(n + 1)/2"),
    (r"\sum_{k=1}^{n} k^3", r"\frac{n^2 (n+1)^2}{4}"),
    ("sum(2^k, k, 0, n)", "2^(n + 1) - 1"),
    ("sum(1/(k*(k + 1)), k, 1, n)", "n/(n + 1)"),
    ("sum(exp(x)*k, k, 1, n - 3)", "exp(x)*(n - 3)*(n - 2)/2"),
    (r"\sum_{k=1}^{n} (x_k + y_k) - x_n", r"\sum_{k=1}^{n-1} x_k + \sum_{j=1}^{n} y_j"),
    (r"\sum_{k=1}^{n} (x_{k+1} - x_k)", r"x_{n+1} - x_1"),
    (r"\sum_{k=1}^{n} a x_k", r"a \sum_{j=1}^{n} x_j"),
)


@pytest.mark.parametrize(("left", "right"), SERIES)
def test_a_sum_to_a_natural_number_is_certified_by_induction(left: str, right: str) -> None:
    verdict = same(left, right)
    assert (verdict.status, verdict.message) == (Status.CERTIFIED, "by induction on n")
    assert 0 < (verdict.error_bound or 0) < Fraction(1, 2**100)
    assert "n, an end of a sum, is a natural number" in verdict.reading


@pytest.mark.parametrize(("left", "right"), SERIES)
@pytest.mark.parametrize("off", ["1", "1e-30*n", "(n - 1)*(n - 2)*(n - 3)*(n - 4)*(n - 5)*(n - 6)*(n - 7)*(n - 8)"])
def test_a_near_miss_of_a_sum_is_refuted_at_a_natural_number(left: str, right: str, off: str) -> None:
    verdict = same(left, f"({right}) + {off}")
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert verdict.counterexample.case["n"].isdecimal()


@pytest.mark.parametrize(
    ("left", "right", "tried"),
    [
        ("sum(k, k, 1, n)^2", "sum(k^3, k, 1, n)", "n from 1 to 16"),
        ("sum(n*k, k, 1, n)", "n^2*(n + 1)/2", "n from 1 to 14"),  # its terms change with n
        ("sum(k, k, 1, 2*n)", "n*(2*n + 1)", "n from 1 to 14"),
        ("sum(sum(j, j, 1, k), k, 1, n)", "n*(n + 1)*(n + 2)/6", "n from 1 to 22"),
        ("sum(k, k, m, n)", "(n - m + 1)*(n + m)/2", "m from 1 to 14, n from 1 to 14"),
        ("sum(x[k], k, 1, m) + sum(x[k], k, m + 1, n)", "sum(x[k], k, 1, n)", "m from 1 to 12, n from 1 to 12"),
        ("sum(k, k, 1, n - p)", "(n - p)*(n - p + 1)/2", "n from 1 to 14, p from 1 to 14"),
        ("sum(sum(x, j, 1, m), k, 1, n)", "m*n*x", "m from 1 to 12, n from 1 to 12"),
        ("sum(1/x, k, 1, n)", "n/x", "n from 1 to 12"),
        ("sum(abs(x[k]), k, 1, n)", "abs(x[n]) + sum(abs(x[j]), j, 1, n - 1)", "n from 1 to 12"),
    ],
)
def test_a_sum_that_induction_does_not_settle_is_tested(left: str, right: str, tried: str) -> None:
    verdict = same(left, right)
    assert (verdict.status, verdict.message) == (Status.TESTED, f"residues cannot follow it; tried at {tried}")
    assert same(left, f"{right} + 1/10").status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right"), [("sum(k, k, n + 2, n)", "n"), ("sum(n, n, 1, n)", "n"), ("sum(k, k, 1, -n)", "0")]
)
def test_a_sum_that_may_end_before_it_begins_is_left_open(left: str, right: str) -> None:
    assert same(left, right).status is Status.UNDECIDED


def test_a_sum_with_a_pole_at_its_beginning_has_no_value() -> None:
    assert same("sum(1/k, k, 0, n)", "1").status is Status.REFUTED
    assert same("sum(1/(k - 3), k, 1, n)", "sum(1/(j - 3), j, 1, n)").status is Status.TESTED


@pytest.mark.parametrize(
    ("left", "right", "off"),
    [
        ("x^2 + 2xy + y^2", "(x + y)^2", "(x - y)^2"),
        ("ab + ac", "a(b + c)", "a(b - c)"),
        ("xe^x", "x*exp(x)", "(x*e)^x"),
        ("(xy)^2", "x*y*y*x", "x*y^2"),
        ("2ba", r"2 a \cdot b", "a + b"),
    ],
)
def test_a_word_beside_its_letters_is_their_product(left: str, right: str, off: str) -> None:
    verdict = same(left, right)
    assert (verdict.status, "was read as" in verdict.reading) == (Status.CERTIFIED, True)
    assert same(left, off, {"x": Real(0), "y": Real(0)}).status is Status.REFUTED


def test_a_word_on_both_sides_or_with_a_domain_is_a_name() -> None:
    assert same("lr*x", "x*lr").status is Status.CERTIFIED
    assert not same("lr*x", "x*lr").reading
    assert same("lr*l*r", "lr^2").status is Status.REFUTED
    assert same("lr*x", "l*r*x", {"lr": Real(0)}).status is Status.REFUTED


def test_a_sigma_without_an_argument_is_a_letter_where_there_is_no_claim() -> None:
    left = r"\frac{1}{\sqrt{2\pi} \sigma} e^{-\frac{(x - \mu)^2}{2\sigma^2}}"
    right = r"\frac{1}{\sqrt{2\pi\sigma^2}} \exp\left(-\frac12 \left(\frac{x - \mu}{\sigma}\right)^2\right)"
    assert same(left, right, {"sigma": Real(0)}).status is Status.TESTED
    assert same(left, right).status is Status.REFUTED
    assert same(left, right.replace(r"\frac12", r"\frac13"), {"sigma": Real(0)}).status is Status.REFUTED
    assert same(r"\sigma(x)/\sigma", "1").status is Status.UNREADABLE
    assert decide("1a.g_bar", r"\sigma^2").status is Status.UNREADABLE


@pytest.mark.parametrize("text", [r"\frac{d}{dx} x^2", r"3\frac{1}{2}", r"x + 1 \text{ for all } x", "[x, y]"])
def test_what_may_mean_two_things_is_unreadable(text: str) -> None:
    assert same(text, text).status is Status.UNREADABLE


@pytest.mark.parametrize(
    ("left", "right"),
    [("[x + 1]^2", "(x + 1)^2"), (r"3\frac{1}{x}", "3/x"), (r"a\negmedspace b", "b*a"), (r"x \mathit{rate}", "rate*x")],
)
def test_what_has_one_meaning_is_read(left: str, right: str) -> None:
    assert same(left, right).status is Status.CERTIFIED


def test_a_greek_letter_or_a_name_with_a_subscript_before_a_bracket_is_a_factor() -> None:
    assert same("beta(1 - x) + w_ix(x + 1)", "beta*(1 - x) + w_ix*x + w_ix").status is Status.CERTIFIED


def test_pi_is_the_number_unless_a_domain_says_otherwise() -> None:
    assert same("sin(pi)", "0").status is Status.TESTED
    assert same(r"\cos(x + 2\pi)", r"\cos x").status is Status.TESTED
    assert same("pi + pi", "2*pi").status is Status.CERTIFIED
    assert same("pi", "3.14159265358979323846264338327950288").status is Status.REFUTED
    assert same("sin(pi)", "0", parse_domains(["pi > 0"])).status is Status.REFUTED


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
