"""Wrong implementations, each plausible and each wrong in one line, with the claim that must refute it."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from impl import lstm, mdrnn, momentum
from properties import textbook
from properties.textbook import BACKWARD, Functions, Line, diagonals, down, north, sigmoid, west


class Twin(NamedTuple):
    """What is wrong, the claim that refutes it, and the functions that stand for those of the module."""

    name: str
    claim: str
    module: ModuleType
    functions: Functions

    @property
    def implementation(self) -> Any:
        """The module as a checker takes it, with the twin's functions."""
        twin = ModuleType(self.name)
        vars(twin).update({**vars(self.module), **self.functions, "__name__": self.name})
        return twin


# The scaffolds without a wrong line, which must be accepted: what is refuted in a twin is its line.
RIGHT = {
    "1": Twin("textbook LSTM", "", lstm, textbook.lstm()),
    "2": Twin("textbook MDRNN", "", mdrnn, {**textbook.raster(), **textbook.wavefront(), **textbook.conv()}),
    "3": Twin("textbook momentum", "", momentum, {**textbook.step(), **textbook.inverse(), **textbook.fixed_point()}),
}


# The conventions of torch's optimizer, read rightly.
SGD = (
    Twin("torch's SGD", "", momentum, textbook.sgd()),
    Twin("torch's SGD with dampening", "", momentum, textbook.sgd(kept=2, rate=lambda a: 2 * a)),
)


def _lstm(name: str, claim: str, **wrong: Line) -> Twin:
    return Twin(name, claim, lstm, textbook.lstm(**wrong))


def _through_h(v: Any, t: int) -> Any:
    return v.h_bar[t] * v.o[t] * (1 - np.tanh(v.c[t]) ** 2)


def _overflowing(z: Any) -> Any:
    return np.exp(z) / (1 + np.exp(z))


def _in_another_order(functions: Functions) -> Functions:
    """An LSTM given stacked weights in the order i, f, o, g which takes them for i, f, g, o: its gradient is that of
    what it computes."""

    def taken(name: str) -> str:
        return name.replace("w_o", "w_G").replace("w_g", "w_o").replace("w_G", "w_g")

    def lstm_forward(x: Any, h_0: Any, c_0: Any, weights: Mapping[str, Any]) -> Any:
        return functions["lstm_forward"](x, h_0, c_0, {taken(name): weight for name, weight in weights.items()})

    def lstm_backward(x: Any, h_0: Any, c_0: Any, weights: Mapping[str, Any], h_direct: Any) -> Any:
        taken_for = {taken(name): weight for name, weight in weights.items()}
        bars = functions["lstm_backward"](x, h_0, c_0, taken_for, h_direct)
        return {taken(name): bar for name, bar in bars.items()}

    return {"lstm_forward": lstm_forward, "lstm_backward": lstm_backward}


LSTM = (
    Twin("gates in the order ifog for ifgo", "1b.w_gx_bar", lstm, _in_another_order(textbook.lstm())),
    _lstm("input and forget gates swapped", "1a.i_bar", c=lambda v, t: v.i[t] * v.c[t - 1] + v.f[t] * v.g[t]),
    _lstm("no tanh on the cell state", "1a.o_bar", h=lambda v, t: v.o[t] * v.c[t]),
    _lstm("sigmoid for the candidate", "1a.g_bar", g=lambda v, t: sigmoid(v.w_gx * v.x[t] + v.w_gh * v.h[t - 1])),
    _lstm("cell that never forgets", "1a.f_bar", c=lambda v, t: v.c[t - 1] + v.i[t] * v.g[t]),
    _lstm("forget gate tied to the input gate", "1b.w_fx_bar", f=lambda v, t: 1 - v.i[t]),
    _lstm(
        "gate that sees the cell state", "1b.w_ih_bar", i=lambda v, t: sigmoid(v.w_ix * v.x[t] + v.w_ih * v.c[t - 1])
    ),
    _lstm("right but for overflow", "1a.c_bar", o=lambda v, t: _overflowing(v.w_ox * v.x[t] + v.w_oh * v.h[t - 1])),
    _lstm("truncated after one step", "1a.h_bar", h_bar=lambda v, t: v.h_direct[t]),
    _lstm("loss's own term lost", "1a.h_bar", h_bar=lambda v, t: BACKWARD["h_bar"](v, t) - v.h_direct[t] * (t == 1)),
    _lstm("no path through the next cell state", "1a.c_bar", c_bar=_through_h),
    _lstm("t for t+1", "1a.c_bar", c_bar=lambda v, t: _through_h(v, t) + v.c_bar[t + 1] * v.f[t]),
    _lstm("1 - g for 1 - g^2", "1b.w_gx_bar", slope_g=lambda y: 1 - y),
    _lstm("x of the next step", "1b.w_ox_bar", read_x=lambda v, t: v.x[t + 1]),
    _lstm("h of the same step", "1b.w_fh_bar", read_h=lambda v, t: v.h[t]),
)


