"""Gradient descent with momentum by Keras 3, ``keras.optimizers.SGD`` (question 3). Needs the extra keras.

Its velocity is p, and its learning rate alpha. A learning rate that is a number is kept in Keras's default format,
binary32, and one that is a function in its own. JAX computes in binary64 only where it is told to, and is told so in
these calls alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impl.extras import extra, floats

with extra("keras", KERAS_BACKEND="jax"):
    import jax
    import keras

Array = NDArray[Any]
Gradient = Callable[[Any], Any]


def momentum_step(theta: Array, p: Array, gradient: Gradient, alpha: Any, beta: Any) -> tuple[Array, Array]:
    """One step of SGD from the state (theta, p), both of shape (D,); `gradient` takes and returns such an array."""
    with jax.enable_x64(True):
        parameters = keras.Variable(floats(theta), dtype=theta.dtype.name)
        optimizer = keras.optimizers.SGD(learning_rate=lambda: alpha, momentum=float(beta))
        optimizer.build([parameters])
        (velocity,) = optimizer.momentums
        velocity.assign(p)
        optimizer.apply([keras.ops.convert_to_tensor(gradient(theta))])
        return np.asarray(parameters.value), np.asarray(velocity.value)
