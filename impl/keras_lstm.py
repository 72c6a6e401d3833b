"""The LSTM cell of Keras 3, ``keras.layers.LSTMCell``, and its gradient by JAX (question 1). Needs the extra keras.

Keras computes its tanh in binary32, whatever format a layer has (seen in Keras 3.15 on JAX: of a layer in binary64 the
states are off by 1e-8). So binary32 is what this is judged in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impl.extras import extra, floats

with extra("keras", KERAS_BACKEND="jax"):
    import jax
    import keras
    from jax import numpy as jnp

if keras.backend.backend() != "jax":
    raise ImportError(f"expected Keras on JAX, got Keras on {keras.backend.backend()}; for example: KERAS_BACKEND=jax")

Array = NDArray[Any]
Value = Any  # a NumPy scalar

DTYPE = "float32"
GATES = "ifgo"  # as Keras stacks them in its weights


def lstm_forward(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value]) -> dict[str, Array]:
    """The states "h" and "c" of all steps, shape (T,), of one sequence `x` of shape (T,).

    `weights` maps "w_ix" to "w_gh" to scalars.
    """
    h, c = _unrolled(_leaves(x, h_0, c_0, weights))
    return {"h": np.asarray(h), "c": np.asarray(c)}


def lstm_backward(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], h_direct: Array) -> dict[str, Value]:
    """The derivatives of a loss whose own derivative by each hidden state is `h_direct`, of shape (T,).

    The other arguments are those of `lstm_forward`. Returns "h_bar" and "x_bar" of shape (T,), and "h_0_bar",
    "c_0_bar" and "w_ix_bar" to "w_gh_bar" of shape ().
    """
    _, backward = jax.vjp(lambda leaves: _unrolled(leaves)[0], _leaves(x, h_0, c_0, weights))
    (bars,) = backward(jnp.asarray(h_direct, dtype=DTYPE))
    return {f"{name}_bar": np.asarray(bar) for name, bar in bars.items()}


def _leaves(x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value]) -> dict[str, Any]:
    """What the gradient is taken by. The derivative by a zero added to each hidden state is that state's adjoint."""
    named = {"x": x, "h_0": h_0, "c_0": c_0, **weights, "h": np.zeros_like(x)}
    return {name: jnp.asarray(floats(value), dtype=DTYPE) for name, value in named.items()}


def _unrolled(leaves: Mapping[str, Any]) -> tuple[Any, Any]:
    cell = keras.layers.LSTMCell(
        1, use_bias=False, kernel_initializer="zeros", recurrent_initializer="zeros", seed=0, dtype=DTYPE
    )
    cell.build((1, 1))
    weights = [jnp.stack([leaves[f"w_{gate}{read}"] for gate in GATES])[None] for read in "xh"]
    state = leaves["h_0"].reshape(1, 1), leaves["c_0"].reshape(1, 1)
    steps = []
    for x_t, nothing in zip(leaves["x"], leaves["h"], strict=True):
        (_, (h, c)), _ = cell.stateless_call(weights, cell.non_trainable_variables, x_t.reshape(1, 1), state)
        state = h + nothing, c
        steps.append(state)
    return tuple(jnp.concatenate(values)[:, 0] for values in zip(*steps, strict=True))
