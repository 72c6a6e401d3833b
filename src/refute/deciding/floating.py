"""Judging an implementation in the floats it will really run in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from refute.claims import Claim, Seen, Sighting
from refute.deciding.bench import Bench, Case, Show, name_of, where_met
from refute.deciding.counterexample import function_place
from refute.deciding.meeting import Meeting, ball_of, concerning, expectations, side_by_side
from refute.deciding.verdict import Counterexample
from refute.errors import ProjectError
from refute.numbers.balls import Ball, Balls
from refute.numbers.floats import FORMATS, Floats, Format, format_of, is_explained_by_rounding, radii_off
from refute.numbers.scalar import UndecidedSign, Unmet

SCALES = {"moderate": 0, "saturated": 5, "extreme": 10}  # powers of two that inputs are multiplied by; and a tiny one
SAMPLES = 4  # cases in each regime


class Expected:
    """What claims' formulas give in balls, beside the results of an implementation that runs in them. What was computed
    once is kept."""

    def __init__(self, implementation: Any, bench: Bench) -> None:
        self._implementation, self._bench = implementation, bench
        self._known: dict[Any, tuple[Show, list[tuple[Seen, str, Any]]] | None] = {}

    def at(self, claim: Claim, case: Case, precision: int) -> tuple[Show, list[tuple[Seen, str, Any]]] | None:
        """The show of a case in balls, and the claim's `expectations`. None where so few bits cannot even follow the
        code's branches, so that they cannot judge it."""
        place = (claim.id, tuple(case.sizes.items()), case.seed, case.scale, precision)
        if place not in self._known:
            try:
                show = self._show(claim, case, precision)
                self._known[place] = show, list(expectations(claim, show))
            except Unmet:
                raise
            except (UndecidedSign, ZeroDivisionError):
                self._known[place] = None
        return self._known[place]

    def _show(self, claim: Claim, case: Case, precision: int) -> Show:
        make = partial(Balls, precision)
        return self._bench.shared(claim, self._implementation, case, ("balls", precision), make)

    def has_own_results(self, claim: Claim) -> bool:
        """Whether the claim's scene shows results of the implementation's own functions, not only what is derived from
        them."""
        show = self._show(claim, Case(claim.typical_sizes, seed="refute/0"), 128)
        return any(seen.seen in claim.functions for seen in show.of(claim))


def judge_floats(
    claim: Claim,
    implementation: Any,
    bench: Bench,
    seed: int,
    expected: Expected,
    *,
    finite: bool = False,
) -> tuple[int, Counterexample | None]:
    """Run the implementation in the floats it is made for, in four regimes, and hold its own results against what is
    expected in balls at their precision.

    Returns how many results that the claim is about were judged, and the first that is further off than rounding can
    explain; with `finite` only an infinity or NaN is.
    """
    judged = 0
    for case in float_cases(claim, seed, dtype_of(implementation)):
        judge = partial(_judge_case, claim, implementation, bench, expected, finite=finite)
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
    claim: Claim, implementation: Any, bench: Bench, expected: Expected, case: Case, *, finite: bool
) -> tuple[int, Counterexample | None]:
    """How many results that the claim is about were judged, and the first result that is too far off."""
    try:
        floats = _in_floats(claim, implementation, bench, case)
        form = _narrowest(claim, floats)
    except Unmet:
        raise
    except (UndecidedSign, ZeroDivisionError):
        return 0, None  # as where so few bits cannot follow the code's branches
    found = expected.at(claim, case, form.precision)
    if found is None:
        return 0, None
    balls, expectations = found
    judged, concerned = 0, _concerned(claim, floats)
    for (_, formula, value), seen in zip(expectations, concerning(claim, floats), strict=True):
        if seen.seen not in claim.functions or not floats.is_own(seen):
            continue
        for meeting in side_by_side(value, seen, formula):
            ball = ball_of(meeting.expected, balls)
            explained = is_explained_by_rounding(meeting.observed, ball, form)
            judged += explained is not None and seen.seen in concerned
            if explained is False and not (finite and np.isfinite(meeting.observed)):
                return judged, _describe(claim, implementation, balls, meeting, ball, form)
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
    claim: Claim, implementation: Any, balls: Show, meeting: Meeting, ball: Ball, form: Format
) -> Counterexample:
    here = [claim.place, function_place(implementation, meeting.seen.seen)]
    result, off = meeting.observed, radii_off(meeting.observed, ball, form)
    return Counterexample(
        case={label: str(float(value)) for label, value in balls.values.items()},
        formula=meeting.formula,
        expected=ball.text(17),
        observed=f"{float(result)!r}, {off} times as far off as one careful evaluation could be",
        seen=f"{meeting.place} in {form.name}",
        where="; ".join(p for p in here if p),
    )
