"""Verdicts on written answers, and what the blanks ask, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from refute.claims import Claim, Question, Real
from refute.deciding.verdict import Counterexample, Verdict, power_of_two
from refute.formula.parse import parse
from refute.formula.show import unicode
from refute.report.json_output import hidden, right_formulas
from refute.report.terminal import COLOUR

MOST_LETTERS = 40  # of a formula that stands beside its value


def print_answer(verdict: Verdict, claim: Claim, reveal: str, console: Console) -> None:
    """What was read, the verdict, and what it rests on."""
    shown = hidden(verdict) if reveal == "none" else verdict
    console.print(Text(claim.ask, style="dim"))
    if verdict.read_as:
        console.print(Text.assemble(("read as  ", "dim"), verdict.read_as))
    _print_verdict(shown, console)
    if reveal == "formula":
        for formula in right_formulas(claim):
            console.print(Text.assemble(("right    ", "dim"), formula))


def print_comparison(verdict: Verdict, left: str, right: str, console: Console) -> None:
    """Whether two formulas are the same."""
    short = all(len(side) <= MOST_LETTERS and "\n" not in side for side in (left, right))
    _print_verdict(verdict, console, sides=(left, right) if short else ("left", "right"))


def _print_verdict(verdict: Verdict, console: Console, sides: tuple[str, str] = ("yours", "right")) -> None:
    line = [(str(verdict.status), COLOUR[verdict.status])]
    if verdict.error_bound is not None:
        line.append((f", error < {power_of_two(verdict.error_bound)}", ""))
    if verdict.digits is not None:
        line.append((f", {verdict.digits} digits", ""))
    if verdict.cases:
        line.append((f", {verdict.cases} case{'' if verdict.cases == 1 else 's'}", ""))
    if verdict.shapes:
        line.append((f": {'; '.join(verdict.shapes)}", ""))
    console.print(Text.assemble(*line))
    if verdict.counterexample is not None:
        console.print(Padding(_counterexample(verdict.counterexample, sides), (0, 0, 0, 2)))
    elif verdict.message:
        console.print(Padding(Text(verdict.message), (0, 0, 0, 2)))
    if verdict.mistake is not None:
        console.print(Text.assemble(("mistake  ", "dim"), verdict.mistake.text))
    if verdict.reading:
        console.print(Text.assemble(("reading  ", "dim"), verdict.reading))


def _counterexample(shown: Counterexample, sides: tuple[str, str]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    if shown.case:
        grid.add_row("with", Text(shown.given()))
    grid.add_row(Text(sides[0]), Text(shown.observed, style="red"))
    grid.add_row(Text(sides[1]), Text(shown.expected, style="green"))
    return grid


def print_blanks(questions: Sequence[Question], console: Console) -> None:
    """The claims that take a written answer."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in ("claim", "points", "what is asked"):
        table.add_column(header, no_wrap=header != "what is asked")
    for question in questions:
        for claim in question.claims:
            if claim.blank is not None:
                table.add_row(Text(claim.id), str(claim.points) if claim.points else "", Text(claim.ask))
    console.print(table)


def print_blank(claim: Claim, console: Console) -> None:
    """What a claim asks, the names that an answer may use, with their domains, and examples of how to write it."""
    lines: list[Text | Table | Padding] = [
        Text.assemble((claim.id, "bold"), f"  {claim.ask}"),
        Text(" ".join(claim.source.split()), style="dim"),
    ]
    if claim.blank is not None:
        lines += [Text("\nan answer may use", style="bold"), Padding(_names(claim), (0, 0, 0, 2))]
        lines.append(Text("\nit is written like this (the examples are not the answer)", style="bold"))
        lines += [Padding(Text(example), (0, 0, 0, 2)) for example in claim.blank.examples]
    else:
        lines.append(Text("\nit takes no written answer: a person judges it", style="yellow"))
    console.print(Group(*lines))


def _names(claim: Claim) -> Table:
    assert claim.blank is not None
    vocabulary, words = claim.blank.vocabulary, claim.blank.words
    index = ", ".join(vocabulary.indices)
    grid = Table.grid(padding=(0, 2))
    for name, arity in vocabulary.names.items():
        domain = {**claim.given, **claim.blank.given}.get(name, Real())
        base = words.get(name.removesuffix("_bar"), "")
        said = f"the derivative of the loss by the {base}" if name.endswith("_bar") and base else words.get(name, "")
        written = f"{name}[{index}]" if arity else name
        limits = "" if domain == Real() else str(domain)
        grid.add_row(Text(written), Text(unicode(parse(written))), Text(said), Text(limits, style="dim"))
    for name, (low, high) in vocabulary.indices.items():
        grid.add_row(Text(name), Text(unicode(parse(name))), Text(f"an index, from {low} to {high}"))
    return grid