def _raster(name: str, claim: str, **wrong: Line) -> Twin:
    return Twin(name, claim, mdrnn, textbook.raster(**wrong))


def _wavefront(name: str, claim: str, **wrong: Line) -> Twin:
    return Twin(name, claim, mdrnn, textbook.wavefront(**wrong))


def _conv(name: str, claim: str, **wrong: Line) -> Twin:
    return Twin(name, claim, mdrnn, textbook.conv(**wrong))


SWAPPED = _raster("west and north swapped", "2.activations", west=north, north=west)


def _elementwise() -> Twin:
    """Recurrent weights that are vectors, as in an IndRNN: each hidden unit sees its own past alone."""
    raster = textbook.raster(
        weights=lambda w_in, w_w, w_n: (w_in, np.diagonal(w_w), np.diagonal(w_n)),
        product=lambda w, u: w * u if w.ndim == 1 else w.T @ u,
    )
    functions = {"mdrnn_forward": raster["mdrnn_forward"], "mdrnn_wavefront": raster["mdrnn_forward"]}
    return Twin("elementwise recurrent weights", "2a.weights", mdrnn, functions)


ELEMENTWISE = _elementwise()

MDRNN = (
    SWAPPED,
    ELEMENTWISE,
    _raster("diagonal neighbour", "2b.optimal", west=lambda h, i, j: h.get((i - 1, j - 1)), north=west),
    _raster("no northern neighbour", "2c.receptive_field", north=lambda h, i, j: None),
    _raster("transposes lost", "2.activations", product=lambda w, u: w @ u),
    _raster("one matrix for both neighbours", "2a.weights", weights=lambda w_in, w_w, w_n: (w_in, w_w, w_w)),
    _raster("bias", "2a.operations", activate=lambda phi, z, square: phi(z + 1)),
    _raster("no phi on the border", "2.activations", activate=lambda phi, z, square: phi(z) if all(square) else z),
    _wavefront("west and north swapped in the wavefront", "2.activations", west=north, north=west),
    _wavefront("ones beyond the border", "2.activations", border=np.ones_like),
    _wavefront("diagonal written backwards", "2.activations", order=lambda squares: squares[::-1]),
    _wavefront("one square a round", "2b.steps", rounds=lambda *shape: [[square] for square in np.ndindex(*shape)]),
    _wavefront("one row a round", "2b.steps", rounds=lambda r, c: [[(i, j) for j in range(c)] for i in range(r)]),
    _wavefront("first square twice", "2c.depth", rounds=lambda *shape: [[(0, 0)], *diagonals(*shape)]),
)

CONV = (
    _conv("masked as in a PixelCNN", "2c.receptive_field", sees=lambda a, b: (a, b) <= (0, 0)),
    _conv("rows only", "2c.receptive_field", sees=lambda a, b: a == 0),
    _conv("cross for square", "2c.receptive_field", sees=lambda a, b: a * b == 0),
    _conv("dilated", "2c.receptive_field", apart=lambda layer: 1 << layer),
    _conv("last layer left out", "2c.depth", layers=lambda kernels: kernels[:-1]),
    _conv("phi on the last layer only", "2c.depth", activate=lambda phi, z, is_last: phi(z) if is_last else z),
    _conv("phi row by row", "2c.depth", activate=lambda phi, z, is_last: np.stack([phi(row) for row in z])),
)


