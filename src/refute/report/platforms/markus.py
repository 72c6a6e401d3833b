"""MarkUs: the lines that a custom tester prints, each a JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from refute.grade.records import Graded, Mark, Written
from refute.report.hints import hint
from refute.report.json_output import number
from refute.report.platforms.common import Outcome, line, outcome, remarks, said, settled
from refute.report.words import visible

STATUS = {
    Outcome.RIGHT: "pass",
    Outcome.PARTIAL: "partial",
    Outcome.WRONG: "fail",
    Outcome.MANUAL: "partial",
    Outcome.OPEN: "error",
}
TEXTS = frozenset({".tex", ".ltx", ".md", ".markdown", ".txt", ".yaml", ".yml", ".toml", ".json"})
FOR_A_PERSON = {"name": "refute: for a person", "description": "Refute could not decide all of it"}
MOST_ANNOTATIONS = 100


def markus(graded: Graded) -> str:
    """One object for each blank, and annotations, a tag and a comment where there is something to say.

    What a person has to decide counts 0 of 0. Where nothing has points that are decided there is no object for a blank
    at all: MarkUs would make a mark of 0 of it, while a run without results leaves the mark open.
    """
    objects: list[dict[str, Any]] = list(_tests(graded)) if graded.max_score else []
    if notes := list(_annotations(graded)):
        objects.append({"annotations": notes[:MOST_ANNOTATIONS]})
    if graded.needs_person:
        objects.append({"tags": [FOR_A_PERSON]})
    objects.append({"overall_comment": _escaped(remarks(graded))})
    return "".join(f"{json.dumps(item)}\n" for item in objects)  # in ASCII: the server may decode it as such


def _tests(graded: Graded) -> Iterator[dict[str, Any]]:
    earned = {mark.claim.id: points for mark, points in settled(graded)}
    for mark in graded.marks:
        yield {
            "name": line(f"{mark.claim.id}: {mark.claim.ask}"),
            "output": said(mark),
            "marks_earned": number(earned.get(mark.claim.id, 0)),
            "marks_total": number(mark.max_score) if mark.is_decided else 0,
            "status": STATUS[outcome(mark)],
            "time": round(1000 * mark.verdict.seconds),
        }


def _annotations(graded: Graded) -> Iterator[dict[str, Any]]:
    """What is wrong, beside the answer. MarkUs fails if the file was not handed in, or is none of lines of text: what
    was found in an archive, a PDF or a notebook has no annotation."""
    for mark in graded.marks:
        if mark.written is not None and outcome(mark) is not Outcome.RIGHT and _can_be_annotated(mark.written):
            yield {
                "filename": PurePosixPath(mark.written.place.file).name,
                "content": _note(mark),
                **_range(mark.written),
            }


def _can_be_annotated(written: Written) -> bool:
    *folders, file = PurePosixPath(written.place.file).parts or ("",)
    packed = any(PurePosixPath(folder).suffix.lower() in (".zip", ".pdf") for folder in folders)
    return written.place.cell is None and not packed and PurePosixPath(file).suffix.lower() in TEXTS


def _note(mark: Mark) -> str:
    """Our own words: the student's stand beside it."""
    mistake = "" if mark.verdict.mistake is None else mark.verdict.mistake.text
    words = [
        f"{mark.claim.id}: {mark.verdict.status}",
        mistake,
        hint(mark.verdict),
        "" if mark.is_decided else mark.reason,
    ]
    return _escaped(visible("; ".join(filter(None, words))))


def _range(written: Written) -> dict[str, int]:
    """The answer's first and last line, from 1, and its columns, from 0."""
    start, last = max(1, written.place.line), written.text.rsplit("\n", 1)[-1]
    column = max(0, written.place.column - 1)
    lines = written.text.count("\n")
    return {
        "line_start": start,
        "line_end": start + lines,
        "column_start": column,
        "column_end": len(last) if lines else column + len(last),
    }


def _escaped(text: str) -> str:
    """MarkUs shows comments as Markdown with formulas: here no character means anything."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~])", r"\\\1", text)
