"""What deciding says: a verdict, with the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import nextafter
from typing import Any


class Status(StrEnum):
    """How much is known. Only the first three accept."""

    CERTIFIED = "certified"  # identical residues: wrong with at most the stated chance
    PROVED = "proved"  # every case of a finite domain, a whole box, or symbolic inputs
    TESTED = "tested"  # what balls could not tell apart, at so many digits and cases
    REFUTED = "refuted"  # with a counterexample
    UNDECIDED = "undecided"  # neither; a person has to look


ACCEPTED = frozenset({Status.CERTIFIED, Status.PROVED, Status.TESTED})


@dataclass(frozen=True)
class Counterexample:
    """A case at which a formula and an observation are proved different, small enough to check by hand."""

    case: Mapping[str, str]  # sizes and values, in the sheet's names
    formula: str  # the formula that fails
    expected: str  # its value
    observed: str  # what was observed instead
    seen: str  # what was run, and where in it
    where: str  # file and line

    def sentence(self) -> str:
        """One line a person can read aloud."""
        given = ", ".join(f"{name} = {value}" for name, value in self.case.items())
        return f"with {given}: the formula gives {self.expected}, {self.seen} gives {self.observed}"


@dataclass(frozen=True)
class Verdict:
    """What is known of one claim on one implementation."""

    claim: str
    implementation: str
    status: Status
    error_bound: Fraction | None = None  # chance that a certified verdict is wrong
    cases: int = 0
    digits: int | None = None  # decimal digits to which balls and reals agreed
    systems: tuple[str, ...] = ()
    mistakes_refuted: int = 0
    mistakes_total: int = 0
    surviving: tuple[str, ...] = ()  # mistakes that were not refuted
    counterexample: Counterexample | None = None
    message: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the claim stands, and stands out: all mistakes named with it were refuted."""
        return self.status in ACCEPTED and not self.surviving

    def to_json(self) -> dict[str, Any]:
        """The object `refute check --json` prints for a claim."""
        return {
            "id": self.claim,
            "implementation": self.implementation,
            "verdict": str(self.status),
            "accepted": self.accepted,
            "error_bound": None if self.error_bound is None else nextafter(float(self.error_bound), 1),
            "cases": self.cases,
            "digits": self.digits,
            "systems": list(self.systems),
            "mistakes": {"refuted": self.mistakes_refuted, "total": self.mistakes_total},
            "counterexample": None if self.counterexample is None else asdict(self.counterexample),
            "message": self.message,
            "seconds": round(self.seconds, 4),
        }
