"""Gradient descent with momentum by PyTorch, ``torch.optim.SGD`` (question 3). Needs the extra torch.

torch keeps ``buffer <- momentum buffer + gradient`` and moves by ``-lr buffer``. So p is -lr times the buffer, and
alpha is lr. With dampening alpha would be ``lr (1 - dampening)``, but not in the first step, whose buffer is the
gradient. When lr changes p is no longer what it was, though the buffer is.

Here lr is the next power of two, and the gradient is scaled by what is left of alpha: the buffer that stands for p then
is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from math import frexp, ldexp
from typing import Any

from numpy.typing import NDArray

from impl.extras import extra
from impl.torch_arrays import to_numpy, to_tensor

with extra("torch"):
    import torch

Array = NDArray[Any]
Gradient = Callable[[Any], Any]


def momentum_step(
    theta: Array, p: Array, gradient: Gradient, alpha: Any, beta: Any, **options: Any
) -> tuple[Array, Array]:
    """One step of SGD from the state (theta, p), both of shape (D,); `gradient` takes and returns such an array.

    `options` are further ones of torch's: with most of them it is another optimizer.
    """
    parameters = to_tensor(theta).requires_grad_()
    scale, exponent = frexp(alpha)
    rate = ldexp(1.0, exponent)
    optimizer = torch.optim.SGD([parameters], lr=rate, momentum=float(beta), **options)
    optimizer.state[parameters]["momentum_buffer"] = to_tensor(-p / rate)
    parameters.grad = to_tensor(scale * gradient(theta))
    optimizer.step()
    buffer = optimizer.state[parameters]["momentum_buffer"]
    return to_numpy(parameters), -rate * to_numpy(buffer)
