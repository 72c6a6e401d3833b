"""The implementations on trial, held against oracles that need no engine: mpmath, counting, exact fractions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from math import log2
from typing import Any, ClassVar

import numpy as np
import pytest
from mpmath.ctx_mp import MPContext

from impl import lstm
from impl.lstm import WEIGHTS, lstm_backward, lstm_forward
from impl.mdrnn import conv_forward, mdrnn_forward, mdrnn_wavefront
from impl.momentum import (
    FixedPointState,
    buffer_bits,
    fixed_point_inverse,
    fixed_point_step,
    momentum_inverse,
    momentum_step,
    to_fixed_point,
)

mp = MPContext()
mp.dps = 60

UNIT = 2.0**-53


class Number:
    """An mpmath number that counts what is done to any of its kind: the least that NumPy asks of an object."""

    done: ClassVar[dict[str, int]] = {}

    def __init__(self, value: Any) -> None:
        self.value = mp.mpf(value)

    def _count(self, operation: str, value: Any) -> Number:
        self.done[operation] = self.done.get(operation, 0) + 1
        return Number(value)

    def _with(self, operation: str, function: Callable[[Any, Any], Any], other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented  # the array then does it, element by element
        return self._count(operation, function(self.value, other.value if isinstance(other, Number) else other))

    def __add__(self, other: Any) -> Any:
        return self._with("additions", lambda a, b: a + b, other)

    def __mul__(self, other: Any) -> Any:
        return self._with("multiplications", lambda a, b: a * b, other)

    def __truediv__(self, other: Any) -> Any:
        return self._with("divisions", lambda a, b: a / b, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with("divisions", lambda a, b: b / a, other)

    def __pow__(self, exponent: int) -> Any:
        return self._with("multiplications", lambda a, n: a**n, exponent)

    def __neg__(self) -> Number:
        return Number(-self.value)

    def __lt__(self, other: int) -> bool:
        return bool(self.value < other)

    def exp(self) -> Number:
        return self._count("nonlinear", mp.exp(self.value))

    def tanh(self) -> Number:
        return self._count("nonlinear", mp.tanh(self.value))

    __radd__ = __add__
    __rmul__ = __mul__


def numbers(array: Any) -> Any:
    return np.array([Number(value) for value in np.ravel(array)], dtype=object).reshape(np.shape(array))


# --- The LSTM ---------------------------------------------------------------------------------------------------------


def sigmoid(z: Any) -> Any:
    return 1 / (1 + mp.exp(-z))


def sheet(
    x: Any, h_0: Any, c_0: Any, w: Mapping[str, Any], nudge: tuple[str, int] = ("", 0), by: Any = 0
) -> list[dict[str, Any]]:
    """The sheet's equations in mpmath, one step after the other, with one quantity moved a little."""

    def tap(name: str, t: int, value: Any) -> Any:
        return value + by if nudge == (name, t) else value

    w = {name: tap(name, 0, mp.mpf(w[name])) for name in WEIGHTS}
    h, c = tap("h_0", 0, mp.mpf(h_0)), tap("c_0", 0, mp.mpf(c_0))
    steps = []
    for t, value in enumerate(x):
        x_t = tap("x", t, mp.mpf(value))
        z = {gate: w[f"w_{gate}x"] * x_t + w[f"w_{gate}h"] * h for gate in "ifog"}
        step = {gate: tap(gate, t, mp.tanh(z[gate]) if gate == "g" else sigmoid(z[gate])) for gate in "ifog"}
        c = step["c"] = tap("c", t, step["f"] * c + step["i"] * step["g"])
        h = step["h"] = tap("h", t, step["o"] * mp.tanh(c))
        steps.append(step)
    return steps


STEPS = 3
A, B, D = np.array([0.5, -1.25, 2.0]), np.array([-0.75, 1.5, 0.625]), 0.75
CASE = (
    np.array([1.5, -0.5, 0.75]),
    0.5,
    -1.25,
    dict(zip(WEIGHTS, (0.5, -1.25, 1.75, 0.625, -0.875, 1.125, 1.375, -0.625), strict=True)),
)


