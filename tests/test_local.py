"""Implementations of one's own: run in every number system that they can follow, else in the floats they are made for,
and never credited with what stands in for them."""

from __future__ import annotations

import pickle
from math import inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from impl import lstm, mdrnn, momentum
from refute.claims import Grid, Natural
from refute.deciding.check import Checker
from refute.deciding.verdict import Status, Verdict
from refute.errors import ImplementationError, ProjectError
from refute.numbers.balls import Balls
from refute.numbers.room import lifting, room_made
from refute.sandbox.local import LocalImplementation
from refute.sandbox.proxy import CodeImplementation
from specs.lstm import QUESTION as LSTM
from specs.mdrnn import QUESTION as MDRNN
from specs.momentum import QUESTION as MOMENTUM

CLAIMS = {claim.id: claim for question in (LSTM, MDRNN, MOMENTUM) for claim in question.claims}


def at_most(grid: Grid, largest: int) -> Grid:
    return {name: size.up_to(largest) if isinstance(size, Natural) else size for name, size in grid.items()}


def checked(identifier: str, functions: Any, reference: Any) -> Verdict:
    """The verdict on functions beside a reference, at sizes up to 2."""
    claim = CLAIMS[identifier]
    claim = claim.of_sizes(tuple(at_most(grid, 2) for grid in claim.grids))
    return Checker().check_other(claim, LocalImplementation("mine", functions, reference))


def step(theta: Any, p: Any, gradient: Any, alpha: Any, beta: Any) -> tuple[Any, Any]:
    """As people write it: arrays of floats are made, and filled."""
    new_p = np.zeros(len(p))
    for i, slope in enumerate(gradient(theta)):
        new_p[i] = beta * p[i] - alpha * slope
    return theta + new_p, new_p


def backward(x: Any, h_0: Any, c_0: Any, weights: Any, h_direct: Any) -> dict[str, Any]:
    """The reference's, with one output of many."""
    return {"w_ih_bar": lstm.lstm_backward(x, h_0, c_0, weights, h_direct)["w_ih_bar"]}


# What a verdict is about


def test_numpy_code_that_makes_arrays_of_floats_is_certified() -> None:
    verdict = checked("3b.det", SimpleNamespace(momentum_step=step), momentum)
    assert (verdict.status, verdict.implementation) == (Status.CERTIFIED, "mine")


def test_a_wrong_line_is_refuted_with_its_place() -> None:
    def late(theta: Any, p: Any, gradient: Any, alpha: Any, beta: Any) -> tuple[Any, Any]:
        p = beta * p - alpha * gradient(theta + p)
        return theta + p, p

    verdict = checked("3a.theta", SimpleNamespace(momentum_step=late), momentum)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert f"{__file__}:{late.__code__.co_firstlineno}" in verdict.counterexample.where


def test_the_mistake_in_a_wrong_line_is_named_and_what_follows_from_it_is_none_of_its_own() -> None:
    def wrong(*arguments: Any) -> dict[str, Any]:
        outputs = lstm.lstm_backward(*arguments)
        i = lstm.lstm_forward(*arguments[:-1])["i"]
        i_bar = outputs["c_bar"] * i
        return {**outputs, "i_bar": i_bar, "w_ix_bar": (i_bar * i * (1 - i) * arguments[0]).sum()}

    mine = SimpleNamespace(lstm_backward=wrong)
    named, further = (checked(claim, mine, lstm).mistake for claim in ("1a.i_bar", "1b.w_ix_bar"))
    assert named is not None
    assert "factor" in named.text
    assert further is not None
    assert further.kind == "consequence"


def test_what_is_lacking_is_the_references_and_is_not_counted() -> None:
    mine = SimpleNamespace(lstm_backward=backward)
    assert checked("1b.w_ih_bar", mine, lstm).status is Status.CERTIFIED
    for lacking in ("1b.w_fh_bar", "1a.c_bar"):
        verdict = checked(lacking, mine, lstm)
        assert (verdict.status, verdict.stands, verdict.accepted) == (Status.SKIPPED, True, False)
        assert verdict.message == "it gives nothing that the claim is about"


