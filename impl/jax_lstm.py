"""The LSTM cell of Flax, ``flax.linen.LSTMCell``, and its gradient by JAX (question 1). Needs the extra jax.

Such a cell lets one choose its nonlinear functions. Here each adds a number, 0, to what it gives: the derivative by
that number is the adjoint of the gate. JAX computes in binary64 only where it is told to, and is told so in these calls
alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impl.extras import extra, floats

with extra("jax"):
    import jax
    from flax import linen
    from jax import numpy as jnp

Array = NDArray[Any]
Value = Any  # a NumPy scalar

GATES = "ifgo"
NODES = (*GATES, "c", "h")


def lstm_forward(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value]) -> dict[str, Array]:
    """The gates and states "i", "f", "o", "g", "c" and "h" of all steps, shape (T,), of one sequence `x` of shape (T,).

    `weights` maps "w_ix" to "w_gh" to scalars. Computed in the format of `x`.
    """
    with jax.enable_x64(True):
        seen = _unrolled(_leaves(x, h_0, c_0, weights), _nothing(x))
        return {name: np.asarray(values) for name, values in seen.items()}


def lstm_backward(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], h_direct: Array) -> dict[str, Value]:
    """The derivatives of a loss whose own derivative by each hidden state is `h_direct`, of shape (T,).

    The other arguments are those of `lstm_forward`. Returns "i_bar" to "h_bar" and "x_bar" of shape (T,), and
    "h_0_bar", "c_0_bar" and "w_ix_bar" to "w_gh_bar" of shape ().
    """
    with jax.enable_x64(True):
        _, backward = jax.vjp(lambda *inputs: _unrolled(*inputs)["h"], _leaves(x, h_0, c_0, weights), _nothing(x))
        bars, nudged = backward(jnp.asarray(h_direct, dtype=x.dtype))
        return {f"{name}_bar": np.asarray(bar) for name, bar in (bars | nudged).items()}


def _leaves(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value]) -> dict[str, Any]:
    named = {"x": x, "h_0": h_0, "c_0": c_0, **weights}
    return {name: jnp.asarray(floats(value), dtype=x.dtype) for name, value in named.items()}


def _nothing(x: Array) -> dict[str, Any]:
    """A zero for each node and step."""
    return {name: jnp.zeros(len(x), dtype=x.dtype) for name in NODES}


def _unrolled(leaves: Mapping[str, Any], nudges: Mapping[str, Any]) -> dict[str, Any]:
    """All nodes over time, when each has its nudge added to it."""
    parameters = {f"{read}{gate}": _kernel(leaves[f"w_{gate}{of}"]) for read, of in ("ix", "hh") for gate in GATES}
    for gate in GATES:
        parameters[f"h{gate}"]["bias"] = jnp.zeros(1, dtype=leaves["x"].dtype)
    carry = leaves["c_0"].reshape(1), leaves["h_0"].reshape(1)
    steps = []
    for t, x_t in enumerate(leaves["x"]):
        seen: dict[str, Any] = {}
        cell = _watched({name: nudges[name][t] for name in NODES}, seen)
        (c, h), _ = cell.apply({"params": parameters}, carry, x_t.reshape(1))
        seen |= {"c": c + nudges["c"][t], "h": h + nudges["h"][t]}
        carry = seen["c"], seen["h"]
        steps.append(seen)
    return {name: jnp.concatenate([seen[name] for seen in steps]) for name in NODES}


def _kernel(weight: Any) -> dict[str, Any]:
    return {"kernel": weight.reshape(1, 1)}


def _watched(nudge: Mapping[str, Any], seen: dict[str, Any]) -> Any:
    """A cell that notes its gates, which it computes in the order i, f, g, o, and adds a nudge to each of them."""
    sigmoids = iter("ifo")

    def gate(z: Any) -> Any:
        name = next(sigmoids)
        seen[name] = jax.nn.sigmoid(z) + nudge[name]
        return seen[name]

    def activation(z: Any) -> Any:
        if "g" in seen:
            return jnp.tanh(z + nudge["c"])  # the cell state, on its way to h
        seen["g"] = jnp.tanh(z) + nudge["g"]
        return seen["g"]

    return linen.LSTMCell(1, gate_fn=gate, activation_fn=activation)
