"""Question 1, forwards, one scalar at a time with the math module."""

import math

import numpy as np


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


def lstm_forward(x, h_0, c_0, weights):
    h, c = h_0, c_0
    steps = []
    for value in x:
        i, f, o = (sigmoid(weights[f"w_{k}x"] * value + weights[f"w_{k}h"] * h) for k in "ifo")
        g = math.tanh(weights["w_gx"] * value + weights["w_gh"] * h)
        c = f * c + i * g
        h = o * math.tanh(c)
        steps.append((i, f, o, g, c, h))
    return dict(zip("ifogch", np.array(steps).T))
