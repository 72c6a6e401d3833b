"""Gradient descent with momentum by Optax, ``optax.sgd`` (question 3). Needs the extra jax.

Optax keeps ``trace <- gradient + momentum trace`` and moves by ``-lr trace``. So p is -lr times the trace, and alpha is
lr. Here lr is the next power of two, and the gradient is scaled by what is left of alpha: the trace that stands for p
then is exact. JAX computes in binary64 only where it is told to, and is told so in these calls alone.
"""

from __future__ import annotations

from collections.abc import Callable
from math import frexp, ldexp
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
        scale, exponent = frexp(alpha)
        rate = ldexp(1.0, exponent)
        optimizer = optax.sgd(learning_rate=rate, momentum=beta)
        (_, *rest) = optimizer.init(parameters)
        state = (optax.TraceState(trace=jnp.asarray(-p / rate)), *rest)
        updates, (after, *_) = optimizer.update(jnp.asarray(scale * gradient(theta)), state, parameters)
        moved = optax.apply_updates(parameters, updates)
        return np.asarray(moved), -rate * np.asarray(after.trace)
