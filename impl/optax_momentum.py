"""Gradient descent with momentum by Optax, ``optax.sgd`` (question 3). Needs the extra jax.

Optax keeps ``trace <- gradient + momentum trace`` and moves by ``-lr trace``. So p is -lr times the trace, and alpha is
lr. JAX computes in binary64 only where it is told to, and is told so in these calls alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impl.extras import extra, floats

with extra("jax"):
    import jax
    import optax
    from jax import numpy as jnp

Array = NDArray[Any]
Gradient = Callable[[Any], Any]


def momentum_step(theta: Array, p: Array, gradient: Gradient, alpha: Any, beta: Any) -> tuple[Array, Array]:
    """One step of SGD from the state (theta, p), both of shape (D,); `gradient` takes and returns such an array."""
    with jax.enable_x64(True):
        parameters = jnp.asarray(floats(theta))
        optimizer = optax.sgd(learning_rate=alpha, momentum=beta)
        (_, *rest) = optimizer.init(parameters)
        state = (optax.TraceState(trace=jnp.asarray(-p / alpha)), *rest)
        updates, (after, *_) = optimizer.update(jnp.asarray(gradient(theta)), state, parameters)
        moved = optax.apply_updates(parameters, updates)
        return np.asarray(moved), -alpha * np.asarray(after.trace)
