"""Gradient descent with momentum and its inverse (question 3): in any number system, and bit for bit in fixed point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Gradient = Callable[[Any], Any]


def momentum_step(theta: Array, p: Array, gradient: Gradient, alpha: Any, beta: Any) -> tuple[Array, Array]:
    """One step: ``p <- beta p - alpha gradient(theta)``, then ``theta <- theta + p``.

    `theta` and `p` have shape (D,); `gradient` maps the shape (D,) to itself; `alpha` and `beta` are scalars. Returns
    (theta, p).

    Source: question 3, the updates given.
    """
    p = beta * p - alpha * gradient(theta)
    return theta + p, p


def momentum_inverse(theta: Array, p: Array, gradient: Gradient, alpha: Any, beta: Any) -> tuple[Array, Array]:
    """The state from which `momentum_step` comes to (theta, p), for beta other than 0.

    In floats it is no inverse: each step back multiplies the rounding errors in p by 1/beta.

    Source: question 3, first part.
    """
    theta = theta - p
    return theta, (p + alpha * gradient(theta)) / beta


class FixedPointState(NamedTuple):
    """A state in fixed point: an integer m stands for the value m * 2^-bits.

    `theta` and `p` are int64 arrays of shape (D,). `buffer`, an object array of shape (D,), holds for each parameter a
    Python integer, never negative, that packs what the divisions so far left over. With it a step is one-to-one:
    nothing is lost.

    Source: Maclaurin, Duvenaud and Adams 2015, Gradient-based hyperparameter optimization through reversible learning,
    section 2.
    """

    theta: NDArray[np.int64]
    p: NDArray[np.int64]
    buffer: Array


def to_fixed_point(theta: Array, p: Array, bits: int) -> FixedPointState:
    """The state nearest to float arrays `theta` and `p` of shape (D,): `bits` bits after the point, empty buffers.

    Raises OverflowError when a value does not fit.
    """
    return _state(_nearest(theta, bits), _nearest(p, bits), np.zeros_like(theta, dtype=object), bits)


def fixed_point_step(
    state: FixedPointState, gradient: Gradient, alpha: float, beta: tuple[int, int], bits: int
) -> FixedPointState:
    """A momentum step with beta = n/d exactly, for a pair of integers ``(n, d)`` with 0 < n < d.

    `gradient` takes and returns float64 arrays of shape (D,), always the same one for the same theta. The buffer takes
    in the remainder of p by d and gives out one by n, which becomes the lowest part of the new p: it grows by log2(d/n)
    bits a step. Raises ValueError for another beta, OverflowError when theta or p leaves the range of int64.

    Source: Maclaurin, Duvenaud and Adams 2015, algorithm 3, whose printed form has misprints.
    """
    theta, p, buffer = _integers(state)
    p, buffer = _scaled(p, buffer, *_ratio(beta))
    p = p - _gradient_term(theta, gradient, alpha, bits)
    return _state(theta + p, p, buffer, bits)


def fixed_point_inverse(
    state: FixedPointState, gradient: Gradient, alpha: float, beta: tuple[int, int], bits: int
) -> FixedPointState:
    """The state from which `fixed_point_step` comes to `state`, bit for bit; it takes and raises what the step does."""
    theta, p, buffer = _integers(state)
    n, d = _ratio(beta)
    theta = theta - p
    p = p + _gradient_term(theta, gradient, alpha, bits)
    return _state(theta, *_scaled(p, buffer, d, n), bits)


def buffer_bits(state: FixedPointState) -> NDArray[np.int64]:
    """The length of each parameter's buffer in bits, shape (D,)."""
    return np.array([remainders.bit_length() for remainders in state.buffer], dtype=np.int64)


def _scaled(p: Array, buffer: Array, n: int, d: int) -> tuple[Array, Array]:
    """p times n/d: the remainder by d goes into the buffer and one by n comes out. Scaling by d/n undoes it."""
    buffer = buffer * d + p % d
    return p // d * n + buffer % n, buffer // n


def _gradient_term(theta: Array, gradient: Gradient, alpha: float, bits: int) -> Array:
    """alpha times the gradient, as integers that depend on `theta` alone: the same ones forwards and backwards."""
    values = np.ldexp(theta.astype(np.float64), -bits)
    return _nearest(alpha * gradient(values), bits)


def _nearest(values: Array, bits: int) -> Array:
    """Floats rounded to multiples of 2^-bits, as Python integers, which cannot wrap."""
    with np.errstate(over="ignore"):
        rounded = np.rint(np.ldexp(values, bits))
    if not np.isfinite(rounded).all():
        raise OverflowError(f"expected values within 2^{63 - bits}, got {values}; use fewer bits or a smaller alpha")
    return np.array([int(value) for value in rounded], dtype=object)


def _integers(state: FixedPointState) -> tuple[Array, Array, Array]:
    return state.theta.astype(object), state.p.astype(object), state.buffer


def _state(theta: Array, p: Array, buffer: Array, bits: int) -> FixedPointState:
    for name, values in (("theta", theta), ("p", p)):
        excess = max((int(value).bit_length() for value in values), default=0) - 63
        if excess > 0:
            raise OverflowError(
                f"expected {name} within 2^{63 - bits}, which int64 holds at bits={bits}, got 2^{62 - bits + excess} or"
                f" more; use fewer bits, here at most {bits - excess}, or a smaller alpha"
            )
    return FixedPointState(theta.astype(np.int64), p.astype(np.int64), buffer)


def _ratio(beta: tuple[int, int]) -> tuple[int, int]:
    match beta:
        case (int(n), int(d)) if 0 < n < d:
            return n, d
    raise ValueError(f"expected beta as integers (n, d) with 0 < n < d, got {beta!r}; for example (9, 10)")
