r"""Formulas in a document: where they are (``$$``, ``\[``, ``align``...), and which equations they hold.

A text is cut into tokens once, and its brackets and environments are matched then, so that every pass is linear.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from refute.grade.origins import Origins

DISPLAYS = frozenset(
    ("equation", "align", "gather", "multline", "eqnarray", "alignat", "flalign", "displaymath", "math", "dmath")
)
LAYOUTS = frozenset(
    ("aligned", "alignedat", "gathered", "split", "cases", "dcases", "rcases", "array", "align", "gather")
)

MAX_MARKS = 50_000  # dollar signs, brackets and environments of a document

_MARK = re.compile(
    r"""\\(?P<edge>begin|end)\s*\{\s*(?P<name>[A-Za-z]+)\*?\s*\} | \\(?P<bracket>[\[\]()]) | \\(?:[A-Za-z@]+|.)
    | (?P<brace>[{}]) | (?P<dollar>\$)""",
    re.VERBOSE | re.DOTALL,
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_ROW = re.compile(
    r"""\\begin\s*\{\s*(?P<begin>[A-Za-z]+)\*?\s*\}(?:\s?\[[a-z]\])?(?:\s?\{[^{}\n]{0,40}\})?
    | \\(?P<end>end)\s*\{[^{}\n]{0,40}\}
    | (?P<break>\\\\\*?(?:[ ]?\[[^\[\]\n]{0,20}\])? | \\(?:newline|cr)(?![A-Za-z]))
    | (?P<prose>\\(?:short)?intertext)(?![A-Za-z])
    | (?P<gap>\\(?:quad|qquad)(?![A-Za-z]) | [,;])
    | (?P<relation>\\(?:leftarrow|gets|coloneqq)(?![A-Za-z]) | :=|\+=|<-|==?|←)
    | \\(?:[A-Za-z@]+|.) | (?P<brace>\{) | (?P<shut>\})""",
    re.VERBOSE | re.DOTALL,
)
_BEFORE = re.compile(  # what may stand before an equation and is no part of it
    r"(?:[\s&~]|\\[,;:! >]|\\(?:quad|qquad|displaystyle|Rightarrow|Longrightarrow|implies|therefore|iff)(?![A-Za-z])"
    r"|\\left\s?(?:\\\{|\.)|\\\{|\\(?:label|tag)\s?\{[^{}\n]{0,80}\})*+"
)
_GOES_ON = re.compile(r"[-+*/=]|\\(?:cdot|times|odot|circ|text\s?\{\s?(?:where|with|and))(?![A-Za-z])|(?:where|with)\b")
_WHERE = re.compile(r"\\text\s?\{\s?(?:where|with)|(?<![A-Za-z\\])(?:where|with)(?![A-Za-z])")
_NOTHING = re.compile(
    r"(?:[\s&~.,;$?{}]|\\[,;:! >\\\[\]()]|\\(?:quad|qquad|displaystyle|right|left|ldots|dots|cdots|square)(?![A-Za-z])"
    r"|\\(?:begin|end)\s?\{[A-Za-z]{1,20}\*?\})*+"
)

IsKnown = Callable[[str], bool]  # whether a left-hand side is that of a blank


@dataclass(frozen=True)
class Formula:
    """A stretch of mathematics between its delimiters. One that is not closed is empty, after its first delimiter."""

    start: int
    end: int
    is_inline: bool
    is_closed: bool = True


@dataclass(frozen=True)
class Equation:
    """A left-hand side, and where what follows its relation begins and ends. Without a relation, `left` is empty."""

    left: str
    start: int
    right: int
    end: int

    @property
    def has_relation(self) -> bool:
        """Whether there is an equals sign at all."""
        return self.right > self.start


def is_empty(text: str) -> bool:
    """Whether nothing is written there: delimiters, spaces and dots at most."""
    match = _NOTHING.match(text)
    return match is not None and match.end() == len(text)


class Document:
    """A text with formulas in it, in LaTeX or Markdown, and where it stands in a file. Raises ValueError for one that
    begins formulas without end."""

    def __init__(self, text: str, origins: Origins) -> None:
        self.text, self.origins = text, origins
        self.closing: dict[int, int] = {}  # of a bracket's beginning, its end
        self._ending: dict[int, tuple[int, int]] = {}  # of an environment's beginning, where its end is
        self._marks: list[int] = []  # where a formula may begin
        self._closers: dict[str, list[int]] = defaultdict(list)
        self._dollars: dict[int, list[int]] = defaultdict(list)  # by the number of open brackets
        self._doubles: dict[int, list[int]] = defaultdict(list)
        self._depth: dict[int, int] = {}
        self._paragraphs = [match.start() for match in _PARAGRAPH.finditer(text)]
        self._match_marks()

    def _match_marks(self) -> None:
        opened: list[int] = []
        begun: dict[str, list[int]] = defaultdict(list)
        for match in _MARK.finditer(self.text):
            at = match.start()
            if match["brace"] == "{":
                opened.append(at)
            elif match["brace"] == "}":
                if opened:
                    self.closing[opened.pop()] = at
            elif match["dollar"]:
                depth = self._depth[at] = len(opened)
                self._dollars[depth].append(at)
                if self.text.startswith("$$", at):
                    self._doubles[depth].append(at)
                self._marks.append(at)
            elif match["edge"] == "begin":
                begun[match["name"]].append(at)
                self._marks.append(at)
            elif match["edge"] == "end":
                if begun[match["name"]]:
                    self._ending[begun[match["name"]].pop()] = match.span()
            elif match["bracket"]:
                if match["bracket"] in "[(":
                    self._marks.append(at)
                else:
                    self._closers[match["bracket"]].append(at)
            if len(self._marks) > MAX_MARKS:
                raise ValueError(f"it has more than {MAX_MARKS:,} formulas and environments")

    def environment(self, at: int) -> tuple[int, int] | None:
        """Where the environment that begins at a place ends: before and after its ``\\end``."""
        return self._ending.get(at)

    def formulas(self, start: int, end: int) -> Iterator[Formula]:
        """The formulas that lie within a part of the text, and displays that begin there and are never closed."""
        at, number = start, bisect_left(self._marks, start)
        while number < len(self._marks) and self._marks[number] < end:
            mark = _MARK.match(self.text, self._marks[number])
            assert mark is not None, "it was found there"
            found = self._formula(mark) if mark.start() >= at else None
            number += 1
            if found is None:
                continue
            formula, at = found
            if formula.end <= end:
                yield formula

    def _formula(self, mark: re.Match[str]) -> tuple[Formula, int] | None:
        """The formula that begins with a mark, and where the text goes on."""
        at = mark.start()
        if mark["dollar"]:
            return self._between_dollars(at)
        if mark["bracket"]:
            is_inline = mark["bracket"] == "("
            close = _next(self._closers[")" if is_inline else "]"], at)
            if close is None:
                return None if is_inline else _unclosed(at + 2)
            return Formula(at + 2, close, is_inline), close + 2
        if mark["name"] not in DISPLAYS:
            return None
        ending = self.environment(at)
        if ending is None:
            return _unclosed(mark.end())
        return Formula(mark.end(), ending[0], is_inline=mark["name"] == "math"), ending[1]

    def _between_dollars(self, at: int) -> tuple[Formula, int] | None:
        depth = self._depth[at]
        if self.text.startswith("$$", at):
            close = _next(self._doubles[depth], at + 1)
            if close is None:
                return _unclosed(at + 2)
            return Formula(at + 2, close, is_inline=False), close + 2
        close = _next(self._dollars[depth], at)
        paragraph = _next(self._paragraphs, at)
        if close is None or (paragraph is not None and paragraph < close):
            return None
        return Formula(at + 1, close, is_inline=True), close + 1

    def equations(self, formula: Formula, is_known: IsKnown) -> list[Equation]:
        """The equations of a formula, each with the lines that go on with it."""
        found: list[Equation] = []
        has_where = False
        for row in _Rows(self, formula, is_known).run():
            if is_empty(self.text[row.start : row.end]):
                continue
            goes_on = not row.left or _GOES_ON.match(row.left) is not None or (has_where and not is_known(row.left))
            if goes_on and found:
                found[-1] = self._joined(found[-1], row)
            else:
                found.append(row)
                has_where = False
            has_where = has_where or _WHERE.search(self.text, row.start, row.end) is not None
        return found

    def _joined(self, first: Equation, row: Equation) -> Equation:
        """An equation with a line that goes on with it; the relation may come on that line."""
        if first.has_relation or row.left or not row.has_relation:
            return replace(first, end=row.end)
        return replace(row, left=self.text[first.start : first.end].strip(), start=first.start)


class _Rows:
    """One pass over a formula. It is cut at line breaks, and where another blank's equation begins after a comma."""

    def __init__(self, document: Document, formula: Formula, is_known: IsKnown) -> None:
        self.document, self.text, self.is_known = document, document.text, is_known
        self.end = formula.end
        self.start = self._after_blanks(formula.start)
        self.relation: tuple[int, int] | None = None
        self.gap: tuple[int, int] | None = None
        self.rows: list[Equation] = []

    def run(self) -> list[Equation]:
        at = self.start
        while match := _ROW.search(self.text, at, self.end):
            at = match.end()
            if match["begin"] or match["brace"]:
                at = self._opening(match)
            elif match["break"] or match["end"] or match["shut"]:
                self._close(match.start(), at)
            elif match["prose"]:
                open_at = self.text.find("{", at, at + 5)
                at = self.document.closing.get(open_at, at) + 1
                self._close(match.start(), at)
            elif match["gap"]:
                self.gap = match.span()
            elif match["relation"]:
                self._relate(match)
            at = max(at, self.start)
        self._close(self.end, self.end)
        return self.rows

    def _opening(self, match: re.Match[str]) -> int:
        """A layout or a bracket around the whole row is looked into, all others are passed over."""
        is_first = match.start() <= self.start
        if match["begin"]:
            ending = self.document.environment(match.start())
            if ending is None or (is_first and match["begin"] in LAYOUTS):
                self.start = self._after_blanks(match.end()) if is_first else self.start
                return match.end()
            return min(ending[1], self.end)
        close = self.document.closing.get(match.start())
        if close is None or close >= self.end:
            return match.end()
        if is_first and self._is_end_of_row(close + 1):
            self.start = self._after_blanks(match.end())
            return match.end()
        return close + 1

    def _is_end_of_row(self, at: int) -> bool:
        rest = self.text[at : min(at + 40, self.end)].lstrip(" \t\n.,;&}")
        return not rest or rest.startswith(("\\\\", "\\end"))

    def _relate(self, match: re.Match[str]) -> None:
        if self.relation is None:
            self.relation = match.span()
        elif self.gap is not None:
            left = self.text[self._after_blanks(self.gap[1]) : match.start()]
            if self.is_known(left):
                self._close(*self.gap)
                self.relation = match.span()
        self.gap = None

    def _close(self, end: int, following: int) -> None:
        """End the row that is being read; the next begins after what follows."""
        before, after = self.relation or (self.start, self.start)
        left = self.text[self.start : before].strip()
        if self.start < end:
            self.rows.append(Equation(left, self.start, after, end))
        self.relation = self.gap = None
        self.start = self._after_blanks(following)

    def _after_blanks(self, at: int) -> int:
        match = _BEFORE.match(self.text, at, self.end)
        return match.end() if match is not None else at


def _unclosed(at: int) -> tuple[Formula, int]:
    return Formula(at, at, is_inline=False, is_closed=False), at


def _next(places: list[int], at: int) -> int | None:
    """The first place after `at`."""
    i = bisect_left(places, at + 1)
    return places[i] if i < len(places) else None
