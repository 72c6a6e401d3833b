"""A multidimensional RNN by wavefronts, in PyTorch (question 2). Needs the extra torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from impl.extras import extra
from impl.torch_arrays import to_numpy, to_tensor

with extra("torch"):
    import torch

Array = NDArray[Any]
Activation = Callable[[Any], Any]


def mdrnn_wavefront(
    x: Array,
    W_in: Array,
    W_W: Array,
    W_N: Array,
    phi: Activation | None = None,
    *,
    dtype: Any = None,
    device: str = "cpu",
) -> Array:
    """The hidden vectors of all squares, shape (rows, columns, H), by anti-diagonals.

    `x` has shape (rows, columns, D), `W_in` (D, H), `W_W` and `W_N` (H, H); `phi`, torch's tanh unless another is
    given, is applied to an array of shape (squares, H) once a step. Computed on the `device`, in torch's `dtype` or
    else that of `x`.
    """
    grid, *weights = (to_tensor(value, dtype, device) for value in (x, W_in, W_W, W_N))
    activation = torch.tanh if phi is None else _on_tensors(phi)
    return to_numpy(wavefront(grid, torch.cat(weights), activation))


def _on_tensors(phi: Activation) -> Activation:
    return lambda z: z.new_tensor(phi(to_numpy(z)))


def wavefront(x: Any, weights: Any, phi: Activation = torch.tanh) -> Any:
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
