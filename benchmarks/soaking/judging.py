"""Judging pairs: who is on trial, what counts as an offence, and what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from time import perf_counter
from typing import Protocol

from benchmarks.soaking.pairs import Pair, pairs
from benchmarks.soaking.subjects import DOMAIN
from refute.claims import Claim
from refute.deciding.same import same
from refute.deciding.verdict import ACCEPTED, Status, Verdict
from refute.deciding.written import Decider

SURE = Fraction(1, 2**100)  # the largest error bound of a certificate
OFFENCES = (
    "false accept", "false refusal", "undecided", "unreadable", "weak certificate", "crash", "fault of the soak",
)  # fmt: skip


class Judge(Protocol):
    """What is on trial."""

    def answer(self, claim: Claim, written: str) -> Verdict: ...
    def same(self, left: str, right: str) -> Verdict: ...


class Refute:
    """Refute itself; it keeps the decider of the last claim."""

    def __init__(self) -> None:
        self._decider: Decider | None = None

    def answer(self, claim: Claim, written: str) -> Verdict:
        if self._decider is None or self._decider.claim is not claim:
            self._decider = Decider(claim)
        return self._decider.decide(written)

    def same(self, left: str, right: str) -> Verdict:
        return same(left, right, DOMAIN)


@dataclass(frozen=True)
class Offence:
    """A pair that was judged wrongly."""

    kind: str
    what: str
    command: str


@dataclass
class Tally:
    """What a soak counted."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")  # seconds of the slowest decision, and what was decided
    offences: list[Offence] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count the other's too."""
        self.counts += other.counts
        self.slowest = max(self.slowest, other.slowest)
        self.offences += other.offences

    def shortest(self, count: int) -> list[Offence]:
        """So many offences of each kind, those that are quickest to read."""
        ranked = sorted(self.offences, key=lambda offence: len(offence.command))
        return [offence for kind in OFFENCES for offence in [o for o in ranked if o.kind == kind][:count]]


def run_block(seed: int, block: int, judge: Judge) -> Tally:
    """Judge the pairs of one block."""
    tally = Tally()
    for pair in pairs(seed, block):
        tally.counts["pairs"] += 1
        tally.counts["edits" if pair.is_edit else "rewritings"] += 1
        start = perf_counter()
        kind, what = offence(pair, judge)
        tally.slowest = max(tally.slowest, (perf_counter() - start, pair.command))
        if kind:
            tally.counts[kind] += 1
            again = f"python benchmarks/soak.py --seed {seed} --block {block}"
            tally.offences.append(Offence(kind, f"{what} [{', '.join(pair.steps)}]", f"{pair.command}   # {again}"))
    return tally


def offence(pair: Pair, judge: Judge) -> tuple[str, str]:
    """What is wrong with the verdict on a pair, and what it said; ("", "") if it is right."""
    try:
        verdict = judge.same(pair.left, pair.right) if pair.claim is None else judge.answer(pair.claim, pair.left)
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        return "crash", f"{type(error).__name__}: {error}"
    said = f"{verdict.status}: {verdict.message}"
    if verdict.status in (Status.UNDECIDED, Status.UNREADABLE):
        return str(verdict.status), said
    is_accepted = verdict.status in ACCEPTED
    if is_accepted == pair.equal:
        is_weak = verdict.status is Status.CERTIFIED and (verdict.error_bound is None or verdict.error_bound > SURE)
        return ("weak certificate", f"error bound {verdict.error_bound}") if is_weak else ("", "")
    if pair.check() != pair.equal:
        return "fault of the soak", "a rewriting changed the function"
    return "false accept" if is_accepted else "false refusal", said


def soak(blocks: Iterable[int], seed: int, judge: Callable[[], Judge] = Refute) -> Tally:
    """Judge the pairs of several blocks."""
    total, on_trial = Tally(), judge()
    for block in blocks:
        total.add(run_block(seed, block, on_trial))
    return total