def loss(h: Any) -> Any:
    return sum(a * h_t + b * h_t**2 for a, b, h_t in zip(A, B, h, strict=True)) + D * h[0] * h[-1]


def loss_direct(h: Any) -> Any:
    return A + 2 * B * h + D * np.array([h[-1], *[0] * (STEPS - 2), h[0]])


def slope_of_loss(nudge: tuple[str, int]) -> Any:
    """The central difference, whose error is of the order of the square of 1e-20."""
    ahead, behind = (
        loss([step["h"] for step in sheet(*CASE, nudge, by)]) for by in (mp.mpf("1e-20"), mp.mpf("-1e-20"))
    )
    return (ahead - behind) / mp.mpf("2e-20")


def backward_of_case() -> dict[str, Any]:
    return lstm_backward(*CASE, loss_direct(lstm_forward(*CASE)["h"]))


def test_forward_is_the_sheet() -> None:
    result = lstm_forward(*CASE)
    for t, step in enumerate(sheet(*CASE)):
        for name, value in step.items():
            assert abs(result[name][t] - value) < 8 * UNIT


@pytest.mark.parametrize("name", ["h", "c", "g", "o", "f", "i", "x"])
def test_bar_of_a_step_is_the_derivative_of_the_loss(name: str) -> None:
    bar = backward_of_case()[f"{name}_bar"]
    assert bar.shape == (STEPS,)
    for t in range(STEPS):
        assert abs(bar[t] - slope_of_loss((name, t))) < 8 * UNIT


@pytest.mark.parametrize("name", [*WEIGHTS, "h_0", "c_0"])
def test_bar_of_a_weight_or_first_state_is_the_derivative_of_the_loss(name: str) -> None:
    assert abs(backward_of_case()[f"{name}_bar"] - slope_of_loss((name, 0))) < 8 * UNIT


@pytest.mark.parametrize("name", WEIGHTS)
def test_bar_of_a_weight_from_the_last_step_alone_is_not(name: str) -> None:
    x, _, _, w = CASE
    run = lstm_forward(*CASE)
    last = lstm_backward(x[-1:], run["h"][-2], run["c"][-2], w, loss_direct(run["h"])[-1:])
    assert abs(last[f"{name}_bar"] - slope_of_loss((name, 0))) > 1e-3


def test_code_keeps_every_digit_on_object_arrays() -> None:
    x, h_0, c_0, w = CASE
    run = lstm_forward(numbers(x), Number(h_0), Number(c_0), {name: Number(w[name]) for name in WEIGHTS})
    h = np.array([number.value for number in run["h"]])
    direct = numbers(loss_direct(h))
    result = lstm_backward(numbers(x), Number(h_0), Number(c_0), {name: Number(w[name]) for name in WEIGHTS}, direct)
    assert all(abs(value - step["h"]) < mp.mpf("1e-55") for value, step in zip(h, sheet(*CASE), strict=True))
    assert all(abs(result[f"{name}_bar"].value - slope_of_loss((name, 0))) < mp.mpf("1e-35") for name in WEIGHTS)


def test_a_batch_is_its_examples() -> None:
    random, batch = np.random.default_rng(0), (2, 3)
    x, h_0, c_0 = random.normal(size=(STEPS, *batch)), random.normal(size=batch), random.normal(size=batch)
    direct = random.normal(size=(STEPS, *batch))
    w: dict[str, Any] = {name: random.normal(size=(3,)) for name in WEIGHTS} | {
        "w_ix": 0.5,
        "w_gh": random.normal(size=batch),
    }
    together = lstm_backward(x, h_0, c_0, w, direct)
    forward = lstm_forward(x, h_0, c_0, w)
    for b in np.ndindex(batch):
        own = {name: np.broadcast_to(w[name], batch)[b] for name in WEIGHTS}
        alone = lstm_backward(x[:, *b], h_0[b], c_0[b], own, direct[:, *b])
        alone_forward = lstm_forward(x[:, *b], h_0[b], c_0[b], own)
        for name, value in (alone | alone_forward).items():
            np.testing.assert_allclose((together | forward)[name][..., *b], value, rtol=1e-13)
    assert {name: value.shape for name, value in together.items()} == {
        name: batch if name.startswith("w_") or "_0_" in name else (STEPS, *batch) for name in together
    }


