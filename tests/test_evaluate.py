"""Values of formulas: exactly SymPy's on rationals, in balls those of mpmath, and matrices as SymPy multiplies them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from mpmath.ctx_mp import MPContext
from mpmath.libmp import to_rational

from refute.formula.evaluate import Number, as_is, evaluate
from refute.formula.expr import Expr
from refute.formula.model import Sequence
from refute.formula.parse import FormulaError, parse
from refute.numbers.balls import Ball, Balls
from tests.expressions import rational, smooth, value

X, Y = Fraction(3, 4), Fraction(-5, 2)
C = {(1,): Fraction(7), (2,): Fraction(1, 3), (4,): Fraction(-2)}


def value_of(formula: str, environment: Mapping[str, Any] | None = None, number: Number = as_is) -> Any:
    return evaluate(parse(formula), environment or {}, number)


def outcome(compute: Callable[[], Any]) -> Any:
    """The result, or that there was a division by zero."""
    try:
        return compute()
    except ZeroDivisionError:
        return ZeroDivisionError


# --- Rationals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [Fraction, as_is])
@given(rational(), st.integers(-3, 4), st.integers(0, 3))
def test_a_rational_value_is_exactly_sympys(number: Number, expr: Expr, t: int, k: int) -> None:
    variables = {"x": X, "y": Y, "t": t, "k": k}
    in_sympy = {name: sympy.Rational(v) for name, v in variables.items()} | {
        "c": {index: sympy.Rational(v) for index, v in C.items()}
    }
    result = outcome(lambda: evaluate(expr, {**variables, "c": Sequence(C)}, number))
    assert not isinstance(result, float)
    assert result == outcome(lambda: value(expr, in_sympy, sympy.Rational, {}))


@pytest.mark.parametrize(
    ("formula", "exact"),
    [("2^-1", Fraction(1, 2)), ("T^-2", Fraction(1, 9)), ("6/T", 2), ("sum(t^-1, t, 1, T)", Fraction(11, 6)),
     ("max(T, 2)*3^79", 3**80), ("min(T, 1/2)", Fraction(1, 2)), ("transpose(T)*3^79", 3**80)],
)  # fmt: skip
def test_whole_numbers_give_no_float_and_have_no_largest(formula: str, exact: Fraction | int) -> None:
    result = value_of(formula, {"T": 3})
    assert (type(result), result) == (type(exact), exact)


SUMS = {
    "sum(x, t, 1, 0)": 0,
    "sum(1/0, t, 2, 1)": 0,
    "sum(t, t, -1, 3)": 5,
    "sum(sum(s*t, s, 1, t), t, 1, 3)": 25,  # 1*1 + (1 + 2)*2 + (1 + 2 + 3)*3
    "t + sum(t + sum(t, t, 1, t), t, 1, t)": 19,  # 3 + (1 + 1) + (2 + 3) + (3 + 6)
    "sum(c[t], t, -5, 9)": 12,
    "sum(c[t]*c[t+1], t, 1, 2)": 35,
    "c[t-3] + c[t-4]": 0,
}


@pytest.mark.parametrize("formula", SUMS)
def test_a_sum_runs_over_both_ends_and_what_lies_beyond_a_sequence_is_zero(formula: str) -> None:
    assert value_of(formula, {"x": X, "t": 3, "c": Sequence({(1,): 5, (2,): 7})}) == SUMS[formula]


def test_a_sum_leaves_one_end_out_only_if_told_so() -> None:
    assert value_of("sum(t, t, 1, 4)") - value_of("sum(t, t, 1, 3)") == 4


def test_an_index_may_be_computed() -> None:
    c = Sequence({(2, 3): "here"}, outside="beyond")
    assert [value_of(f, {"c": c, "i": 4}) for f in ("c[i/2, i-1]", "c[0.5*i, 2^2-1]", "c[i, 3]")] == [
        "here",
        "here",
        "beyond",
    ]


def test_a_function_that_is_not_built_in_is_the_environments() -> None:
    assert value_of("f(x, 2) - f(2, x)", {"f": lambda a, b: 10 * a + b, "x": 3}) == 9
    with pytest.raises(KeyError, match="g"):
        value_of("g(x)", {"x": 1})


def test_a_name_that_the_environment_lacks_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="'z'"):
        value_of("x + z", {"x": 1})


def test_a_built_in_name_without_brackets_is_a_variable() -> None:
    assert value_of("sigma*exp", {"sigma": 3, "exp": 5}) == 15


# --- Balls -----------------------------------------------------------------------------------------------------------


def high_precision() -> Any:
    context = MPContext()
    context.prec = 400
    return context


MP = high_precision()
BY_MPMATH: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(MP, name) for name in ("tanh", "exp", "sinh", "cosh", "sech", "sqrt", "sin", "cos", "log")},
    **dict.fromkeys(("sigmoid", "sigma"), lambda z: 1 / (1 + MP.exp(-z))),
    "log2": lambda z: MP.log(z, 2),
    "abs": abs,
    "max": max,
    "min": min,
}


def in_mpmath(number: Fraction) -> Any:
    return MP.mpf(number.numerator) / number.denominator


def contains(ball: Any, point: Any) -> bool:
    """Whether the ball is one, bounded, and holds the mpmath number."""
    return isinstance(ball, Ball) and ball.is_finite() and ball.contains(Fraction(*to_rational(point._mpf_)))


@given(smooth())
def test_a_ball_holds_the_value_by_mpmath(expr: Expr) -> None:
    balls = Balls(128)
    ball = evaluate(expr, {"x": balls.number(X), "y": balls.number(Y)}, balls.number)
    assert contains(ball, value(expr, {"x": in_mpmath(X), "y": in_mpmath(Y)}, in_mpmath, BY_MPMATH))


@pytest.mark.parametrize(
    "function", ["tanh", "exp", "sigmoid", "sech", "sinh", "cosh", "sqrt", "log", "log2", "sin", "cos"]
)
@pytest.mark.parametrize("argument", ["x", "T", "T/2"])
def test_a_function_of_a_variable_or_a_size_lies_in_its_ball(function: str, argument: str) -> None:
    balls = Balls(128)
    ball = value_of(f"{function}({argument})", {"x": balls.number(X), "T": 3}, balls.number)
    at = {"x": X, "T": Fraction(3), "T/2": Fraction(3, 2)}[argument]
    assert contains(ball, BY_MPMATH[function](in_mpmath(at)))
    assert not contains(ball, BY_MPMATH[function](in_mpmath(at + Fraction(1, 2**100))))


@pytest.mark.parametrize(
    ("formula", "power"),
    [("x^(1/3)", (1, 3)), ("x^(3^-1)", (1, 3)), ("x^(T^-1)", (1, 3)), ("x^-0.5", (-1, 2)), ("x^T", (3, 1))],
)
def test_an_exponent_is_exact(formula: str, power: tuple[int, int]) -> None:
    balls = Balls(128)
    ball = value_of(formula, {"x": balls.number(X), "T": 3}, balls.number)
    assert contains(ball, MP.power(in_mpmath(X), in_mpmath(Fraction(*power))))


def test_an_exponent_may_be_irrational() -> None:
    balls = Balls(128)
    assert contains(value_of("2^(2^0.5)", number=balls.number), MP.power(2, MP.sqrt(2)))
    assert contains(
        value_of("x^y", {"x": balls.number(X), "y": balls.number(Y)}, balls.number), in_mpmath(X) ** in_mpmath(Y)
    )


# --- Matrices --------------------------------------------------------------------------------------------------------


def matrices(*shape: int) -> st.SearchStrategy[np.ndarray[Any, Any]]:
    size = int(np.prod(shape))
    entries = st.lists(st.integers(-9, 9), min_size=size, max_size=size)
    return entries.map(lambda numbers: np.array(numbers, dtype=object).reshape(shape))


PRODUCTS: Mapping[str, Callable[[Any, Any, Any], Any]] = {
    "A*B": lambda A, B, v: A * B,
    "A*B*A": lambda A, B, v: A * B * A,
    "A*v": lambda A, B, v: A * v,
    "A*B*v": lambda A, B, v: A * (B * v),
    "2*A*v*3": lambda A, B, v: 6 * (A * v),
    "-A*B + B/2": lambda A, B, v: B / 2 - A * B,
    "A/T": lambda A, B, v: A / 3,
    "v/T": lambda A, B, v: v / 3,
    "transpose(A)*transpose(B)": lambda A, B, v: (B * A).T,
    "sum(A*v, t, 1, 3)": lambda A, B, v: 3 * (A * v),
    "[[A, 0], [B, A]]*[[B], [A]]": lambda A, B, v: (A * B).col_join(B * B + A * A),
    "[[A, B], [0, A]]": lambda A, B, v: A.row_join(B).col_join((0 * A).row_join(A)),
    "[[0, A], [1, 0]]": lambda A, B, v: (0 * A).row_join(A).col_join(sympy.eye(2).row_join(0 * A)),
    "A + 3": lambda A, B, v: A + 3 * sympy.eye(2),
    "A^3": lambda A, B, v: A * A * A,
    "[[1, 2], [0, 1]]*[[A], [B]]": lambda A, B, v: (A + 2 * B).col_join(B),
    "[[1, 2], [3, 1/2]]*A": lambda A, B, v: sympy.Matrix([[1, 2], [3, sympy.Rational(1, 2)]]) * A,
}


@pytest.mark.parametrize("formula", PRODUCTS)
@given(matrices(2, 2), matrices(2, 2), matrices(2))
def test_matrices_are_multiplied_in_order_as_sympy_does(formula: str, A: Any, B: Any, v: Any) -> None:
    result = value_of(formula, {"A": A, "B": B, "v": v, "T": 3}, Fraction)
    expected = PRODUCTS[formula](*map(sympy.Matrix, (A, B, v)))
    assert not any(isinstance(entry, float) for entry in result.flat)
    assert result.flatten().tolist() == expected.flat()
    assert result.ndim == 1 or result.shape == expected.shape


def test_matrices_do_not_commute() -> None:
    environment = {"A": np.array([[1, 1], [0, 1]]), "B": np.array([[1, 0], [1, 1]])}
    assert not np.array_equal(value_of("A*B", environment), value_of("B*A", environment))


def test_a_product_of_two_vectors_is_taken_entry_by_entry() -> None:
    assert value_of("u*v", {"u": np.array([2, 3]), "v": np.array([5, 7])}).tolist() == [10, 21]


@pytest.mark.parametrize(
    "formula", ["A*W", "A*w", "[[A], [W]]", "[[A, transpose(W)]]", "[[A, w]]", "[[A, A], [0]]", "w*W", "1/A", "A^(1/2)"]
)
def test_shapes_that_do_not_fit_are_a_value_error(formula: str) -> None:
    environment = {"A": np.ones((2, 2)), "W": np.ones((3, 3)), "w": np.ones(3), "x": 0.0}
    with pytest.raises(ValueError, match=r"."):
        value_of(formula, environment)


def test_a_number_in_the_place_of_a_block_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="stands for a block of 3 by 2, which is not square"):
        value_of("[[A, 0], [3, W]]", {"A": np.ones((2, 2)), "W": np.ones((3, 3))})


@pytest.mark.parametrize("formula", ["exp(u, v)", "tanh(u, v)", "transpose(u, v)", "max(u, v, w)", "sigmoid(u, v)"])
def test_a_built_in_function_takes_no_more_arguments_than_it_has(formula: str) -> None:
    environment = {name: np.ones(2) * number for number, name in enumerate("uvw")}
    with pytest.raises(FormulaError, match="another number of arguments"):
        value_of(formula, environment)
    assert [environment[name][0] for name in "uvw"] == [0, 1, 2]
