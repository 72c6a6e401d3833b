"""What the gate found as SARIF 2.1.0, with places from the root of the repository."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import quote

from refute import __version__
from refute.gate.findings import MEANING, Finding, Outcome, Rule
from refute.report.json_output import as_json
from refute.report.platforms.gate_common import places_of, said_of
from refute.report.words import visible_line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 5_000  # GitHub keeps no more of a run
MOST_PLACES = 100  # nor of a result
RULES = list(Rule)


def sarif(outcome: Outcome) -> str:
    """A log with one run and a result for each finding. A finding has the same fingerprint as long as it is there,
    wherever its lines move."""
    driver = {
        "name": "Refute",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in RULES],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, outcome) for finding in outcome.findings[:MOST_RESULTS]],
    }
    return as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    meaning, remedy = MEANING[rule]
    return {
        "id": str(rule),
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": meaning},
        "help": {"text": remedy},
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    first, *others = [_location(*place) for place in places_of(finding, outcome)[:MOST_PLACES]]
    return {
        "ruleId": str(finding.rule),
        "ruleIndex": RULES.index(finding.rule),
        "level": "error",
        "message": {"text": f"{visible_line(finding.subject)}: {said_of(finding)}"},
        "locations": [first],
        "relatedLocations": [{"id": i, **other} for i, other in enumerate(others, start=1)],
        "partialFingerprints": {"refuteFinding/v1": _fingerprint(finding)},
    }


def _location(file: str, line: int) -> dict[str, Any]:
    place = {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": place, "region": {"startLine": line}}}


def _fingerprint(finding: Finding) -> str:
    return sha256("\0".join((finding.rule, finding.claim, finding.implementation)).encode()).hexdigest()
