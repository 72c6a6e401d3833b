"""Gradescope: the results.json of an autograder."""

from __future__ import annotations

from typing import Any

from refute.grade.records import Graded, Mark
from refute.report.json_output import as_json, number
from refute.report.platforms.common import Outcome, line, outcome, remarks, said

VISIBILITY = "after_published"  # a student who sees verdicts before that can try until one is right


def gradescope(graded: Graded) -> str:
    """A test for each blank. One that a person has to decide has no points, no maximum and no status; the score is that
    of the rest, after a penalty, and is left out where nothing is decided."""
    marking: dict[str, Any] = {"score": number(graded.score)} if graded.max_score else {}
    return as_json(
        {
            **marking,
            "execution_time": round(sum(mark.verdict.seconds for mark in graded.marks), 3),
            "output": remarks(graded),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "visibility": VISIBILITY,
            "stdout_visibility": "hidden",
            "extra_data": {
                "max_score": number(graded.max_score),
                "manual_max": number(graded.manual_max),
                "penalty": number(graded.penalty),
                "needs_person": graded.needs_person,
            },
            "tests": [_test(mark) for mark in graded.marks],
        }
    )


def _test(mark: Mark) -> dict[str, Any]:
    found = outcome(mark)
    marking: dict[str, Any] = {"tags": ["for a person"]}
    if mark.score is not None:
        marking = {
            "score": number(mark.score),
            "max_score": number(mark.max_score),
            "status": "passed" if found is Outcome.RIGHT else "failed",
        }
    return {
        **marking,
        "number": line(mark.claim.id),
        "name": line(mark.claim.ask),
        "output": said(mark),
        "output_format": "text",
        "visibility": VISIBILITY,
    }
