"""Question 1 as a class, with module functions that delegate to it; the sigmoid branches with if."""

import math

import numpy as np


def sigmoid(z):
    if z >= 0:
        return 1.0 / (1.0 + np.exp(-z))
    e = np.exp(z)
    return e / (1.0 + e)


class Gate:
    def __init__(self, w_x, w_h, activation, slope):
        self.w_x, self.w_h, self.activation, self.slope = w_x, w_h, activation, slope
        self.w_x_bar = 0.0
        self.w_h_bar = 0.0
        self.values = []

    def __call__(self, x, h):
        self.values.append(self.activation(self.w_x * x + self.w_h * h))
        return self.values[-1]

    def back(self, t, bar, x, h):
        z_bar = bar * self.slope(self.values[t])
        self.w_x_bar += z_bar * x
        self.w_h_bar += z_bar * h
        return z_bar * self.w_x, z_bar * self.w_h


class LSTM:
    def __init__(self, weights):
        self.gates = {
            k: Gate(weights[f"w_{k}x"], weights[f"w_{k}h"], np.tanh, lambda y: 1 - y * y)
            if k == "g"
            else Gate(weights[f"w_{k}x"], weights[f"w_{k}h"], sigmoid, lambda y: y * (1 - y))
            for k in "ifog"
        }

    def forward(self, x, h, c):
        self.x, self.h, self.c = x, [h], [c]
        for x_t in x:
            i, f, o, g = (self.gates[k](x_t, self.h[-1]) for k in "ifog")
            self.c.append(f * self.c[-1] + i * g)
            self.h.append(o * np.tanh(self.c[-1]))
        gates = {k: np.array(gate.values) for k, gate in self.gates.items()}
        return {**gates, "c": np.array(self.c[1:]), "h": np.array(self.h[1:])}

    def backward(self, h_direct):
        bars = {k + "_bar": [] for k in "hcgofix"}
        h_later, c_later = 0.0, 0.0
        for t in range(len(self.x) - 1, -1, -1):
            i, f, o, g = (self.gates[k].values[t] for k in "ifog")
            h_bar = h_direct[t] + h_later
            c_bar = c_later + h_bar * o / np.cosh(self.c[t + 1]) ** 2
            gate_bars = {"i": c_bar * g, "f": c_bar * self.c[t], "o": h_bar * np.tanh(self.c[t + 1]), "g": c_bar * i}
            back = [self.gates[k].back(t, bar, self.x[t], self.h[t]) for k, bar in gate_bars.items()]
            h_later = sum(dh for _, dh in back)
            c_later = c_bar * f
            for k, bar in {"h": h_bar, "c": c_bar, "x": sum(dx for dx, _ in back), **gate_bars}.items():
                bars[k + "_bar"].insert(0, bar)
        for k, gate in self.gates.items():
            bars[f"w_{k}x_bar"], bars[f"w_{k}h_bar"] = gate.w_x_bar, gate.w_h_bar
        return {**bars, "h_0_bar": h_later, "c_0_bar": c_later}


def lstm_forward(x, h_0, c_0, weights):
    return LSTM(weights).forward(x, h_0, c_0)


def lstm_backward(x, h_0, c_0, weights, h_direct):
    lstm = LSTM(weights)
    lstm.forward(x, h_0, c_0)
    return lstm.backward(h_direct)


assert math.isclose(float(sigmoid(0.0)), 0.5)
