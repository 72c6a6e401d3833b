"""Question 3, the step alone, as an object with a __call__."""

import numpy as np


class Momentum:
    def __call__(self, theta, p, gradient, alpha, beta):
        state = np.concatenate([theta, p]).reshape(2, -1)
        drive = np.outer(np.array([0, -1]) * alpha, gradient(state[0]))
        state[1] = beta * state[1] + drive[1]
        state[0] = state.sum(axis=0)
        return state[0], state[1]


momentum_step = Momentum()
