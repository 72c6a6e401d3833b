"""A multidimensional RNN on a grid, in raster order and by wavefronts (question 2), and a conv net to compare it with.

Plain NumPy on any number system: where the docstrings say array, an object array of other scalars will do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Activation = Callable[[Any], Any]


def mdrnn_forward(x: Array, W_in: Array, W_W: Array, W_N: Array, phi: Activation = np.tanh) -> Array:
    """The hidden vectors ``h[i,j] = phi(W_in^T x[i,j] + W_W^T h[i-1,j] + W_N^T h[i,j-1])``, one square after the other.

    `x` has shape (rows, columns, D), at least one of each; `W_in` has shape (D, H), `W_W` and `W_N` have shape (H, H);
    `phi` is applied to one vector of shape (H,) at a time. Returns h of shape (rows, columns, H). A square without a
    west or north neighbour has no product for the missing one: on a G by G grid there are 3G^2 - 2G matrix-vector
    products. Raises ValueError when the shapes do not fit.

    Source: question 2, the equation given.
    """
    from_input, from_west, from_north = W_in.T, W_W.T, W_N.T
    rows: list[list[Array]] = []
    for x_row in x:
        row: list[Array] = []
        for j, x_square in enumerate(x_row):
            z = from_input @ x_square
            if rows:
                z = z + from_west @ rows[-1][j]
            if row:
                z = z + from_north @ row[-1]
            row.append(phi(z))
        rows.append(row)
    return np.stack([np.stack(row) for row in rows])


def mdrnn_wavefront(x: Array, W_in: Array, W_W: Array, W_N: Array, phi: Activation = np.tanh) -> Array:
    """The hidden vectors of `mdrnn_forward`, all squares of an anti-diagonal at once: rows + columns - 1 steps.

    The arguments and the result are those of `mdrnn_forward`, but `phi` is applied once a step, to an array of shape
    (squares, H). Neighbours beyond the border are vectors of zeros, and are multiplied: on a G by G grid the 3G^2
    matrix-vector products are done as 2G - 1 products of matrices. Raises ValueError when the shapes do not fit.

    Source: question 2, second part.
    """
    rows, columns, _ = x.shape
    i, j = np.indices((rows, columns)).reshape(2, -1)
    by_diagonal = np.argsort(i + j, kind="stable")  # within a diagonal the rows ascend
    diagonals = np.split(x.reshape(rows * columns, -1)[by_diagonal], np.cumsum(np.bincount(i + j))[:-1])
    weights = np.concatenate([W_in, W_W, W_N])
    # Entry r + 1 is what row r computed last: north of the square due in row r, west of the one due in row r + 1.
    latest = np.zeros_like(x, shape=(rows + 1, W_in.shape[1]))
    hidden = []
    for s, x_diagonal in enumerate(diagonals):
        first, end = max(0, s - columns + 1), min(s + 1, rows)  # the rows with a square on this diagonal
        west, north = latest[first:end], latest[first + 1 : end + 1]
        h = phi(np.concatenate([x_diagonal, west, north], axis=1) @ weights)
        latest = np.concatenate([latest[: first + 1], h, latest[end + 1 :]])
        hidden.append(h)
    return np.concatenate(hidden)[np.argsort(by_diagonal)].reshape(rows, columns, -1)


def conv_forward(x: Array, kernels: Sequence[Array], phi: Activation = np.tanh) -> Array:
    """A conv net without biases, each layer padded with zeros to the size of its input.

    `x` has shape (rows, columns, D); each kernel has shape (k, k, channels in, channels out) with k odd, the first with
    D channels in; `phi` is applied once a layer, to an array of shape (rows, columns, channels out). Returns that of
    the last layer. Raises ValueError when k is even or the shapes do not fit.

    Source: question 2, third part, which compares an MDRNN with it.
    """
    for kernel in kernels:
        k = kernel.shape[0]
        if k % 2 == 0:
            raise ValueError(f"expected kernels of odd width, got shape {kernel.shape}; for example (3, 3, 1, 8)")
        padded = np.pad(x, ((k // 2, k // 2), (k // 2, k // 2), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(0, 1))
        x = phi(np.tensordot(windows, kernel, axes=([3, 4, 2], [0, 1, 2])))
    return x
