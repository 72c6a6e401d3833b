"""Question 3, vectorised."""


def momentum_step(theta, p, gradient, alpha, beta):
    new_p = beta * p - alpha * gradient(theta)
    return theta + new_p, new_p


def momentum_inverse(theta, p, gradient, alpha, beta):
    old_theta = theta - p
    return old_theta, (p + alpha * gradient(old_theta)) / beta
