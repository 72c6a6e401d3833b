"""`refute stream`: a JSON object a line in, one a line out, whatever the line."""

from __future__ import annotations

import json
from typing import Any

from refute.deciding.domain import parse_domains
from refute.deciding.same import same
from refute.deciding.verdict import Status, Verdict, fault
from refute.deciding.written import Deciders
from refute.errors import RefuteError

LONGEST_LINE = 1_000_000  # characters


def decide_line(line: str, deciders: Deciders) -> str:
    """The verdict on one line, as a line. What is wrong with a line is said in its verdict; nothing is raised."""
    identifier, claim = None, None
    try:
        request = _request(line)
        identifier, claim = request.get("id"), request.get("claim")
        verdict = _decided(request, deciders)
    except RefuteError as error:
        verdict = Verdict("", "", Status.UNREADABLE, message=str(error))
    except Exception as error:  # noqa: BLE001  # a fault of ours is one line's, and never a refusal
        verdict = fault(error)
    return json.dumps({"id": identifier, **verdict.answer_json(), "claim": claim}, ensure_ascii=False)


def _request(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise RefuteError("the line is too long", expected=f"at most {LONGEST_LINE} characters", got=str(len(line)))
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RefuteError("the line is no JSON", expected="a JSON object", got=str(error)) from error
    if not isinstance(request, dict):
        raise RefuteError("the line is no JSON object", expected='{"id", "claim", "answer"}', got=line.strip()[:80])
    return request


def _decided(request: dict[str, Any], deciders: Deciders) -> Verdict:
    match request:
        case {"claim": str(claim), "answer": str(answer)}:
            return deciders.of(claim).decide(answer)
        case {"left": str(left), "right": str(right), "domain": str(domain)}:
            return same(left, right, parse_domains([domain]))
        case {"left": str(left), "right": str(right)} if "domain" not in request:
            return same(left, right)
    raise RefuteError(
        "the line lacks what to decide",
        expected='{"id", "claim", "answer"} or {"id", "left", "right", perhaps "domain"}, all but the id texts',
        got=", ".join(request),
    )
