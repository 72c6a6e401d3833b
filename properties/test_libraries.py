"""Implementations that nobody here wrote: what PyTorch, Flax, Optax and Keras compute is accepted, in the formats they
compute in; what is only like it is refuted, in the library's own floats.

A library that is not installed is skipped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from impl import lstm, mdrnn, momentum
from impl.extras import extra, floats
from refute.claims import Question
from refute.deciding.check import Checker
from refute.deciding.floating import Expected
from refute.deciding.verdict import Status, Verdict
from refute.numbers.linear import exact_determinant
from refute.sandbox.local import LocalImplementation
from specs.lstm import QUESTION as LSTM
from specs.mdrnn import QUESTION as MDRNN
from specs.momentum import QUESTION as MOMENTUM

ROOT = Path(__file__).parents[1]
FORMATS = ["float32", "bfloat16"]
WEIGHTS = {claim.id for claim in LSTM.claims if claim.id.startswith("1b.")}
ADJOINTS = {claim.id for claim in LSTM.claims if claim.id.startswith("1a.")}


class Adapter(NamedTuple):
    """What a module of `impl` offers of a question: the claims that can be judged by it."""

    question: Question
    reference: ModuleType
    claims: set[str]


ADAPTERS = {
    "torch_lstm": Adapter(LSTM, lstm, WEIGHTS),
    "torch_lstm_cell": Adapter(LSTM, lstm, WEIGHTS | {"1a.h_bar", "1a.c_bar"}),
    "torch_mdrnn": Adapter(MDRNN, mdrnn, {"2.activations"}),
    "torch_momentum": Adapter(MOMENTUM, momentum, {"3a.theta", "3a.p"}),
    "jax_lstm": Adapter(LSTM, lstm, WEIGHTS | ADJOINTS),
    "optax_momentum": Adapter(MOMENTUM, momentum, {"3a.theta", "3a.p"}),
    "keras_lstm": Adapter(LSTM, lstm, WEIGHTS | {"1a.h_bar"}),
    "keras_momentum": Adapter(MOMENTUM, momentum, {"3a.theta", "3a.p"}),
}


def installed(name: str) -> Any:
    """The adapter of that name; where its library is not installed the test is skipped, and says what is."""
    return pytest.importorskip(f"impl.{name}", exc_type=ImportError)


def verdict(claim: str, functions: Any, reference: ModuleType) -> Verdict:
    """The verdict on one claim about functions that a library computes."""
    (found,) = [c for question in (LSTM, MDRNN, MOMENTUM) for c in question.claims if c.id == claim]
    return Checker().check_other(found, LocalImplementation("functions", functions, reference))


# --- What libraries compute -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ADAPTERS)
def test_what_a_library_computes_is_accepted(name: str) -> None:
    adapter, checker = ADAPTERS[name], Checker()
    implementation = LocalImplementation(name, installed(name), adapter.reference)
    claims = [claim for claim in adapter.question.claims if claim.id in adapter.claims]
    assert checker.check_other(claims[0], implementation).status is Status.TESTED
    with implementation.in_floats():
        expected = Expected(adapter.reference, checker.bench)
        found = [checker.judge_in_floats(claim, implementation, expected, "") for claim in claims]
    assert [verdict.status for verdict in found if verdict is not None] == [Status.TESTED] * len(claims)


def in_format(module: Any, form: str, **functions: str) -> SimpleNamespace:
    """Functions of an adapter, by the names they are to have, in another format of torch's."""
    dtype = getattr(import_module("torch"), form)
    own = {name: partial(getattr(module, of), dtype=dtype) for name, of in functions.items()}
    return SimpleNamespace(**own, DTYPE=form)


