"""Read plain text: ``id: formula``, or an equation found by its left-hand side."""

from __future__ import annotations

import re

from refute.claims import Claim
from refute.grade.blanks import Owners
from refute.grade.gather import Gatherer
from refute.grade.origins import Origins
from refute.grade.records import Place

_LABEL = re.compile(r"[ \t]*(?P<id>[^\s:=#]{1,80})[ \t]*(?::=|[:=])")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_GOES_ON = re.compile(r"[ \t]|[-+*/=]|$")
_FORMAL = re.compile(r"[=+*^\\]")  # what a formula has, and prose has not


class _Lines:
    """The answer that is being read, line by line."""

    def __init__(self, origins: Origins, gatherer: Gatherer) -> None:
        self.origins, self.gatherer = origins, gatherer
        self.block: list[str] = []
        self.start = 0
        self.claim: Claim | None = None  # whose id the answer stands under
        self.has_broken_prose = False

    @property
    def is_prose(self) -> bool:
        """Whether the answer is an explanation, which goes on up to the next id or equation."""
        return self.claim is not None and self.claim.blank is None

    def add(self, line: str, at: int) -> None:
        """Take in a line, which begins at a place of the text."""
        is_label = self.label(line) is not None
        is_equation = not is_label and not line[:1].isspace() and _owners(self.gatherer, line).claims != ()
        if is_label or is_equation or not (self.is_prose or _GOES_ON.match(line)):
            self.finish()
            self.has_broken_prose = self.is_prose and is_equation
            label = self.label(line)
            self.claim = None if label is None else self.gatherer.blanks.claim(label["id"])
            self.block, self.start = [], at
        self.block.append(_COMMENT.sub(lambda match: " " * len(match[0]), line))

    def label(self, text: str) -> re.Match[str] | None:
        """The id at the beginning of a text."""
        match = _LABEL.match(text)
        return match if match is not None and self.gatherer.is_label(match["id"]) else None

    def finish(self) -> None:
        """Take in the answer; a formula that belongs to no blank is listed."""
        text, gatherer = "\n".join(self.block), self.gatherer
        label = self.label(text)
        if label is not None:
            written, place = self.written(text, label.end())
            gatherer.labelled(label["id"], written, place)
            return
        owners = _owners(gatherer, text)
        written, place = self.written(text, text.find("=") + 1 if owners.claims and not owners.is_node else 0)
        if len(owners.claims) == 1:
            gatherer.answered(owners.claims[0], written, place, is_inline=self.has_broken_prose)
        elif _FORMAL.search(written):
            gatherer.stray(written, place)

    def written(self, text: str, at: int) -> tuple[str, Place]:
        """What is written from a place on, without blanks, and where that is."""
        rest = text[at:]
        return rest.strip(), self.origins.place(self.start + at + len(rest) - len(rest.lstrip()))


def read_lines(text: str, origins: Origins, gatherer: Gatherer) -> None:
    """Gather the answers of a plain text. Lines that are indented, or begin with an operator, go on with the one before
    them; an explanation goes on up to the next id or equation. What follows a # is a comment."""
    lines = _Lines(origins, gatherer)
    at = 0
    for line in text.split("\n"):
        if gatherer.is_full:
            break
        lines.add(line, at)
        at += len(line) + 1
    lines.finish()


def _owners(gatherer: Gatherer, text: str) -> Owners:
    left, sign, _ = text.partition("=")
    return gatherer.owners(left) if sign else Owners()
