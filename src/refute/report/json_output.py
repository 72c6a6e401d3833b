"""Verdicts and marks as JSON, for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from refute.claims import Claim
from refute.deciding.verdict import Status, Verdict
from refute.formula.parse import parse
from refute.formula.show import unicode

if TYPE_CHECKING:
    from refute.grade.records import Graded, Mark, Place

PLACES = 6  # decimal places of points that are no short decimal
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which cannot be written


def verdicts_json(project: str, verdicts: Sequence[Verdict], missing: Mapping[str, str] | None = None) -> str:
    """``{"project", "claims": [...], "missing": {...}, "ok"}``; `ok` is whether every claim stands, and `missing` says
    of implementations why they could not be imported here."""
    claims = [verdict.to_json() for verdict in verdicts]
    stand = all(verdict.stands for verdict in verdicts)
    return as_json({"project": project, "claims": claims, "missing": dict(missing or {}), "ok": stand})


def answer_json(verdict: Verdict, claim: Claim | None, reveal: str) -> str:
    """The object of `refute stream` without its id, with how the answer was read, and no more than is revealed."""
    shown = hidden(verdict) if reveal == "none" else verdict
    more = {"formula": right_formulas(claim)} if claim is not None and reveal == "formula" else {}
    return json.dumps({**shown.answer_json(), "read_as": verdict.read_as, **more}, ensure_ascii=False)


def hidden(verdict: Verdict) -> Verdict:
    """A verdict that does not show what is right."""
    shown = verdict.counterexample
    if shown is None:
        return verdict
    message = verdict.message.replace(shown.answer_sentence(), shown.answer_sentence(reveal=False))
    return replace(verdict, counterexample=replace(shown, expected="another value"), message=message)


def right_formulas(claim: Claim) -> list[str]:
    """The formulas that a claim accepts, as one reads them."""
    parts = claim.blank.right if claim.blank is not None else tuple(claim.formulas)
    return [unicode(parse(claim.formulas[part])) for part in parts]


def graded_json(submissions: Sequence[Graded]) -> str:
    """A list with an object for each submission. A score is null where a person decides."""
    return as_json([_graded(graded) for graded in submissions])


def as_json(value: Any) -> str:
    """JSON on one line that can be written as UTF-8, whatever is in its texts."""
    return SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False))


def number(points: Fraction | int) -> int | float:
    """Points as JSON has them: rounded, if they are no short decimal. What is not above something stays so."""
    rounded = round(Fraction(points), PLACES)
    return int(rounded) if rounded.denominator == 1 else float(rounded)


def _graded(graded: Graded) -> dict[str, Any]:
    submission = graded.submission
    return {
        "submission": submission.name,
        "score": number(graded.score),
        "max_score": number(graded.max_score),
        "manual_max": number(graded.manual_max),
        "blanks": [_blank(mark) for mark in graded.marks],
        "unassigned": [{"text": stray.text, "where": _where(stray.place)} for stray in submission.unassigned],
        "problems": [
            {"message": problem.message, "where": _where(problem.place), "needs_person": problem.needs_person}
            for problem in submission.problems
        ],
    }


def _blank(mark: Mark) -> dict[str, Any]:
    verdict, written = mark.verdict.answer_json(), mark.written
    return {
        "claim": mark.claim.id,
        "verdict": verdict["verdict"],
        "accepted": None if mark.verdict.status is Status.MANUAL else verdict["accepted"],
        "score": None if mark.score is None else number(mark.score),
        "max_score": number(mark.max_score),
        "answer": None if written is None else written.text,
        "read_as": mark.verdict.read_as or None,
        "message": "; ".join(filter(None, (mark.verdict.message or mark.reason, mark.evidence))),
        "mistake": verdict["mistake"],
        "counterexample": verdict["counterexample"],
        "where": None if written is None else _where(written.place),
    }


def _where(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    cell = {} if place.cell is None else {"cell": place.cell}
    return {"file": place.file, "line": place.line, "column": place.column, **cell}
