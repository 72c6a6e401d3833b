"""The LSTM cell of PyTorch, ``torch.nn.LSTMCell``, step by step, and its gradient by autograd (question 1). Needs the
extra torch.

It offers what such a cell gives away: its hidden and cell states and their adjoints, and the gradients of its inputs,
first states and weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from impl.extras import extra
from impl.torch_arrays import to_numpy
from impl.torch_lstm import by_name, tensors

with extra("torch"):
    import torch

Array = NDArray[Any]
Value = Any  # a NumPy scalar

_CELL = torch.nn.LSTMCell(1, 1, bias=False, device="meta")  # its own weights have no values: each call brings its own


def lstm_forward(
    x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], *, dtype: Any = None
) -> dict[str, Array]:
    """The states "h" and "c" of all steps, shape (T,), of one sequence `x` of shape (T,).

    `weights` maps "w_ix" to "w_gh" to scalars. Computed in torch's `dtype` or else that of `x`.
    """
    with torch.no_grad():
        h, c = _states(*tensors(x, h_0, c_0, weights, dtype, "cpu"))
        return {"h": to_numpy(torch.stack(h)[:, 0, 0]), "c": to_numpy(torch.stack(c)[:, 0, 0])}


def lstm_backward(
    x: Array, h_0: Value, c_0: Value, weights: Mapping[str, Value], h_direct: Array, *, dtype: Any = None
) -> dict[str, Value]:
    """The derivatives of a loss whose own derivative by each hidden state is `h_direct`, of shape (T,).

    The other arguments are those of `lstm_forward`. Returns "h_bar", "c_bar" and "x_bar" of shape (T,), and "h_0_bar",
    "c_0_bar" and "w_ix_bar" to "w_gh_bar" of shape ().
    """
    leaves = tensors(x, h_0, c_0, weights, dtype, "cpu")
    h, c = _states(*leaves)
    # On the CPU a cell is made of separate operations, so that what reaches c through h counts as c's.
    bars = torch.autograd.grad(h, [*h, *c, *leaves], [h[0].new_full((1, 1), float(bar)) for bar in h_direct])
    h_bar, c_bar = torch.stack(bars[: len(h)])[:, 0, 0], torch.stack(bars[len(h) : 2 * len(h)])[:, 0, 0]
    return {"h_bar": to_numpy(h_bar), "c_bar": to_numpy(c_bar), **by_name(*bars[2 * len(h) :])}


def _states(x: Any, h_0: Any, c_0: Any, read_x: Any, read_h: Any) -> tuple[list[Any], list[Any]]:
    h, c = [h_0.reshape(1, 1)], [c_0.reshape(1, 1)]
    for x_t in x:
        state = (x_t.reshape(1, 1), (h[-1], c[-1]))
        h_t, c_t = torch.func.functional_call(_CELL, {"weight_ih": read_x, "weight_hh": read_h}, state)
        h.append(h_t)
        c.append(c_t)
    return h[1:], c[1:]
