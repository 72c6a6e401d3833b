"""What the gate found, in a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from refute.gate.findings import Finding, Outcome, Place, Rule
from refute.gate.lock import NAME
from refute.report.json_output import as_json
from refute.report.terminal import print_verdicts
from refute.report.words import visible


def print_outcome(outcome: Outcome, console: Console) -> None:
    """The verdicts as `refute check` shows them, then each finding with its place and what to do, and one line that
    sums up."""
    project = outcome.project
    print_verdicts(project.claims, outcome.verdicts, outcome.seconds, console, project.missing)
    for finding in outcome.findings:
        if finding.rule is not Rule.REFUTED:  # its counterexample stands above
            console.print(_head(finding))
            console.print(Padding(_text(finding), (0, 0, 0, 2)))
    if outcome.gains:
        console.print(Text(f"\nNew or stronger than {NAME} says", style="bold"))
        for gain in outcome.gains:
            console.print(Padding(Text(visible(gain)), (0, 0, 0, 2)))
    console.print(Text(f"\n{headline(outcome)}", style="bold green" if outcome.is_green else "bold red"))


def _head(finding: Finding) -> Text:
    return Text.assemble("\n", (str(finding.rule), "bold red"), "  ", (visible(finding.subject), "bold"))


def _text(finding: Finding) -> Text:
    return Text("\n".join([visible(finding.message), *map(_shown, finding.places), finding.advice]))


def _shown(place: Place) -> str:
    here = Path.cwd()
    return f"{place.file.relative_to(here) if place.file.is_relative_to(here) else place.file}:{place.line}"


def headline(outcome: Outcome) -> str:
    """What came out, in one line."""
    written = {True: f"; {NAME} is written", False: f"; {NAME} is not written", None: ""}[outcome.written]
    if outcome.findings:
        counts = Counter(str(finding.rule) for finding in outcome.findings)
        kinds = ", ".join(f"{count} {rule}" for rule, count in counts.items())
        return f"The gate is red: {kinds}{written}"
    more = f"; `refute gate --update` adds what is new or stronger to {NAME}" if outcome.gains else ""
    return f"The gate is green: nothing is weaker than {NAME} says{written}{more}"


def outcome_json(outcome: Outcome) -> str:
    """``{"project", "ok", "claims", "findings", "gains", "missing", "written"}``, the claims as `refute check` has
    them."""
    return as_json(
        {
            "project": outcome.project.name,
            "ok": outcome.is_green,
            "claims": [verdict.to_json() for verdict in outcome.verdicts],
            "findings": [_finding(finding) for finding in outcome.findings],
            "gains": list(outcome.gains),
            "missing": dict(outcome.project.missing),
            "written": outcome.written,
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": str(finding.rule),
        "claim": finding.claim or None,
        "implementation": finding.implementation or None,
        "message": finding.message,
        "advice": finding.advice,
        "places": [{"file": str(place.file), "line": place.line} for place in finding.places],
    }
