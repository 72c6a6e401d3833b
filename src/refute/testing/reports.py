"""A test's report: the verdicts in it, as plain data that goes from process to process, and what is shown of a
failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from rich.console import RenderableType
from rich.text import Text

from refute.deciding.verdict import Status, Verdict
from refute.errors import InternalError, RefuteError
from refute.report.terminal import evidence
from refute.testing.claims import ClaimItem
from refute.testing.running import NotAccepted, Running
from refute.testing.shown import rendered


@dataclass
class Shown:
    """A failure as pytest shows it: plain text, which goes from process to process, and into files; in a terminal with
    colour what is `shown`, and the `commands`."""

    plain: Any
    shown: RenderableType
    reprcrash: Any
    commands: Sequence[str] = ()

    @property
    def reprtraceback(self) -> Any:
        """The plain text, where pytest has a traceback."""
        return self.plain.reprtraceback

    @property
    def sections(self) -> Sequence[Any]:
        """None of them."""
        return ()

    def toterminal(self, writer: Any) -> None:
        """Write it."""
        if writer.hasmarkup:
            writer.line(rendered(self.shown, self.commands, writer.fullwidth, colour=True))
        else:
            self.plain.toterminal(writer)

    def __str__(self) -> str:
        return str(self.plain)


def complete(
    report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None], running: Running, again: str
) -> None:
    """Put into a report what a test came to. `again` is the command that runs it again."""
    is_claim = isinstance(item, ClaimItem)
    if not (is_claim or hasattr(getattr(item, "obj", None), "refute_law")):
        return  # another test, which may well look at a law that does not stand
    if call.when == "call":
        vars(report)["refute"] = [_plain(item, kind, verdict) for kind, verdict in running.verdicts]
    if call.excinfo is None:
        return
    error = call.excinfo.value
    if isinstance(error, NotAccepted):
        error.commands = (*error.commands, again)
        report.longrepr = _shown(item, call.excinfo, error.shown, _in_short(error.verdict), error.commands)
    elif isinstance(error, RefuteError) and not isinstance(error, InternalError):
        report.longrepr = _shown(item, call.excinfo, Text(str(error)), str(error))
    elif isinstance(error, pytest.skip.Exception):
        if is_claim:
            path, line, _ = item.reportinfo()
            report.longrepr = (str(path), (line or 0) + 1, f"Skipped: {error.msg}")
    elif is_claim or isinstance(error, InternalError):
        fault = call.excinfo.getrepr(style="native")
        fault.addsection("refute", "a fault of refute's own, please report it")
        report.longrepr = fault


def _shown(
    item: pytest.Item,
    excinfo: pytest.ExceptionInfo[BaseException],
    shown: RenderableType,
    in_short: str,
    commands: Sequence[str] = (),
) -> Any:
    """What is shown of an error instead of a traceback, and in one line in pytest's summary."""
    plain, (path, line, _) = excinfo.getrepr(style="value", chain=False), item.reportinfo()
    crash = plain.reprcrash and replace(plain.reprcrash, path=str(path), lineno=(line or 0) + 1, message=in_short)
    return Shown(plain, shown, crash, commands)


def _plain(item: pytest.Item, kind: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": item.name if kind == "claim" else str(item.nodeid),
        "status": str(verdict.status),
        "accepted": verdict.accepted,
        "evidence": verdict.message if verdict.status is Status.SKIPPED else evidence(verdict).plain,
        "mistakes": verdict.mistakes_total,
        "mistakes_refuted": verdict.mistakes_refuted,
    }


def _in_short(verdict: Verdict) -> str:
    shown = verdict.counterexample
    if shown is not None:
        return f"{verdict.status}: expected {shown.expected}, observed {shown.observed}"
    if verdict.surviving:
        return f"not refuted: {', '.join(verdict.surviving)}"
    return f"{verdict.status}: {verdict.message}"
