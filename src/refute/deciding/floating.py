"""Judging an implementation in the floats it will really run in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from refute.claims import Claim, Sighting
from refute.deciding.bench import Bench, Case, Show, name_of, where_met
from refute.deciding.counterexample import function_place
from refute.deciding.meeting import Meeting, balls_of, meetings
from refute.deciding.verdict import Counterexample
from refute.errors import ProjectError
from refute.numbers.balls import Balls
from refute.numbers.floats import FORMATS, Floats, Format, format_of, is_explained_by_rounding, radii_off
from refute.numbers.scalar import UndecidedSign, Unmet

SCALES = {"moderate": 0, "saturated": 5, "extreme": 10}  # powers of two that inputs are multiplied by; and a tiny one
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
    """Run the implementation in the floats it is made for, in four regimes, and hold its own results against balls at
    their precision.

    One that runs in floats alone needs a `stand_in` to run in balls. Returns how many results that the claim is about
    were judged, and the first that is further off than rounding can explain; with `finite` only an infinity or NaN is.
    """
    judged = 0
    for case in float_cases(claim, seed, dtype_of(implementation)):
        judge = partial(_judge_case, claim, implementation, bench, stand_in, finite=finite)
        try:
            count, failure = where_met(case, judge)
        except Unmet:
            continue
        judged += count
        if failure is not None:
            return judged, failure
    return judged, None


def dtype_of(implementation: Any) -> str:
    """The name of the format that an implementation says it computes in; binary64 if it says none. Raises ProjectError
    for another name than those of `FORMATS`."""
    dtype = getattr(implementation, "DTYPE", "float64")
    if dtype not in FORMATS:
        raise ProjectError(
            f"{name_of(implementation)} has a DTYPE that is none", expected=f"one of {', '.join(FORMATS)}",
            got=repr(dtype), example='DTYPE = "float32"',
        )  # fmt: skip
    return str(dtype)


def float_cases(claim: Claim, seed: int, dtype: str = "float64") -> Iterator[Case]:
    """The cases at which a claim is judged in floats: several in each regime."""
    for scale in (*SCALES.values(), FORMATS[dtype].tiny):
        for sample in range(SAMPLES):
            yield Case(claim.typical_sizes, seed=f"{seed}/float/{sample}", scale=scale)


def _judge_case(
    claim: Claim, implementation: Any, bench: Bench, stand_in: Any, case: Case, *, finite: bool
) -> tuple[int, Counterexample | None]:
    try:
        floats = _in_floats(claim, implementation, bench, case)
        form = _narrowest(claim, floats)
        in_balls = implementation if stand_in is None else stand_in
        balls = bench.shared(claim, in_balls, case, ("balls", form.precision), lambda: Balls(form.precision))
    except Unmet:
        raise
    except (UndecidedSign, ZeroDivisionError):
        return 0, None  # so few bits cannot even follow the code's branches here, so they cannot judge it
    with np.errstate(all="ignore"):
        pairs = list(zip(meetings(claim, balls), meetings(claim, floats), strict=True))
    judged, concerned = 0, _concerned(claim, floats)
    for expected, result in pairs:
        if result.seen.seen not in claim.functions or not floats.is_own(result.seen):
            continue
        ball = balls_of(expected, balls)[0]
        explained = is_explained_by_rounding(result.observed, ball, form)
        judged += explained is not None and result.seen.seen in concerned
        if explained is False and not (finite and np.isfinite(result.observed)):
            return judged, _describe(claim, implementation, balls, expected, result.observed, form)
    return judged, None


def _in_floats(claim: Claim, implementation: Any, bench: Bench, case: Case) -> Show:
    system = Floats(dtype_of(implementation))
    with np.errstate(all="ignore"):
        return bench.shared(claim, implementation, case, system.name, lambda: system)


def _narrowest(claim: Claim, floats: Show) -> Format:
    """The format that decides how close the results of a show can be: the one of its floats, or a narrower one in which
    the code gives something."""
    system: Floats = floats.system
    formats = [format_of(seen.value) for seen in floats.of(claim) if seen.seen in claim.functions]
    return min([system.form, *formats], key=lambda form: form.precision)


def _concerned(claim: Claim, floats: Show) -> set[str]:
    """The implementation's own functions that the claim is about: an agreement of another says nothing of it."""
    seen = (s for s in floats.seen if isinstance(s, Sighting) and s.claim == claim.id and floats.is_own(s))
    return {function for sighting in seen for function in sighting.seen.split()}


def _describe(
    claim: Claim,
    implementation: Any,
    balls: Show,
    expected: Meeting,
    result: Any,
    form: Format,
) -> Counterexample:
    ball = balls_of(expected, balls)[0]
    here = [claim.place, function_place(implementation, expected.seen.seen)]
    off = radii_off(result, ball, form)
    return Counterexample(
        case={label: str(float(value)) for label, value in balls.values.items()},
        formula=expected.formula,
        expected=ball.text(17),
        observed=f"{float(result)!r}, {off} times as far off as one careful evaluation could be",
        seen=f"{expected.place} in {form.name}",
        where="; ".join(p for p in here if p),
    )
