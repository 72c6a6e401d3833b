"""GitHub Actions: annotations, which its runner reads from what a step prints, and the job's summary."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from refute.gate.findings import Outcome
from refute.report.gate import headline
from refute.report.markdown import escaped
from refute.report.platforms.gate_common import places_of, said_of
from refute.report.terminal import evidence
from refute.report.words import visible, visible_line

MOST_CHARACTERS = 4_096  # of an annotation's message
MOST_BYTES = 1_048_576  # of a summary


@contextmanager
def commands_stopped(echo: Callable[[str], object]) -> Iterator[None]:
    """While it lasts, nothing printed is a command to the runner: code that is checked may print what it likes."""
    token = secrets.token_hex(16)
    echo(f"::stop-commands::{token}")
    try:
        yield
    finally:
        echo(f"::{token}::")


def commands(outcome: Outcome) -> Iterator[str]:
    """A line for each finding, which GitHub shows beside the line of code."""
    for finding in outcome.findings:
        file, line = places_of(finding, outcome)[0]
        title = f"{finding.rule}: {visible_line(finding.subject)}"
        yield f"::error file={_property(file)},line={line},title={_property(title)}::{_message(said_of(finding))}"


def _message(text: str) -> str:
    """The text as the runner reads it, whole up to its limit."""
    shown = ""
    for character in text:
        added = _data(character)
        if len(shown) + len(added) > MOST_CHARACTERS:
            break
        shown += added
    return shown


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(outcome: Outcome) -> str:
    """What was found, in Markdown, as much of it as GitHub takes."""
    kept, size = [], 0
    for line in _lines(outcome):
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            break
        kept.append(line)
    return "\n".join(kept) + "\n"


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"## Refute: {escaped(outcome.project.name)}\n"
    yield f"{'✅' if outcome.is_green else '❌'} {escaped(headline(outcome))}\n"
    if outcome.findings:
        yield "| rule | of | what is wrong | what to do | where |\n| --- | --- | --- | --- | --- |"
        for finding in outcome.findings:
            file, line = places_of(finding, outcome)[0]
            said = map(visible, (finding.subject, finding.message, finding.advice))
            yield _row(str(finding.rule), *said, f"{file}:{line}")
        yield ""
    if outcome.project.missing:
        yield "Not checked:\n"
        yield from (f"- {escaped(n)}: {escaped(visible(reason))}" for n, reason in outcome.project.missing.items())
        yield ""
    if outcome.gains:
        yield "New or stronger than refute.lock says:\n"
        yield from (f"- {escaped(visible(gain))}" for gain in outcome.gains)
        yield ""
    yield "<details><summary>All verdicts</summary>\n"
    yield "| claim | implementation | verdict | evidence |\n| --- | --- | --- | --- |"
    for verdict in outcome.verdicts:
        yield _row(verdict.claim, verdict.implementation, str(verdict.status), evidence(verdict).plain)
    yield "\n</details>"


def _row(*cells: str) -> str:
    return f"| {' | '.join(escaped(' '.join(cell.split())) for cell in cells)} |"
