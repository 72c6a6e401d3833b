"""What the gate holds against a project: findings, each with a rule, a place and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from refute.deciding.verdict import Verdict
from refute.project import Project


class Rule(StrEnum):
    """What may be wrong. The names are permanent: CI systems know a finding by them."""

    REFUTED = "refuted"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"
    NO_PROPERTY = "no-property"
    LEFT_OUT = "left-out"
    CHANGED = "changed"
    WEAKER = "weaker"
    NO_LOCK = "no-lock"


MEANING = {  # what a rule finds, and what to do about it
    Rule.REFUTED: (
        "A claim does not hold of an implementation: there is a counterexample.",
        "Correct the code, or the formula.",
    ),
    Rule.UNDECIDED: (
        "A claim is neither certified nor refuted.",
        "Look at it, with more digits and cases: refute check CLAIM --digits 200 --cases 5.",
    ),
    Rule.VACUOUS: (
        "A claim stands, but no case met it, or a wrong formula in its place would stand too.",
        "Widen its sizes and domains.",
    ),
    Rule.NO_PROPERTY: (
        "No test in properties/ speaks of a claim.",
        "Write one, with the claim as a parameter, or marked with its id.",
    ),
    Rule.LEFT_OUT: (
        "An implementation that should be checked was not.",
        "List it in pyproject.toml, or install what it needs.",
    ),
    Rule.CHANGED: (
        "A claim says something else than refute.lock.",
        "If that is meant, run refute gate --update and commit refute.lock.",
    ),
    Rule.WEAKER: (
        "A claim stands less strongly than refute.lock says.",
        "If that is meant, run refute gate --update and commit refute.lock.",
    ),
    Rule.NO_LOCK: (
        "There is no refute.lock to hold the claims to.",
        "Run refute gate --update, and commit refute.lock.",
    ),
}


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    file: Path
    line: int


_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)")


def places_in(where: str) -> tuple[Place, ...]:
    """The places in a text of ours, ``specs/lstm.py:108; impl/lstm.py:42``; what is no file and line is left out."""
    found = (_PLACE.fullmatch(text) for text in where.split("; "))
    return tuple(Place(Path(match["file"]), int(match["line"])) for match in found if match)


def place_of_text(file: Path, text: str) -> Place:
    """The first line of a file in which a text stands, or its first line."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return Place(file, next((i for i, line in enumerate(lines, start=1) if text in line), 1))


@dataclass(frozen=True)
class Finding:
    """What makes the gate red: a rule that is broken by a claim on an implementation, which a finding says once.

    `message` says what is wrong, `advice` what to do. The first of its `places` is the one to look at. `claim` or
    `implementation` is '' for a finding that is not about one.
    """

    rule: Rule
    claim: str
    implementation: str
    message: str
    advice: str
    places: tuple[Place, ...]

    @property
    def subject(self) -> str:
        """What the finding is about, in a few words."""
        if self.claim and self.implementation:
            return f"{self.claim} ({self.implementation})"
        return self.claim or self.implementation or "the project"


@dataclass(frozen=True)
class Outcome:
    """What the gate found: it is green if there are no findings. `gains` are what is not in refute.lock yet, or stands
    more strongly than there; `written` is whether refute.lock was written anew, None if nobody asked for that."""

    project: Project
    verdicts: Sequence[Verdict]
    findings: Sequence[Finding]
    gains: Sequence[str] = ()
    written: bool | None = None
    seconds: float = 0.0

    @property
    def is_green(self) -> bool:
        return not self.findings
