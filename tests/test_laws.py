"""Laws in test files: right ones stand in every number system, wrong ones are refuted by a small case, and those that
say nothing are errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from numpy import zeros

from refute.claims import Natural, Real
from refute.deciding.verdict import Status, Verdict
from refute.errors import UsageError
from refute.testing import Choice, assume, law, reals
from refute.testing.profiles import PROFILES
from refute.testing.running import NotAccepted, running

Body = Callable[..., Any]


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max())
    return e / e.sum()


def too_large(x: Any) -> Any:
    e = np.exp(x)
    return e / e.sum()


def guarded(x: Any) -> Any:
    e = np.exp(x - x.max())
    return e / (e.sum() + 1e-9)


def layer_norm(x: Any, eps: Any) -> Any:
    return (x - x.mean()) / np.sqrt(x.var() + eps)


def verdict_on(body: Body, profile: str = "ci", seed: int = 0, **variables: Any) -> Verdict:
    """The verdict on a law, whether it stands or not."""
    with running(PROFILES[profile], seed) as run, suppress(NotAccepted):
        law(**variables)(body)()
    ((_, verdict),) = run.verdicts
    return verdict


def refusal(body: Body, **variables: Any) -> str:
    """What is shown of a law that does not stand."""
    with pytest.raises(NotAccepted) as caught:
        law(**variables)(body)()
    return str(caught.value)


# What stands, and its false twin


@pytest.mark.parametrize(("function", "status"), [(softmax, "certified"), (guarded, "refuted")])
def test_a_softmax_sums_to_one(function: Body, status: str) -> None:
    assert verdict_on(lambda x: (function(x).sum(), 1), x="D", D=range(1, 5)).status == status


@pytest.mark.parametrize(("power", "status"), [(2, "tested"), (1, "refuted")])
def test_a_layer_norm_does_not_see_a_scale(power: int, status: str) -> None:
    def body(x: Any, a: Any, eps: Any) -> Any:
        return layer_norm(a * x, a**power * eps), layer_norm(x, eps)

    assert verdict_on(body, x="D", a=Real(0), eps=Real(0), D=range(2, 4)).status == status


@pytest.mark.parametrize(("last", "status"), [(0, "certified"), (1, "refuted")])
def test_matrices_have_the_lengths_of_their_sizes(last: int, status: str) -> None:
    def body(W: Any, x: Any, H: int) -> Any:
        assert W.shape == (H, len(x))
        return W @ x, np.einsum("hd,d->h", W, x) + last

    assert verdict_on(body, W="H D", x="D", H=range(1, 3), D=Natural(1, 3)).status == status


@pytest.mark.parametrize(("count", "status"), [(lambda n: n * (n + 1) // 2, "proved"), (lambda n: 2**n - 1, "refuted")])
def test_a_count_is_proved(count: Callable[[int], int], status: str) -> None:
    verdict = verdict_on(lambda n: (sum(range(n + 1)), count(n)), n=range(6))
    assert verdict.status == status
    assert verdict.counterexample is None or verdict.counterexample.case == {"n": "3"}


@pytest.mark.parametrize(("low", "status"), [(0, "tested"), (None, "refuted")])
def test_a_domain_is_kept_to(low: int | None, status: str) -> None:
    assert verdict_on(lambda x: (np.sqrt(x * x), x), x=reals(2, low=low)).status == status


@pytest.mark.parametrize(("wanted", "status"), [("mean", "certified"), ("sum", "refuted")])
def test_every_choice_is_checked(wanted: str, status: str) -> None:
    def body(x: Any, by: str) -> Any:
        return getattr(np, by)(x), x.sum() / 3

    assert verdict_on(body, x=3, by=Choice((wanted,))).status == status


def test_both_branches_are_taken() -> None:
    def relu(x: Any) -> Any:
        return np.where(x > 0, x, 0 * x)

    assert verdict_on(lambda x: (relu(x) - relu(-x), x), x=2).status is Status.CERTIFIED
    assert verdict_on(lambda x: (relu(x), x), x=2).status is Status.REFUTED


def test_a_branch_that_no_case_takes_is_not_certified() -> None:
    verdict = verdict_on(lambda x: (0 if x < 100 else 1, 0), x=())
    assert (verdict.status, verdict.notes) == (Status.TESTED, ("1 comparison in the code went one way only",))


def test_arrays_of_floats_have_room_for_other_numbers() -> None:
    def body(x: Any) -> Any:
        doubled = zeros(3)
        for i, value in enumerate(x):
            doubled[i] = 2 * value
        return doubled, x + x

    assert verdict_on(body, x=3).status is Status.CERTIFIED


# Floats


def test_what_holds_for_functions_is_refuted_where_floats_overflow() -> None:
    text = refusal(lambda x: (too_large(x).sum(), 1), x=3)
    assert "observed  nan, infinitely many times as far off" in text
    assert "in binary64" in text


def test_a_domain_with_two_ends_is_not_left_in_floats() -> None:
    verdict = verdict_on(lambda x: (too_large(x).sum(), 1), x=reals(3, low=-10, high=10))
    assert (verdict.status, verdict.systems[-1]) == (Status.CERTIFIED, "binary64")


def test_a_narrower_format_inside_is_refuted() -> None:
    def body(x: Any) -> Any:
        narrow = x.astype(np.float32).astype(np.float64) if x.dtype == np.float64 else x
        return narrow * 3, x + x + x

    assert "in binary64" in refusal(lambda x: body(x / 3), x=2)


def test_code_that_leaves_numpy_is_undecided() -> None:
    assert "it leaves NumPy, so nothing can be told: it makes floats of its numbers (test_laws.py:" in refusal(
        lambda x: (math.exp(x), math.exp(x)), x=()
    )


# Counterexamples


@pytest.mark.parametrize(("third", "is_said"), [(0.3, True), (0.31, False)])
def test_a_difference_that_constants_make_is_told(third: float, is_said: bool) -> None:
    text = refusal(lambda x: (0.1 * x + 0.2 * x, third * x), x=())
    assert ("a constant such as 0.1 is the float that it is" in text) == is_said


def test_a_constant_that_is_a_variable_makes_none() -> None:
    assert verdict_on(lambda x, m: ((1 - m) * x + m * x, x), x=(), m=Real(0, 1)).status is Status.CERTIFIED


def test_a_counterexample_is_small_and_in_the_laws_own_words() -> None:
    def body(x: Any, c: Any) -> Any:
        """A softmax does not see a shift."""
        return softmax(x * c), softmax(x)

    text = refusal(body, x="D", c=Real(), D=range(1, 4))
    assert text.splitlines() == [
        "body refuted",
        "  A softmax does not see a shift.",
        "  with      D = 2, x[1] = 0, x[2] = 1, c = 0",
        "  expected  0.268941",
        "            from softmax(x)",
        "  observed  1/2",
        "            from softmax(x * c) at entry 1",
        f"  where     tests/test_laws.py:{body.__code__.co_firstlineno}",
    ]


def test_an_exception_is_the_tests_own() -> None:
    def fail(x: Any) -> Any:
        raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        law(x=3)(fail)()


def test_an_exception_at_some_values_is_a_refusal() -> None:
    def body(x: Any) -> Any:
        if x > 0:
            raise ValueError("positive")
        return x, x

    assert "observed  ValueError: positive" in refusal(body, x=())


def test_arguments_that_are_changed_are_a_refusal() -> None:
    def body(x: Any) -> Any:
        x += 1
        return x, x

    assert "arguments changed in place" in refusal(body, x=2)


# Assumptions


@pytest.mark.parametrize(("larger", "status"), [(0, "tested"), (1, "refuted")])
def test_what_is_assumed_holds_in_each_case(larger: int, status: str) -> None:
    def body(x: Any) -> Any:
        assume(x[0] > x[1])
        return np.maximum(x[0], x[1]), x[larger]

    assert verdict_on(body, x=2).status == status


def test_an_assumption_is_no_branch_of_the_code() -> None:
    def body(x: Any) -> Any:
        assume(x[0] > x[1])
        return x.sum(), x[1] + x[0]

    assert verdict_on(body, x=2).status is Status.CERTIFIED


def test_a_law_that_no_case_meets_is_an_error() -> None:
    def body(x: Any) -> Any:
        assume(x[0] > x[0])
        return x, x + 1

    with pytest.raises(UsageError, match="no case meets what body assumes"):
        law(x=2)(body)()


def test_a_law_that_a_size_never_meets_is_an_error() -> None:
    def body(x: Any, D: int) -> Any:
        assume(D < 3)
        return x, x

    with pytest.raises(UsageError, match="no case meets what body assumes at D = 3"):
        law(x="D", D=range(1, 4))(body)()


# Laws that are none


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda x: x.sum() == 1, "does not return two sides: expected a tuple of two, got bool"),
        (lambda x: None, "does not return two sides: expected a tuple of two, got NoneType None"),
        (lambda x: (x, "1"), "has a side of something else: expected real numbers"),
        (lambda x: (x, x[:2]), "have different shapes: expected \\(3,\\), got \\(2,\\)"),
        (lambda x: (x[:0], x[:0]), "compares nothing: expected sides with entries, got \\(0,\\)"),
    ],
)
def test_what_does_not_return_two_sides_is_an_error(body: Body, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        law(x=3)(body)()
    assert f"at {__file__}:{body.__code__.co_firstlineno}" in str(caught.value)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"y": 3}, "has no parameter y: expected x, got y"),
        ({"x": 1.5}, "x is nothing that varies: expected a shape, a domain or sizes, got 1.5"),
        ({"x": True}, "x is nothing that varies"),
        ({"x": "D", "D": range(0)}, "D is nothing that varies"),
        ({"x": "D"}, "has no size D, a length of x: expected none, got D"),
    ],
)
def test_a_variable_that_is_none_is_an_error(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        law(**variables)(lambda x: (x, x))()


# As pytest sees it


@pytest.mark.parametrize("power", [1, 2, 3])
@law(x=())
def test_a_law_has_fixtures_and_parameters(x: Any, power: int, tmp_path: Any) -> Any:
    assert tmp_path.is_dir()
    return (x + 1) ** power, (1 + x) ** power


class TestInAClass:  # noqa: D101  # it is itself the test
    @law(x=2)
    def test_a_law_may_be_a_method(self, x: Any) -> Any:
        return x.sum(), x[1] + x[0]


# Profiles and seeds


def test_a_quick_profile_leaves_out_large_sizes() -> None:
    """It is certified for what was checked, and refuted by what was not."""

    def body(x: Any) -> Any:
        return x.sum(), x[:3].sum()

    assert verdict_on(body, "quick", x="D", D=range(2, 6)).status is Status.CERTIFIED
    assert verdict_on(body, "ci", x="D", D=range(2, 6)).status is Status.REFUTED


def test_digits_and_cases_are_those_of_the_profile() -> None:
    found = [verdict_on(lambda x: (x, x), name, x=1) for name in PROFILES]
    assert [(verdict.digits, verdict.cases) for verdict in found] == [(20, 1), (50, 1), (100, 4)]


def test_the_same_seed_gives_the_same_verdict_and_another_one_other_cases() -> None:
    def observed(seed: int) -> Any:
        verdict = verdict_on(lambda x: (too_large(x).sum(), 1), seed=seed, x=3)
        return verdict.counterexample

    assert observed(1) == observed(1)
    assert observed(1).case != observed(2).case
