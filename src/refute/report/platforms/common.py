"""What the platforms' formats share: what became of a mark, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import islice

from refute.deciding.verdict import Status
from refute.grade.records import Graded, Mark
from refute.report.hints import hint
from refute.report.words import headline, lateness, points, visible, visible_line

MOST_LISTED = 20  # problems, or formulas that belong to no blank
MOST_NAME = 200  # characters


class Outcome(StrEnum):
    """What became of an answer. The last two are no verdict on it: a person decides."""

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    MANUAL = "manual"
    OPEN = "open"


def outcome(mark: Mark) -> Outcome:
    """What became of a mark. What has no points is right if it was accepted."""
    if mark.score is None:
        return Outcome.MANUAL if mark.verdict.status is Status.MANUAL else Outcome.OPEN
    if mark.max_score == 0:
        return Outcome.RIGHT if mark.verdict.accepted else Outcome.WRONG
    if mark.score >= mark.max_score:
        return Outcome.RIGHT
    return Outcome.PARTIAL if mark.score > 0 else Outcome.WRONG


def line(text: str) -> str:
    """A text on one line, with nothing hidden in it."""
    return visible_line(text, MOST_NAME)


def said(mark: Mark) -> str:
    """What a student should read about a mark: what was read, the verdict and why. Its evidence is the marker's."""
    verdict = mark.verdict
    parts = {
        "points": points(mark.score, mark.max_score),
        "read as": verdict.read_as,
        "answer": "" if verdict.read_as or mark.written is None else mark.written.text,
        "verdict": verdict.status,
        "because": verdict.message,
        "mistake": "" if verdict.mistake is None else verdict.mistake.text,
        "reading": verdict.reading,
        "hint": hint(verdict),
        "marking": mark.reason,
        "where": "" if mark.written is None else line(str(mark.written.place)),
    }
    return "\n".join(_labelled(label, visible(text)) for label, text in parts.items() if text)


def _labelled(label: str, text: str) -> str:
    return f"{label:8} " + text.strip().replace("\n", "\n" + " " * 9)


def remarks(graded: Graded) -> str:
    """The points in words, what was odd about a submission, and what belongs to no blank, a line each."""
    lines = [headline(graded), lateness(graded)]
    lines += _some([problem.message for problem in graded.submission.problems], "problem")
    lines += _some([f"{stray.text} ({stray.place})" for stray in graded.submission.unassigned], "belongs to no blank")
    return "\n".join(filter(None, lines))


def _some(texts: Sequence[str], label: str) -> Iterator[str]:
    for text in islice(texts, MOST_LISTED):
        yield f"{label}: {line(text)}"
    if len(texts) > MOST_LISTED:
        yield f"{label}: {len(texts) - MOST_LISTED:,} more"


def settled(graded: Graded) -> list[tuple[Mark, Fraction]]:
    """The marks that are decided with points that add up to the submission's score, none above its maximum.

    What a penalty or rounding takes from the score is taken from each mark in proportion to its points; what rounding
    adds is added in proportion to the points that are missing. For readers that only add up.
    """
    decided = [(mark, mark.score) for mark in graded.marks if mark.score is not None]
    earned = sum((score for _, score in decided), Fraction(0))
    missing = graded.max_score - earned
    if graded.score <= earned:
        kept = graded.score / earned if earned else Fraction(0)
        return [(mark, score * kept) for mark, score in decided]
    added = min(Fraction(1), (graded.score - earned) / missing) if missing > 0 else Fraction(0)
    return [(mark, score + (mark.max_score - score) * added) for mark, score in decided]
