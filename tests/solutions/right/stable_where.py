"""Question 1, vectorised over the gates, with the branching sigmoid by np.where."""

import numpy as np

GATES = "ifog"


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def lstm_forward(x, h_0, c_0, weights):
    w_x = np.array([weights[f"w_{gate}x"] for gate in GATES])
    w_h = np.array([weights[f"w_{gate}h"] for gate in GATES])
    out = {name: np.empty(len(x)) for name in ("i", "f", "o", "g", "c", "h")}
    h, c = h_0, c_0
    for t, x_t in enumerate(x):
        z = w_x * x_t + w_h * h
        i, f, o = sigmoid(z[:3])
        g = np.tanh(z[3])
        c = f * c + i * g
        h = o * np.tanh(c)
        for name, value in zip(("i", "f", "o", "g", "c", "h"), (i, f, o, g, c, h)):
            out[name][t] = value
    return out


def lstm_backward(x, h_0, c_0, weights, h_direct):
    fwd = lstm_forward(x, h_0, c_0, weights)
    w_x = np.array([weights[f"w_{gate}x"] for gate in GATES])
    w_h = np.array([weights[f"w_{gate}h"] for gate in GATES])
    h_prev = np.hstack([h_0, fwd["h"][:-1]])
    c_prev = np.hstack([c_0, fwd["c"][:-1]])
    out = {name + "_bar": np.zeros_like(x) for name in ("h", "c", "g", "o", "f", "i", "x")}
    z_bars = np.zeros((len(x), 4))
    dh = dc = 0
    for t in reversed(range(len(x))):
        i, f, o, g = (fwd[gate][t] for gate in GATES)
        tanh_c = np.tanh(fwd["c"][t])
        dh = dh + h_direct[t]
        dc = dc + dh * o * (1 - tanh_c * tanh_c)
        bars = np.array([dc * g, dc * c_prev[t], dh * tanh_c, dc * i])
        slopes = np.array([i * (1 - i), f * (1 - f), o * (1 - o), 1 - g**2])
        z_bars[t] = bars * slopes
        out["h_bar"][t], out["c_bar"][t] = dh, dc
        out["i_bar"][t], out["f_bar"][t], out["o_bar"][t], out["g_bar"][t] = bars
        out["x_bar"][t] = np.dot(z_bars[t], w_x)
        dh = z_bars[t] @ w_h
        dc = dc * f
    for k, gate in enumerate(GATES):
        out[f"w_{gate}x_bar"] = np.dot(z_bars[:, k], x)
        out[f"w_{gate}h_bar"] = np.sum(z_bars[:, k] * h_prev)
    out["h_0_bar"], out["c_0_bar"] = dh, dc
    return out
