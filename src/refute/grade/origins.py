"""Where each character of a text that was made from a file stands in that file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from refute.formula.macros import Piece, origin
from refute.grade.records import Place


class Origins:
    """The places of a text's characters. `cells` are the characters at which the cells of a notebook begin, each with
    its number."""

    def __init__(self, file: str, original: str, cells: Sequence[tuple[int, int]] = ()) -> None:
        self.file = file
        self._lines = list(accumulate((len(line) + 1 for line in original.split("\n")), initial=0))[:-1]
        self._cells = list(cells)
        self._pieces = [Piece(0, 0)]

    def moved(self, pieces: Iterable[Piece]) -> Origins:
        """The places of another text, whose pieces stand in this file."""
        other = Origins.__new__(Origins)
        other.file, other._lines, other._cells = self.file, self._lines, self._cells
        other._pieces = list(pieces)
        return other

    def place(self, at: int) -> Place:
        """The place of a character of the text."""
        original = origin(self._pieces, at)
        line = bisect_right(self._lines, original)
        column = original - self._lines[line - 1] + 1
        if not self._cells:
            return Place(self.file, line, column)
        start, number = self._cells[max(bisect_right(self._cells, original, key=lambda cell: cell[0]) - 1, 0)]
        return Place(self.file, line - bisect_right(self._lines, start) + 1, column, number)
