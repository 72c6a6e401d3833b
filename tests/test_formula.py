"""The formula language: what is printed reads back to the same tree; what cannot be read is refused with its place."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refute.errors import AnswerError
from refute.formula.evaluate import FUNCTIONS
from refute.formula.expr import Call, Expr, Name, Num, names, walk
from refute.formula.grammar import TABLE, generated
from refute.formula.parse import MAX_DEPTH, MAX_LENGTH, FormulaError, parse, parse_equation
from refute.formula.show import text, unicode
from tests.expressions import canonical

END = "the end of the formula"


# --- Reading and printing --------------------------------------------------------------------------------------------


@given(canonical())
@example(Num(Fraction("0.123456789012345678901234567890123")))
def test_what_is_printed_reads_back_to_the_same_tree(expr: Expr) -> None:
    assert parse(text(expr)) == expr


@given(canonical(), st.sampled_from(("", "\n", " \t ")))
def test_space_between_tokens_means_nothing(expr: Expr, space: str) -> None:
    assert parse(text(expr).replace(" ", space)) == expr


@given(canonical())
def test_no_name_of_a_derivative_is_shown_raw_in_unicode(expr: Expr) -> None:
    assert "_bar" not in unicode(expr)


PRECEDENCE = (
    ("-x^2", "-(x^2)", "(-x)^2"),
    ("a/b/c", "(a/b)/c", "a/(b/c)"),
    ("a/b*c", "(a/b)*c", "a/(b*c)"),
    ("2^-1", "2^(-1)", "-(2^1)"),
    ("2^-x^2", "2^(-(x^2))", "2^((-x)^2)"),
    ("a^b^c", "a^(b^c)", "(a^b)^c"),
    ("a**b", "a^b", "a*b"),
    ("a-b-c", "(a-b)-c", "a-(b-c)"),
    ("a-b+c", "(a-b)+c", "a-(b+c)"),
    ("a-b*c", "a-(b*c)", "(a-b)*c"),
    ("a*b^c", "a*(b^c)", "(a*b)^c"),
    ("-a*b", "(-a)*b", "-(a*b)"),
    ("2*-x", "2*(-x)", "-(2*x)"),
    ("--x", "-(-x)", "x"),
    ("+x", "x", "-x"),
    ("c[t]^2", "(c[t])^2", "c[t^2]"),
)


@pytest.mark.parametrize(("formula", "same", "other"), PRECEDENCE, ids=[row[0] for row in PRECEDENCE])
def test_operators_bind_as_in_the_table(formula: str, same: str, other: str) -> None:
    assert parse(formula) == parse(same)
    assert parse(formula) != parse(other)


@pytest.mark.parametrize(
    ("formula", "number"),
    [("0.1", "1/10"), ("1e3", "1000"), ("1.5E-2", "3/200"), (".5", "1/2"), ("3.", "3"), ("1e-30", f"1/{10**30}")],
)
def test_a_decimal_is_an_exact_rational(formula: str, number: str) -> None:
    assert parse(formula) == Num(Fraction(number))


def test_a_decimal_is_not_the_nearest_float() -> None:
    assert parse("0.1") != Num(Fraction(0.1))


@given(
    st.decimals(0, 10**9, places=15) | st.decimals(0, allow_infinity=False, allow_nan=False).filter(lambda d: d < 99)
)
def test_a_decimal_reads_as_the_decimal_library_reads_it(decimal: Decimal) -> None:
    assert parse(str(decimal)) == Num(Fraction(decimal))


SHOWN = {
    "c_bar[t+1]*f[t+1]": "c̄⁽ᵗ⁺¹⁾·f⁽ᵗ⁺¹⁾",
    "2*H^2 + D*H": "2·H² + D·H",
    "beta^D": "βᴰ",
    "x[t]^2": "(x⁽ᵗ⁾)²",
    "x^(a+1)": "x^(a + 1)",
    "(x^2)^3": "(x²)³",
    "w_ix_bar": "w̄_ix",
    "sigmoid(z[i, j-1])": "σ(z⁽ⁱ˒ʲ⁻¹⁾)",
    "alpha*grad_J(theta[k])": "α·∇J(θ⁽ᵏ⁾)",
    "sum(x[t], t, 1, T)": "Σ_{t=1..T} x⁽ᵗ⁾",
    "c[1/2]": "c[1/2]",
}


@pytest.mark.parametrize("formula", SHOWN)
def test_unicode_is_as_one_writes_it_by_hand(formula: str) -> None:
    assert unicode(parse(formula)) == SHOWN[formula]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(a + b)*c", "a + b*c"),
        ("x[t]^2", "x[t^2]"),
        ("(-x)^2", "-x^2"),
        ("a/(b*c)", "a/b*c"),
        ("x^(2*3)", "x^23"),
        ("sum(x[t], t, 1, T)*t", "sum(x[t]*t, t, 1, T)"),
    ],
)
def test_unicode_tells_formulas_of_different_value_apart(one: str, other: str) -> None:
    assert unicode(parse(one)) != unicode(parse(other))


# --- Walking ---------------------------------------------------------------------------------------------------------


@given(canonical(sums=False))
def test_a_walk_meets_names_in_the_order_of_the_text(expr: Expr) -> None:
    met = [
        node.name if isinstance(node, Name) else node.function for node in walk(expr) if isinstance(node, Name | Call)
    ]
    assert met == re.findall(r"[A-Za-z]\w*", text(expr))
    assert names(expr) == set(met)


@pytest.mark.parametrize(
    ("formula", "free"),
    [
        ("sum(x[t], t, 1, T)", {"x", "T"}),
        ("sum(sum(a[s, t], s, 1, t), t, 1, T)", {"a", "T"}),
        ("phi(z) + 1", {"phi", "z"}),
        ("t + sum(t, t, 1, T)", {"t", "T"}),
        ("sum(x, t, t, T)", {"x", "t", "T"}),
    ],
)
def test_only_a_sums_own_index_is_no_name_of_the_formula(formula: str, free: set[str]) -> None:
    assert names(parse(formula)) == free


def test_a_walk_of_a_sum_meets_its_body_and_its_ends() -> None:
    assert [text(node) for node in walk(parse("sum(x[t], t, a, b)"))] == ["sum(x[t], t, a, b)", "x[t]", "t", "a", "b"]


# --- What cannot be read ----------------------------------------------------------------------------------------------

UNREADABLE = (
    ("", 1, 1, END),
    ("   ", 1, 1, END),
    ("x +", 1, 4, END),
    ("(x", 1, 3, END),
    ("x[t", 1, 4, END),
    ("x +\n  y *", 2, 6, END),
    ("x)", 1, 2, "')'"),
    ("x ? y", 1, 3, "'?'"),
    ("2x", 1, 2, "'x'"),
    ("x = y", 1, 3, "'='"),
    ("β*x", 1, 1, "'β'"),
    ("f()", 1, 3, "')'"),
    ("x +\n  y * * z", 2, 7, "'*'"),
    ("sum(x, t, 1)", 1, 1, "3 arguments"),
    ("x +\n  sum(x, t, 1, 2, 3)", 2, 3, "5 arguments"),
    ("sum(x[t], c[1], 1, 2)", 1, 1, "an index that is no plain name"),
)


@pytest.mark.parametrize(("formula", "line", "column", "got"), UNREADABLE, ids=[repr(row[0]) for row in UNREADABLE])
def test_an_unreadable_formula_is_refused_with_its_place(formula: str, line: int, column: int, got: str) -> None:
    with pytest.raises(FormulaError) as error:
        parse(formula)
    assert (error.value.line, error.value.column, error.value.got) == (line, column, got)
    assert error.value.expected
    assert parse(str(error.value.example))


def test_a_caret_stands_under_the_place() -> None:
    with pytest.raises(FormulaError) as error:
        parse("x +\n  y * * z\n+ 1")
    assert error.value.where == "line 2, column 7\n      y * * z\n          ^"


def test_an_unreadable_formula_is_the_answers_fault() -> None:
    with pytest.raises(AnswerError, match=r"^the formula cannot be read: expected .*, got '[?]'; at line 1, column 2"):
        parse("x?")


def test_an_equation_is_a_name_and_a_formula() -> None:
    left, right = parse_equation("c[t+1] = f[t]*c[t]")
    assert (left, right) == (parse("c[t+1]"), parse("f[t]*c[t]"))


@pytest.mark.parametrize("line", ["c[t]", "c[t] + 1 = x", "2 = x", "a = b = c", "= x", "a ="])
def test_what_is_no_equation_is_refused(line: str) -> None:
    with pytest.raises(FormulaError):
        parse_equation(line)


# --- The page on the language ----------------------------------------------------------------------------------------


PAGE = Path(__file__).parents[1].joinpath("docs", "language.md").read_text(encoding="utf-8")


def test_the_page_on_the_language_names_every_built_in_function() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `sigmoid"))
    assert {*row.split("`")[1].split(), "transpose"} == set(FUNCTIONS)


def test_the_page_on_the_language_states_the_limits() -> None:
    assert f"at most {MAX_LENGTH:,} characters and {MAX_DEPTH} levels of brackets" in PAGE


def test_the_table_kept_is_that_of_the_grammar() -> None:
    assert TABLE.read_text(encoding="utf-8") == generated()
