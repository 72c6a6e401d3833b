"""How a claim's formula and the code are held together, in each number system, and how cases that count are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

import flint
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis.strategies import SearchStrategy

from refute.claims import Claim
from refute.deciding.bench import Case, run
from refute.deciding.counterexample import LADDER
from refute.deciding.meeting import balls_of, formal_difference, meetings
from refute.deciding.verdict import Counterexample
from refute.numbers.balls import Balls
from refute.numbers.floats import Floats, is_explained_by_rounding
from refute.numbers.pairs import Pairs
from refute.numbers.reals import Reals
from refute.numbers.residues import Residues
from refute.numbers.scalar import UndecidedSign

T = TypeVar("T")
Outcome = tuple[str, bool]  # where the two sides met, and whether they agree there
Judge = Callable[[Claim, Any, Case], Iterator[Outcome]]

CHANCE = Fraction(1, 2**100)  # of taking two different expressions for the same
PRECISION, DIGITS = 128, 150  # of the balls in bits, and of mpmath, which must then lie inside them
TIGHT = 32  # significant bits from which on a ball says something


def in_residues(claim: Claim, implementation: Any, case: Case) -> Iterator[Outcome]:
    """Both sides are the same residue: identical as functions. Counts are the same integer."""
    system = Pairs(Residues(int(case.seed), relations=False))
    for meeting in meetings(claim, run(claim, implementation, case, system)):
        identical, size = formal_difference(meeting)
        yield meeting.place, identical and system.residues.bound(size) < CHANCE


def in_balls(claim: Claim, implementation: Any, case: Case) -> Iterator[Outcome]:
    """No two balls are disjoint. One that is not tight is no evidence for either."""
    show = run(claim, implementation, case, Balls(PRECISION))
    for meeting in meetings(claim, show):
        expected, observed = balls_of(meeting, show)
        disjoint = expected.disjoint(observed)
        if disjoint or (expected.is_tight(TIGHT) and observed.is_tight(TIGHT)):
            yield meeting.place, not disjoint


def in_mpmath(claim: Claim, implementation: Any, case: Case) -> Iterator[Outcome]:
    """With more digits mpmath's two sides lie in the balls, but for exact ones, which leave no room to round; and they
    differ by no more than two numbers in those balls can."""
    balls, reals = (run(claim, implementation, case, system) for system in (Balls(PRECISION), Reals(DIGITS)))
    for ours, theirs in zip(meetings(claim, balls), meetings(claim, reals), strict=True):
        sides = [ball.arb for ball in balls_of(ours, balls)]
        values = [flint.arb(getattr(side, "mpf", side)) for side in (theirs.expected, theirs.observed)]
        room = 2 * sum(ball.rad() for ball in sides)
        if room > 0 and all(ball.rel_one_accuracy_bits() >= TIGHT for ball in sides):
            inside = all(ball.is_exact() or ball.contains(value) for ball, value in zip(sides, values, strict=True))
            yield ours.place, inside and abs(values[0] - values[1]) <= room


def in_floats(claim: Claim, implementation: Any, case: Case) -> Iterator[Outcome]:
    """The results of the code's own functions in binary64 are as close as one careful evaluation of the formula."""
    balls = run(claim, implementation, case, Balls(53))
    with np.errstate(all="ignore"):
        floats = run(claim, implementation, case, Floats())
        pairs = list(zip(meetings(claim, balls), meetings(claim, floats), strict=True))
    for expected, result in pairs:
        explained = is_explained_by_rounding(result.observed, balls_of(expected, balls)[0])
        if result.seen.seen in claim.functions and explained is not None:
            yield result.place, explained


JUDGES: tuple[Judge, ...] = (in_residues, in_balls, in_mpmath, in_floats)


def disagreements(judge: Judge, claim: Claim, implementation: Any, case: Case) -> list[str] | None:
    """Where the two sides disagree at a case; None when it could not be judged anywhere."""
    try:
        outcomes = list(judge(claim, implementation, case))
    except UndecidedSign:  # the point lies on the border between two branches of the code
        return None
    return [place for place, agree in outcomes if not agree] if outcomes else None


def cases_met(
    judge: Judge, claim: Claim, implementation: Any, cases: SearchStrategy[Case], *, examples: int = 10
) -> int:
    """Hold a claim against drawn cases, and count those that could be judged: a law that none met has said nothing."""
    met = 0

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow])
    @given(cases)
    def law(case: Case) -> None:
        nonlocal met
        places = disagreements(judge, claim, implementation, case)
        assume(places is not None)
        met += 1
        assert not places

    law()
    return met


def example(drawn: SearchStrategy[T], condition: Callable[[T], object], *, shrunk: bool = False) -> T:
    """Something drawn for which the condition holds, the same in every run; `shrunk` by Hypothesis or as it was found.
    Raises NoSuchExample."""
    phases = [Phase.generate, Phase.shrink] if shrunk else [Phase.generate]
    several = settings(max_examples=1_000, phases=phases, suppress_health_check=[HealthCheck.too_slow])
    return find(drawn, lambda value: bool(condition(value)), settings=several, random=Random(0))


def told_apart(
    judge: Judge, claim: Claim, implementation: Any, cases: SearchStrategy[Case], *, shrunk: bool = False
) -> Case:
    """A case, of those drawn, at which the two sides disagree. Raises NoSuchExample."""
    return example(cases, lambda case: disagreements(judge, claim, implementation, case), shrunk=shrunk)


def mistakes(claims: Iterable[Claim]) -> list[Any]:
    """Parameters for a test: each claim with each of its mistakes, as formulas by part."""
    return [
        pytest.param(claim, formulas, id=f"{claim.id}: {reason}")
        for claim in claims
        for _, formulas, reason in claim.mistaken_formulas()
    ]


def with_formulas(claim: Claim, formulas: Mapping[str, str]) -> Claim:
    """The claim with other formulas, by part, in place of its own."""
    return replace(claim, formula=formulas, mistakes={})


def is_shrunk(claim: Claim, shown: Counterexample) -> bool:
    """Whether two different values are shown, at a case that a person can work out: all numbers but at most one are 0,
    1, 2, 1/2 and the like."""
    numbers = [Fraction(value) for name, value in shown.case.items() if all(name not in grid for grid in claim.grids)]
    return shown.expected != shown.observed and sum(number not in LADDER for number in numbers) <= 1
