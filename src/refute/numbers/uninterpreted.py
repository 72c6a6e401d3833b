"""Uninterpreted gradients: a function known only by this, that equal arguments have equal values and that its
derivative is a symmetric matrix. What holds for it holds for the gradient of any twice differentiable function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refute.memory import Recent
from refute.numbers.duals import Dual
from refute.numbers.scalar import OutsideClass, Scalar

Draw = Callable[..., Any]
MOST_POINTS = 1000  # at which values are kept


class UninterpretedGradient:
    """A callable on arrays of shape (D,), for formal scalars: fresh values and a fresh symmetric Hessian at each new
    point."""

    def __init__(self, name: str, dimension: int, draw: Draw) -> None:
        self.name, self.dimension, self._draw = name, dimension, draw
        self._known: Recent[tuple[Any, ...], tuple[Any, Any]] = Recent(MOST_POINTS)

    def __call__(self, theta: Any) -> Any:
        _check_shape(theta, self.dimension)
        value, hessian = self._at(theta)
        return _push_forward(theta, value, hessian)

    def hessian(self, theta: Any) -> Any:
        """The symmetric derivative matrix at a point, shape (D, D)."""
        _check_shape(theta, self.dimension)
        return self._at(theta)[1]

    def _at(self, theta: Any) -> tuple[Any, Any]:
        key = tuple(e.formal_key() if isinstance(e, Scalar) else e for e in theta)
        if key not in self._known:
            point = ", ".join(map(str, key))  # so that a value depends on the point alone, not on what was asked before
            value = self._draw(f"{self.name}({point})", self.dimension)
            hessian = symmetric(self._draw(f"H({point})", self.dimension, self.dimension))
            self._known[key] = value, hessian
        return self._known[key]


class CubicGradient:
    """The gradient of ``g theta + theta H theta / 2 + q theta^3 / 3`` with H symmetric: the concrete function that
    counterexamples use. Its Hessian differs from point to point."""

    def __init__(self, name: str, dimension: int, draw: Draw) -> None:
        self.name, self.dimension = name, dimension
        self._offset = draw("g", dimension)
        self._matrix = symmetric(draw("H", dimension, dimension))
        self._cubic = draw("q", dimension)

    def __call__(self, theta: Any) -> Any:
        _check_shape(theta, self.dimension)
        return self._matrix @ theta + self._offset + self._cubic * theta * theta

    def hessian(self, theta: Any) -> Any:
        """The symmetric derivative matrix at a point, shape (D, D)."""
        _check_shape(theta, self.dimension)
        return self._matrix + np.diag(2 * self._cubic * theta)


def _check_shape(theta: Any, dimension: int) -> None:
    if np.shape(theta) != (dimension,):
        raise ValueError(f"expected a gradient at a vector with {dimension} entries, got shape {np.shape(theta)}")


def symmetric(matrix: Any) -> Any:
    """The symmetric matrix with the same upper triangle."""
    return np.triu(matrix) + np.triu(matrix, 1).T


def _push_forward(theta: Any, value: Any, hessian: Any) -> Any:
    if not any(isinstance(entry, Dual) for entry in theta):
        return value
    if any(isinstance(entry, Dual) and isinstance(entry.value, Dual) for entry in theta):
        raise OutsideClass("an uninterpreted gradient has no third derivatives, which nested duals ask for")
    result = np.empty(len(value), dtype=object)
    for i, row in enumerate(hessian):
        partials: dict[Any, Any] = {}
        for slope, entry in zip(row, theta, strict=True):
            for direction, v in entry.partials.items() if isinstance(entry, Dual) else ():
                partials[direction] = partials.get(direction, 0) + slope * v
        result[i] = Dual(value[i], partials, next(e.level for e in theta if isinstance(e, Dual)))
    return result
