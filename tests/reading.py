"""What the tests on submissions share: the homework's blanks, and a submission of one document."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from refute.grade.blanks import Blanks
from refute.grade.files import File
from refute.grade.records import Submission
from refute.grade.submissions import read_files
from refute.project import load

ROOT = Path(__file__).parents[1]


@cache
def blanks() -> Blanks:
    return Blanks(load(ROOT).claims)


def read(text: str | bytes, name: str = "hw.tex") -> Submission:
    """A submission of one file."""
    data = text.encode() if isinstance(text, str) else text
    return read_files("hw", [File(name, data)], blanks())


def answers(submission: Submission) -> dict[str, str]:
    """The answers by claim, without what only lays them out."""
    return {answer.claim: " ".join(answer.text.replace("&", "").split()) for answer in submission.answers}


def places(submission: Submission) -> dict[str, tuple[int, int]]:
    """Line and column of each answer."""
    return {answer.claim: (answer.place.line, answer.place.column) for answer in submission.answers}


def strays(submission: Submission) -> list[str]:
    """What belongs to no blank."""
    return [stray.text for stray in submission.unassigned]


def problems(submission: Submission) -> list[tuple[str, bool]]:
    """What was odd, and whether a person has to look."""
    return [(problem.message, problem.needs_person) for problem in submission.problems]


def needs_person(submission: Submission) -> bool:
    return any(problem.needs_person for problem in submission.problems)
