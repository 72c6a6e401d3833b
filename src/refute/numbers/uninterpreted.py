"""Uninterpreted gradients: a function known only by this, that equal arguments have equal values and that its
derivative is a symmetric matrix. What holds for it holds for the gradient of any twice differentiable function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refute.numbers.duals import Dual
from refute.numbers.pairs import Pair
from refute.numbers.residues import Residue
from refute.numbers.symbols import Symbol

Draw = Callable[..., Any]


class UninterpretedGradient:
    """A callable on arrays of shape (D,), for formal scalars: fresh values and a fresh symmetric Hessian at each new
    point."""

    def __init__(self, name: str, dimension: int, draw: Draw) -> None:
        self.name, self.dimension, self._draw = name, dimension, draw
        self._known: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def __call__(self, theta: Any) -> Any:
        value, hessian = self._at(theta)
        return _push_forward(theta, value, hessian)

    def hessian(self, theta: Any) -> Any:
        """The symmetric derivative matrix at a point, shape (D, D)."""
        return self._at(theta)[1]

    def _at(self, theta: Any) -> tuple[Any, Any]:
        key = tuple(_formal_key(entry) for entry in theta)
        if key not in self._known:
            point = len(self._known) + 1
            value = self._draw(f"{self.name}_{point}", self.dimension)
            self._known[key] = value, symmetric(self._draw(f"H_{point}", self.dimension, self.dimension))
        return self._known[key]


class AffineGradient:
    """The gradient of a quadratic, ``g + H theta`` with H symmetric: the concrete function that counterexamples use."""

    def __init__(self, name: str, dimension: int, draw: Draw) -> None:
        self.name, self.dimension = name, dimension
        self._offset = draw("g", dimension)
        self._hessian = symmetric(draw("H", dimension, dimension))

    def __call__(self, theta: Any) -> Any:
        return self._hessian @ theta + self._offset

    def hessian(self, theta: Any) -> Any:
        """The matrix H, whatever the point."""
        return self._hessian


def symmetric(matrix: Any) -> Any:
    """The symmetric matrix with the same upper triangle."""
    return np.triu(matrix) + np.triu(matrix, 1).T


def _push_forward(theta: Any, value: Any, hessian: Any) -> Any:
    if not any(isinstance(entry, Dual) for entry in theta):
        return value
    result = np.empty(len(value), dtype=object)
    for i, row in enumerate(hessian):
        partials: dict[Any, Any] = {}
        for slope, entry in zip(row, theta, strict=True):
            for direction, v in entry.partials.items() if isinstance(entry, Dual) else ():
                partials[direction] = partials.get(direction, 0) + slope * v
        result[i] = Dual(value[i], partials, next(e.level for e in theta if isinstance(e, Dual)))
    return result


def _formal_key(entry: Any) -> Any:
    while isinstance(entry, Dual):
        entry = entry.value
    if isinstance(entry, Pair):
        entry = entry.residue
    if isinstance(entry, Residue):
        return int(entry.element)
    if isinstance(entry, Symbol):
        return entry.expr.expand()
    return entry
