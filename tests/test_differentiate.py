"""Local derivatives of equations, against SymPy; where there is none, a ValueError."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given

from refute.formula.convert import to_sympy
from refute.formula.differentiate import SLOPES, differentiate, is_same, local_partial, tidy
from refute.formula.evaluate import evaluate
from refute.formula.expr import Call, Expr, Name, walk
from refute.formula.parse import parse
from refute.formula.show import text
from specs.lstm import lstm
from tests.expressions import smooth

X = Name("x")
POINT = {"x": 0.37, "y": -0.71}


def name(formula: str) -> Name:
    node = parse(formula)
    assert isinstance(node, Name)
    return node


def has_slope(expr: Expr) -> bool:
    return not any(isinstance(node, Call) and node.function not in SLOPES for node in walk(expr))


@given(smooth().filter(has_slope))
def test_a_derivative_is_sympys(expr: Expr) -> None:
    expected = sympy.diff(to_sympy(expr), sympy.Symbol("x")).subs({sympy.Symbol(n): v for n, v in POINT.items()})
    assert evaluate(differentiate(expr, X), POINT, float) == pytest.approx(float(expected), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("function", sorted(SLOPES))
def test_the_slope_of_each_function_is_sympys(function: str) -> None:
    expected = sympy.diff(to_sympy(parse(f"{function}(x)")), sympy.Symbol("x")).subs({sympy.Symbol("x"): 0.37})
    assert evaluate(differentiate(parse(f"{function}(x)"), X), POINT, float) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("formula", "derivative"),
    [
        ("x^3", "3*x^(3 - 1)"),
        ("x^2*y", "2*x*y"),
        ("y/x", "-(y/x^2)"),
        ("x/y", "1/y"),
        ("y", "0"),
        ("-x", "-1"),
        ("x[t]*x", "x[t]"),
        ("sigmoid(2*x)", "sigmoid'(2*x)*2"),
    ],
)
def test_a_derivative_is_short(formula: str, derivative: str) -> None:
    assert text(differentiate(parse(formula), X)) == derivative


@pytest.mark.parametrize("formula", ["abs(x)", "max(x, y)", "phi(x)", "y^x", "sum(x, t, 1, 2)", "[[x]]"])
def test_where_no_derivative_is_known_none_is_given(formula: str) -> None:
    with pytest.raises(ValueError, match="not known"):
        differentiate(parse(formula), X)


@pytest.mark.parametrize(("of", "by", "derivative"), [
    ("c[t+1]", "c[t]", "f[t + 1]"),
    ("c[t+1]", "c[t+1]", "0"),
    ("c[t]", "g[t]", "i[t]"),
    ("h[t]", "c[t]", "o[t]*tanh'(c[t])"),
    ("h[t]", "c[t-1]", "0"),
    ("i[t+1]", "h[t]", "sigmoid'(w_ix*x[t + 1] + w_ih*h[t])*w_ih"),
    ("g[3]", "h[2]", "tanh'(w_gx*x[3] + w_gh*h[2])*w_gh"),
    ("g[t]", "w_gx", "tanh'(w_gx*x[t] + w_gh*h[t - 1])*x[t]"),
])  # fmt: skip
def test_a_local_partial_is_that_of_one_equation(of: str, by: str, derivative: str) -> None:
    assert text(local_partial(lstm, name(of), name(by))) == derivative


@pytest.mark.parametrize(("of", "by"), [("x[t]", "h[t]"), ("c[t]", "c[s]"), ("c[t, t]", "c[t]")])
def test_a_local_partial_needs_an_equation_and_indices_that_can_be_compared(of: str, by: str) -> None:
    with pytest.raises(ValueError, match=r"no equation|not known"):
        local_partial(lstm, name(of), name(by))


@pytest.mark.parametrize(
    ("index", "expected"),
    [("t + 1 - 1", "t"), ("(t + 1) + 1", "t + 2"), ("t - 1 - 1", "t - 2"), ("2*t - t", "t"), ("t - t", "0"),
     ("1 - t", "-t + 1"), ("t*s", "t*s"), ("0 - 1", "-1")],
)  # fmt: skip
def test_an_index_is_tidied(index: str, expected: str) -> None:
    assert text(tidy(parse(index))) == expected


def test_names_at_indices_of_equal_value_are_one() -> None:
    assert is_same(name("h[t+1-1]"), name("h[t]"))
    assert not is_same(name("h[t+1]"), name("h[t]"))
    assert not is_same(name("h[t]"), name("c[t]"))
