"""Read plain text: ``id: formula``, or an equation found by its left-hand side."""

from __future__ import annotations

import re

from refute.grade.formulas import is_empty
from refute.grade.gather import Gatherer
from refute.grade.origins import Origins

_LABEL = re.compile(r"[ \t]*(?P<id>[^\s:=#]{1,80})[ \t]*(?::=|[:=])")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_GOES_ON = re.compile(r"[ \t]|[-+*/=]|$")
_FORMAL = re.compile(r"[=+*^\\]")  # what a formula has, and prose has not


def read_lines(text: str, origins: Origins, gatherer: Gatherer) -> None:
    """Gather the answers of a plain text. Lines that are indented, or begin with an operator, go on with the one before
    them; an answer in prose goes on to the next id."""
    block: list[str] = []
    start = at = 0
    is_prose = False
    for line in text.split("\n"):
        label = _LABEL.match(line)
        is_new = label is not None and gatherer.is_label(label["id"])
        if is_new or not (is_prose or _GOES_ON.match(line)):
            _block("\n".join(block), start, origins, gatherer)
            block, start = [], at
            claim = gatherer.blanks.claim(label["id"]) if label is not None else None
            is_prose = claim is not None and claim.blank is None
        block.append(_COMMENT.sub("", line))
        at += len(line) + 1
    _block("\n".join(block), start, origins, gatherer)


def _block(text: str, start: int, origins: Origins, gatherer: Gatherer) -> None:
    """Take in an answer; a formula that belongs to no blank is listed."""
    label = _LABEL.match(text)
    if label is not None and gatherer.is_label(label["id"]):
        written, at = _from(text, label.end())
        gatherer.labelled(label["id"], written, origins.place(start + at))
        return
    if is_empty(text):
        return
    left, sign, _ = text.partition("=")
    owners = gatherer.blanks.owners(left) if sign else None
    if owners is not None and len(owners.claims) == 1:
        written, at = _from(text, 0 if owners.is_node else len(left) + 1)
        gatherer.labelled(owners.claims[0].id, written, origins.place(start + at))
    elif _FORMAL.search(text):
        written, at = _from(text, 0)
        gatherer.stray(written, origins.place(start + at))


def _from(text: str, at: int) -> tuple[str, int]:
    """What is written from a place on, without blanks, and where it begins."""
    rest = text[at:]
    return rest.strip(), at + len(rest) - len(rest.lstrip())
