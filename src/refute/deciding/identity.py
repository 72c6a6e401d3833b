"""Deciding that a formula and an observation are the same function: residues certify, balls refute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any

from refute.claims import Claim, Sizes
from refute.deciding.bench import MOST_SAMPLES, Bench, Case, Show, name_of, where_met
from refute.deciding.counterexample import Formulas, cases_of, describe, separate, shrink
from refute.deciding.meeting import balls_of, formal_difference, meetings
from refute.deciding.verdict import Counterexample, Status, Verdict
from refute.errors import InternalError
from refute.numbers.balls import Ball, Balls
from refute.numbers.lattice import TooManyArguments
from refute.numbers.pairs import Decision, Pairs
from refute.numbers.residues import DEFAULT_BITS, Residues
from refute.numbers.scalar import OutsideClass, UndecidedSign, Unmet

RELATION_BITS = ((4, 255), (14, 512), (40, 1024))  # up to so many arguments of exp, a prime of so many bits
MOST_ARGUMENTS = RELATION_BITS[-1][0]  # among which all relations are searched for in a fraction of a second
MOST_CHANCE = Fraction(1, 1 << 100)  # that a certificate is wrong
BITS_PER_DIGIT = Fraction(3322, 1000)
MOST_PRECISION = 1 << 16


@dataclass(frozen=True)
class Options:
    """How hard to look: decimal digits for balls and mpmath, cases per shape, the seed of every random choice; and
    whether what residues certify is held against balls and mpmath as well."""

    digits: int = 50
    cases: int = 1
    seed: int = 0
    confirm: bool = True


@dataclass
class Evidence:
    """What has been seen so far for one claim."""

    cases: int = 0
    error_bound: Fraction = Fraction(0)
    is_exact: bool = True  # nothing but exact rationals was compared
    one_sided: int = 0  # comparisons that went one way only
    systems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_system(self, name: str) -> None:
        if name not in self.systems:
            self.systems.append(name)


class NotIdentical(Exception):
    """The residues of a formula and an observation differ, along the path through the code that a case takes."""

    def __init__(self, case: Case, arguments: int) -> None:
        super().__init__(case)
        self.case, self.arguments = case, arguments


def decide_identity(claim: Claim, implementation: Any, bench: Bench, options: Options) -> Verdict:
    """The verdict on a claim whose observation is a scene.

    Raises ImplementationError when the implementation fails, ProjectError for a formula with an unknown name.
    """

    def verdict(status: Status, evidence: Evidence, **more: Any) -> Verdict:
        bound = evidence.error_bound if status is Status.CERTIFIED else None
        return Verdict(
            claim.id, name_of(implementation), status, error_bound=bound, cases=evidence.cases,
            systems=tuple(evidence.systems), notes=tuple(evidence.notes), **more,
        )  # fmt: skip

    evidence = Evidence()
    try:
        status = _certify(claim, implementation, bench, options, evidence)
    except OutsideClass as reason:
        evidence = Evidence(notes=[f"not certified: {reason}"])
        status = Status.TESTED
    except NotIdentical as different:
        counterexample = refutation(claim, implementation, bench, also=[different.case])
        if counterexample is not None:
            evidence.add_system("balls")
            return verdict(Status.REFUTED, evidence, counterexample=counterexample)
        evidence = Evidence()
        try:
            if different.arguments > MOST_ARGUMENTS:
                raise TooManyArguments
            status = _certify(claim, implementation, bench, options, evidence, relations=different.arguments)
        except (NotIdentical, TooManyArguments):
            return verdict(Status.UNDECIDED, evidence, message="residues differ, yet balls cannot tell the sides apart")
    if status is Status.PROVED or (status is Status.CERTIFIED and not options.confirm):
        return verdict(status, evidence)
    counterexample = _contradiction(claim, implementation, bench, evidence, status)
    if counterexample is not None:
        return verdict(Status.REFUTED, evidence, counterexample=counterexample)
    digits = _confirmed_digits(claim, implementation, bench, options, evidence)
    if status is Status.TESTED and digits is None:
        return verdict(
            Status.UNDECIDED, evidence, message="the code cannot be followed in balls to the digits asked for"
        )
    return verdict(status, evidence, digits=digits)


def refutation(
    claim: Claim, implementation: Any, bench: Bench, formulas: Formulas | None = None, *, also: Iterable[Case] = ()
) -> Counterexample | None:
    """A shrunk counterexample to the claim, or to `formulas` in place of its own; looked for at more cases too."""
    found = separate(claim, implementation, bench, formulas, also=also)
    if found is None:
        return None
    return describe(claim, implementation, shrink(claim, implementation, bench, found, formulas))


def refuted_at(claim: Claim, implementation: Any, bench: Bench, options: Options) -> Counterexample | None:
    """A counterexample at the claim's typical sizes, if residues differ there at one sample. None where they do not, or
    do not tell.

    Raises ImplementationError when the implementation fails.
    """
    sizes = claim.typical_sizes
    try:
        show = formal_show(claim, implementation, bench, sizes, options, 0)
        if show is not None:
            compare(claim, show, sizes, Evidence())
    except NotIdentical as different:
        return refutation(claim, implementation, bench, also=[different.case])
    except OutsideClass:
        return None
    return None


def _certify(
    claim: Claim, implementation: Any, bench: Bench, options: Options, evidence: Evidence, relations: int | None = None
) -> Status:
    """Compare residues at every shape, until every comparison in the code has gone both ways. Raises NotIdentical."""
    for sizes in claim.all_sizes():
        before = evidence.cases
        decisions: list[Decision] = []
        for sample in range(max(options.cases, MOST_SAMPLES)):
            try:
                show = formal_show(claim, implementation, bench, sizes, options, sample, relations)
            except Unmet as unmet:
                decisions += unmet.decisions
                continue
            if show is None:
                continue  # the point lies on the border between two branches
            compare(claim, show, sizes, evidence)
            decisions += show.system.decisions
            if sample + 1 >= options.cases and (not show.values or not one_sided(decisions)):
                break
        if evidence.cases == before:
            raise OutsideClass(f"no comparison in the code is decided at {dict(sizes)}")
        evidence.one_sided += len(one_sided(decisions))
    if evidence.error_bound > MOST_CHANCE:
        raise OutsideClass("its residues would agree by chance too often")
    if evidence.is_exact and not evidence.one_sided:
        evidence.systems[:] = ["exact integers"]
        return Status.PROVED  # every case of a finite domain, in exact integers
    if evidence.one_sided:
        evidence.notes.append(one_way_only(evidence.one_sided))
        return Status.TESTED
    return Status.CERTIFIED


def formal_show(
    claim: Claim,
    implementation: Any,
    bench: Bench,
    sizes: Sizes,
    options: Options,
    sample: int,
    relations: int | None = None,
) -> Show | None:
    """A show of the claim's scene on pairs; None where the sample's point lies on the border between two branches.
    Raises Unmet where it does not meet what the scene assumes."""
    bits = DEFAULT_BITS if relations is None else relation_bits(relations)
    case = Case(sizes, seed=f"{options.seed}/{sample}")

    def system() -> Pairs:
        return Pairs(Residues(options.seed * 1000 + sample, bits, relations=relations is not None))

    try:
        return bench.shared(claim, implementation, case, ("pairs", bits, relations is not None), system)
    except Unmet:
        raise
    except UndecidedSign:
        return None


def compare(claim: Claim, show: Show, sizes: Sizes, evidence: Evidence) -> None:
    """Compare the residues of all that a show has of a claim, and add to the evidence. Raises NotIdentical."""
    system = show.system
    met = 0
    for meeting in meetings(claim, show):
        identical, size = formal_difference(meeting)
        if not identical:
            raise NotIdentical(Case(sizes, fixed=show.values), system.residues.arguments)
        met += 1
        if size:
            evidence.error_bound += system.residues.bound(size)
            evidence.is_exact = False
    if not met:
        raise InternalError(f"the scene of claim {claim.id} shows nothing of it at {dict(sizes)}")
    evidence.cases += 1
    evidence.add_system("residues")


def relation_bits(arguments: int) -> int:
    """How many bits the prime needs for a search for all relations among up to `MOST_ARGUMENTS` arguments."""
    return next(bits for most, bits in RELATION_BITS if arguments <= most)


def one_sided(decisions: Iterable[Decision]) -> set[tuple[str, int, int]]:
    """The comparisons that always came out the same way."""
    outcomes: dict[tuple[str, int, int], set[bool]] = {}
    for file, line, count, outcome in decisions:
        outcomes.setdefault((file, line, count), set()).add(outcome)
    return {place for place, seen in outcomes.items() if len(seen) < 2}


def one_way_only(count: int) -> str:
    """Why something is tested and not certified."""
    return f"{count} comparison{'' if count == 1 else 's'} in the code went one way only"


def _contradiction(
    claim: Claim, implementation: Any, bench: Bench, evidence: Evidence, status: Status
) -> Counterexample | None:
    """A counterexample in balls, looked for at every shape. It refutes what is only tested; for a certificate it is our
    own fault, and raises InternalError."""
    if separate(claim, implementation, bench, thorough=status is Status.TESTED) is None:
        evidence.add_system("balls")
        return None
    if status is Status.CERTIFIED:
        raise InternalError(f"claim {claim.id}: balls refute what residues certify")
    return refutation(claim, implementation, bench)


def _confirmed_digits(
    claim: Claim, implementation: Any, bench: Bench, options: Options, evidence: Evidence
) -> int | None:
    """The digits to which balls show both sides equal at the typical sizes, and mpmath confirms them; None when balls
    cannot be made that tight."""
    case = Case(claim.typical_sizes, seed=f"{options.seed}/digits")
    try:
        tight = where_met(case, lambda case: _tight_precision(claim, implementation, bench, case, options.digits))
    except (OutsideClass, UndecidedSign, ZeroDivisionError):
        return None
    if tight is None:
        return None
    precision, case = tight
    evidence.cases = evidence.cases or sum(1 for _ in cases_of(claim))
    if not claim.within:
        _agree_in_mpmath(claim, implementation, bench, case, precision)
        evidence.add_system("mpmath")
    return options.digits


def _tight_precision(
    claim: Claim, implementation: Any, bench: Bench, case: Case, digits: int
) -> tuple[int, Case] | None:
    """The precision, doubled as often as it takes, at which all balls of the case give so many digits."""
    bits = ceil(digits * BITS_PER_DIGIT)
    precision = bits + 64
    while precision < MOST_PRECISION:
        show = bench.shared(claim, implementation, case, ("balls", precision), partial(Balls, precision))
        if all(ball.is_tight(bits) for meeting in meetings(claim, show) for ball in balls_of(meeting, show)):
            return precision, case
        precision *= 2
    return None


def _agree_in_mpmath(claim: Claim, implementation: Any, bench: Bench, case: Case, precision: int) -> None:
    """mpmath, with twice the digits that the balls carry, must give numbers inside them."""
    from refute.numbers.reals import Real, Reals

    balls = bench.shared(claim, implementation, case, ("balls", precision), partial(Balls, precision))
    more = 2 * ceil(precision / BITS_PER_DIGIT)
    reals = bench.shared(claim, implementation, case, ("mpmath", more), partial(Reals, more))
    for ours, theirs in zip(meetings(claim, balls), meetings(claim, reals), strict=True):
        for ball, real in zip(balls_of(ours, balls), (theirs.expected, theirs.observed), strict=True):
            if not _holds(ball, real.fraction() if isinstance(real, Real) else real, precision):
                raise InternalError(f"claim {claim.id}: mpmath's {real!r} lies outside {ball!r} at {ours.place}")


def _holds(ball: Ball, value: Any, precision: int) -> bool:
    """Whether a ball holds mpmath's value, or would with one rounding more: an exact ball leaves it no room."""
    low, high = ball.bounds()
    room = (1 + abs(high)) / 2**precision
    return bool(low - room <= value <= high + room)
