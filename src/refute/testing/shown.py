"""Text of what a test shows, for a terminal or without colour."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 100


def rendered(shown: RenderableType, width: int = WIDTH, *, colour: bool = False) -> str:
    """As text of so many columns."""
    text = StringIO()
    console = Console(file=text, width=width, force_terminal=colour, color_system="standard" if colour else None)
    console.print(shown)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def with_commands(shown: RenderableType, commands: Sequence[str]) -> RenderableType:
    """With the commands, below it, that decide it again."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="ignore", no_wrap=True)  # a command that is broken into lines cannot be copied
    for number, command in enumerate(commands):
        grid.add_row("" if number else "again   ", Text(command))
    return Group(shown, Padding(grid, (0, 0, 0, 2), expand=False))
