"""Otter-Grader: the JSON that its reader of R results takes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from refute.grade.records import Graded, Mark
from refute.report.json_output import as_json, number
from refute.report.platforms.common import Outcome, line, outcome, said, settled


def otter(graded: Graded) -> str:
    """A test file for each blank. A test case is passed or not, so partial credit is two: what was earned and the rest.

    What a person has to decide is one case of 0 points, passed only if a person always marks it.
    """
    earned = {mark.claim.id: points for mark, points in settled(graded)}
    return as_json({"test_file_results": [_file(mark, earned.get(mark.claim.id)) for mark in graded.marks]})


def _file(mark: Mark, earned: Fraction | None) -> dict[str, Any]:
    total = number(mark.max_score) if earned is not None else 0
    return {
        "filename": f"{line(mark.claim.id).replace('/', '_')}.py",  # otter takes the name before the last dot
        "points": total,
        "test_case_results": _cases(mark, earned),
    }


def _cases(mark: Mark, earned: Fraction | None) -> list[dict[str, Any]]:
    if earned is None:
        return [_case(mark, "the answer", Fraction(0), passed=outcome(mark) is Outcome.MANUAL)]
    if 0 < earned < mark.max_score:
        rest = mark.max_score - earned
        return [_case(mark, "what was earned", earned, passed=True), _case(mark, "the rest", rest, passed=False)]
    passed = earned > 0 if mark.max_score else outcome(mark) is Outcome.RIGHT
    return [_case(mark, "the answer", mark.max_score, passed=passed)]


def _case(mark: Mark, name: str, points: Fraction, *, passed: bool) -> dict[str, Any]:
    text = said(mark)
    return {
        "passed": passed,
        "error": None if passed else text,
        "test_case": {
            "name": f"{line(mark.claim.id)}: {name}",
            "code": "",
            "points": number(points),
            "hidden": False,
            "success_message": text if passed else None,
            "failure_message": None,
        },
    }