def _step(name: str, claim: str, **wrong: Line) -> Twin:
    return Twin(name, claim, momentum, textbook.step(**wrong))


def _sgd(name: str, claim: str, **wrong: Any) -> Twin:
    return Twin(name, claim, momentum, textbook.sgd(**wrong))


def _inverse(name: str, claim: str, **wrong: Line) -> Twin:
    return Twin(name, claim, momentum, textbook.inverse(**wrong))


def _fixed_point(name: str, **wrong: Line) -> Twin:
    return Twin(name, "3.exact_reversal", momentum, textbook.fixed_point(**wrong))


NESTEROV = _step("Nesterov's momentum", "3b.det", velocity=lambda q, p, dj, a, b: b * p - a * dj(q + b * p))

MOMENTUM = (
    NESTEROV,
    _step("uphill", "3b.factors", velocity=lambda q, p, dj, a, b: b * p + a * dj(q)),
    _step("gradient damped", "3a.p", velocity=lambda q, p, dj, a, b: b * p - (1 - b) * a * dj(q)),
    _sgd("torch's Nesterov momentum", "3b.det", nesterov=True),
    _sgd("dampening not in alpha", "3b.factors", kept=2),
    _sgd("learning rate halved under p", "3b.det", rate_before=lambda a: 2 * a),
    _step(
        "gradient after the update",
        "3b.factors",
        velocity=lambda q, p, dj, a, b: b * p - a * dj(q + p),
        move=lambda q, old, new, a: q + old,
    ),
    _step("no beta", "3b.volume", velocity=lambda q, p, dj, a, b: p - a * dj(q)),
    _step("old velocity", "3a.roundtrip", move=lambda q, old, new, a: q + old),
    _step("alpha in both lines", "3a.theta", move=lambda q, old, new, a: q + a * new),
    _inverse("gradient after the step", "3a.roundtrip", at=lambda before, after: after),
    _inverse("sign of the gradient", "3a.p", velocity=lambda q, p, dj, a, b: (p - a * dj(q)) / b),
    _inverse("p alone divided", "3a.p", velocity=lambda q, p, dj, a, b: p / b + a * dj(q)),
    _inverse("no division", "3a.p", velocity=lambda q, p, dj, a, b: p + a * dj(q)),
    _inverse("step not undone", "3a.theta", move=lambda q, p, a: q),
    _inverse("alpha in theta", "3a.theta", move=lambda q, p, a: q - a * p),
)

NOTHING_KEPT = _fixed_point(
    "nothing kept", down=lambda p, u, n, d: (p * n // d, u), up=lambda p, u, n, d: (p * d // n, u)
)

FIXED_POINT = (
    NOTHING_KEPT,
    _fixed_point("buffer not read", up=lambda p, u, n, d: (p * d // n, u)),
    _fixed_point("buffer of 64 bits", down=lambda p, u, n, d: down(p, u % 2**64, n, d)),
    _fixed_point("gradient after the fixed-point step", at=lambda before, after: after),
    _fixed_point("scaled down on the way back too", up=down),
    # The last two come back bit for bit, but remember too much: log2 d bits a step, and 64.
    _fixed_point(
        "nothing given out",
        down=lambda p, u, n, d: (p // d * n, u * d + p % d),
        up=lambda p, u, n, d: (p // n * d + u % d, u // d),
    ),
    _fixed_point(
        "every velocity stored",
        down=lambda p, u, n, d: (p * n // d, (u << 64) + p + 2**63),
        up=lambda p, u, n, d: (u % 2**64 - 2**63, u >> 64),
    ),
)

TWINS = {"1": LSTM, "2": (*MDRNN, *CONV), "3": (*MOMENTUM, *FIXED_POINT)}