def test_no_steps_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"expected x of shape \(T, \*batch\) with T >= 1, got T = 0; for example x = np.array"
    ):
        lstm_forward(np.array([]), 0.0, 0.0, dict.fromkeys(WEIGHTS, 1.0))


SATURATED = [0.0, *(sign * z for z in (1e-300, 1e-8, 1.0, 40.0, 700.0, 800.0, 1e5) for sign in (1, -1))]
DIRECT, H_0 = 1.5, 0.5


def saturated_cases() -> Any:
    """The arguments of the four gates, any two of which meet in every pair of values; and c_0, of the sign of g."""
    n = len(SATURATED)
    a, b = np.indices((n, n)).reshape(2, -1)
    z = {gate: np.array(SATURATED)[(a + k * b) % n] for k, gate in enumerate("ifog")}
    return z, np.where(z["g"] < 0, -0.75, 0.75)


def saturated_truth(z: Mapping[str, float], c_0: float) -> dict[str, list[Any]]:
    """Each result of one step with x = 1 as the terms of a sum, in forms that do not cancel."""
    i, f, o, g = *(sigmoid(mp.mpf(z[gate])) for gate in "ifo"), mp.tanh(z["g"])
    slope = {gate: 1 / (2 * mp.cosh(mp.mpf(z[gate]) / 2)) ** 2 for gate in "ifo"} | {"g": mp.sech(z["g"]) ** 2}
    c = f * c_0 + i * g
    c_bar = DIRECT * o * mp.sech(c) ** 2
    bars = {"i": c_bar * g, "f": c_bar * c_0, "o": DIRECT * mp.tanh(c), "g": c_bar * i}
    z_bars = {gate: bars[gate] * slope[gate] for gate in "ifog"}
    single = {"i": i, "f": f, "o": o, "g": g, "c": c, "h": o * mp.tanh(c), "c_bar": c_bar, "c_0_bar": c_bar * f}
    single |= {f"{gate}_bar": bars[gate] for gate in "ifog"} | {"h_bar": mp.mpf(DIRECT), "h_0_bar": mp.mpf(0)}
    single |= {f"w_{gate}x_bar": z_bars[gate] for gate in "ifog"} | {
        f"w_{gate}h_bar": z_bars[gate] * H_0 for gate in "ifog"
    }
    return {name: [value] for name, value in single.items()} | {"x_bar": [z_bars[gate] * z[gate] for gate in "ifog"]}


def worst_error_when_saturated() -> float:
    """The largest relative error of any result, in units of 2^-53, leaving out what is below 1e-300."""
    z, c_0 = saturated_cases()
    x, h_0, direct = np.ones((1, *c_0.shape)), np.full_like(c_0, H_0), np.full((1, *c_0.shape), DIRECT)
    w = {f"w_{gate}x": z[gate] for gate in "ifog"} | {f"w_{gate}h": 0.0 * z[gate] for gate in "ifog"}
    with np.errstate(all="raise", under="ignore"):
        results = lstm_forward(x, h_0, c_0, w) | lstm_backward(x, h_0, c_0, w, direct)
    worst = mp.mpf(0)
    for k in range(len(c_0)):
        for name, terms in saturated_truth({gate: z[gate][k] for gate in "ifog"}, c_0[k]).items():
            error = abs(results[name].reshape(-1)[k] - mp.fsum(terms)) - mp.mpf("1e-300")
            if error > 0:
                worst = max(worst, error / mp.fsum(map(abs, terms)))
    return float(worst / UNIT)


