"""Texts of others made fit to be seen: nothing in them acts, hides or runs on for ever. And points in words."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

from refute.formula.expr import Num
from refute.formula.show import text
from refute.grade.records import Graded

LONGEST = 2_000  # characters of an answer that are shown
LONGEST_NAME = 80
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, turns of direction, halves of characters


def visible(written: str, limit: int = LONGEST) -> str:
    """A text that someone handed in: what one would not see in it is spelt out, and what is too long is left out."""
    lines = written[: limit + 1].replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c if c in "\n\t" or unicodedata.category(c) not in _HIDDEN else _spelt(c) for c in lines[:limit])
    more = len(written) - limit
    return shown if more <= 0 else f"{shown} … and {more} more character{'' if more == 1 else 's'}"


def visible_line(written: str, limit: int = LONGEST_NAME) -> str:
    """The same of a name, on one line."""
    return visible(" ".join(written.split()), limit)


def _spelt(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def number(value: Fraction) -> str:
    """A number of points, exactly: 8.5, or 1/3 where there is no decimal."""
    return text(Num(value))


def points(score: Fraction | None, most: Fraction) -> str:
    """What a mark is worth."""
    if not most and not score:
        return "no points"
    return f"open, of {number(most)}" if score is None else f"{number(score)} of {number(most)}"


def headline(graded: Graded) -> str:
    """The points in one line: 8.5 of 8.5 checked, 1.5 for a person."""
    checked = f"{number(graded.score)} of {number(graded.max_score)} checked"
    return f"{checked}, {number(graded.manual_max)} for a person" if graded.manual_max else checked


def lateness(graded: Graded) -> str:
    """What being late costs: 2 days late, 20% of the score is taken off; empty for what is in time."""
    if not graded.days_late and not graded.penalty:
        return ""
    days = f"{graded.days_late} day{'' if graded.days_late == 1 else 's'} late"
    return f"{days}, {number(100 * graded.penalty)}% of the score is taken off"
