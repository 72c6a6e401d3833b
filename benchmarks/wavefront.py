"""How much faster is an MDRNN by anti-diagonals than square by square? Run: python benchmarks/wavefront.py"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

sys.path.insert(
    0, str(Path(__file__).resolve().parents[1])
)  # impl/ is a folder of the checkout, not an installed package

from impl.mdrnn import mdrnn_forward, mdrnn_wavefront

GRIDS, D, H, RUNS = (16, 32, 64), 16, 16, 9


def median_seconds(run: Callable[..., Any], *arguments: Any) -> float:
    """The median time of several runs, after one that warms up."""
    run(*arguments)
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        run(*arguments)
        times.append(perf_counter() - start)
    return median(times)


def main() -> None:
    """Print a row for each size of grid. Source of the claim: question 2, second part."""
    random = np.random.default_rng(0)
    print(f"{'G':>4}{'D':>4}{'H':>4}{'raster ms':>12}{'wavefront ms':>14}{'ratio':>8}")
    for g in GRIDS:
        shapes = (g, g, D), (D, H), (H, H), (H, H)
        arguments = [random.normal(size=shape) / 4 for shape in shapes]
        raster, wavefront = (1000 * median_seconds(run, *arguments) for run in (mdrnn_forward, mdrnn_wavefront))
        print(f"{g:>4}{D:>4}{H:>4}{raster:>12.2f}{wavefront:>14.2f}{raster / wavefront:>8.1f}")


if __name__ == "__main__":
    main()