def test_saturated_gates_lose_no_digits() -> None:
    assert worst_error_when_saturated() < 8  # measured: 4.8, about two and a half units in the last place


def test_saturated_gates_lose_all_digits_when_slopes_are_subtractions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lstm, "_sigmoid_slope", lambda z: lstm._sigmoid(z) * (1 - lstm._sigmoid(z)))
    assert worst_error_when_saturated() > 1e15


def test_saturated_gates_overflow_in_the_printed_sigmoid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lstm, "_sigmoid", lambda z: 1 / (1 + np.exp(-z)))
    with pytest.raises(FloatingPointError, match="overflow"):
        worst_error_when_saturated()


@pytest.mark.parametrize("z", SATURATED)
def test_bare_scalars_saturate_without_a_warning(z: float) -> None:
    with np.errstate(all="raise", under="ignore"):
        result = lstm_backward(np.array([z, -z]), 0.5, -1, dict.fromkeys(WEIGHTS, 1.0), np.array([0, 1]))
    assert all(np.isfinite(value).all() for value in result.values())
    assert {np.shape(value) for value in result.values()} == {(2,), ()}


# --- The multidimensional RNN -----------------------------------------------------------------------------------------

Run = Callable[..., Any]


def grid(rows: int, columns: int, d: int, h: int) -> list[Any]:
    random = np.random.default_rng(0)
    return [random.normal(size=shape) / 2 for shape in ((rows, columns, d), (d, h), (h, h), (h, h))]


@pytest.mark.parametrize("run", [mdrnn_forward, mdrnn_wavefront])
def test_west_is_the_first_index_and_north_the_second(run: Run) -> None:
    # h[1,0] = 1 + 2, h[0,1] = 1 + 3, and h[1,1] = 1 + 2 h[0,1] + 3 h[1,0]
    x, w_in, w_w, w_n = np.ones((2, 2, 1), dtype=int), np.array([[1]]), np.array([[2]]), np.array([[3]])
    assert run(x, w_in, w_w, w_n, lambda z: z)[..., 0].tolist() == [[1, 4], [3, 18]]
    assert run(x, w_in, w_n, w_w, lambda z: z)[..., 0].tolist() != [[1, 4], [3, 18]]


@pytest.mark.parametrize("run", [mdrnn_forward, mdrnn_wavefront])
def test_every_square_satisfies_the_equation(run: Run) -> None:
    x, w_in, w_w, w_n = grid(4, 3, 2, 5)
    h = run(x, w_in, w_w, w_n)
    west, north = np.pad(h, ((1, 0), (0, 0), (0, 0)))[:-1], np.pad(h, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    np.testing.assert_allclose(h, np.tanh(x @ w_in + west @ w_w + north @ w_n), rtol=1e-14)
    assert np.abs(h - np.tanh(x @ w_in + west @ w_w.T + north @ w_n.T)).max() > 1e-2


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (5, 1), (4, 4), (3, 7), (7, 3)])
def test_the_wavefront_takes_one_call_of_phi_for_each_diagonal(rows: int, columns: int) -> None:
    x, w_in, w_w, w_n = grid(rows, columns, 2, 3)
    calls = []

    def phi(z: Any) -> Any:
        calls.append(len(z))
        return np.tanh(z)

    np.testing.assert_allclose(mdrnn_wavefront(x, w_in, w_w, w_n, phi), mdrnn_forward(x, w_in, w_w, w_n), rtol=1e-13)
    assert len(calls) == rows + columns - 1
    assert sum(calls) == rows * columns


def operations(run: Run, *arguments: Any) -> dict[str, int]:
    operands = [numbers(argument) for argument in arguments]
    Number.done.clear()
    run(*operands)
    return dict(Number.done)


