"""Question 3 entry by entry, on copies changed in place."""

import numpy as np


def momentum_step(theta, p, gradient, alpha, beta):
    theta, p = theta.copy(), p.copy()
    grad = gradient(theta)
    for d in range(len(theta)):
        p[d] *= beta
        p[d] -= alpha * grad[d]
    theta += p
    return theta, p


def momentum_inverse(theta, p, gradient, alpha, beta):
    D = theta.size
    before = np.empty(D)
    velocity = np.zeros(shape=(D,))
    for d in range(D):
        before[d] = theta[d] - p[d]
    g = np.asarray(gradient(before))
    for d in range(D):
        velocity[d] = 1 / beta * (p[d] + alpha * g[d])
    return [before, velocity]
