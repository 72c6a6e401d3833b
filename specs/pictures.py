"""Pictures of what the code does, for those who answered: what it teaches is seen, and what is asked is not told.

Each is a function of an implementation, which is run, and of whether the answer was right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refute.numbers.traces import Trace, Traces
from refute.pictures import Picture, Point, Polygon, Window

GRID = 5
FIRST_STEPS = 3  # whose squares are numbered before the question is answered

ALPHA, BETA = 0.5, 0.8
STEPS = 3
SIDE = 60  # points on each side of a patch
CORNER, LENGTH = (0.3, 0.9), 0.8  # of the first patch, in (theta, p)
GRADIENTS: dict[str, Callable[[Any], Any]] = {
    "J(θ) = θ²/2": lambda theta: theta,
    "J(θ) = log cosh 2θ": lambda theta: 2 * np.tanh(2 * theta),
}


def wavefront_steps(implementation: Any, side: int) -> Any:
    """The number of the step in which the wavefront computes each square, as observed: shape (side, side)."""
    traces, steps = Traces(), iter(range(1, side * side + 1))
    step_of: dict[int, int] = {}

    def phi(z: Any) -> Any:
        step, hidden = next(steps), np.tanh(z)
        step_of.update((id(node), step) for node in hidden.flat)
        kept.append(hidden)  # an id is a node's own only while the node lives
        return hidden

    kept: list[Any] = []
    x, weight = np.empty((side, side, 1), dtype=object), np.array([[traces.variable("W")]], dtype=object)
    for square in np.ndindex(x.shape):
        x[square] = Trace((), "x")
    hidden = implementation.mdrnn_wavefront(x, weight, weight, weight, phi=phi)
    return np.array([[step_of[id(node)] for node in row] for row in hidden[:, :, 0]])


def wavefront(implementation: Any, is_right: bool) -> tuple[Picture, ...]:
    """The grid with its step numbers; only the first of them before the question is answered."""
    steps = wavefront_steps(implementation, GRID)
    last = int(steps.max()) if is_right else FIRST_STEPS
    squares = tuple(_square(i, j, int(steps[i, j]), last) for i, j in np.ndindex(steps.shape))
    if is_right:
        title = f"The wavefront on a {GRID} by {GRID} grid"
        lesson = f"The squares of a diagonal are computed at once; the last one is done in step {last}."
    else:
        title = f"The first {FIRST_STEPS} steps on a {GRID} by {GRID} grid"
        lesson = "Squares with the same number are computed at once. Go on: when is the one at the lower right done?"
    rows = "; ".join(
        " ".join(square.label or "·" for square in squares[GRID * i : GRID * (i + 1)]) for i in range(GRID)
    )
    described = f"The number of the step in which each square is computed, row by row: {rows}."
    return (Picture(title, described, Window(0, GRID, -GRID, 0), squares, is_to_scale=True, lesson=lesson),)


def _square(i: int, j: int, step: int, last: int) -> Polygon:
    corners = tuple((j + dx, -i - dy) for dx, dy in ((0.04, 0.04), (0.96, 0.04), (0.96, 0.96), (0.04, 0.96)))
    is_shown = step <= last
    return Polygon(corners, str(step) if is_shown else "", 0.5 * step / (2 * GRID) if is_shown else 0.0)


def patches(implementation: Any, gradient: Callable[[Any], Any]) -> list[list[Point]]:
    """The outline of a square patch of states (theta, p), each of one parameter, before and after each step."""
    side = np.linspace(0, LENGTH, SIDE, endpoint=False)
    zero, full = np.zeros(SIDE), np.full(SIDE, LENGTH)
    theta = CORNER[0] + np.concatenate([side, full, LENGTH - side, zero])
    p = CORNER[1] + np.concatenate([zero, side, full, LENGTH - side])
    outlines = [(theta, p)]
    for _ in range(STEPS):
        theta, p = implementation.momentum_step(theta, p, gradient, ALPHA, BETA)
        outlines.append((theta, p))
    return [[(float(x), float(y)) for x, y in zip(*outline, strict=True)] for outline in outlines]


def area(outline: list[Point]) -> float:
    """The area inside a polygon. Source: the shoelace formula."""
    pairs = zip(outline, [*outline[1:], outline[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) / 2


def phase_space(implementation: Any, is_right: bool) -> tuple[Picture, ...]:
    """A patch of phase space under steps of momentum, for each J. What the areas have to do with beta is said only to
    those who found it."""
    return tuple(_patches(implementation, name, gradient, is_right) for name, gradient in GRADIENTS.items())


def _patches(implementation: Any, name: str, gradient: Callable[[Any], Any], is_right: bool) -> Picture:
    outlines = patches(implementation, gradient)
    first = area(outlines[0])
    shares = [area(outline) / first for outline in outlines]
    polygons = tuple(
        Polygon(tuple(outline), f"{share:.3g}", 0.15 + 0.1 * k)
        for k, (outline, share) in enumerate(zip(outlines, shares, strict=True))
    )
    thetas, ps = ([point[i] for outline in outlines for point in outline] for i in (0, 1))
    window = Window(min(thetas) - 0.1, max(thetas) + 0.1, min(ps) - 0.1, max(ps) + 0.1)
    told = ", ".join(f"{share:.3g}" for share in shares)
    lesson = f"Each step multiplies the area by β = {BETA}." if is_right else "Compare the areas for both J."
    return Picture(
        f"A patch of states under {STEPS} steps, {name}",
        f"One parameter, α = {ALPHA}, β = {BETA}. The area of the patch, as a share of the first: {told}.",
        window,
        polygons,
        axes=("θ", "p"),
        is_to_scale=True,
        lesson=lesson,
    )
