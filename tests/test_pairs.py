"""Pairs: the ball decides every comparison, which is recorded; the residue certifies the branch taken; on a border
neither is certified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from refute.numbers.pairs import Decision, Pair, Pairs
from refute.numbers.residues import Residues
from refute.numbers.scalar import OutsideClass, UndecidedSign
from tests.strategies import EXPONENTIAL, VARIABLES, Expression, expressions, nonzero_rationals, points, rationals

Function = Callable[..., Any]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def stable_sigmoid(z: Any) -> Any:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def swapped_sigmoid(z: Any) -> Any:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, e, 1) / (1 + e)


def stable_softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z))
    return e / e.sum()


def system(seed: int = 0, **options: Any) -> Any:
    return Pairs(Residues(seed, **options))


def directions(pairs: Pairs) -> list[bool]:
    return [decision[3] for decision in pairs.decisions]


# --- Branches are certified -------------------------------------------------------------------------------------------

BRANCHING: Mapping[
    str, tuple[Function, Function, Function]
] = {  # code, what it computes, and code right for z > 0 only
    "sigmoid by np.where": (stable_sigmoid, sigmoid, lambda z: sigmoid(abs(z))),
    "sigmoid by if": (
        lambda z: 1 / (1 + np.exp(-z)) if z > 0 else np.exp(z) / (1 + np.exp(z)),
        sigmoid,
        lambda z: 1 / (1 + np.exp(-z)) if z > 0 else 1 / (1 + np.exp(z)),
    ),
    "tanh by its sign": (
        lambda z: np.sign(z) * (1 - np.exp(-2 * abs(z))) / (1 + np.exp(-2 * abs(z))),
        np.tanh,
        lambda z: (1 - np.exp(-2 * abs(z))) / (1 + np.exp(-2 * abs(z))),
    ),
    "two rectifiers": (
        lambda z: np.maximum(z, 0) - np.maximum(-z, 0),
        lambda z: z,
        lambda z: np.maximum(z, 0) + np.maximum(-z, 0),
    ),
    "the softmax of two": (
        lambda z: stable_softmax(np.array([z, 1 - z]))[0],
        lambda z: sigmoid(2 * z - 1),
        lambda z: stable_softmax(np.array([z, 1 - z])).max(),
    ),
}


@pytest.mark.parametrize("z", [Fraction(5, 7), -2, 1000, -1000])
@pytest.mark.parametrize(("code", "formula", "half_right"), BRANCHING.values(), ids=BRANCHING)
def test_code_that_branches_is_certified_along_the_branch_taken(
    code: Function, formula: Function, half_right: Function, z: Fraction
) -> None:
    pairs = system()
    x = pairs.variable("z", z)
    ours, theirs, other = (np.ravel(f(x))[0] for f in (code, formula, half_right))
    assert ours.residue == theirs.residue
    assert not ours.ball.disjoint(theirs.ball)
    assert (other.residue == theirs.residue) == (z > 0)
    assert pairs.decisions


def test_residues_alone_cannot_run_it() -> None:
    with pytest.raises(OutsideClass):
        stable_sigmoid(np.array([Residues().variable("z")]))


@given(z=nonzero_rationals())
@settings(max_examples=30)
def test_the_stable_sigmoid_of_an_array_is_the_naive_one(z: Fraction) -> None:
    pairs = system()
    array = np.array([pairs.variable(f"z{k}", value) for k, value in enumerate((z, -z, 2 * z, z + 100))])
    stable, naive, swapped = stable_sigmoid(array), sigmoid(array), swapped_sigmoid(array)
    assert [s.residue == n.residue for s, n in zip(stable, naive, strict=True)] == [True] * 4
    assert [s.residue == n.residue for s, n in zip(swapped, naive, strict=True)] == [False] * 4


@given(expression=expressions(EXPONENTIAL), point=points(nonzero_rationals()))
@settings(max_examples=50)
def test_a_pair_is_what_the_residue_and_the_ball_are_alone(expression: Expression, point: dict[str, Fraction]) -> None:
    pairs = system(bits=512)
    try:
        both = expression(pairs, {name: pairs.variable(name, value) for name, value in point.items()})
    except ZeroDivisionError:
        assume(False)
    alone = Residues(bits=512)
    residue = expression(alone, {name: alone.variable(name) for name in VARIABLES})
    ball = expression(pairs.balls, {name: pairs.balls.number(value) for name, value in point.items()})
    assert int(both.residue.element) == int(residue.element)
    assert not both.ball.disjoint(ball)
    assert int((both + 1).residue.element) != int(residue.element)


# --- Decisions --------------------------------------------------------------------------------------------------------


def test_decisions_are_recorded_under_the_line_that_made_them() -> None:
    pairs = system()
    x, y = pairs.variable("x", 3), pairs.variable("y", 5)
    line = test_decisions_are_recorded_under_the_line_that_made_them.__code__.co_firstlineno
    _ = x > y
    for _ in range(2):
        _ = np.maximum(x, y)
    expected: list[Decision] = [
        (__file__, line + 4, 0, False), (__file__, line + 6, 0, False), (__file__, line + 6, 1, False)
    ]  # fmt: skip
    assert pairs.decisions == expected
    assert system().decisions == []


@pytest.mark.parametrize("compare", [lambda x, y: x > y, lambda x, y: x >= y, lambda x, y: x < y, lambda x, y: x <= y])
@given(p=rationals(), q=rationals())
@settings(max_examples=20)
def test_a_decision_says_whether_the_left_side_is_larger(compare: Function, p: Fraction, q: Fraction) -> None:
    assume(p != q)
    pairs = system()
    x, y = pairs.variable("x", p), pairs.variable("y", q)
    assert compare(x, y) == compare(p, q)
    assert directions(pairs) == [p > q]
    assert [compare(y, x), *directions(pairs)] == [compare(q, p), p > q, q > p]


def test_points_on_both_sides_take_every_comparison_both_ways() -> None:
    taken = set()
    for value in (1, -1):
        pairs = system()
        stable_sigmoid(np.array([pairs.variable("z", value)]))
        taken |= set(pairs.decisions)
    assert len(taken) == 4  # np.abs and >=, each both ways
    assert len({place[:3] for place in taken}) == 2


def test_what_is_identically_zero_is_decided_without_a_record() -> None:
    pairs = system()
    x = pairs.variable("x", Fraction(1, 3))
    identities = [x - x >= 0, np.exp(x) * np.exp(-x) == 1, abs(np.tanh(x) - 2 * sigmoid(2 * x) + 1) == 0]
    assert identities == [True, True, True]
    assert pairs.decisions == []
    assert np.exp(x) * np.exp(-x) != x
    assert len(pairs.decisions) == 1


# --- Borders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "border"),
    [
        (stable_sigmoid, 0),
        (abs, 0),
        (lambda z: np.maximum(z, 1), 1),
        (lambda z: z * z > 4 * z, 4),
        (lambda z: np.sort(np.array([z, 2 - z])), 1),
        (lambda z: z == 3, 3),
    ],
)
def test_at_a_border_neither_branch_is_certified(code: Function, border: int) -> None:
    with pytest.raises(UndecidedSign, match="on the border between two branches, where neither is certified"):
        code(system().variable("z", border))
    for beside in (border + Fraction(1, 2**90), border - Fraction(1, 2**90)):
        code(system().variable("z", beside))


def test_a_point_too_near_a_border_for_the_precision_is_undecided() -> None:
    def branch(precision: int) -> Any:
        pairs = Pairs(Residues(), precision)
        return pairs.variable("z", Fraction(1, 3)) > pairs.number(Fraction(1, 3) - Fraction(1, 2**100))

    with pytest.raises(UndecidedSign, match="at 64 bits"):
        branch(64)
    assert branch(128)


@given(p=rationals(), q=rationals(), compare=st.sampled_from([lambda a, b: a < b, lambda a, b: a == b]))
def test_constants_are_compared_as_the_numbers_that_they_are(p: Fraction, q: Fraction, compare: Function) -> None:
    pairs = system()
    assert compare(pairs.number(p), pairs.number(q)) == compare(pairs.number(p), q) == compare(p, q)


def test_a_constant_is_one_pair() -> None:
    pairs = system()
    assert isinstance(pairs.number(Fraction(1, 3)), Pair)
    assert pairs.number(Fraction(1, 3)) is pairs.number(Fraction(1, 3)) is not pairs.number(Fraction(2, 3))
