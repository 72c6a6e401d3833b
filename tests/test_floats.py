"""Floats: a careful evaluation lies within the radii of its ball, one that cancels or overflows does not, and a ball
that says nothing judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from refute.numbers.balls import Ball, Balls
from refute.numbers.floats import FACTOR, FORMATS, Floats, is_explained_by_rounding, radii_off
from refute.numbers.reals import Reals
from tests.strategies import SMOOTH, Expression, dyadics, expressions, points

Function = Callable[..., Any]
BOTH = ["float64", "float32"]
both = pytest.mark.parametrize("dtype", BOTH)


def judged(dtype: str, computed: Function, formula: Function, *values: Fraction | int) -> bool | None:
    """The verdict on what is computed in floats, by a formula in balls of the floats' own precision."""
    floats, balls = Floats(dtype), Balls(FORMATS[dtype].precision)
    with np.errstate(all="ignore"):
        result = computed(*map(floats.number, values))
    assert result.dtype == floats.dtype
    return is_explained_by_rounding(result, formula(*map(balls.number, values)))


# --- Expressions ------------------------------------------------------------------------------------------------------


@both
@given(expression=expressions(SMOOTH, dyadics()), point=points(dyadics()))
@settings(max_examples=200)
def test_what_floats_compute_is_within_the_radii(
    dtype: str, expression: Expression, point: dict[str, Fraction]
) -> None:
    floats, balls = Floats(dtype), Balls(FORMATS[dtype].precision)
    try:
        with np.errstate(all="raise", under="ignore"):
            result = expression(floats, {name: floats.number(value) for name, value in point.items()})
        ball = expression(balls, {name: balls.number(value) for name, value in point.items()})
    except (FloatingPointError, ZeroDivisionError):
        reject()
    explained = is_explained_by_rounding(result, ball)
    assume(explained is not None)
    assert explained
    if ball.is_tight(12):
        assert not is_explained_by_rounding(float(result) + (1 + abs(float(result))) / 16, ball)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def stable_sigmoid(z: Any) -> Any:
    e = np.exp(-abs(z))
    return (1 if z >= 0 else e) / (1 + e)


CAREFUL: Mapping[str, tuple[Function, Function, list[int]]] = {  # code, the formula that it stands for, inputs
    "sech^2 by cosh": (lambda c: 1 / np.cosh(c) ** 2, lambda c: 1 / np.cosh(c) ** 2, [0, 1, 20, -20]),
    "sech^2 by exp": (
        lambda c: 4 * np.exp(-2 * abs(c)) / (1 + np.exp(-2 * abs(c))) ** 2,
        lambda c: 1 / np.cosh(c) ** 2,
        [0, 1, 20, -20],
    ),
    "the stable sigmoid": (stable_sigmoid, sigmoid, [0, 1, 20, -20, 80, -80]),
    "the slope of sigmoid": (
        lambda z: stable_sigmoid(z) * stable_sigmoid(-z),
        lambda z: sigmoid(z) * sigmoid(-z),
        [0, 20, -20],
    ),
    "expm1": (lambda x: np.expm1(x / 2**20), lambda x: np.expm1(x / 2**20), [1, -3, 2**20]),
    "a product of squares": (lambda x: (x - 1) * (x + 1), lambda x: (x - 1) * (x + 1), [2**12 + 1, 3, 1]),
}
CANCELLING: Mapping[
    str, tuple[Function, Function, Fraction | int]
] = {  # code, the formula that it stands for, where it fails
    "1 - tanh^2": (lambda c: 1 - np.tanh(c) ** 2, lambda c: 1 / np.cosh(c) ** 2, 20),
    "1 - sigmoid": (lambda z: sigmoid(z) * (1 - sigmoid(z)), lambda z: sigmoid(z) * sigmoid(-z), 20),
    "the printed sigmoid's other form": (lambda z: np.exp(z) / (1 + np.exp(z)), sigmoid, 1000),
    "cosh^2 - sinh^2": (lambda x: np.cosh(x) ** 2 - np.sinh(x) ** 2, lambda x: x**0, 30),
    "exp - 1": (lambda x: np.exp(x / 2**20) - 1, lambda x: np.expm1(x / 2**20), 3),
    "a difference of squares": (lambda x: (1 + x) ** 2 - 1, lambda x: x * (2 + x), Fraction(1, 3 * 2**14)),
    "another function": (np.tanh, lambda x: np.tanh(x) + Fraction(1, 2**12), 1),
}


