"""Python as it is handed in: a `.py` file, or the code cells of a notebook, as the text of one module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from refute.deciding.verdict import Verdict
from refute.errors import AnswerError
from refute.grade.records import Place

MOST_CHARACTERS = 500_000
MAGIC = re.compile(r"\s*[%!?]")
CELL_MAGIC = re.compile(r"\s*%%(?!time|timeit|capture)")  # the cell is none of Python's


@dataclass(frozen=True)
class Source:
    """The text of one module. `file` is the one handed in and `module` the name in the box; a notebook's `cells` are
    the lines at which its code cells begin, each with its number."""

    file: str
    module: str
    text: str
    cells: tuple[tuple[int, int], ...] = ()

    @property
    def is_notebook(self) -> bool:
        """Whether it also has statements that only show something, which may fail elsewhere."""
        return self.file.endswith(".ipynb")

    def place(self, line: int) -> Place:
        """Where a line of the module stands in what was handed in."""
        start, cell = max((begin for begin in self.cells if begin[0] <= line), default=(1, None))
        return Place(self.file, line - start + 1, cell=cell)


def read_source(file: str, content: bytes) -> Source:
    """The Python in a file that was handed in. Raises AnswerError for one that is no text, or no notebook."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(file, "text in UTF-8", str(error)) from None
    if len(text) > MOST_CHARACTERS:
        raise _unreadable(file, f"at most {MOST_CHARACTERS} characters", str(len(text)))
    module = re.sub(r"\W", "_", PurePath(file).stem, flags=re.ASCII)
    module = f"{module if module[:1].isalpha() else f'code_{module}'}.py"
    return _of_cells(file, module, text) if file.endswith(".ipynb") else Source(file, module, text)


def _unreadable(file: str, expected: str, got: str) -> AnswerError:
    return AnswerError("the code cannot be read", expected=expected, got=got, where=file)


def _of_cells(file: str, module: str, text: str) -> Source:
    try:
        cells = list(_code_cells(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, "a Jupyter notebook", str(error)) from None
    lines: list[str] = []
    begins = []
    for number, cell in cells:
        begins.append((len(lines) + 1, number))
        lines += _without_magics(cell)
    return Source(file, module, "\n".join([*lines, ""]), tuple(begins))


def _code_cells(notebook: Any) -> Iterator[tuple[int, str]]:
    """The code cells, with their numbers among all cells."""
    match notebook:
        case {"cells": list(cells)}:
            for number, cell in enumerate(cells, 1):
                match cell:
                    case {"cell_type": "code", "source": str(source)}:
                        yield number, source
                    case {"cell_type": "code", "source": list(lines)} if all(isinstance(line, str) for line in lines):
                        yield number, "".join(lines)
        case _:
            raise ValueError("it has no list of cells")


def _without_magics(cell: str) -> list[str]:
    """The lines of a cell, with nothing in place of what is IPython's own."""
    lines = cell.splitlines() or [""]
    if CELL_MAGIC.match(lines[0]):
        return [""] * len(lines)
    return ["" if MAGIC.match(line) else line for line in lines]


def with_places(verdict: Verdict, sources: tuple[Source, ...]) -> Verdict:
    """A verdict that speaks of lines in what was handed in, instead of lines of modules."""
    by_module = {source.module: source for source in sources}
    if not by_module:
        return verdict
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, by_module))}):(\d+)")

    def placed(text: str) -> str:
        return pattern.sub(lambda found: str(by_module[found[1]].place(int(found[2]))), text)

    shown = verdict.counterexample
    return replace(
        verdict,
        counterexample=shown and replace(shown, where=placed(shown.where)),
        notes=tuple(map(placed, verdict.notes)),
        message=placed(verdict.message),
    )