@pytest.mark.parametrize(("g", "d", "h"), [(1, 1, 1), (1, 3, 2), (2, 1, 1), (3, 2, 4), (4, 5, 3)])
def test_operations_are_those_of_their_convention(g: int, d: int, h: int) -> None:
    padded = {"multiplications": g**2 * (d * h + 2 * h**2), "additions": g**2 * h * (d + 2 * h - 1)}
    neighbours = 2 * g * (g - 1) * h**2
    skipped = {"multiplications": g**2 * d * h + neighbours, "additions": g**2 * h * (d - 1) + neighbours}
    for run, own, other in ((mdrnn_wavefront, padded, skipped), (mdrnn_forward, skipped, padded)):
        counted = {"multiplications": 0, "additions": 0} | operations(run, *grid(g, g, d, h))
        assert counted == own | {"nonlinear": g**2 * h}
        assert counted != other | {"nonlinear": g**2 * h}


def test_the_conv_net_is_a_sum_over_each_window() -> None:
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(4, 5, 2)), random.normal(size=(3, 3, 2, 3))
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    expected = np.tanh(
        [[np.einsum("abc,abcd", padded[i : i + 3, j : j + 3], kernel) for j in range(5)] for i in range(4)]
    )
    np.testing.assert_allclose(conv_forward(x, [kernel]), expected, rtol=1e-13)
    flipped = conv_forward(x, [kernel[::-1, ::-1]])
    assert np.abs(flipped - expected).max() > 1e-2


def test_layers_of_the_conv_net_widen_what_a_unit_sees() -> None:
    x = np.zeros((11, 11, 1), dtype=int)
    x[5, 5] = 1
    seen = conv_forward(x, [np.ones((3, 3, 1, 1), dtype=int)] * 2, lambda z: z)[..., 0]
    assert np.argwhere(seen).tolist() == [[i, j] for i in range(3, 8) for j in range(3, 8)]


def test_a_kernel_of_even_width_is_refused() -> None:
    with pytest.raises(ValueError, match=r"odd width, got shape \(2, 2, 1, 1\); for example \(3, 3, 1, 8\)"):
        conv_forward(np.ones((3, 3, 1)), [np.ones((2, 2, 1, 1))])


# --- Momentum ---------------------------------------------------------------------------------------------------------

BITS, BETA, PARAMETERS = 32, (9, 10), 3
TARGET = np.arange(1, PARAMETERS + 1) / 3
THETA, P = np.arange(PARAMETERS) / 4 + 1 / 7, np.ones(PARAMETERS) / 8


def quadratic(theta: Any) -> Any:
    """The gradient of a bowl whose minimum is not at the origin."""
    return theta - TARGET


def float_reversal(steps: int, alpha: float, gradient: Callable[[Any], Any]) -> float:
    """How far from where it began float64 ends after steps there and back."""
    theta, p = THETA, P
    for step in (momentum_step, momentum_inverse):
        for _ in range(steps):
            theta, p = step(theta, p, gradient, alpha, 0.9)
    return float(np.abs(theta - THETA).max())


def fixed_point_after(steps: int, state: FixedPointState, step: Any = fixed_point_step) -> FixedPointState:
    for _ in range(steps):
        state = step(state, quadratic, 0.01, BETA, BITS)
    return state


def same(left: FixedPointState, right: FixedPointState) -> bool:
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(left, right, strict=True))


def fractions(*values: Any) -> Any:
    return np.array([Fraction(value) for value in values], dtype=object)


def test_inverse_undoes_the_step_in_exact_arithmetic() -> None:
    theta, p, target = fractions("1/7", "-2"), fractions("3/5", "4"), fractions("1/3", "5/2")
    alpha, beta = Fraction(1, 100), Fraction(9, 10)

    def gradient(theta: Any) -> Any:
        return (theta - target) ** 3

    after = momentum_step(theta, p, gradient, alpha, beta)
    before = momentum_inverse(*after, gradient, alpha, beta)
    assert [entry.tolist() for entry in before] == [theta.tolist(), p.tolist()]
    gradient_taken_after_the_step = (after[1] + alpha * gradient(after[0])) / beta
    assert gradient_taken_after_the_step.tolist() != p.tolist()


