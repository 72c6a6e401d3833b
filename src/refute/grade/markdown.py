"""Read Markdown, and the Markdown cells of a Jupyter notebook: answers under their ids, and equations in ``$$``."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from refute.grade.formulas import Document
from refute.grade.gather import Gatherer, Label
from refute.grade.origins import Origins

_FENCE = re.compile(r"[ ]{0,3}(?P<mark>`{3,}|~{3,})[ \t]*(?P<language>[A-Za-z]*)")
_MATH, _TEXT = frozenset({"math", "latex", "tex"}), frozenset({"", "text", "txt"})
_QUOTED = re.compile(r"[ ]{0,3}>")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]", re.MULTILINE)
_LABEL = re.compile(
    r"""^[ \t]{0,8} (?P<heading>\#{1,6}[ \t]+)? (?:[-*+|][ \t]+|[0-9]{1,3}[.)][ \t]+)? [*_\[]{0,3}
    (?P<id>[A-Za-z0-9][\w\\-]{0,20}\.[\w\\-]{0,40}[A-Za-z0-9])
    (?P<after>[ \t]*[*_\]]{0,3}[ \t]*[:=|]?[*_]{0,3}) (?![\w.])""",
    re.VERBOSE | re.MULTILINE,
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_PICTURE = re.compile(r"!\[|<img\b")
_COMMENT = "<!--", "-->"


def read_markdown(text: str, origins: Origins, gatherer: Gatherer) -> None:
    """Gather the answers of a Markdown document."""
    _read(_without_code(text), origins, gatherer)


def read_notebook(text: str, file: str, gatherer: Gatherer) -> None:
    """Gather the answers in the Markdown cells of a Jupyter notebook. Raises ValueError for what is none."""
    texts: list[str] = []
    cells: list[tuple[int, int]] = []
    length = 0
    for number, source in _markdown_cells(json.loads(text)):
        cells.append((length, number))
        texts.append(source)
        length += len(source) + 2
    original = "\n\n".join(texts)
    _read("\n\n".join(map(_without_code, texts)), Origins(file, original, cells), gatherer)


def _markdown_cells(notebook: Any) -> Iterator[tuple[int, str]]:
    """The Markdown cells, each with its number among all cells."""
    match notebook:
        case {"cells": list(cells)}:
            pass
        case _:
            raise ValueError("it is no notebook: it has no list of cells")
    for number, cell in enumerate(cells, 1):
        match cell:
            case {"cell_type": "markdown", "source": str(source)}:
                yield number, source.replace("\r\n", "\n")
            case {"cell_type": "markdown", "source": list(lines)}:
                yield number, "".join(line for line in lines if isinstance(line, str)).replace("\r\n", "\n")


def _read(text: str, origins: Origins, gatherer: Gatherer) -> None:
    document = Document(text, origins)
    picture = _PICTURE.search(text)
    if picture is not None:
        gatherer.problem("a picture is not read", origins.place(picture.start()), needs_person=True)
    gatherer.document(document, 0, list(_labels(document, gatherer)))


def _without_code(text: str) -> str:
    """The text with blanks for program code, quotations and comments; a block of ``math`` stands between ``$$``."""
    lines: list[str] = []
    fence: re.Match[str] | None = None
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence is None:
            fence = match
            lines.append(
                _edge(line, match) if match else _blank(line) if _QUOTED.match(line) else line.replace("`", " ")
            )
        elif match is not None and match["mark"].startswith(fence["mark"]) and not line.strip(" \t`~"):
            lines.append(_edge(line, fence))
            fence = None
        else:
            lines.append(line if fence["language"].lower() in _MATH | _TEXT else _blank(line))
    return _without_comments("\n".join(lines))


def _edge(line: str, fence: re.Match[str]) -> str:
    """What stands for the first or last line of a block: dollar signs around mathematics."""
    return "$$".ljust(len(line)) if fence["language"].lower() in _MATH else _blank(line)


def _blank(text: str) -> str:
    """Blanks for a text, line by line."""
    return re.sub(r"[^\n]", " ", text)


def _without_comments(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := text.find(_COMMENT[0], at)) >= 0:
        end = text.find(_COMMENT[1], start)
        end = len(text) if end < 0 else end + len(_COMMENT[1])
        parts += [text[at:start], _blank(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _labels(document: Document, gatherer: Gatherer) -> Iterator[Label]:
    """The answers that stand under an id, each up to the next one or the next heading."""
    text = document.text
    found = [match for match in _LABEL.finditer(text) if _is_label(match, text, gatherer)]
    headings = [match.start() for match in _HEADING.finditer(text)]
    for match, following in pairwise([*found, None]):
        assert match is not None, "only the last is"
        begin = _line_end(text, match.end()) if match["heading"] else match.end()
        i = bisect_right(headings, begin)
        ends = [len(text), *headings[i : i + 1], *([following.start()] if following is not None else [])]
        yield Label(match["id"], match.start(), begin, _end(document, match["id"], begin, min(ends), gatherer))


def _is_label(match: re.Match[str], text: str, gatherer: Gatherer) -> bool:
    """Whether a word at the beginning of a line says which answer follows: an id, or a misspelt one."""
    is_marked = match["heading"] or match["after"].strip() or text[match.end() : match.end() + 1] in ("\n", "")
    return bool(is_marked) and gatherer.is_label(match["id"])


def _end(document: Document, identifier: str, begin: int, end: int, gatherer: Gatherer) -> int:
    """Where the answer ends that begins on a label's own line, or below it: a formula with its paragraph."""
    claim = gatherer.blanks.claim(identifier)
    written = document.text[begin : _line_end(document.text, begin)].strip()
    formulas = document.formulas(begin, end)
    first = next(formulas, None)
    if claim is None or claim.blank is None or (first is not None and not written):
        return end
    start = begin + len(document.text[begin:end]) - len(document.text[begin:end].lstrip())
    paragraph = _PARAGRAPH.search(document.text, start, end)
    stop = end if paragraph is None else paragraph.start()
    return stop if first is None or first.start > stop else max(stop, min(first.end + 2, end))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
