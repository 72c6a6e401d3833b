"""Balls: they contain what mpmath computes with twice the digits, become tight with more precision, are disjoint only
for different numbers, and leave flint's precision as it was."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.reals import Reals
from refute.numbers.scalar import UndecidedSign, Undefined
from tests.strategies import (
    ELEMENTARY,
    EXPONENTIAL,
    RATIONAL,
    Expression,
    expressions,
    is_moderate,
    points,
    rationals,
    rewritten,
)

Point = dict[str, Fraction]
Function = Callable[[Any], Any]
LEAST: dict[Any, int] = {np.log: 0, np.log1p: -1, np.sqrt: 0}  # where functions begin that are not defined everywhere
UNARY = [np.exp, np.log, np.sqrt, np.sin, np.cos, np.tan, np.tanh, np.sinh, np.cosh, np.expm1, np.log1p, np.abs]


def evaluate(expression: Expression, system: Any, point: Point) -> Any:
    try:
        return expression(system, {name: system.number(value) for name, value in point.items()})
    except ZeroDivisionError:
        reject()


def in_domain(function: Function, x: Fraction) -> Fraction:
    """A number at which the function is defined."""
    return x if function not in LEAST else LEAST[function] + abs(x) + Fraction(1, 64)


def ball_of(expression: Expression, point: Point, precision: int = 128) -> Ball:
    """A bounded ball of an expression at a point."""
    ball: Ball = evaluate(expression, Balls(precision), point)
    assume(ball.is_finite())
    return ball


# --- What a ball contains ---------------------------------------------------------------------------------------------


@given(expression=expressions(ELEMENTARY), point=points())
@settings(max_examples=200)
def test_a_ball_contains_what_mpmath_computes_with_twice_the_digits(expression: Expression, point: Point) -> None:
    assume(is_moderate(expression, point))
    ball = ball_of(expression, point)
    value = evaluate(expression, Reals(78), point).fraction()
    assert ball.contains(value)
    if ball.is_tight(64):
        assert not ball.contains(value + (1 + abs(value)) / 2**60)


@pytest.mark.parametrize("function", UNARY)
@given(x=rationals())
@settings(max_examples=10)
def test_a_ball_of_each_function_contains_mpmaths_value(function: Function, x: Fraction) -> None:
    x = in_domain(function, x)
    ball = function(Balls(53).number(x))
    value = function(Reals(32).number(x)).fraction()
    assert ball.contains(value)
    assert not ball.contains(value + (1 + value * value) / 2**40)  # tan is steep where it is large


@given(expression=expressions(RATIONAL), point=points())
def test_a_ball_of_rational_operations_contains_the_fraction(expression: Expression, point: Point) -> None:
    class Fractions:
        number = Fraction

    ball = ball_of(expression, point)
    value = evaluate(expression, Fractions, point)
    assert ball.contains(value)
    assert not ball.contains(value + (1 + abs(value)) / 2**60) or not ball.is_tight(64)


@given(x=rationals())
def test_a_number_is_the_tightest_ball(x: Fraction) -> None:
    ball = Balls(64).number(x)
    low, high = ball.bounds()
    assert low <= x <= high
    assert high - low <= abs(x) / 2**62
    assert (low == high) == (x.denominator & (x.denominator - 1) == 0)  # exact for dyadic rationals alone


@pytest.mark.parametrize("function", UNARY)
@given(ends=st.tuples(rationals(), rationals()), inside=st.fractions(0, 1, max_denominator=64))
@settings(max_examples=10)
def test_a_function_of_an_interval_contains_the_function_at_each_point_inside(
    function: Function, ends: tuple[Fraction, Fraction], inside: Fraction
) -> None:
    low, high = sorted(in_domain(function, end) for end in ends)
    system = Balls(64)
    image = function(system.interval(low, high))
    assert not image.disjoint(function(system.number(low + inside * (high - low))))


@given(expression=expressions(EXPONENTIAL), point=points(), width=rationals().map(abs), inside=st.fractions(-1, 1))
def test_an_expression_on_a_box_contains_the_expression_at_each_point_of_it(
    expression: Expression, point: Point, width: Fraction, inside: Fraction
) -> None:
    system = Balls(64)
    try:
        image = expression(system, {name: system.interval(v - width, v + width) for name, v in point.items()})
    except ZeroDivisionError:
        reject()
    assume(image.is_finite())
    value = ball_of(expression, {name: v + inside * width for name, v in point.items()}, 64)
    assert not image.disjoint(value)


@pytest.mark.parametrize(("function", "end"), LEAST.items())
@given(x=rationals())
@settings(max_examples=20)
def test_where_a_function_has_no_real_value_balls_and_reals_say_so(function: Function, end: int, x: Fraction) -> None:
    is_defined = x > end or (x == end and function is np.sqrt)
    for system in (Balls(53), Reals(32)):
        if is_defined:
            function(system.number(x))
        else:
            with pytest.raises(Undefined, match="is real"):
                function(system.number(x))


def test_an_interval_reaches_its_ends_and_not_beyond() -> None:
    interval = Balls(64).interval(Fraction(-1, 3), 2)
    assert interval.contains(Fraction(-1, 3))
    assert interval.contains(2)
    assert not interval.contains(Fraction(-1, 3) - Fraction(1, 10**6))
    assert not interval.contains(2 + Fraction(1, 10**6))
    square = interval * interval
    assert not square.disjoint(4)
    assert square.disjoint(5)


# --- Precision --------------------------------------------------------------------------------------------------------


def tight_precision(expression: Expression, point: Point, bits: int) -> int:
    """The precision, doubled as often as it takes up to 2^14, at which the ball is tight."""
    precision = 64
    while precision < 1 << 14 and not evaluate(expression, Balls(precision), point).is_tight(bits):
        precision *= 2
    return precision


@given(expression=expressions(EXPONENTIAL), point=points(rationals(2)))
def test_doubling_the_precision_makes_every_bounded_ball_tight(expression: Expression, point: Point) -> None:
    ball_of(expression, point, 64)
    assert tight_precision(expression, point, 200) < 1 << 14


def test_a_ball_is_tight_to_as_many_bits_as_it_gives_or_within_so_small_a_distance() -> None:
    third = Balls(64).number(Fraction(1, 3))
    assert (third.is_tight(60), third.is_tight(70)) == (True, False)
    assert ((third * 2**99).is_tight(60), (third * 2**99).is_tight(70)) == (True, False)
    nothing = (third - third) / 2**10
    assert (nothing.is_tight(70), nothing.is_tight(80)) == (True, False)


@pytest.mark.parametrize("lost", [0, 100, 400, 3000])
def test_the_precision_that_it_takes_is_what_cancellation_loses(lost: int) -> None:
    x, large = Expression("x"), Expression(2**lost)
    expression = Expression("-", (Expression("+", (x, large)), large))
    precision = tight_precision(expression, {"x": Fraction(1, 3)}, 50)
    assert precision // 2 - 50 < lost + 2 < precision


@pytest.mark.parametrize("digits", [5, 20, 50])
def test_only_certain_digits_are_shown(digits: int) -> None:
    e = Reals(100).number(1).exp().fraction()
    shown = Balls(256).number(1).exp().text(digits)
    assert len(shown) == digits + 1
    assert abs(Fraction(shown) - e) < Fraction(1, 10 ** (digits - 1))
    assert len(Balls(30).number(1).exp().text(digits)) <= 10 + 1  # 30 bits are 9 digits


# --- Signs and differences --------------------------------------------------------------------------------------------


@given(expression=expressions(EXPONENTIAL), point=points(), precision=st.sampled_from([20, 53, 128]))
@settings(max_examples=150)
def test_equal_expressions_are_never_disjoint(expression: Expression, point: Point, precision: int) -> None:
    left, right = (ball_of(written, point, precision) for written in (expression, rewritten(expression)))
    assert not left.disjoint(right)
    assert left.disjoint(right + (1 + abs(left) + abs(right)) / 2) or not (left.is_tight(10) and right.is_tight(10))


@given(p=rationals(), q=rationals())
def test_tight_balls_are_disjoint_exactly_when_their_numbers_differ(p: Fraction, q: Fraction) -> None:
    system = Balls(64)
    assert system.number(p).disjoint(system.number(q)) == system.number(p).disjoint(q) == (p != q)


@given(p=rationals(), q=rationals())
def test_a_sign_is_that_of_the_number_or_undecided(p: Fraction, q: Fraction) -> None:
    system = Balls(64)
    difference = system.number(p) - system.number(q)
    if p == q and not difference.arb.is_zero():
        for decide in (
            lambda: difference > 0,
            lambda: difference == 0,
            lambda: bool(difference),
            lambda: p < q + difference,
        ):
            with pytest.raises(UndecidedSign, match="is not decided at 64 bits"):
                decide()
    else:
        assert (difference > 0, difference == 0, difference < 0) == (p > q, p == q, p < q)


def test_a_sign_that_64_bits_do_not_settle_128_bits_do() -> None:
    tiny = Fraction(1, 2**80)

    def is_larger(precision: int) -> Any:
        third = Balls(precision).number(Fraction(1, 3))
        return third + tiny > third

    with pytest.raises(UndecidedSign, match="at 64 bits"):
        is_larger(64)
    assert is_larger(128)


@pytest.mark.parametrize("function", ["exp", "sinh", "cosh"])
def test_only_a_number_beyond_all_measure_is_unbounded_at_any_precision(function: str) -> None:
    system, more = Balls(128), Balls(512)
    assert not getattr(system.number(2**300), function)().is_finite()
    assert getattr(more.number(2**300), function)().is_finite()
    assert not system.is_beyond
    assert not getattr(2 ** system.number(2**21), function)().is_finite()
    assert system.is_beyond
    assert not more.is_beyond


def test_an_unbounded_ball_says_nothing() -> None:
    system = Balls(64)
    unbounded = 1 / system.interval(-1, 1)
    assert not unbounded.is_finite()
    assert not unbounded.is_tight(1)
    assert unbounded.contains(10**100)
    assert not unbounded.disjoint(system.number(0))
    assert not system.interval(-1, 1).log().is_finite()
    with pytest.raises(ArithmeticError, match="an unbounded ball has no ends"):
        unbounded.bounds()
    with pytest.raises(UndecidedSign):
        bool(unbounded > 0)
    with pytest.raises(ZeroDivisionError, match="exactly zero"):
        1 / system.number(0)


# --- The precision of others ------------------------------------------------------------------------------------------


def test_flints_precision_is_put_back_after_an_exception() -> None:
    before = flint.ctx.prec
    with pytest.raises(IndexError), working_precision(before + 100):
        [][flint.ctx.prec]
    with pytest.raises(TypeError):
        Balls(before + 100).number(1)._apply(flint.arb.__pow__, 1, 2, 3)
    assert flint.ctx.prec == before


def test_a_system_computes_at_its_own_precision_whatever_flints_is() -> None:
    expected = Balls(300).number(Fraction(1, 3)).exp().bounds()
    with working_precision(20):
        assert flint.ctx.prec == 20
        assert Balls(300).number(Fraction(1, 3)).exp().bounds() == expected
        assert Balls(299).number(Fraction(1, 3)).exp().bounds() != expected


def test_threads_do_not_disturb_each_others_precision() -> None:
    def run(precision: int) -> tuple[Fraction, Fraction]:
        x = Balls(precision).number(Fraction(1, 3))
        for _ in range(50):
            x = np.tanh(x * x + 1) / 3
        return x.bounds()

    before = flint.ctx.prec
    precisions = [50 + 10 * k for k in range(24)]
    alone = [run(precision) for precision in precisions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, precisions)) == alone
    assert flint.ctx.prec == before
    assert len({high - low for low, high in alone}) == len(precisions)


@given(st.fractions(-3, 3, max_denominator=50), st.integers(0, 40), st.sampled_from([24, 53, 128]))
def test_a_power_encloses_the_exact_one_and_stays_narrow(value: Fraction, n: int, bits: int) -> None:
    ball = Balls(bits).number(value)
    for base in (ball, ball + (ball - ball)):  # exact, or about as narrow as a number at so many bits can be
        assert (base**n).contains(value**n)
        assert not (base**n).disjoint(value**n)
        assert (base**n).disjoint(value**n + Fraction(1, 100) * (1 + abs(value) ** n))


def test_a_power_of_a_ball_around_0_is_about_0() -> None:
    third = Balls(128).number(Fraction(1, 3))
    nothing = third - third
    assert not nothing.arb.is_zero()
    assert (nothing**2).contains(0)
    assert (nothing**3).disjoint(Fraction(1, 10**30))
    with pytest.raises(ZeroDivisionError):
        Balls(128).number(0) ** -1


def test_a_negative_number_and_0_have_whole_powers_and_0_positive_ones() -> None:
    system = Balls(128)
    two, half, third = (system.number(v) for v in (Fraction(2), Fraction(1, 2), Fraction(1, 3)))
    nothing, one = system.number(0), third * 3
    assert not one.arb.is_exact()
    assert ((-two) ** (two + 1)).contains(-8)
    assert ((-two) ** -two).contains(Fraction(1, 4))
    assert (nothing ** (half - half)).contains(1)
    assert (nothing**one).contains(0)
    for power in (half, -half, third):
        with pytest.raises(Undefined):
            (-two) ** power
    for base in (nothing, -two):
        with pytest.raises(UndecidedSign, match="whole"):
            base ** (one - 1)
    for power in (-two, -half):
        with pytest.raises(ZeroDivisionError):
            nothing**power


def test_the_larger_of_two_balls_needs_no_decision() -> None:
    system = Balls(128)
    third, other = system.number(Fraction(1, 3)), 1 - system.number(Fraction(2, 3))
    assert third.arb.overlaps(other.arb)
    assert third.maximum(other).contains(Fraction(1, 3))
    assert third.maximum(other).disjoint(Fraction(1, 2))
    assert third.maximum(1).contains(1)
