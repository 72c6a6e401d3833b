"""Question 2 by loops over squares; the border is skipped."""

import numpy as np


def mdrnn_forward(x, W_in, W_W, W_N, phi=np.tanh):
    rows, cols, _ = x.shape
    H = W_in.shape[1]
    h = np.zeros((rows, cols, H))
    for i in range(rows):
        for j in range(cols):
            z = W_in.T @ x[i, j]
            if i > 0:
                z = z + W_W.T @ h[i - 1, j]
            if j > 0:
                z = z + W_N.T @ h[i, j - 1]
            h[i, j] = phi(z)
    return h
