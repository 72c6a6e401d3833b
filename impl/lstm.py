"""A univariate LSTM, forwards and backwards through time (question 1).

Plain NumPy on any number system: where the docstrings say array, an object array of other scalars will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = ("w_ix", "w_ih", "w_fx", "w_fh", "w_ox", "w_oh", "w_gx", "w_gh")

GATES = ("i", "f", "o", "g")

Array = NDArray[Any]
Value = Any  # an array, or a bare scalar of whatever number system the code runs on


def lstm_forward(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value]) -> dict[str, Array]:
    """The gates and states of all steps.

    `x` has shape (T, *batch) with T >= 1, `h_0` and `c_0` have shape batch; `weights` maps the names in `WEIGHTS` to
    scalars or arrays that broadcast against batch. Returns "i", "f", "o", "g", "c" and "h", each of shape (T, *batch),
    where entry k is step k+1. Raises ValueError when T = 0, KeyError for a missing weight.

    Source: question 1, the equations given.
    """
    h, c = h_0, c_0
    steps = []
    for x_t in x:
        z = _arguments(x_t, h, weights)
        i, f, o, g = _sigmoid(z["i"]), _sigmoid(z["f"]), _sigmoid(z["o"]), np.tanh(z["g"])
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append({"i": i, "f": f, "o": o, "g": g, "c": c, "h": h})
    return _over_time(steps)


def lstm_backward(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], h_direct: Array) -> dict[str, Value]:
    """The derivatives of a loss by everything that the forward pass reads and computes.

    The first four arguments are those of `lstm_forward`. `h_direct`, of shape (T, *batch), holds the loss's own
    derivative by each h, without what reaches the loss through later steps: zeros but for the last when the loss looks
    at the last only. Returns "h_bar", "c_bar", "g_bar", "o_bar", "f_bar", "i_bar" and "x_bar" of shape (T, *batch), and
    of shape batch "h_0_bar", "c_0_bar" and "w_ix_bar" to "w_gh_bar": one gradient per example, so that summing over
    examples that share weights is the caller's. Raises what `lstm_forward` raises.

    Source: question 1 (a) and (b).
    """
    i, f, o, g, c, h = lstm_forward(x, h_0, c_0, weights).values()
    h_before, c_before = np.stack([h_0, *h[:-1]]), np.stack([c_0, *c[:-1]])
    slopes = _slopes(_arguments(x, h_before, weights))
    tanh_c, slope_c = np.tanh(c), _tanh_slope(c)
    h_later: Value = 0
    c_later: Value = 0
    steps = []
    for t in reversed(range(len(x))):
        h_bar = h_direct[t] + h_later
        c_bar = h_bar * o[t] * slope_c[t] + c_later
        gate_bars = {"i": c_bar * g[t], "f": c_bar * c_before[t], "o": h_bar * tanh_c[t], "g": c_bar * i[t]}
        z_bars = {gate: gate_bars[gate] * slopes[gate][t] for gate in GATES}
        h_later, x_bar = (sum(z_bars[gate] * weights[f"w_{gate}{read}"] for gate in GATES) for read in "hx")
        c_later = c_bar * f[t]
        steps.append({"h": h_bar, "c": c_bar, **gate_bars, "x": x_bar})
    bars = {f"{name}_bar": bar for name, bar in _over_time(steps[::-1]).items()}
    for gate in GATES:
        z_bar = bars[f"{gate}_bar"] * slopes[gate]
        bars |= {f"w_{gate}x_bar": (z_bar * x).sum(axis=0), f"w_{gate}h_bar": (z_bar * h_before).sum(axis=0)}
    return bars | {"h_0_bar": h_later, "c_0_bar": c_later}


def _arguments(x: Value, h: Value, weights: Mapping[str, Value]) -> dict[str, Value]:
    """What each gate's sigmoid or tanh is applied to, at one step or at all."""
    return {gate: weights[f"w_{gate}x"] * x + weights[f"w_{gate}h"] * h for gate in GATES}


def _slopes(z: Mapping[str, Value]) -> dict[str, Value]:
    return {gate: _tanh_slope(z[gate]) if gate == "g" else _sigmoid_slope(z[gate]) for gate in GATES}


# The sigmoid and the slopes are functions of exp(-|z|), which lies in [0, 1]: nothing overflows. The slopes i (1 - i),
# 1 - g^2 and 1 - tanh(c)^2 are never formed by a subtraction: in a saturated gate it would cancel every digit.


def _decay(z: Value) -> Value:
    """exp(-|z|), branch by branch: each branch has a derivative at 0, which |z| has not."""
    return np.exp(np.where(z < 0, z, -z))


def _sigmoid(z: Value) -> Value:
    e = _decay(z)
    return np.where(z < 0, e, 1) / (1 + e)


def _sigmoid_slope(z: Value) -> Value:
    """sigmoid(z) times sigmoid(-z), which is 1 - sigmoid(z)."""
    e = _decay(z)
    return e / (1 + e) ** 2


def _tanh_slope(z: Value) -> Value:
    """1 / cosh(z)^2, which is 1 - tanh(z)^2."""
    e = _decay(z) ** 2
    return 4 * e / (1 + e) ** 2


def _over_time(steps: list[dict[str, Value]]) -> dict[str, Array]:
    if not steps:
        raise ValueError(
            "expected x of shape (T, *batch) with T >= 1, got T = 0; for example x = np.array([0.5, -1.0])"
        )
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]}
