"""A class's marks as JUnit XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from refute.grade.records import Graded, Mark
from refute.report.platforms.common import Outcome, line, outcome, remarks, said
from refute.report.platforms.xunit import Case, Suite, Trouble, xunit
from refute.report.words import points

ELEMENT: Mapping[Outcome, Literal["failure", "error", "skipped"]] = {
    Outcome.PARTIAL: "failure",
    Outcome.WRONG: "failure",
    Outcome.OPEN: "error",
    Outcome.MANUAL: "skipped",
}


def junit(submissions: Sequence[Graded]) -> str:
    """A test suite for each submission, in it a test case for each blank.

    An answer that is not right in full is a failure, one that could not be decided an error, and one that a person
    always marks is skipped.
    """
    return xunit([_suite(graded) for graded in submissions])


def _suite(graded: Graded) -> Suite:
    name = line(graded.submission.name) or "submission"
    return Suite(name, [_case(mark) for mark in graded.marks], remarks(graded))


def _case(mark: Mark) -> Case:
    element = ELEMENT.get(outcome(mark))
    trouble = None
    if element is not None:
        message = f"{mark.verdict.status}, {points(mark.score, mark.max_score)}"
        trouble = Trouble(element, str(mark.verdict.status), message, said(mark))
    return Case(f"{mark.claim.id}: {mark.claim.ask}", mark.verdict.seconds, trouble)