@pytest.mark.parametrize("form", FORMATS)
def test_torch_computes_an_lstm_in_other_formats(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = installed("torch_lstm")
    functions = in_format(module, form, lstm_forward="lstm_forward", lstm_backward="lstm_backward")
    assert verdict("1b.w_gx_bar", functions, lstm).status is Status.TESTED
    monkeypatch.setattr(module, "GATES", "ifog")
    assert verdict("1b.w_gx_bar", functions, lstm).status is Status.REFUTED


@pytest.mark.parametrize("form", [*FORMATS, "float16"])
def test_torch_computes_a_wavefront_in_other_formats(form: str) -> None:
    functions = in_format(installed("torch_mdrnn"), form, mdrnn_wavefront="mdrnn_wavefront")
    swapped = SimpleNamespace(
        mdrnn_wavefront=lambda x, w_in, w_w, w_n: functions.mdrnn_wavefront(x, w_in, w_n, w_w), DTYPE=form
    )
    assert verdict("2.activations", functions, mdrnn).status is Status.TESTED
    assert verdict("2.activations", swapped, mdrnn).status is Status.REFUTED


def test_an_activation_of_ones_own_is_applied_once_a_step() -> None:
    calls: list[Any] = []

    def phi(z: Any) -> Any:
        calls.append(z)
        return np.tanh(z)

    random = np.random.default_rng(0)
    x, w_in, w_w, w_n = (random.normal(size=shape) for shape in ((3, 4, 2), (2, 3), (3, 3), (3, 3)))
    hidden = installed("torch_mdrnn").mdrnn_wavefront(x, w_in, w_w, w_n, phi)
    assert np.allclose(hidden, mdrnn.mdrnn_wavefront(x, w_in, w_w, w_n))
    assert [len(z) for z in calls] == [1, 2, 3, 3, 2, 1]


# --- What is only like it ---------------------------------------------------------------------------------------------

Step = Callable[..., Any]
STEPS: Mapping[str, Callable[[Step], Step]] = {
    "Nesterov's momentum": lambda step: partial(step, nesterov=True),
    "dampening not in alpha": lambda step: partial(step, dampening=0.5),
    "learning rate halved under p": lambda step: lambda q, p, dj, a, b: step(q, p / 2, dj, a, b),  # the buffer is kept
    "gradient after the update": lambda step: lambda q, p, dj, a, b: step(q, p, lambda at: dj(at + p), a, b),
}


@pytest.mark.parametrize("name", STEPS)
def test_another_optimizer_of_torch_is_refuted(name: str) -> None:
    step = STEPS[name](installed("torch_momentum").momentum_step)
    found = verdict("3a.theta", SimpleNamespace(momentum_step=step), momentum)
    assert found.status is Status.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.formula


def test_dampening_is_accepted_where_alpha_is_what_it_leaves_of_the_learning_rate() -> None:
    step = installed("torch_momentum").momentum_step
    dampened = SimpleNamespace(momentum_step=lambda q, p, dj, a, b: step(q, p, dj, 2 * a, b, dampening=0.5))
    assert verdict("3a.theta", dampened, momentum).status is Status.TESTED


def test_gates_in_another_order_are_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    module = installed("torch_lstm_cell")
    monkeypatch.setattr("impl.torch_lstm.GATES", "ifog")
    assert verdict("1b.w_gx_bar", module, lstm).status is Status.REFUTED


def test_elementwise_recurrent_weights_are_refuted() -> None:
    wavefront = installed("torch_mdrnn").mdrnn_wavefront
    elementwise = SimpleNamespace(
        mdrnn_wavefront=lambda x, w_in, *recurrent: wavefront(x, w_in, *(np.diag(np.diag(w)) for w in recurrent))
    )
    assert verdict("2.activations", elementwise, mdrnn).status is Status.REFUTED


# --- The determinant, by the library's own derivatives ----------------------------------------------------------------

ALPHA, BETA, HESSIAN = Fraction(1, 4), Fraction(1, 2), [[2, 1, 0], [1, 3, -1], [0, -1, 1]]  # floats lose nothing here


def volume(**options: Any) -> Fraction:
    """The determinant of the Jacobian, by autograd, of a step of torch.optim.SGD on a quadratic, in (theta, p)."""
    torch = pytest.importorskip("torch")
    hessian = torch.tensor(HESSIAN, dtype=torch.float64)

    def step(theta: Any, p: Any) -> Any:
        parameters = theta.clone()
        parameters.retain_grad()
        parameters.grad = hessian @ theta
        optimizer = torch.optim.SGD([parameters], lr=float(ALPHA), momentum=float(BETA), differentiable=True, **options)
        optimizer.state[parameters]["momentum_buffer"] = -p / float(ALPHA)
        optimizer.step()
        return parameters, -float(ALPHA) * optimizer.state[parameters]["momentum_buffer"]

    start = torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    blocks = torch.autograd.functional.jacobian(step, start)
    matrix = torch.cat([torch.cat(row, dim=1) for row in blocks]).numpy()
    return exact_determinant(np.vectorize(Fraction, otypes=[object])(matrix))


def test_the_determinant_of_torchs_step_is_beta_to_the_number_of_parameters() -> None:
    assert volume() == BETA**3


def test_dampening_leaves_the_determinant_as_it_is() -> None:
    assert volume(dampening=0.5) == BETA**3


def test_with_torchs_nesterov_the_hessian_enters_it() -> None:
    rest = np.eye(3, dtype=int) - ALPHA * np.array(HESSIAN, dtype=object)
    assert volume(nesterov=True) == BETA**3 * exact_determinant(rest) != BETA**3


# --- Extras -----------------------------------------------------------------------------------------------------------


def test_a_library_that_is_not_installed_is_asked_for_by_its_extra() -> None:
    with pytest.raises(ModuleNotFoundError) as caught, extra("torch"):
        import_module("no_such_library")
    assert str(caught.value) == "no_such_library is not installed; for example: pip install 'refute[torch]'"


def test_settings_hold_while_a_library_is_imported_unless_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.delenv("REFUTE_NO_SUCH", raising=False)
    with extra("keras", KERAS_BACKEND="jax", REFUTE_NO_SUCH="1"):
        assert (os.environ["KERAS_BACKEND"], os.environ["REFUTE_NO_SUCH"]) == ("torch", "1")
    assert "REFUTE_NO_SUCH" not in os.environ


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_extra_that_an_adapter_names_exists(name: str) -> None:
    text = (ROOT / "impl" / f"{name}.py").read_text(encoding="utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = text.partition("Needs the\nextra ")[2] or text.partition("Needs the extra ")[2]
    asked = text.partition('with extra("')[2]
    assert named.partition(".")[0] == asked.partition('"')[0]
    assert asked.partition('"')[0] in extras


def test_what_is_no_float_is_told() -> None:
    with pytest.raises(TypeError, match="expected floats, got an array of object"):
        floats(np.array([Fraction(1, 2)]))