@both
@pytest.mark.parametrize(("code", "formula", "inputs"), CAREFUL.values(), ids=CAREFUL)
def test_a_careful_evaluation_is_explained_by_rounding(
    dtype: str, code: Function, formula: Function, inputs: list[int]
) -> None:
    assert [judged(dtype, code, formula, x) for x in inputs] == [True] * len(inputs)


@both
@pytest.mark.parametrize(("code", "formula", "x"), CANCELLING.values(), ids=CANCELLING)
def test_an_evaluation_that_cancels_or_overflows_is_not(
    dtype: str, code: Function, formula: Function, x: Fraction | int
) -> None:
    assert judged(dtype, code, formula, x) is False


def test_an_ill_conditioned_formula_gives_the_room_that_it_needs() -> None:
    def code(x: Any) -> Any:
        return (x + 2**40) - 2**40

    x = Fraction(1, 3)
    assert judged("float64", code, code, x)
    assert judged("float64", code, lambda x: x, x) is False


# --- The verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radii", [0, 1, 7, 9, 100])
def test_the_room_is_eight_radii_on_either_side(radii: int) -> None:
    ball = Balls(24).number(Fraction(1, 3))
    low, high = ball.bounds()
    for moved in (low + high + radii * (high - low), low + high - radii * (high - low)):
        assert is_explained_by_rounding(float(moved / 2), ball) is (radii <= 8)


@pytest.mark.parametrize("result", [np.float64(0), np.float64(1e300), np.float64("inf"), np.float64("nan")])
def test_a_ball_that_says_nothing_judges_nothing(result: Any) -> None:
    balls = Balls(53)
    for ball in (
        1 / balls.interval(-1, 1),
        balls.number(1000).exp(),
        balls.number(10**309),
        balls.interval(0, 10**309),
    ):
        assert is_explained_by_rounding(result, ball) is None
    assert is_explained_by_rounding(result, balls.number(5)) is False


@pytest.mark.parametrize("result", [np.inf, -np.inf, np.nan])
def test_an_infinity_is_right_only_beyond_the_largest_float(result: float) -> None:
    assert is_explained_by_rounding(np.float64(result), Balls(53).number(700).exp()) is False
    assert is_explained_by_rounding(np.float64(result), Balls(53).number(720).exp()) is None


def test_what_flushes_to_zero_is_explained_and_what_should_not_is_not() -> None:
    assert is_explained_by_rounding(np.exp(np.float64(-800)), Balls(53).number(-800).exp())
    assert not is_explained_by_rounding(np.float64(0), Balls(53).number(-600).exp())


@given(x=dyadics(20), off=st.integers(1, 10**6))
def test_the_radii_that_are_shown_are_those_that_are_judged(x: Fraction, off: int) -> None:
    ball = Balls(24).number(x).exp()
    assume(x != 0)
    assume(off != FACTOR)  # where three digits do not tell
    low, high = ball.bounds()
    result = float((low + high) / 2 + off * (high - low) / 2)
    assert abs(float(radii_off(result, ball)) / off - 1) < 0.01  # three digits
    assert is_explained_by_rounding(result, ball) == (float(radii_off(result, ball)) <= FACTOR)


def test_an_infinity_is_infinitely_many_radii_off() -> None:
    assert radii_off(np.float64("inf"), Balls(53).number(1)) == "infinitely many"
    assert radii_off(np.float64(1), Balls(53).number(1)) == "0"


# --- The number system ------------------------------------------------------------------------------------------------


@both
@given(dyadics())
def test_dyadic_numbers_are_exact(dtype: str, x: Fraction) -> None:
    result = Floats(dtype).number(x)
    assert result.dtype == dtype
    assert Fraction(float(result)) == x


@given(st.fractions(-100, 100))
def test_a_fraction_becomes_the_nearest_binary64(x: Fraction) -> None:
    nearest = Floats().number(x)
    error = abs(Fraction(float(nearest)) - x)
    for other in (np.nextafter(nearest, np.inf), np.nextafter(nearest, -np.inf)):
        assert error <= abs(Fraction(float(other)) - x)


@both
def test_a_system_names_its_format_and_its_bits(dtype: str) -> None:
    floats = Floats(dtype)
    assert (floats.name, floats.precision) == {"float64": ("binary64", 53), "float32": ("binary32", 24)}[dtype]
    assert floats.precision == np.finfo(floats.dtype).nmant + 1
    assert floats.variable("x", Fraction(1, 2)) == 0.5


@given(x=dyadics(8))
def test_balls_at_a_floats_precision_hold_the_true_value(x: Fraction) -> None:
    ball: Ball = Balls(24).number(x).tanh()
    assert ball.contains(Reals(50).number(x).tanh().fraction())
