"""Verdicts in a terminal: a progress display while they are reached, then a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from refute.claims import Claim
from refute.deciding.verdict import Counterexample, Mistake, Status, Verdict, power_of_two
from refute.formula.parse import parse
from refute.formula.show import unicode

T = TypeVar("T")

COLOUR = {
    Status.CERTIFIED: "green",
    Status.PROVED: "green",
    Status.TESTED: "cyan",
    Status.REFUTED: "bold red",
    Status.UNDECIDED: "yellow",
    Status.UNREADABLE: "yellow",
    Status.MISSING: "dim",
    Status.MANUAL: "cyan",
    Status.SKIPPED: "dim",
}
MOST_PARTS = 3  # formulas of one claim that the table shows


def track(items: Iterable[T], total: int, console: Console, doing: str, describe: Callable[[T], str]) -> list[T]:
    """Collect items behind a progress bar that describes the last; the bar goes away when all are there."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # slow to import

    columns = (
        TextColumn(doing),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    collected = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        for item in items:
            collected.append(item)
            progress.update(task, advance=1, description=describe(item))
    return collected


def print_verdicts(
    claims: Sequence[Claim],
    verdicts: Sequence[Verdict],
    seconds: float,
    console: Console,
    missing: Mapping[str, str] | None = None,
) -> None:
    """The table, the counterexamples below it, and one line that sums up. `missing` says of implementations why they
    could not be imported."""
    by_id = {claim.id: claim for claim in claims}
    skipped = [verdict for verdict in verdicts if verdict.status is Status.SKIPPED]
    decided = [verdict for verdict in verdicts if verdict.status is not Status.SKIPPED]
    console.print(_table([(by_id[verdict.claim], verdict) for verdict in decided]))
    for verdict in decided:
        if not verdict.accepted:
            console.print(Text(), failure(by_id[verdict.claim], verdict), sep="\n")
    if skipped or missing:
        console.print(_skipped(skipped, missing or {}))
    console.print(summary(decided, seconds))


def _table(rows: Sequence[tuple[Claim, Verdict]]) -> Table:
    has_others = len({claim.id for claim, _ in rows}) < len(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("claim", no_wrap=True)
    table.add_column("implementation" if has_others else "formula", ratio=4, overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("evidence", ratio=5)
    table.add_column("time", justify="right", no_wrap=True)
    for claim, verdict in rows:
        status = Text(str(verdict.status), style=COLOUR[verdict.status])
        of = Text(verdict.implementation) if has_others else formula_text(claim)
        table.add_row(Text(claim.id), of, status, evidence(verdict), f"{verdict.seconds:.2f} s")
    return table


def _skipped(verdicts: Sequence[Verdict], missing: Mapping[str, str]) -> Group:
    """What was not checked, by reason."""
    claims: dict[tuple[str, str], list[str]] = {}
    for verdict in verdicts:
        claims.setdefault((verdict.implementation, verdict.message), []).append(verdict.claim)
    names: dict[str, list[str]] = {}
    for name, reason in missing.items():
        names.setdefault(reason, []).append(name)
    lines = [f"{', '.join(of_reason)} skipped: {reason}" for reason, of_reason in names.items()]
    lines += [f"{name} skipped for {', '.join(ids)}: {reason}" for (name, reason), ids in claims.items()]
    return Group("", *(Text(line, style="dim") for line in lines))


def formula_text(claim: Claim) -> Text:
    """The claim's formula as one reads it; of a claim in many parts, the first few."""
    lines = []
    for part, formula in list(claim.formulas.items())[:MOST_PARTS]:
        lines.append((f"{part}: " if part else "") + unicode(parse(formula)))
    more = len(claim.formulas) - MOST_PARTS
    return Text("\n".join([*lines, f"… and {more} more"] if more > 0 else lines))


def evidence(verdict: Verdict) -> Text:
    """What the verdict rests on, in one cell."""
    parts = []
    if verdict.error_bound is not None:
        parts.append(f"error < {power_of_two(verdict.error_bound)}")
    if verdict.digits is not None:
        parts.append(f"{verdict.digits} digits")
    if verdict.cases:
        parts.append(f"{verdict.cases} case{'' if verdict.cases == 1 else 's'}")
    if verdict.systems:
        parts.append(", ".join(verdict.systems))
    if verdict.mistakes_total:
        parts.append(f"{verdict.mistakes_refuted}/{verdict.mistakes_total} mistakes refuted")
    return Text("; ".join([*parts, *verdict.notes]))


def failure(claim: Claim, verdict: Verdict) -> Group:
    """Why a claim does not stand. A law is its own implementation."""
    on = "" if verdict.implementation == claim.id else f"({verdict.implementation}) "
    lines = [Text.assemble((claim.id, "bold"), f" {on}", (str(verdict.status), COLOUR[verdict.status]))]
    lines += [Text(f"  {line}") for line in claim.ask.splitlines()]
    if verdict.message:
        lines.append(Text(f"  {verdict.message}"))
    for mistake in verdict.surviving:
        reason = claim.mistakes.get(mistake, "generated")
        lines.append(Text(f"  the mistake {mistake!r} ({reason}) is not refuted: the property is too weak"))
    if verdict.counterexample is not None:
        return Group(*lines, Padding(_counterexample(verdict.counterexample, verdict.mistake), (0, 0, 0, 2)))
    return Group(*lines)


def _counterexample(shown: Counterexample, mistake: Mistake | None) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    if shown.case:
        grid.add_row("with", Text(", ".join(f"{name} = {value}" for name, value in shown.case.items())))
    grid.add_row("expected", Text(shown.expected, style="green"))
    if shown.formula:
        grid.add_row("", Text(f"from {' '.join(shown.formula.split())}", style="dim"))
    grid.add_row("observed", Text(shown.observed, style="red"))
    grid.add_row("", Text(f"from {shown.seen}", style="dim"))
    if mistake is not None:
        grid.add_row("mistake", Text(mistake.text))
    if shown.where:
        grid.add_row("where", Text("\n".join(_from_here(place) for place in shown.where.split("; "))))
    return grid


def _from_here(place: str) -> str:
    """A file and line, relative to the current folder if it lies in it."""
    return place.removeprefix(f"{Path.cwd()}/")


def summary(verdicts: Sequence[Verdict], seconds: float) -> Text:
    """The last line: how many claims stand, by how strong a verdict, and how many mistakes were refuted."""
    counts = Counter(verdict.status for verdict in verdicts)
    kinds = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    failed = sum(not verdict.accepted for verdict in verdicts)
    refuted = sum(verdict.mistakes_refuted for verdict in verdicts)
    total = sum(verdict.mistakes_total for verdict in verdicts)
    head = f"{failed} of {_claims(len(verdicts), 'does' if failed == 1 else 'do')} not stand"
    if not failed:
        head = _claims(len(verdicts), "stands" if len(verdicts) == 1 else "stand")
    tail = f"; {refuted}/{total} mistakes refuted" if total else ""
    return Text(f"\n{head}: {kinds}{tail}; {seconds:.1f} s", style="bold red" if failed else "bold green")


def _claims(number: int, verb: str) -> str:
    return f"{number} claim{'' if number == 1 else 's'} {verb}"
