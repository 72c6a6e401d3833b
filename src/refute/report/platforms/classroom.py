"""GitHub Classroom: what its autograding reporter reads from the environment, JSON in base64."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from refute.grade.records import Graded, Mark
from refute.report.json_output import as_json
from refute.report.platforms.common import Outcome, line, outcome, said, settled
from refute.report.words import visible

MOST_BYTES = 120_000  # Linux gives a variable of the environment 128 KiB
MOST_TESTS = 500
HUNDREDTHS = 100
MESSAGES = (2000, 300, 0)  # lengths of a message, the longest that fits is taken


def classroom(graded: Graded) -> str:
    """The blanks in tests of one size: a blank of a point is two tests beside one of half a point.

    One reader adds up the scores of tests, another counts those that pass; with tests of one size both come to the
    submission's score. What a person has to decide is only in the messages, and makes the status an error.
    """
    for most in MESSAGES:
        encoded = base64.b64encode(as_json(_results(graded, most)).encode("utf-8")).decode("ascii")
        if len(encoded) <= MOST_BYTES:
            break
    return encoded


def _results(graded: Graded, most: int) -> dict[str, Any]:
    tests = list(_tests(graded, most))
    unit = _unit(graded)
    failed = any(test["status"] == "fail" for test in tests)
    return {
        "version": 1,
        "status": "error" if graded.needs_person else "fail" if failed else "pass",
        "max_score": len(tests) * unit / HUNDREDTHS,
        "tests": tests,
    }


def _unit(graded: Graded) -> int:
    """The size of a test in hundredths of a point: the largest of which all scores are multiples."""
    most = [_hundredths(mark.max_score) for mark in graded.marks if mark.is_decided]
    scores = [_hundredths(mark.score) for mark in graded.marks if mark.score is not None]
    unit, largest = math.gcd(*most, *scores, _hundredths(graded.score)), math.gcd(*most)
    if sum(most) <= MOST_TESTS * unit:
        return max(unit, 1)
    return next((d for d in range(unit, largest) if largest % d == 0 and sum(most) <= MOST_TESTS * d), largest)


def _hundredths(points: Fraction) -> int:
    return _nearest(HUNDREDTHS * points)


def _nearest(value: Fraction) -> int:
    """The nearest whole number, the larger of two: it moves by n when the value does."""
    return math.floor(value + Fraction(1, 2))


def _tests(graded: Graded, most: int) -> Iterator[dict[str, Any]]:
    """As many tests pass, up to any blank, as come closest to its part of the score."""
    unit, awarded, total = _unit(graded), 0, Fraction(0)
    for mark, points in settled(graded):
        total += points
        due = _nearest(HUNDREDTHS * total / unit)
        passed, count = due - awarded, _hundredths(mark.max_score) // unit
        awarded = due
        for i in range(count):
            name = line(mark.claim.id) if count == 1 else f"{line(mark.claim.id)} ({i + 1} of {count})"
            yield _test(mark, name, unit if i < passed else 0, _message(mark, most) if i == count - 1 else "")


def _test(mark: Mark, name: str, score: int, message: str) -> dict[str, Any]:
    place = None if mark.written is None else mark.written.place
    return {
        "name": name,
        "status": "pass" if score else "fail",
        "score": score / HUNDREDTHS,
        "message": message,
        "test_code": "",
        "filename": "" if place is None else line(place.file),
        "line_no": 0 if place is None else place.line,
        "duration": round(1000 * mark.verdict.seconds),
    }


def _message(mark: Mark, most: int) -> str:
    """What is said of a mark, in which no line is a command to GitHub's runner, which prints it."""
    text = "" if outcome(mark) is Outcome.RIGHT else said(mark)
    return visible(text, most).replace("::", ": :").replace("##[", "# #[") if most else ""
