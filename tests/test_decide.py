"""Deciding, on claims made up for the purpose: each verdict beside its false twin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from refute.cases import Draw
from refute.claims import Agreement, Bound, Claim, Natural, Real, Seen, Sighting, Sizes
from refute.deciding import growth
from refute.deciding.check import Checker
from refute.deciding.identity import Options
from refute.deciding.verdict import Status, Verdict
from refute.errors import InternalError, ProjectError

VARIABLES = ("x", "y")


def scene(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    names = {name: draw(name) for name in VARIABLES}
    yield Sighting("f", implementation.f(**names), names, "f")


def claim(formula: str, **more: Any) -> Claim:
    """The claim that the implementation's f(x, y) is `formula`."""
    given = more.pop("given", {name: Real() for name in VARIABLES})
    mistakes = more.pop("mistakes", {})
    return Claim("f", "f(x, y)", formula, more.pop("observe", scene), mistakes, "made up", given=given, **more)


def decide(formula: str, f: Any, **more: Any) -> Verdict:
    functions = more.pop("functions", ("f",))
    return Checker(Options()).check(claim(formula, functions=functions, **more), SimpleNamespace(f=f))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def stable_sigmoid(z: Any) -> Any:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


IDENTITIES = (
    ("2*sigmoid(2*x) - 1", lambda x, y: np.tanh(x)),
    ("sech(x)^2", lambda x, y: 1 - np.tanh(x) ** 2),
    ("exp(3*x + 5*y)", lambda x, y: np.exp(x) ** 3 * np.exp(y) ** 5),  # needs an integer relation
    ("sigmoid(x)*(1 - sigmoid(x))", lambda x, y: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    ("1 - sigmoid(-1000*x)", lambda x, y: sigmoid(1000 * x)),
    ("tanh(sigmoid(x)*y)", lambda x, y: (1 - np.exp(-2 * y * sigmoid(x))) / (1 + np.exp(-2 * y * sigmoid(x)))),
    ("sigmoid(x + y)", lambda x, y: stable_sigmoid(x + y)),
)


@pytest.mark.parametrize(("formula", "f"), IDENTITIES, ids=[formula for formula, _ in IDENTITIES])
def test_an_identity_is_certified_below_2_to_the_minus_100(formula: str, f: Any) -> None:
    verdict = decide(formula, f, functions=())  # as formulas, not as code that must be right in floats too
    assert (verdict.status, verdict.counterexample) == (Status.CERTIFIED, None)
    assert verdict.error_bound is not None
    assert 0 < verdict.error_bound < Fraction(1, 2**100)


NEAR_MISSES = (
    ("2*sigmoid(2*x) - 1", lambda x, y: np.tanh(x) + Fraction(1, 10**30)),
    ("sech(x)^2", lambda x, y: 1 - np.tanh(x)),
    ("exp(3*x + 5*y)", lambda x, y: np.exp(x) ** 5 * np.exp(y) ** 3),
    ("1 - sigmoid(-1000*x)", lambda x, y: sigmoid(1001 * x)),
    ("x", lambda x, y: abs(x)),
    ("sqrt(x^2)", lambda x, y: x),
    ("sigmoid(x)", lambda x, y: stable_sigmoid(abs(x))),
    ("0", lambda x, y: y - y + x * 0 + np.exp(-(x**2)) * Fraction(1, 10**100)),
)


@pytest.mark.parametrize(("formula", "f"), NEAR_MISSES, ids=[formula for formula, _ in NEAR_MISSES])
def test_a_near_miss_is_refuted_with_two_different_values(formula: str, f: Any) -> None:
    verdict = decide(formula, f)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert verdict.counterexample.expected != verdict.counterexample.observed


def test_a_counterexample_is_small_and_names_the_place() -> None:
    shown = decide("x + y", lambda x, y: x - y).counterexample
    assert shown is not None
    assert shown.case == {"x": "0", "y": "1"}
    assert (shown.formula, shown.expected, shown.observed, shown.seen) == ("x + y", "1", "-1", "f")
    assert shown.where.startswith(__file__)
    assert shown.sentence() == "with y = 1, all else 0: the formula gives 1, f gives -1"


def test_a_counterexample_respects_the_domain() -> None:
    shown = decide("x", lambda x, y: x * y, given={"x": Real(), "y": Real(0, 1)}).counterexample
    assert shown is not None
    assert Fraction(shown.case["y"]) == Fraction(1, 2)


def test_outside_the_class_the_verdict_is_tested_never_certified() -> None:
    verdict = decide("abs(x)", lambda x, y: np.sqrt(x * x))
    assert (verdict.status, verdict.error_bound, verdict.digits) == (Status.TESTED, None, 50)
    assert "no sqrt" in verdict.notes[0]


def test_a_comparison_that_only_went_one_way_is_not_certified() -> None:
    verdict = decide("x", lambda x, y: x if x < 10**9 else y)
    assert verdict.status is Status.TESTED
    assert verdict.notes == ("1 comparison in the code went one way only",)


def test_counts_over_a_finite_domain_are_proved() -> None:
    def count(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        yield Sighting("f", implementation.f(sizes["n"]), sizes, "f", sizes)  # type: ignore[arg-type]  # only integers

    natural = {"observe": count, "given": {}, "sizes": {"n": Natural(0, 20)}}
    proved = decide("n*(n + 1)/2", lambda n: sum(range(n + 1)), **natural)
    assert (proved.status, proved.cases, proved.systems) == (Status.PROVED, 21, ("exact integers",))
    refuted = decide("n*(n + 1)/2", lambda n: sum(range(n + 1)) + n // 20, **natural)
    assert refuted.counterexample is not None
    assert refuted.counterexample.case == {"n": "20"}


def test_a_mistake_that_is_not_refuted_fails_the_claim() -> None:
    verdict = decide("x + y", lambda x, y: x + y, mistakes={"y + x": "no mistake", "x - y": "the sign is wrong"})
    assert (verdict.status, verdict.accepted) == (Status.CERTIFIED, False)
    assert (verdict.mistakes_refuted, verdict.mistakes_total, verdict.surviving) == (1, 2, ("y + x",))


def test_an_implementation_that_disagrees_with_the_model_is_refuted() -> None:
    def with_model(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        x = draw("x")
        yield Agreement(implementation.f(x), x + 1, "f")
        yield Sighting("f", x, {"x": x}, "the model")

    assert decide("x", lambda x: x + 1, observe=with_model).status is Status.CERTIFIED
    assert decide("x", lambda x: x + 2, observe=with_model).status is Status.REFUTED


def test_an_exception_in_the_implementation_is_shown_with_its_line() -> None:
    verdict = decide("x", lambda x, y: [x][1])
    assert verdict.counterexample is not None
    assert "IndexError: list index out of range" in verdict.counterexample.observed
    assert verdict.counterexample.where.startswith(f"{__file__}:")


def test_a_result_of_the_wrong_shape_is_refuted() -> None:
    verdict = decide("x", lambda x, y: np.array([x, y]))
    assert verdict.counterexample is not None
    assert (verdict.counterexample.expected, verdict.counterexample.observed) == ("()", "(2,)")


def test_code_that_makes_floats_is_undecided_and_says_why() -> None:
    def f(x: Any, y: Any) -> Any:
        result = np.zeros(1)
        result[0] = x
        return result[0]

    verdict = decide("x", f)
    assert (verdict.status, verdict.accepted) == (Status.UNDECIDED, False)
    assert "makes floats" in verdict.notes[0]


def test_a_float_result_must_be_as_close_as_rounding_allows() -> None:
    overflowing = decide("sigmoid(x)", lambda x, y: np.exp(x) / (1 + np.exp(x)))
    assert overflowing.status is Status.REFUTED
    assert overflowing.counterexample is not None
    assert overflowing.counterexample.seen == "f in binary64"
    assert "binary64" in decide("sigmoid(x)", lambda x, y: stable_sigmoid(x)).systems


def test_a_division_by_what_is_zero_everywhere_is_the_implementations_fault() -> None:
    verdict = decide("x", lambda x, y: x / (y - y))
    assert verdict.counterexample is not None
    assert "ZeroDivisionError" in verdict.counterexample.observed


def test_the_same_input_gives_the_same_verdict() -> None:
    verdicts = [decide("x*sigmoid(y)", lambda x, y: x / (1 + np.exp(-y))) for _ in range(2)]
    assert replace(verdicts[0], seconds=0) == replace(verdicts[1], seconds=0)


BAD_FORMULAS: Mapping[str, str] = {
    "x + z": "the unknown name 'z'",
    "x/(y - y)": "a division by something that is 0 everywhere",
    "x + * y": "'*' in 'x + * y'",
    "x[1]": "in 'x[1]'",
}


@pytest.mark.parametrize("formula", BAD_FORMULAS)
def test_a_formula_that_has_no_value_is_the_spec_authors_fault(formula: str) -> None:
    with pytest.raises(ProjectError, match="claim f") as error:
        decide(formula, lambda x, y: x)
    assert BAD_FORMULAS[formula] in str(error.value.got)
    assert str(error.value.where).startswith(__file__)


def test_a_mistake_in_a_part_that_the_claim_lacks_is_the_spec_authors_fault() -> None:
    with pytest.raises(ProjectError, match="has no part 'g'"):
        decide("x", lambda x, y: x, mistakes={"g: x + 1": "there is no g"})


def test_a_scene_that_shows_nothing_of_the_claim_is_no_accept() -> None:
    def nothing(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        yield from ()

    with pytest.raises(InternalError, match="shows nothing"):
        decide("x", None, observe=nothing)


# --- Orders of growth ------------------------------------------------------------------------------------------------

LEAST = {"G": 1, "H": 1}


def test_a_tight_order_of_growth_has_constants() -> None:
    assert growth.constants("3*G^2 + 5*G*H", "G^2 + G*H", LEAST) == (Fraction(1), 8)
    assert growth.direction("3*G^2 + 5*G*H", "G^2 + G*H", LEAST) is None


@pytest.mark.parametrize(
    ("order", "said"),
    [("G^2*H", "true, not tight"), ("G^2", "not an upper bound"), ("G^3", "not an upper bound")],
)
def test_an_order_of_growth_that_is_not_tight_is_refuted_by_a_direction(order: str, said: str) -> None:
    assert growth.constants("3*G^2 + 5*G*H", order, LEAST) is None
    shown = growth.direction("3*G^2 + 5*G*H", order, LEAST)
    assert shown is not None
    assert shown.startswith(said)


# --- Bounds on boxes -------------------------------------------------------------------------------------------------


def bounded(formula: str, quantity: Any, box: Mapping[str, Any], **more: Any) -> Verdict:
    bound = Bound(lambda v, number: {"": [quantity(**v)]}, box=box, **more)
    return Checker().check(Claim("b", "a bound", formula, bound, {}, "made up"), None)


def test_a_bound_is_proved_on_the_whole_box() -> None:
    verdict = bounded("1/3", lambda x: x * (1 - x), {"x": (0, 1)})
    assert (verdict.status, verdict.accepted) == (Status.PROVED, True)


def test_a_bound_that_fails_somewhere_is_refuted_at_a_point() -> None:
    verdict = bounded("1/5", lambda x: x * (1 - x), {"x": (0, 1)})
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert (verdict.counterexample.case, verdict.counterexample.observed) == ({"x": "1/2"}, "0.250000")


def test_a_bound_that_is_reached_inside_the_box_is_undecided() -> None:
    assert bounded("1/4", lambda x: x * (1 - x), {"x": (0, 1)}).status is Status.UNDECIDED


def test_a_bound_that_is_reached_where_a_common_factor_vanishes_is_proved() -> None:
    assert bounded("2*x*W", lambda x, y, W: x * y * W, {"x": (0, 1), "y": (-1, 1)}, unbounded=("W",)).accepted
    assert not bounded("x*W", lambda x, y, W: 2 * x * y * W, {"x": (0, 1), "y": (-1, 1)}, unbounded=("W",)).accepted


def test_a_tanh_stands_for_any_number_between_minus_one_and_one() -> None:
    assert bounded("2", lambda x: np.tanh(x) + x * x * 0, {"x": (-5, 5)}).accepted
    assert bounded("1/2", lambda x: np.tanh(x), {"x": (-5, 5)}).status is Status.REFUTED


def test_residues_that_may_well_agree_by_chance_certify_nothing() -> None:
    def high(x: Any, y: Any) -> Any:
        power = x ** (1 << 160)
        return power + y - power

    assert decide("y", high).status is not Status.CERTIFIED
    assert decide("y", lambda x, y: x + y - x).status is Status.CERTIFIED


def test_more_exponentials_than_relations_are_searched_among_are_no_refusal() -> None:
    def f(x: Any, y: Any) -> Any:
        many = sum(np.exp(x ** (n + 1)) for n in range(50))
        tiny = np.exp(-np.exp(np.exp(12 + y * y)))
        return y + tiny * many

    assert decide("y", f).status is Status.UNDECIDED
