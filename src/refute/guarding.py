"""`refute gate`: runs the gate, and says what it found to people, to other programs and to GitHub."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from refute.errors import UsageError
from refute.gate.findings import Outcome
from refute.gate.run import Check, pass_gate
from refute.report.gate import outcome_json, print_outcome
from refute.report.platforms.gate_junit import gate_junit
from refute.report.platforms.github import commands, commands_stopped, summary
from refute.report.platforms.sarif import sarif


@dataclass(frozen=True)
class Outputs:
    """Where the gate's results go, beside the terminal: files, GitHub (None: when it runs there), or JSON on stdout."""

    junit: Path | None = None
    sarif: Path | None = None
    github: bool | None = None
    as_json: bool = False

    @property
    def to_github(self) -> bool:
        """Whether GitHub's runner reads what is printed."""
        if self.github is None:
            return os.environ.get("GITHUB_ACTIONS") == "true" and not self.as_json
        return self.github


def guard(start: Path, check: Check, outputs: Outputs, *, update: bool) -> bool:
    """Whether the gate is green for the project to which the folder `start` belongs, after saying why.

    Raises ProjectError, as `pass_gate` does, and UsageError for a file that cannot be written.
    """
    if outputs.to_github and outputs.as_json:
        raise UsageError(
            "--json and --github both print on stdout", expected="one of them", got="both", example="refute gate --json"
        )
    with commands_stopped(click.echo) if outputs.to_github else nullcontext():
        outcome = pass_gate(start, check, update=update)
        if outputs.as_json:
            click.echo(outcome_json(outcome))
        else:
            print_outcome(outcome, Console())
    _write_files(outcome, outputs)
    if outputs.to_github:
        for annotation in commands(outcome):
            click.echo(annotation)
        if page := os.environ.get("GITHUB_STEP_SUMMARY"):
            _write(Path(page), summary(outcome), "a")
    return outcome.is_green


def _write_files(outcome: Outcome, outputs: Outputs) -> None:
    if outputs.junit is not None:
        _write(outputs.junit, gate_junit(outcome))
    if outputs.sarif is not None:
        _write(outputs.sarif, sarif(outcome))


def _write(file: Path, text: str, mode: str = "w") -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open(mode, encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written", expected="a folder to write in", got=str(error)) from error
