"""A class at a glance: the gradebook, and for each claim the answers that were not accepted, each group of equal
functions to be judged once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from refute.claims import Claim
from refute.grade.records import Graded, Mark
from refute.report.feedback import FeedbackBuilder, Note
from refute.report.words import number, visible_line

MOST_NAMES, LONGEST_NAME = 12, 40  # of those who gave an answer


@dataclass(frozen=True)
class Row:
    """A line of the gradebook: a score for each column, empty where a claim has no mark."""

    name: str
    scores: tuple[str, ...]
    total: str
    needs_person: bool


@dataclass(frozen=True)
class Group:
    """Answers that mean the same, with the note on one of them."""

    note: Note
    count: int
    names: str


@dataclass(frozen=True)
class Blank:
    """What was not accepted of the answers to a claim, the most frequent first; `evidence` is for explanations, which
    a person marks: what the machine holds true."""

    claim: str
    ask: str
    accepted: int
    answered: int
    groups: tuple[Group, ...]
    evidence: str = ""


@dataclass(frozen=True)
class Overview:
    """A class. `columns` are the ids of the claims, each with the points of the sheet."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    blanks: tuple[Blank, ...]
    persons: int  # submissions that need one


def overview(graded: Sequence[Graded], builder: FeedbackBuilder) -> Overview:
    """The overview of a class."""
    marks = [{mark.claim.id: mark for mark in one.marks} for one in graded]
    claims = [claim for claim in builder.project.claims if any(claim.id in found for found in marks)]
    columns = [claim for claim in claims if claim.points]
    rows = tuple(_row(one, found, columns) for one, found in zip(graded, marks, strict=True))
    blanks = (
        _blank(
            claim,
            [
                (one.submission.name, found[claim.id])
                for one, found in zip(graded, marks, strict=True)
                if claim.id in found
            ],
            builder,
        )
        for claim in claims
    )
    return Overview(
        tuple((claim.id, number(claim.points)) for claim in columns),
        rows,
        tuple(blank for blank in blanks if blank.answered),
        sum(row.needs_person for row in rows),
    )


def _row(graded: Graded, marks: dict[str, Mark], columns: Sequence[Claim]) -> Row:
    scores = tuple(_score(marks.get(claim.id)) for claim in columns)
    total = f"{number(graded.score)} of {number(graded.max_score)}"
    return Row(visible_line(graded.submission.name), scores, total, graded.needs_person)


def _score(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return "open" if mark.score is None else number(mark.score)


def _blank(claim: Claim, marks: Sequence[tuple[str, Mark]], builder: FeedbackBuilder) -> Blank:
    answered = [(name, mark) for name, mark in marks if mark.written is not None]
    groups: dict[tuple[str, str], list[tuple[str, Mark]]] = {}
    for name, mark in answered:
        if not mark.verdict.accepted:
            groups.setdefault(_meaning(mark), []).append((name, mark))
    ordered = sorted(groups.values(), key=len, reverse=True)
    return Blank(
        claim.id,
        claim.ask,
        sum(mark.verdict.accepted for _, mark in answered),
        len(answered),
        tuple(Group(builder.note(group[0][1]), len(group), _names([name for name, _ in group])) for group in ordered),
        next((mark.evidence for _, mark in answered), ""),
    )


def _meaning(mark: Mark) -> tuple[str, str]:
    """Equal for answers that are to be judged alike: the same function, or else the same text."""
    verdict, text = mark.verdict, "" if mark.written is None else mark.written.text
    return str(verdict.status), verdict.fingerprint or verdict.read_as or " ".join(text.split())


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(visible_line(name, LONGEST_NAME) for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return shown if more <= 0 else f"{shown} and {more} more"
