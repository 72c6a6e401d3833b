"""Duals: their derivatives are SymPy's and mpmath's, in several directions at once and nested; at a kink there is
none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, reject, settings

from refute.numbers.balls import Ball, Balls
from refute.numbers.duals import Dual, jacobian, partial, seed, sign_of, value_of
from refute.numbers.floats import Floats, is_explained_by_rounding
from refute.numbers.pairs import Pairs
from refute.numbers.reals import Real, Reals
from refute.numbers.residues import Residues
from refute.numbers.scalar import UndecidedSign
from refute.numbers.symbols import Symbols
from tests.strategies import (
    ELEMENTARY,
    SMOOTH,
    VARIABLES,
    Expression,
    dyadics,
    expressions,
    is_moderate,
    points,
    rationals,
)

Point = dict[str, Fraction]
Function = Callable[..., Any]
X, Y = (sympy.Symbol(name, real=True) for name in VARIABLES)


def is_near(x: Any, value: Fraction, digits: int) -> bool:
    """Whether a ball (or 0 or 1) holds a number that is right to so many digits."""
    low, high = (x * Balls().number(1)).bounds()
    slack = (1 + abs(value)) / 10**digits
    return bool(low - slack <= value <= high + slack)


def derivatives(expression: Expression, point: Point) -> list[Any]:
    """The value of an expression at a point, and its derivatives in x and in y, all of them bounded."""
    assume(is_moderate(expression, point))
    balls = Balls(192)
    at = {name: Dual(balls.number(value), {name: 1}) for name, value in point.items()}
    try:
        result = expression(balls, at)
    except ZeroDivisionError:  # the root of zero has a value and no slope
        reject()
    bounded = [value_of(result), *(partial(result, name) for name in VARIABLES)]
    assume(all(ball.is_finite() for ball in bounded if isinstance(ball, Ball)))
    return bounded


def in_sympy(expression: Expression) -> Any:
    symbols = Symbols()
    return expression(symbols, {name: symbols.variable(name) for name in VARIABLES}).expr


def sympy_value(expression: Any, point: Point) -> Fraction:
    at = {X: sympy.Rational(str(point["x"])), Y: sympy.Rational(str(point["y"]))}
    return Fraction(str(sympy.N(expression, 60, subs=at)))


def mpmath_derivative(expression: Expression, point: Point, order: tuple[int, int]) -> Fraction:
    reals = Reals(80)

    def f(*values: Any) -> Any:
        return expression(reals, {n: Real(v, reals) for n, v in zip(VARIABLES, values, strict=True)}).mpf

    at = tuple(reals.number(point[name]).mpf for name in VARIABLES)
    return Real(reals.context.diff(f, at, order), reals).fraction()


# --- Against SymPy and mpmath -----------------------------------------------------------------------------------------


@given(expression=expressions(SMOOTH), point=points(rationals(2)))
@settings(max_examples=60)
def test_derivatives_are_those_that_sympy_derives(expression: Expression, point: Point) -> None:
    _, *ours = derivatives(expression, point)
    for derivative, variable in zip(ours, (X, Y), strict=True):
        theirs = sympy_value(in_sympy(expression).diff(variable), point)
        assert is_near(derivative, theirs, 40)
        assert not is_near(derivative, theirs + (1 + abs(theirs)) / 1000, 40)


@given(expression=expressions(ELEMENTARY), point=points())
@settings(max_examples=60)
def test_derivatives_are_those_that_mpmath_measures(expression: Expression, point: Point) -> None:
    for derivative, order in zip(derivatives(expression, point), ((0, 0), (1, 0), (0, 1)), strict=True):
        theirs = mpmath_derivative(expression, point, order)
        assert is_near(derivative, theirs, 40)  # mpmath was asked for 80
        assert not is_near(derivative, theirs + (1 + abs(theirs)) / 1000, 40)


def hessian(expression: Expression, point: Point) -> dict[tuple[str, str], Any]:
    """Second derivatives, by duals over duals: the outer direction first."""
    balls = Balls(192)
    inner = {name: Dual(balls.number(value), {name: 1}) for name, value in point.items()}
    result = expression(balls, {name: Dual(value, {name: 1}, level=1) for name, value in inner.items()})
    return {(a, b): partial(partial(result, a), b) for a in VARIABLES for b in VARIABLES}


@given(expression=expressions(SMOOTH, max_leaves=4), point=points(rationals(2)))
@settings(max_examples=40)
def test_nested_duals_have_second_derivatives(expression: Expression, point: Point) -> None:
    derivatives(expression, point)
    ours = hessian(expression, point)
    for (a, first), (b, second) in (
        (p, q) for p in zip("xy", (X, Y), strict=True) for q in zip("xy", (X, Y), strict=True)
    ):
        theirs = sympy_value(in_sympy(expression).diff(first, second), point)
        assert is_near(ours[a, b], theirs, 40)
        assert not is_near(ours[a, b], theirs + (1 + abs(theirs)) / 1000, 40)


def test_the_outer_level_and_the_inner_one_are_different_directions() -> None:
    x = Dual(Dual(Fraction(3), {"d": Fraction(1)}), {"d": Fraction(1)}, level=1)
    inner = Dual(Fraction(3), {"d": Fraction(1)})
    cube = inner * x * inner  # the outer direction moves one factor, the inner one all three
    assert (cube.level, cube.value.value) == (1, 27)
    assert partial(cube.value, "d") == 27
    assert partial(cube, "d").value == 9
    assert partial(partial(cube, "d"), "d") == partial(partial(x * inner * inner, "d"), "d") == 6


# --- Certified by residues --------------------------------------------------------------------------------------------


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


DERIVATIVES: Mapping[str, tuple[Function, Function, Function]] = {  # a function, its derivative, and a near miss
    "exp": (np.exp, np.exp, lambda x: -np.exp(x)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, lambda x: 1 - np.tanh(x)),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)), lambda x: sigmoid(x) * (1 + sigmoid(x))),
    "sinh": (np.sinh, np.cosh, np.sinh),
    "cosh": (np.cosh, np.sinh, lambda x: -np.sinh(x)),
    "expm1": (np.expm1, np.exp, np.expm1),
    "a cube": (lambda x: x**3, lambda x: 3 * x**2, lambda x: 3 * x),
    "a reciprocal": (lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 1 / x**2),
    "a negative power": (lambda x: x**-4, lambda x: -4 * x**-5, lambda x: -4 * x**-3),
    "a product": (lambda x: x * np.exp(x), lambda x: (1 + x) * np.exp(x), lambda x: 1 * np.exp(x)),
    "a quotient": (
        lambda x: np.exp(x) / (1 + x),
        lambda x: x * np.exp(x) / (1 + x) ** 2,
        lambda x: np.exp(x) / (1 + x),
    ),
    "a chain": (lambda x: np.tanh(x * x), lambda x: 2 * x / np.cosh(x * x) ** 2, lambda x: 2 * x / np.cosh(x) ** 2),
    "exp of exp": (lambda x: np.exp(np.exp(x)), lambda x: np.exp(x + np.exp(x)), lambda x: np.exp(np.exp(x))),
    "a constant": (lambda x: x**0 * 5, lambda x: 0 * x, lambda x: 0 * x + 1),
    "a constant less it": (lambda x: 5 - x, lambda x: 0 * x - 1, lambda x: 0 * x + 1),
}


@pytest.mark.parametrize(("f", "derivative", "miss"), DERIVATIVES.values(), ids=DERIVATIVES)
def test_derivatives_over_residues_are_the_formal_ones(f: Function, derivative: Function, miss: Function) -> None:
    x = Residues().variable("x")
    ours = partial(f(Dual(x, {"x": 1})), "x")
    assert ours == derivative(x)
    assert ours != miss(x)


@pytest.mark.parametrize("f", [f for f, *_ in DERIVATIVES.values()], ids=DERIVATIVES)
@pytest.mark.parametrize("name", ["pairs", "balls", "reals"])
def test_the_value_of_a_dual_is_what_the_code_gives_without(f: Function, name: str) -> None:
    system: Any = {"pairs": Pairs(Residues()), "balls": Balls(), "reals": Reals()}[name]
    x = system.variable("x", Fraction(3, 4))
    assert repr(f(Dual(x, {"x": 1})).value) == repr(f(x)) != repr(f(x) + Fraction(1, 100))


# --- Directions -------------------------------------------------------------------------------------------------------


@given(expression=expressions(SMOOTH), point=points(rationals(2)))
@settings(max_examples=50)
def test_several_directions_at_once_are_what_each_is_alone(expression: Expression, point: Point) -> None:
    _, *together = derivatives(expression, point)
    balls = Balls(192)
    numbers = {name: balls.number(value) for name, value in point.items()}
    for name, derivative in zip(VARIABLES, together, strict=True):
        result = expression(balls, {**numbers, name: Dual(numbers[name], {name: 1})})
        assert str(partial(result, name)) == str(derivative)


def test_a_direction_may_be_any_combination() -> None:
    x, y = (Residues().variable(name) for name in VARIABLES)
    f = Dual(x, {"s": 2, "x": 1}) * Dual(y, {"s": -3, "y": 1}).exp()
    assert partial(f, "s") == 2 * partial(f, "x") - 3 * partial(f, "y")
    assert partial(f, "s") != 2 * partial(f, "x") + 3 * partial(f, "y")
    assert partial(f, "z") == partial(7, "s") == 0


def test_the_jacobian_of_a_linear_map_is_its_matrix() -> None:
    balls = Balls()
    matrix = np.array([[2, 3, 5], [7, 11, 13]])
    x = seed(np.array([balls.number(n) for n in (1, 2, 3)]), "x")
    found = jacobian(matrix @ x, [("x", j) for j in range(3)])
    assert (found == matrix).all()
    assert not (found == matrix[::-1]).any()
    assert [value_of(entry) == n for entry, n in zip(matrix @ x, (23, 68), strict=True)] == [True, True]


def test_seeds_name_their_directions_by_name_and_index() -> None:
    array = seed(np.ones((2, 3), dtype=object), "W")
    assert {d for entry in array.flat for d in entry.partials} == {("W", i, j) for i in range(2) for j in range(3)}
    assert seed(5, "x").partials == {("x",): 1}
    assert seed(5, "x", level=2).level == 2


@given(x=dyadics(20), y=dyadics(20).map(abs).filter(bool))
def test_duals_of_floats_lose_no_more_than_rounding_explains(x: Fraction, y: Fraction) -> None:
    def gradient(system: Any) -> list[Any]:
        a, b = Dual(system.number(x), {"x": 1}), Dual(system.number(y), {"y": 1})
        result = a.tanh() * b.log() / b.sqrt()
        return [partial(result, name) for name in VARIABLES]

    for ours, ball in zip(gradient(Floats()), gradient(Balls(53)), strict=True):
        assert is_explained_by_rounding(ours, ball)
        assert not is_explained_by_rounding(ours + 1e-6 * (1 + abs(ours)), ball)


# --- Kinks ------------------------------------------------------------------------------------------------------------


def _by_where(x: Any, two: Any) -> Any:
    chosen: Any = np.where(x * x >= two * x, x, two)
    return chosen.item()


KINKED: Mapping[str, tuple[Function, Fraction]] = {  # a function of x and of 2, and the x at which it has a kink
    "abs": (lambda x, two: abs(x), Fraction(0)),
    "np.abs": (lambda x, two: np.abs(x - two), Fraction(2)),
    "np.maximum": (lambda x, two: np.maximum(x, two), Fraction(2)),
    "np.maximum with a constant": (lambda x, two: np.maximum(2 - x, 0), Fraction(2)),
    "np.where": (_by_where, Fraction(2)),
    "if": (lambda x, two: 3 * x if x > two else two, Fraction(2)),
    "max": (lambda x, two: max(x, two), Fraction(2)),
    "==": (lambda x, two: x if x == two else two, Fraction(2)),
}


@pytest.mark.parametrize(("f", "kink"), KINKED.values(), ids=KINKED)
def test_at_a_kink_there_is_no_derivative(f: Function, kink: Fraction) -> None:
    two, at_kink, near = (Balls().number(n) for n in (2, kink, kink + Fraction(1, 2**100)))
    with pytest.raises(UndecidedSign, match="on the border between two branches, where there may be no derivative"):
        f(Dual(at_kink, {"x": 1}), two)
    f(Dual(near, {"x": 1}), two)
    f(Dual(at_kink, {}), two)  # a constant


@given(x=rationals().filter(bool))
def test_beside_a_kink_the_derivative_is_that_of_the_branch(x: Fraction) -> None:
    dual: Any = Dual(Balls().number(x), {"x": 1})
    assert partial(abs(dual), "x") == (1 if x > 0 else -1)
    assert partial(np.maximum(dual, 0), "x") == partial(np.where(dual > 0, dual, 0).item(), "x") == (x > 0)
    assert sign_of(dual) == sign_of(x) == (1 if x > 0 else -1)


def test_a_sign_that_balls_do_not_settle_is_undecided_in_duals() -> None:
    third = Balls().number(Fraction(1, 3))
    with pytest.raises(UndecidedSign, match="is not decided at 128 bits"):
        abs(Dual(third * 3 - 1, {"x": 1}))
