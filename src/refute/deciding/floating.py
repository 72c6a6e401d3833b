"""Judging an implementation in the floats it will really run in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from refute.claims import Claim
from refute.deciding.bench import Bench, Case, Show
from refute.deciding.counterexample import function_place
from refute.deciding.meeting import Meeting, balls_of, meetings
from refute.deciding.verdict import Counterexample
from refute.numbers.balls import Balls
from refute.numbers.floats import Floats, is_explained_by_rounding, radii_off
from refute.numbers.scalar import UndecidedSign

SCALES = {"moderate": 0, "saturated": 5, "extreme": 10, "tiny": -200}  # powers of two that inputs are multiplied by
SAMPLES = 4  # cases in each regime


def has_own_results(claim: Claim, implementation: Any, bench: Bench) -> bool:
    """Whether the claim's scene shows results of the implementation's own functions, not only what is derived from
    them."""
    case = Case(claim.typical_sizes, seed="refute/0")
    show = bench.shared(claim, implementation, case, ("balls", 128), lambda: Balls(128))
    return any(seen.seen in claim.functions for seen in show.of(claim))


def judge_floats(
    claim: Claim, implementation: Any, bench: Bench, seed: int, stand_in: Any = None, *, finite: bool = False
) -> tuple[int, Counterexample | None]:
    """Run the implementation in binary64, in four regimes, and hold its own results against balls at 53 bits.

    One that runs in floats alone needs a `stand_in` to run in balls. Returns how many results were judged, and the
    first that is further off than rounding can explain; with `finite` only an infinity or NaN is.
    """
    judged = 0
    for case in float_cases(claim, seed):
        count, failure = _judge_case(claim, implementation, bench, case, stand_in, finite=finite)
        judged += count
        if failure is not None:
            return judged, failure
    return judged, None


def float_cases(claim: Claim, seed: int) -> Iterator[Case]:
    """The cases at which a claim is judged in floats: several in each regime."""
    for scale in SCALES.values():
        for sample in range(SAMPLES):
            yield Case(claim.typical_sizes, seed=f"{seed}/float/{sample}", scale=scale)


def _judge_case(
    claim: Claim, implementation: Any, bench: Bench, case: Case, stand_in: Any, *, finite: bool
) -> tuple[int, Counterexample | None]:
    system = Floats()
    try:
        in_balls = implementation if stand_in is None else stand_in
        balls = bench.shared(claim, in_balls, case, ("balls", 53), lambda: Balls(53))
    except (UndecidedSign, ZeroDivisionError):
        return 0, None  # 53 bits cannot even follow the code's branches here, so they cannot judge it
    with np.errstate(all="ignore"):
        floats = bench.shared(claim, implementation, case, system.name, lambda: system)
        pairs = list(zip(meetings(claim, balls), meetings(claim, floats), strict=True))
    judged = 0
    for expected, result in pairs:
        if result.seen.seen not in claim.functions:
            continue
        ball = balls_of(expected, balls)[0]
        explained = is_explained_by_rounding(result.observed, ball)
        judged += explained is not None
        if explained is False and not (finite and np.isfinite(result.observed)):
            return judged, _describe(claim, implementation, balls, expected, result.observed)
    return judged, None


def _describe(
    claim: Claim,
    implementation: Any,
    balls: Show,
    expected: Meeting,
    result: Any,
) -> Counterexample:
    ball = balls_of(expected, balls)[0]
    here = [claim.place, function_place(implementation, expected.seen.seen)]
    return Counterexample(
        case={label: str(float(value)) for label, value in balls.values.items()},
        formula=expected.formula,
        expected=ball.text(17),
        observed=f"{float(result)!r}, {radii_off(result, ball)} times as far off as one careful evaluation could be",
        seen=f"{expected.place} in binary64",
        where="; ".join(p for p in here if p),
    )
