"""Question 3 with a cast to floats."""

import numpy as np


def momentum_step(theta, p, gradient, alpha, beta):
    theta = theta.astype(np.float64)
    p = beta * p - alpha * gradient(theta)
    return theta + p, p


def momentum_inverse(theta, p, gradient, alpha, beta):
    before = (theta - p).astype(float)
    return before, (p + alpha * gradient(before)) / float(beta)
