"""Text of what a test shows, for a terminal or without colour."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.console import Console, RenderableType

WIDTH = 100


def rendered(shown: RenderableType, commands: Sequence[str] = (), width: int = WIDTH, *, colour: bool = False) -> str:
    """As text of so many columns; below it the commands that decide it again, each in one line, however long, so that
    it can be copied."""
    text = StringIO()
    console = Console(file=text, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(shown)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    labels = ["again", *[""] * len(commands)]
    return "\n".join([*lines, *(f"  {label:<10}{command}" for label, command in zip(labels, commands, strict=False))])
