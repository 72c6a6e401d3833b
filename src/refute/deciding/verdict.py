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
    UNREADABLE = "unreadable"  # an answer that is no formula of the claim's; a person has to look
    MISSING = "missing"  # nothing was handed in for it
    MANUAL = "manual"  # a person marks it
    SKIPPED = "skipped"  # nothing of it can be observed in this implementation


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
        given = self.given()
        said = f"the formula gives {self.expected}, {self.seen} gives {self.observed}"
        return f"with {given}: {said}" if given else said

    def given(self) -> str:
        """The case in few words: what is 0 is not named where something else is."""
        values = {name: f"{name} = {value}" for name, value in self.case.items()}
        shown = [text for name, text in values.items() if self.case[name] != "0"]
        if not shown:
            return ", ".join(values.values()) if len(values) < 4 else "everything 0"
        return ", ".join([*shown, "all else 0"] if len(shown) < len(values) else shown)

    def answer_sentence(self, *, reveal: bool = True) -> str:
        """The same of a written answer; without the right value unless it may be revealed."""
        given = self.given()
        right = f"the right value is {self.expected}" if reveal else "which is not right"
        return f"{f'with {given}, ' if given else ''}yours gives {self.observed}, {right}"


@dataclass(frozen=True)
class Mistake:
    """What is wrong with an answer: its `kind`, which a course's policy may speak of, and a text for the student."""

    kind: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What is known of one claim on one implementation, or of a written answer to it."""

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
    # of a written answer
    shapes: tuple[str, ...] = ()  # the sizes at which it was decided
    read_as: str = ""  # the answer as one reads it
    reading: str = ""  # which of several possible readings was taken
    mistake: Mistake | None = None
    place: tuple[int, int] | None = None  # line and column at which it cannot be read
    fingerprint: str = ""  # equal for answers that are equal functions

    @property
    def accepted(self) -> bool:
        """Whether the claim stands, and stands out: all mistakes named with it were refuted."""
        return self.status in ACCEPTED and not self.surviving

    @property
    def stands(self) -> bool:
        """Whether nothing speaks against it: it is accepted, or cannot be observed here."""
        return self.accepted or self.status is Status.SKIPPED

    @property
    def exit_code(self) -> int:
        """What a command that decides one answer exits with."""
        return {Status.REFUTED: 1, Status.UNREADABLE: 3, Status.UNDECIDED: 4}.get(self.status, 0)

    def answer_json(self) -> dict[str, Any]:
        """The object `refute stream` prints for an answer, without its id."""
        shown = self.counterexample
        sizes = (f"decided at {'; '.join(self.shapes)}",) if self.shapes and self.accepted else ()
        case = shown and {"case": dict(shown.case), "answer": shown.observed, "correct": shown.expected}
        return {
            "claim": self.claim,
            "verdict": str(self.status),
            "accepted": None if self.status in (Status.UNDECIDED, Status.UNREADABLE) else self.accepted,
            "error_bound": None if self.error_bound is None else nextafter(float(self.error_bound), 1),
            "counterexample": case,
            "mistake": None if self.mistake is None else asdict(self.mistake),
            "reading": self.reading or None,
            "message": "; ".join(filter(None, (self.message, *sizes))),
            "where": None if self.place is None else {"line": self.place[0], "column": self.place[1]},
            "ms": round(1000 * self.seconds, 3),
        }

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


def fault(error: Exception, claim: str = "") -> Verdict:
    """The verdict where we failed ourselves: a person decides, and it is never a refusal."""
    message = f"a fault of refute's own: {type(error).__name__}: {error}"
    return Verdict(claim, "", Status.UNDECIDED, message=message)


def power_of_two(bound: Fraction) -> str:
    """The least power of two that a positive number lies below, as text."""
    exponent = 1 - ((bound.denominator - 1) // bound.numerator).bit_length()
    return f"2^{exponent}"
