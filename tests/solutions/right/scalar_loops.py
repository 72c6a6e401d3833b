"""Question 1 with scalar loops over arrays of zeros."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_forward(x, h_0, c_0, weights):
    T = len(x)
    i = np.zeros(T)
    f = np.zeros(T)
    o = np.zeros(T)
    g = np.zeros(T)
    c = np.zeros(T + 1)
    h = np.zeros(T + 1)
    h[0] = h_0
    c[0] = c_0
    for t in range(T):
        i[t] = sigmoid(weights["w_ix"] * x[t] + weights["w_ih"] * h[t])
        f[t] = sigmoid(weights["w_fx"] * x[t] + weights["w_fh"] * h[t])
        o[t] = sigmoid(weights["w_ox"] * x[t] + weights["w_oh"] * h[t])
        g[t] = np.tanh(weights["w_gx"] * x[t] + weights["w_gh"] * h[t])
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
        h[t + 1] = o[t] * np.tanh(c[t + 1])
    return {"i": i, "f": f, "o": o, "g": g, "c": c[1:], "h": h[1:]}


def lstm_backward(x, h_0, c_0, weights, h_direct):
    T = len(x)
    cache = lstm_forward(x, h_0, c_0, weights)
    i, f, o, g = cache["i"], cache["f"], cache["o"], cache["g"]
    h = np.concatenate([[h_0], cache["h"]])
    c = np.concatenate([[c_0], cache["c"]])
    h_bar = np.zeros(T)
    c_bar = np.zeros(T)
    i_bar, f_bar, o_bar, g_bar = np.zeros(T), np.zeros(T), np.zeros(T), np.zeros(T)
    x_bar = np.zeros(T)
    grads = {name + "_bar": 0.0 for name in weights}
    dh_next = 0.0
    dc_next = 0.0
    for t in range(T - 1, -1, -1):
        h_bar[t] = h_direct[t] + dh_next
        o_bar[t] = h_bar[t] * np.tanh(c[t + 1])
        c_bar[t] = dc_next + h_bar[t] * o[t] * (1 - np.tanh(c[t + 1]) ** 2)
        i_bar[t] = c_bar[t] * g[t]
        f_bar[t] = c_bar[t] * c[t]
        g_bar[t] = c_bar[t] * i[t]
        di = i_bar[t] * i[t] * (1 - i[t])
        df = f_bar[t] * f[t] * (1 - f[t])
        do = o_bar[t] * o[t] * (1 - o[t])
        dg = g_bar[t] * (1 - g[t] ** 2)
        grads["w_ix_bar"] += di * x[t]
        grads["w_ih_bar"] += di * h[t]
        grads["w_fx_bar"] += df * x[t]
        grads["w_fh_bar"] += df * h[t]
        grads["w_ox_bar"] += do * x[t]
        grads["w_oh_bar"] += do * h[t]
        grads["w_gx_bar"] += dg * x[t]
        grads["w_gh_bar"] += dg * h[t]
        w = weights
        dh_next = di * w["w_ih"] + df * w["w_fh"] + do * w["w_oh"] + dg * w["w_gh"]
        x_bar[t] = di * w["w_ix"] + df * w["w_fx"] + do * w["w_ox"] + dg * w["w_gx"]
        dc_next = c_bar[t] * f[t]
    return {
        "h_bar": h_bar,
        "c_bar": c_bar,
        "g_bar": g_bar,
        "o_bar": o_bar,
        "f_bar": f_bar,
        "i_bar": i_bar,
        "x_bar": x_bar,
        "h_0_bar": dh_next,
        "c_0_bar": dc_next,
        **grads,
    }
