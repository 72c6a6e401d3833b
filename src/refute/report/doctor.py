"""What `refute doctor` found, for a terminal and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from refute.sandbox.doctor import Finding, advice


def print_findings(findings: Sequence[Finding], console: Console) -> None:
    """A table, and what it comes to."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("isolation", "", "found"):
        table.add_column(heading, no_wrap=heading != "found")
    for finding in findings:
        mark = Text("holds", "green") if finding.holds else Text("fails", "bold red")
        table.add_row(Text(finding.name), mark, Text(finding.detail))
    console.print(table)
    if all(finding.holds for finding in findings):
        console.print("\nCode that was handed in can be run here.")
    else:
        console.print(Text(f"\nCode that was handed in cannot be run here. {advice()}"))


def findings_json(findings: Sequence[Finding]) -> str:
    """One JSON object."""
    isolated = all(finding.holds for finding in findings)
    return json.dumps({"isolated": isolated, "findings": [asdict(f) for f in findings]}, indent=2, ensure_ascii=False)
