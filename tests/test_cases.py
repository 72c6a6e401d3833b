"""Cases: a value depends on its seed and its label alone, lies in its domain, and is exact in every number system."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from refute.cases import Draw, System
from refute.claims import Real
from refute.deciding.floating import SCALES
from refute.numbers.balls import Balls
from refute.numbers.floats import Floats
from refute.numbers.scalar import Exact


class Fractions:
    """The exact rationals themselves as a number system."""

    name = "fractions"
    is_formal = False

    def number(self, value: Exact) -> Fraction:
        return Fraction(value)

    def variable(self, label: str, value: Exact) -> Fraction:
        return Fraction(value)


SEEDS = st.text("0123456789/abc", min_size=1, max_size=8)
BOUNDS = st.none() | st.fractions(-100, 100, max_denominator=64)
DOMAINS = st.builds(Real, BOUNDS, BOUNDS).filter(lambda d: d.low is None or d.high is None or d.low < d.high)
NAMES = ("x", "beta", "h[0]")


def drawn(*names: str, system: System | None = None, given: dict[str, Real] | None = None, **more: Any) -> list[Any]:
    draw = Draw(system or Fractions(), given or {}, **more)
    return [draw(name) for name in names]


@given(SEEDS, st.permutations(NAMES))
def test_the_order_of_drawing_does_not_matter(seed: str, order: list[str]) -> None:
    assert dict(zip(order, drawn(*order, seed=seed), strict=True)) == dict(
        zip(NAMES, drawn(*NAMES, seed=seed), strict=True)
    )


@given(SEEDS)
def test_drawing_more_or_drawing_again_changes_nothing(seed: str) -> None:
    draw = Draw(Fractions(), {}, seed=seed)
    assert [draw("x"), draw("y", 3, 2)[0, 0], draw("x")][::2] == drawn("x", seed=seed) * 2


@given(SEEDS)
def test_an_entry_of_an_array_is_the_scalar_of_that_label(seed: str) -> None:
    draw = Draw(Fractions(), {}, seed=seed)
    matrix = draw("W", 2, 3)
    assert matrix.shape == (2, 3)
    labels = [f"W[{i},{j}]" for i in (1, 2) for j in (1, 2, 3)]
    assert matrix.flatten().tolist() == drawn(*labels, seed=seed)
    assert list(draw.used) == labels


def test_other_seeds_and_other_labels_give_other_values() -> None:
    labels = [str(label) for label in range(100)]
    by_seed = [tuple(drawn(*labels, seed=str(seed))) for seed in range(5)]
    assert len(set(by_seed)) == 5
    assert len(set(by_seed[0])) > 20
    assert {value > 0 for value in by_seed[0]} == {True, False}


@given(SEEDS, DOMAINS, st.integers(-200, 20))
def test_a_value_lies_in_its_domain(seed: str, domain: Real, scale: int) -> None:
    draw = Draw(Fractions(), {"x": domain}, seed=seed, scale=scale)
    assert all(value in domain for value in (draw("x"), *draw("x", 5)))
    assert draw.domain("x") == domain


def test_a_value_leaves_a_domain_that_is_not_its_own() -> None:
    assert not all(value in Real(0, 1) for value in drawn(*map(str, range(20)), given={"x": Real(0, 1)}))


@pytest.mark.parametrize("domain", [Real(), Real(0), Real(high=0), Real(0, 1), Real(-1, 1), Real(1)], ids=str)
@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@given(SEEDS)
def test_a_value_is_exact_in_binary64(domain: Real, scale: int, seed: str) -> None:
    draw = Draw(Floats(), {"x": domain}, seed=seed, scale=scale)
    array = draw("x", 5)
    assert array.dtype == np.float64
    assert [Fraction(float(entry)) for entry in array] == list(draw.used.values())


@pytest.mark.parametrize("system", [Balls(64), Floats()], ids=["balls", "floats"])
def test_a_case_is_the_same_in_every_number_system(system: System) -> None:
    one, other = (Draw(s, {"x": Real(0, 1)}, seed="7") for s in (system, Fractions()))
    for draw in (one, other):
        draw("x", 4)
        draw("y")
    assert one.used == other.used


@given(SEEDS, st.integers(-200, 10))
def test_a_scale_multiplies_what_no_bound_holds(seed: str, scale: int) -> None:
    scaled = drawn("x", "y", given={"y": Real(0)}, seed=seed, scale=scale)
    assert scaled == [value * Fraction(2) ** scale for value in drawn("x", "y", given={"y": Real(0)}, seed=seed)]


@given(SEEDS, st.fractions(), st.sampled_from(NAMES))
def test_a_fixed_value_takes_the_place_of_one_and_leaves_the_others(seed: str, value: Fraction, name: str) -> None:
    plain = dict(zip(NAMES, drawn(*NAMES, seed=seed), strict=True))
    assume(value != plain[name])
    assert (
        drawn(*NAMES, seed=seed, fixed={name: value}) == list((plain | {name: value}).values()) != list(plain.values())
    )


def test_a_value_fixed_at_zero_is_zero() -> None:
    assert drawn("x", fixed={"x": Fraction(0)}) == [0]


def test_constants_are_the_number_systems() -> None:
    assert isinstance(Draw(Balls(64), {}).number(3), type(Balls(64).number(3)))


@given(SEEDS)
def test_a_concrete_gradient_has_its_hessian_as_its_slope(seed: str) -> None:
    gradient = Draw(Fractions(), {}, seed=seed).gradient("grad_J", 3)
    at, step = np.array([1, 2, 3]), np.array([Fraction(1, 2), 0, -5])
    hessian = gradient.hessian(at)
    assert (gradient(at + step) - gradient(at - step)).tolist() == (2 * hessian @ step).tolist()
    assert hessian.tolist() == hessian.T.tolist()
