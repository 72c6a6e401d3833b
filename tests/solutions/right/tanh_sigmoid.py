"""Question 1, the sigmoid by tanh, matrices of gates, float dtypes asked for, only the forward pass."""

import numpy as np


def sig(z):
    return 0.5 * (np.tanh(0.5 * z) + 1.0)


def lstm_forward(x, h_0, c_0, weights):
    x = np.asarray(x, dtype=np.float64)
    T = x.shape[0]
    W = np.array([[weights["w_" + gate + "x"], weights["w_" + gate + "h"]] for gate in "ifog"], dtype=float)
    A = np.zeros((T, 4), dtype=np.float64)
    C = np.full(T + 1, 0.0)
    H = np.ones(T + 1)
    H[0], C[0] = h_0, c_0
    for t in range(T):
        z = W.dot(np.array([x[t], H[t]]))
        A[t, :3] = sig(z[:3])
        A[t, 3] = np.tanh(z[3])
        C[t + 1] = A[t, 1] * C[t]
        C[t + 1] += A[t, 0] * A[t, 3]
        H[t + 1] = A[t, 2] * np.tanh(C[t + 1])
    return dict(i=A[:, 0], f=A[:, 1], o=A[:, 2], g=A[:, 3], c=C[1:].copy(), h=H[1:].copy())
