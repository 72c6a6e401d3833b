"""Feedback as Markdown of GitHub's flavour. What a student wrote stands in code, where nothing is a link or a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from refute.formula.show import latex
from refute.report.feedback import SIGNS, Example, Feedback, Note

# What means something anywhere, in a link without brackets, or at the beginning of a line.
_SPECIAL = re.compile(r"[\\`*_{}\[\]()<>#|~$&!]|:(?=//)|^[-+=]|(?<=[0-9])\.(?= )")


def feedback_markdown(feedback: Feedback) -> str:
    """A document with all that is said of a submission."""
    return "\n".join(_lines(feedback)).strip() + "\n"


def _lines(feedback: Feedback) -> Iterator[str]:
    yield f"# Feedback for {_code(feedback.name)}\n"
    yield f"**{escaped(feedback.headline)}**\n"
    for remark in feedback.remarks:
        yield f"{escaped(remark)}.\n"
    for section in feedback.sections:
        yield f"## Question {escaped(section.title)}\n"
        for note in section.notes:
            yield from _note(note)
    if feedback.problems:
        yield "## What was odd about the submission\n"
        yield from (f"- {escaped(problem)}" for problem in feedback.problems)
        yield ""
    if feedback.strays:
        yield "## Formulas that belong to no blank\n\nThey were not marked.\n"
        for place, text in feedback.strays:
            yield f"{_code(place)}\n\n{_fenced(text)}\n"


def _note(note: Note) -> Iterator[str]:
    yield f"### {escaped(note.claim)}: {escaped(note.points)}\n"
    yield f"{escaped(note.ask)}\n"
    yield f"**{SIGNS[note.tone]} {escaped(note.verdict)}**\n"
    if note.members:
        yield f"We read:\n\n$$\n{' = '.join(map(latex, note.members))}\n$$\n"
    if note.written.strip():
        yield f"You wrote:\n\n{_fenced(note.written)}\n"
    if note.unread is not None:
        yield f"{escaped(note.unread.what)}.\n"
        if note.unread.excerpt:
            yield f"The place, {escaped(note.unread.where)}:\n\n{_fenced(note.unread.excerpt)}\n"
    if note.example is not None:
        yield from _example(note.example)
    yield from (f"- *{heading}*: {escaped(text)}" for heading, text in note.words)
    yield from (
        f"- *picture*: {escaped(picture.description)} {escaped(picture.lesson)}".rstrip() for picture in note.pictures
    )
    yield ""


def _example(example: Example) -> Iterator[str]:
    yield f"**{escaped(example.sentence)}.**\n"
    yield from _row(("name", "value", "meaning"))
    yield from _row(("---",) * 3)
    for value in example.values:
        yield from _row((_code(value.name), _code(value.value), escaped(value.meaning)))
    if example.rest:
        yield from _row((escaped(example.rest), "", ""))
    yield from _row(("**yours**", _code(example.yours), ""))
    if example.right:
        yield from _row(("**right**", _code(example.right), ""))
    yield ""


def _row(cells: Iterable[str]) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def escaped(words: str) -> str:
    """Words on one line, none of them Markdown, HTML, a link or somebody's name."""
    line = " ".join(words.split())
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", line).replace("@", "@\u200b").replace("www", "w\u200bww")


def _code(words: str) -> str:
    """Words on one line as code, in a fence of more backticks than they have. The bar is for tables."""
    line = " ".join(words.split()).replace("|", "¦")
    fence = "`" * (_longest_run(line) + 1)
    return f"{fence} {line} {fence}"


def _fenced(text: str) -> str:
    """A text as a block of code, in a fence of more backticks than it has."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
