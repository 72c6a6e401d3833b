"""Two formulas that no claim is about: which are the same, beside near misses of each; and what deciding them must not
be fooled by."""

from __future__ import annotations

from fractions import Fraction

import pytest

from refute.claims import Natural, Real
from refute.deciding.domain import parse_domains
from refute.deciding.ground import Ground, Place
from refute.deciding.judge import Judge
from refute.deciding.same import same
from refute.deciding.verdict import ACCEPTED, Status
from refute.errors import UsageError
from refute.formula.parse import parse
from refute.numbers.residues import DEFAULT_BITS, Residues, random_prime
from tests.answering import decide

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
    assert same("log(x^2)", "2*log(x)", {"x": Real(low=0)}).status is Status.CERTIFIED
    assert same("log(x^2)", "2*log(x)").status is same("log(x^2)", "3*log(x)", {"x": Real(low=0)}).status
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