def test_a_claim_about_the_model_alone_is_skipped() -> None:
    assert checked("1c.bounded", lstm, lstm).status is Status.SKIPPED


def test_code_that_compares_is_certified_along_every_path() -> None:
    """The reference itself, seen from outside: each path is recorded when it is met, and no comparison counts twice."""
    assert checked("1a.c_bar", lstm, lstm).status is Status.CERTIFIED


# Floats


def cast(function: Any, dtype: str = "float64") -> Any:
    """A function that makes floats of all that it is given, as compiled code does."""
    return lambda *given: function(
        *(np.array([float(v) for v in a.flat]).reshape(a.shape).astype(dtype) for a in given)
    )


def test_code_for_floats_alone_is_tested_and_says_why() -> None:
    mine = SimpleNamespace(mdrnn_forward=cast(mdrnn.mdrnn_forward))
    verdict = checked("2.activations", mine, mdrnn)
    assert (verdict.status, verdict.systems) == (Status.TESTED, ("binary64", "balls"))
    assert "mdrnn_forward leaves NumPy: it makes floats of its numbers (test_local.py:" in verdict.notes[0]


def test_a_count_is_not_observed_in_floats() -> None:
    mine = SimpleNamespace(mdrnn_forward=cast(mdrnn.mdrnn_forward))
    assert checked("2a.weights", mine, mdrnn).status is Status.SKIPPED


def test_what_another_function_gives_is_no_evidence_in_floats() -> None:
    def forward(x: Any, h_0: Any, c_0: Any, weights: Any) -> Any:
        return lstm.lstm_forward(cast(lambda x: x)(x), h_0, c_0, weights)

    mine = SimpleNamespace(lstm_forward=forward)
    assert checked("1a.f_bar", mine, lstm).status is Status.SKIPPED
    assert checked("1b.w_fx_bar", mine, lstm).status is Status.TESTED


def test_code_for_floats_alone_that_is_wrong_is_refuted() -> None:
    def swapped(x: Any, W_in: Any, W_W: Any, W_N: Any) -> Any:
        return mdrnn.mdrnn_forward(x, W_in, W_N, W_W)

    verdict = checked("2.activations", SimpleNamespace(mdrnn_forward=cast(swapped)), mdrnn)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert "in binary64" in verdict.counterexample.seen


@pytest.mark.parametrize("dtype", ["float32", "float16", "tf32", "bfloat16"])
@pytest.mark.parametrize("is_right", [True, False])
def test_a_narrow_format_is_judged_by_its_own_precision(dtype: str, is_right: bool) -> None:
    """What binary32 gives is close enough for itself and for narrower formats; 1 part in 8 off is too much for all."""

    def forward(x: Any, W_in: Any, W_W: Any, W_N: Any) -> Any:
        assert x.dtype == (np.float16 if dtype == "float16" else "float32")
        h = cast(mdrnn.mdrnn_forward, "float32")(x, W_in, W_W, W_N)
        return h if is_right else h * np.float32(1.125)

    mine = SimpleNamespace(mdrnn_forward=forward, DTYPE=dtype)
    verdict = checked("2.activations", mine, mdrnn)
    assert verdict.status is (Status.TESTED if is_right else Status.REFUTED)


def test_results_narrower_than_the_inputs_are_judged_by_what_they_are() -> None:
    narrow = cast(mdrnn.mdrnn_forward, "float32")
    assert checked("2.activations", SimpleNamespace(mdrnn_forward=narrow), mdrnn).status is Status.TESTED
    claims_more = SimpleNamespace(mdrnn_forward=lambda *given: narrow(*given).astype(np.float64))
    assert checked("2.activations", claims_more, mdrnn).status is Status.REFUTED


