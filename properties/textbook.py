"""What the questions are about once more, line by line: right, unless an argument puts a wrong line in place of one.

What a twin is refuted for is then that line, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add
from types import SimpleNamespace
from typing import Any

import numpy as np

from impl.lstm import WEIGHTS
from impl.momentum import FixedPointState

Line = Callable[..., Any]
Functions = Mapping[str, Line]
Square = tuple[int, int]

# --- Question 1. Step t is entry t, entry 0 precedes the first step, and what would follow the last is 0. -------------


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


FORWARD: Functions = {
    "i": lambda v, t: sigmoid(v.w_ix * v.x[t] + v.w_ih * v.h[t - 1]),
    "f": lambda v, t: sigmoid(v.w_fx * v.x[t] + v.w_fh * v.h[t - 1]),
    "o": lambda v, t: sigmoid(v.w_ox * v.x[t] + v.w_oh * v.h[t - 1]),
    "g": lambda v, t: np.tanh(v.w_gx * v.x[t] + v.w_gh * v.h[t - 1]),
    "c": lambda v, t: v.f[t] * v.c[t - 1] + v.i[t] * v.g[t],
    "h": lambda v, t: v.o[t] * np.tanh(v.c[t]),
}
BACKWARD: Functions = {
    "h_bar": lambda v, t: v.h_direct[t] + sum(v.z_bar[gate][t + 1] * vars(v)[f"w_{gate}h"] for gate in "ifog"),
    "c_bar": lambda v, t: v.h_bar[t] * v.o[t] * (1 - np.tanh(v.c[t]) ** 2) + v.c_bar[t + 1] * v.f[t + 1],
    "g_bar": lambda v, t: v.c_bar[t] * v.i[t],
    "o_bar": lambda v, t: v.h_bar[t] * np.tanh(v.c[t]),
    "f_bar": lambda v, t: v.c_bar[t] * v.c[t - 1],
    "i_bar": lambda v, t: v.c_bar[t] * v.g[t],
}
SLOPES: Functions = {**dict.fromkeys("ifo", lambda y: y * (1 - y)), "g": lambda y: 1 - y**2}
READ: Functions = {"x": lambda v, t: v.x[t], "h": lambda v, t: v.h[t - 1]}


def lstm(**wrong: Line) -> Functions:
    """`lstm_forward` and `lstm_backward`. A wrong line is named like ``c``, ``c_bar``, ``slope_g`` or ``read_x``."""

    def unrolled(x: Any, h_0: Any, c_0: Any, weights: Mapping[str, Any]) -> Any:
        v = SimpleNamespace(x=[0, *x, 0], **weights, **{name: [0] * (len(x) + 2) for name in (*FORWARD, *BACKWARD)})
        v.h[0], v.c[0] = h_0, c_0
        for t in range(1, len(x) + 1):
            for name, line in FORWARD.items():
                vars(v)[name][t] = wrong.get(name, line)(v, t)
        return v

    def lstm_forward(x: Any, h_0: Any, c_0: Any, weights: Mapping[str, Any]) -> Any:
        v = unrolled(x, h_0, c_0, weights)
        return {name: np.stack(vars(v)[name][1:-1]) for name in FORWARD}

    def lstm_backward(x: Any, h_0: Any, c_0: Any, weights: Mapping[str, Any], h_direct: Any) -> Any:
        v, steps = unrolled(x, h_0, c_0, weights), range(1, len(x) + 1)
        v.h_direct, v.z_bar = [0, *h_direct, 0], {gate: [0] * len(v.x) for gate in "ifog"}
        for t in reversed(steps):
            for name, line in BACKWARD.items():
                vars(v)[name][t] = wrong.get(name, line)(v, t)
            for gate in "ifog":
                slope = wrong.get(f"slope_{gate}", SLOPES[gate])(vars(v)[gate][t])
                v.z_bar[gate][t] = vars(v)[f"{gate}_bar"][t] * slope
        bars = {name: np.stack(vars(v)[name][1:-1]) for name in BACKWARD}
        for weight in WEIGHTS:
            gate, read = weight[-2], weight[-1]
            line = wrong.get(f"read_{read}", READ[read])
            bars[f"{weight}_bar"] = sum(v.z_bar[gate][t] * line(v, t) for t in steps)
        return bars

    return {"lstm_forward": lstm_forward, "lstm_backward": lstm_backward}


# --- Question 2 -------------------------------------------------------------------------------------------------------


def west(h: Any, i: int, j: int) -> Any:
    return h.get((i - 1, j))


def north(h: Any, i: int, j: int) -> Any:
    return h.get((i, j - 1))


def diagonals(rows: int, columns: int) -> list[list[Square]]:
    return [[(i, s - i) for i in range(rows) if 0 <= s - i < columns] for s in range(rows + columns - 1)]


def raster(
    west: Line = west,
    north: Line = north,
    product: Line = lambda w, u: w.T @ u,
    weights: Line = lambda *all_three: all_three,
    activate: Line = lambda phi, z, square: phi(z),
) -> Functions:
    """`mdrnn_forward`, square by square. A neighbour that is not there has no product."""

    def mdrnn_forward(x: Any, w_in: Any, w_w: Any, w_n: Any, phi: Line = np.tanh) -> Any:
        h: dict[Square, Any] = {}
        for i, j in np.ndindex(*x.shape[:2]):
            read = (x[i, j], west(h, i, j), north(h, i, j))
            products = [product(w, u) for w, u in zip(weights(w_in, w_w, w_n), read, strict=True) if u is not None]
            h[i, j] = activate(phi, reduce(add, products), (i, j))
        return np.array(list(h.values())).reshape(*x.shape[:2], -1)

    return {"mdrnn_forward": mdrnn_forward}


def wavefront(
    west: Line = west,
    north: Line = north,
    rounds: Line = diagonals,
    border: Line = np.zeros_like,
    order: Line = lambda squares: squares,
) -> Functions:
    """`mdrnn_wavefront`, all squares of a round at once. A neighbour that is not there is multiplied as the border."""

    def mdrnn_wavefront(x: Any, w_in: Any, w_w: Any, w_n: Any, phi: Line = np.tanh) -> Any:
        h: dict[Square, Any] = {}
        weights, beyond = np.concatenate([w_in, w_w, w_n]), border(x, shape=len(w_w))
        for squares in rounds(*x.shape[:2]):
            neighbours = [[beyond if u is None else u for u in (west(h, *s), north(h, *s))] for s in squares]
            z = [np.concatenate([x[s], *pair]) @ weights for s, pair in zip(squares, neighbours, strict=True)]
            h |= dict(zip(order(squares), phi(np.stack(z)), strict=True))
        return np.array([h[square] for square in sorted(h)]).reshape(*x.shape[:2], -1)

    return {"mdrnn_wavefront": mdrnn_wavefront}


def conv(
    sees: Line = lambda a, b: True,
    apart: Line = lambda layer: 1,
    layers: Line = lambda kernels: kernels,
    activate: Line = lambda phi, z, is_last: phi(z),
) -> Functions:
    """`conv_forward`, window by window: which offsets a kernel `sees`, and how far `apart` they lie."""

    def conv_forward(x: Any, kernels: Any, phi: Line = np.tanh) -> Any:
        squares = set(np.ndindex(*x.shape[:2]))
        for layer, kernel in enumerate(layers(kernels)):
            offsets = [
                (a, b) for a, b in np.ndindex(*kernel.shape[:2]) if sees(a - len(kernel) // 2, b - len(kernel) // 2)
            ]
            z = []
            for i, j in sorted(squares):
                shifted = {
                    (a, b): tuple(n + apart(layer) * (m - len(kernel) // 2) for n, m in ((i, a), (j, b)))
                    for a, b in offsets
                }
                z.append(reduce(add, [kernel[k].T @ x[s] for k, s in shifted.items() if s in squares]))
            x = activate(phi, np.array(z).reshape(*x.shape[:2], -1), layer + 1 == len(kernels))
        return x

    return {"conv_forward": conv_forward}


# --- Question 3: q is theta, dj the gradient, a alpha, b beta ---------------------------------------------------------


def step(
    velocity: Line = lambda q, p, dj, a, b: b * p - a * dj(q), move: Line = lambda q, old, new, a: q + new
) -> Functions:
    """`momentum_step`: the new velocity, and how the parameters move."""

    def momentum_step(q: Any, p: Any, dj: Line, a: Any, b: Any) -> Any:
        new = velocity(q, p, dj, a, b)
        return move(q, p, new, a), new

    return {"momentum_step": momentum_step}


def sgd(
    rate: Line = lambda a: a, rate_before: Line | None = None, kept: int = 1, *, nesterov: bool = False
) -> Functions:
    """`momentum_step` in the convention of torch.optim.SGD, whose buffer is p over -rate.

    The learning rate as a function of alpha, and that of the step before; dampening keeps one of so many parts of the
    gradient, so that alpha is rate / kept.
    """

    def momentum_step(q: Any, p: Any, dj: Line, a: Any, b: Any) -> Any:
        gradient = dj(q)
        buffer = b * (-p / (rate_before or rate)(a)) + gradient / kept
        return q - rate(a) * (gradient + b * buffer if nesterov else buffer), -rate(a) * buffer

    return {"momentum_step": momentum_step}


def inverse(
    velocity: Line = lambda q, p, dj, a, b: (p + a * dj(q)) / b,
    move: Line = lambda q, p, a: q - p,
    at: Line = lambda before, after: before,
) -> Functions:
    """`momentum_inverse`: how the parameters move back, and the old velocity, by the gradient `at` a place."""

    def momentum_inverse(q: Any, p: Any, dj: Line, a: Any, b: Any) -> Any:
        before = move(q, p, a)
        return before, velocity(at(before, q), p, dj, a, b)

    return {"momentum_inverse": momentum_inverse}


def down(p: Any, buffer: Any, n: int, d: int) -> Any:
    buffer = buffer * d + p % d
    return p // d * n + buffer % n, buffer // n


def up(p: Any, buffer: Any, n: int, d: int) -> Any:
    return down(p, buffer, d, n)


def fixed_point(down: Line = down, up: Line = up, at: Line = lambda before, after: before) -> Functions:
    """`fixed_point_step` and `fixed_point_inverse`: p scaled down by n/d and up again, the gradient `at` a place."""

    def pull(q: Any, gradient: Line, alpha: float, bits: int) -> Any:
        values = alpha * gradient(np.ldexp(q.astype(float), -bits))
        return np.array([round(value) for value in np.ldexp(values, bits)], dtype=object)

    def fixed_point_step(state: Any, gradient: Line, alpha: float, beta: tuple[int, int], bits: int) -> Any:
        q, p, buffer = (entry.astype(object) for entry in state)
        p, buffer = down(p, buffer, *beta)
        p = p - pull(q, gradient, alpha, bits)
        return FixedPointState(q + p, p, buffer)

    def fixed_point_inverse(state: Any, gradient: Line, alpha: float, beta: tuple[int, int], bits: int) -> Any:
        q, p, buffer = (entry.astype(object) for entry in state)
        return FixedPointState(q - p, *up(p + pull(at(q - p, q), gradient, alpha, bits), buffer, *beta))

    return {"fixed_point_step": fixed_point_step, "fixed_point_inverse": fixed_point_inverse}
