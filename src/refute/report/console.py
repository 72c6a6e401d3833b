"""Feedback in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from refute.report.feedback import Feedback, Note, Tone

COLOURS = {Tone.RIGHT: "green", Tone.PARTLY: "yellow", Tone.WRONG: "bold red", Tone.OPEN: "cyan"}


def print_feedback(feedback: Feedback, console: Console) -> None:
    """Print all that is said of a submission."""
    console.print(Text.assemble((feedback.name, "bold"), "  ", feedback.headline))
    for remark in feedback.remarks:
        console.print(Text(remark, style="yellow"))
    for section in feedback.sections:
        console.print(Text(f"\nQuestion {section.title}", style="bold"))
        for note in section.notes:
            console.print(_note(note))
    _print_list("What was odd about the submission", feedback.problems, console)
    _print_list("Formulas that belong to no blank", [f"{place}: {text}" for place, text in feedback.strays], console)


def _print_list(title: str, lines: tuple[str, ...] | list[str], console: Console) -> None:
    if lines:
        console.print(Text(f"\n{title}", style="bold"))
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 2)))


def _note(note: Note) -> Group:
    head = Text.assemble((note.claim, "bold"), "  ", (note.verdict, COLOURS[note.tone]), f"  {note.points}")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for heading, said in _rows(note):
        grid.add_row(heading, said)
    return Group(head, Padding(grid, (0, 0, 0, 2)))


def _rows(note: Note) -> Iterator[tuple[str, RenderableType]]:
    yield "asked", Text(note.ask, style="dim")
    if note.read_as:
        yield "read as", Text(note.read_as)
    elif note.written.strip():
        yield "wrote", Text(note.written)
    if note.unread is not None:
        yield "", Text(note.unread.what)
        if note.unread.excerpt:
            yield "place", Text(note.unread.excerpt, no_wrap=True, overflow="ellipsis")
    if note.example is not None:
        yield "example", Text(note.example.sentence)
    yield from ((heading, Text(text)) for heading, text in note.words)