# What a function may not do


def test_arguments_that_are_changed_are_an_error() -> None:
    def spoil(theta: Any, p: Any, gradient: Any, alpha: Any, beta: Any) -> tuple[Any, Any]:
        p *= beta
        p -= alpha * gradient(theta)
        return theta + p, p

    for arguments in (
        (np.ones(2), np.ones(2), np.sin, 0.5, 0.25),
        (*(np.array([Balls().number(1)] * 2) for _ in "ab"), np.sin, *(Balls().number(1) for _ in "ab")),
    ):
        with pytest.raises(ImplementationError, match="arguments"):
            LocalImplementation("mine", SimpleNamespace(momentum_step=spoil), momentum).momentum_step(*arguments)


@pytest.mark.parametrize("in_floats", [True, False])
def test_an_exception_is_an_error_with_its_line(in_floats: bool) -> None:
    def fail(theta: Any, *rest: Any) -> Any:
        raise RuntimeError("out of order")

    number = float if in_floats else Balls().number
    with pytest.raises(ImplementationError, match="RuntimeError: out of order") as caught:
        LocalImplementation("mine", SimpleNamespace(momentum_step=fail), momentum).momentum_step(number(1))
    assert caught.value.where == f"{__file__}:{fail.__code__.co_firstlineno + 1}"


def test_an_attribute_that_cannot_be_had_does_no_harm() -> None:
    class Net:
        @property
        def broken(self) -> int:
            raise RuntimeError("not yet")

        def momentum_step(self, *arguments: Any) -> Any:
            return step(*arguments)

    assert checked("3b.det", Net(), momentum).status is Status.CERTIFIED


def test_a_failing_implementation_has_a_verdict_that_can_be_sent_to_another_process() -> None:
    def short(theta: Any, p: Any, *rest: Any) -> Any:
        return theta, p[:0]

    verdict = checked("3a.theta", SimpleNamespace(momentum_step=short), momentum)
    assert verdict.status is Status.REFUTED
    assert pickle.loads(pickle.dumps(verdict)) == verdict


def test_ones_own_code_may_take_its_time() -> None:
    """The limits of a box are there for those who wait for it, and a verdict must not depend on the machine."""
    mine = LocalImplementation("mine", SimpleNamespace(momentum_step=step), momentum)
    limits = [name for name in vars(CodeImplementation) if name.startswith("most_")]
    assert {"most_questions", "most_seconds", "most_work"} <= set(limits)
    assert [getattr(mine, name) for name in limits] == [inf] * len(limits)


# Room


def test_numpy_is_as_before_where_room_was_made() -> None:
    before = np.zeros, np.tanh, np.array
    with room_made():
        assert np.zeros is not before[0]
        assert np.zeros(2).dtype == np.float64
        with lifting(Balls().number):
            assert np.zeros(2).dtype == object
        with room_made():
            pass
        assert np.zeros is not before[0]
    assert (np.zeros, np.tanh, np.array) == before


def test_names_under_which_a_module_has_numpys_functions_are_replaced_meanwhile() -> None:
    names: dict[str, Any] = {"zeros": np.zeros, "origin": np.zeros, "other": np.sum}
    before = dict(names)
    with room_made(names), lifting(Balls().number):
        assert names["zeros"](2).dtype == names["origin"](2).dtype == object
        assert names["other"] is np.sum
    assert names == before


def test_numpy_is_as_before_after_an_error() -> None:
    before = np.zeros
    with pytest.raises(KeyError), room_made(), lifting(Balls().number):
        raise KeyError
    assert np.zeros is before


def test_a_format_that_is_none_is_an_error() -> None:
    with pytest.raises(ProjectError, match="expected one of float64, float32, tf32, bfloat16, float16, got 'half'"):
        LocalImplementation("mine", SimpleNamespace(DTYPE="half"), momentum)