def test_floats_come_back_after_few_steps_and_not_after_many() -> None:
    # Measured: 2e-16 after 10 steps, 3e-6 after 300, 2e20 after 1,000. Each step back costs a factor 10/9.
    assert float_reversal(10, 0.001, quadratic) < 1e-14
    assert 1e-9 < float_reversal(300, 0.001, quadratic) < 1e-3
    assert float_reversal(1_000, 0.001, quadratic) > 1e10


def test_a_minimum_at_the_origin_hides_that_floats_do_not_come_back() -> None:
    # Near 0 floats have digits without end, so nothing is lost on the way there. Measured: 3e-15 after 1,000 steps.
    assert float_reversal(1_000, 0.01, lambda theta: theta) < 1e-12
    assert float_reversal(1_000, 0.01, quadratic) > 1e-2


def test_fixed_point_comes_back_bit_for_bit_after_ten_thousand_steps() -> None:
    start = to_fixed_point(THETA, P, BITS)
    after = fixed_point_after(10_000, start)
    np.testing.assert_allclose(after.theta * 2.0**-BITS, TARGET, atol=1e-6)
    assert np.abs(buffer_bits(after) - 10_000 * log2(10 / 9)).max() < 16  # 1520 bits a parameter; measured 1518 to 1520
    assert same(fixed_point_after(10_000, after, fixed_point_inverse), start)


def test_fixed_point_does_not_come_back_without_its_buffer() -> None:
    start = to_fixed_point(THETA, P, BITS)
    after = fixed_point_after(100, start)
    emptied = after._replace(buffer=np.zeros_like(after.buffer))
    assert same(fixed_point_after(100, after, fixed_point_inverse), start)
    assert not same(fixed_point_after(100, emptied, fixed_point_inverse), start)


def test_step_undoes_the_inverse_at_any_state() -> None:
    theta, p = np.random.default_rng(0).integers(-(10**12), 10**12, size=(2, PARAMETERS))
    state = FixedPointState(theta, p, np.array([0, 12345, 10**40], dtype=object))
    assert same(fixed_point_after(20, fixed_point_after(20, state, fixed_point_inverse)), state)


def test_fixed_point_follows_the_floats() -> None:
    theta, p = THETA, P
    trail = [theta]
    for _ in range(50):
        theta, p = momentum_step(theta, p, quadratic, 0.01, 0.9)
        trail.append(theta)
    state = fixed_point_after(50, to_fixed_point(THETA, P, BITS))
    np.testing.assert_allclose(state.theta * 2.0**-BITS, trail[50], atol=1e-6)
    assert min(np.abs(a - b).max() for a, b in pairwise(trail)) > 1e-4  # so a step more or less would show


def test_fixed_point_refuses_to_wrap() -> None:
    with pytest.raises(OverflowError, match=r"expected theta within 2\^3, .*bits=60, got 2\^3 or more; .* at most 59"):
        to_fixed_point(np.array([8.5]), np.array([0.0]), 60)
    state = to_fixed_point(np.array([7.0]), np.array([7.0]), 60)
    with pytest.raises(OverflowError, match=r"expected theta .* use fewer bits, here at most 59"):
        fixed_point_step(state, np.zeros_like, 0.1, BETA, 60)
    with pytest.raises(OverflowError, match=r"got .*inf.*; use fewer bits or a smaller alpha"):
        fixed_point_step(state, lambda theta: theta * np.inf, 0.1, BETA, 60)


@pytest.mark.parametrize("beta", [(10, 9), (0, 10), (-9, 10), (10, 10), (0.9, 1), 0.9])
def test_beta_other_than_a_proper_fraction_is_refused(beta: Any) -> None:
    state = to_fixed_point(THETA, P, BITS)
    for step in (fixed_point_step, fixed_point_inverse):
        with pytest.raises(ValueError, match=r"expected beta as integers \(n, d\) with 0 < n < d, got .* \(9, 10\)"):
            step(state, quadratic, 0.01, beta, BITS)
