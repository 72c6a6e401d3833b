"""A multidimensional RNN by wavefronts, in PyTorch (question 2). Needs the extra torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impl.extras import extra

with extra("torch"):
    import torch

Array = NDArray[Any]


def mdrnn_wavefront(
    x: Array,
    W_in: Array,
    W_W: Array,
    W_N: Array,
    phi: Callable[[Any], Any] = torch.tanh,
    *,
    dtype: Any = None,
    device: str = "cpu",
) -> Array:
    """The hidden vectors of all squares, shape (rows, columns, H), by anti-diagonals.

    `x` has shape (rows, columns, D), `W_in` (D, H), `W_W` and `W_N` (H, H); `phi` is applied to a tensor of shape
    (squares, H) once a step. Computed on the `device`, in torch's `dtype` or else that of `x`; bfloat16, which NumPy
    lacks, is returned as float32.
    """
    dtype = dtype or torch.from_numpy(np.asarray(x)).dtype
    grid, *weights = (torch.tensor(np.asarray(value), dtype=dtype, device=device) for value in (x, W_in, W_W, W_N))
    hidden = wavefront(grid, torch.cat(weights), phi).cpu()
    array: Array = (hidden.float() if hidden.dtype == torch.bfloat16 else hidden).numpy()
    return array


def wavefront(x: Any, weights: Any, phi: Callable[[Any], Any] = torch.tanh) -> Any:
    """The same on tensors: one product of matrices and one `phi` a step, rows + columns - 1 steps.

    `weights` are W_in, W_W and W_N, one below the other.
    """
    rows, columns, _ = x.shape
    width = weights.shape[1]
    hidden = x.new_empty(rows, columns, width)
    # Entry r + 1 is what row r computed last: north of the square due in row r, west of the one due in row r + 1.
    latest = x.new_zeros(rows + 1, width)
    i = torch.arange(rows, device=x.device)
    for s in range(rows + columns - 1):
        first, end = max(0, s - columns + 1), min(s + 1, rows)  # the rows with a square on this diagonal
        squares = i[first:end], s - i[first:end]
        h = phi(torch.cat([x[squares], latest[first:end], latest[first + 1 : end + 1]], dim=1) @ weights)
        latest[first + 1 : end + 1] = hidden[squares] = h
    return hidden
