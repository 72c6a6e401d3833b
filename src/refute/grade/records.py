"""What was handed in, and how it was marked: frozen records that reading, marking and reporting share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from refute.claims import Claim
from refute.deciding.verdict import Status, Verdict


@dataclass(frozen=True)
class Place:
    """Where something stands in a submission: `file` is relative to it, `cell` is a notebook's, all counted from 1."""

    file: str
    line: int = 1
    column: int = 1
    cell: int | None = None

    def __str__(self) -> str:
        cell = "" if self.cell is None else f", cell {self.cell}"
        return f"{self.file}{cell}, line {self.line}"


@dataclass(frozen=True)
class Written:
    """An answer as it was written; for a claim that a person marks, its text."""

    claim: str
    text: str
    place: Place


@dataclass(frozen=True)
class Stray:
    """A formula that belongs to no blank: it is listed, never guessed at."""

    text: str
    place: Place


@dataclass(frozen=True)
class Problem:
    """What was odd about a submission. It `needs_person` when something could not be read that may hold an answer."""

    message: str
    place: Place | None = None
    needs_person: bool = False


@dataclass(frozen=True)
class Submission:
    """What one student, or one group, handed in. `answers` has one entry a claim at most; `code` is Python, by file."""

    name: str
    answers: tuple[Written, ...] = ()
    unassigned: tuple[Stray, ...] = ()
    problems: tuple[Problem, ...] = ()
    submitted: datetime | None = None  # when, if a file says so
    code: Mapping[str, bytes] = field(default_factory=dict)

    def answer_to(self, claim: str) -> Written | None:
        """What was written for a claim."""
        return next((written for written in self.answers if written.claim == claim), None)


@dataclass(frozen=True)
class Mark:
    """The marking of one claim. `score` is None while a person has to decide, and `reason` says why, or how the points
    came about. `evidence`, for the marker, is what the machine holds true of a claim that a person marks."""

    claim: Claim
    written: Written | None
    verdict: Verdict
    score: Fraction | None
    reason: str = ""
    evidence: str = ""

    @property
    def max_score(self) -> Fraction:
        """The points of the sheet."""
        return self.claim.points

    @property
    def is_decided(self) -> bool:
        """Whether it has a score."""
        return self.score is not None


@dataclass(frozen=True)
class Graded:
    """A submission with its marks, one for each claim that has points or was answered, in the sheet's order.

    Invariant: `max_score` plus `manual_max` is the sheet's total. `penalty` is the part of the score that is taken off.
    """

    submission: Submission
    marks: tuple[Mark, ...]
    score: Fraction  # of what is decided, after the penalty and rounding
    penalty: Fraction = Fraction(0)
    days_late: int = 0

    @property
    def max_score(self) -> Fraction:
        """The points of what is decided."""
        return sum((mark.max_score for mark in self.marks if mark.is_decided), Fraction(0))

    @property
    def manual_max(self) -> Fraction:
        """The points of what a person has still to decide."""
        return sum((mark.max_score for mark in self.marks if not mark.is_decided), Fraction(0))

    @property
    def needs_person(self) -> bool:
        """Whether a person has to look, beyond the explanations that a person always marks."""
        open_marks = (mark for mark in self.marks if not mark.is_decided)
        return any(mark.verdict.status is not Status.MANUAL for mark in open_marks) or any(
            problem.needs_person for problem in self.submission.problems
        )
