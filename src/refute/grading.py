"""Marking submissions from files to files, as `refute grade` does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from refute.configuration import find_root
from refute.deciding.written import Deciders
from refute.errors import UsageError
from refute.grade.batch import check_names, grade_all
from refute.grade.blanks import Blanks
from refute.grade.code import CodeMarker
from refute.grade.hand import read_hand_marks
from refute.grade.marking import CodeRunner, Marker
from refute.grade.policy import Policy, load_policy, parse_duration
from refute.grade.records import Graded
from refute.grade.submissions import find
from refute.project import Project, load
from refute.report.console import print_feedback
from refute.report.json_output import graded_json
from refute.report.results import NAMES, TERMINAL, Results
from refute.report.terminal import track
from refute.report.words import headline, visible_line
from refute.sandbox.doctor import runner

NEEDS_PERSON = 5  # exit code


@dataclass(frozen=True)
class Settings:
    """What `refute grade` is told besides what to mark."""

    policy: Path | None = None
    late: str | None = None
    marks: Path | None = None
    roster: Path | None = None
    reveal: bool = True
    as_json: bool = False  # print marks as JSON and nothing else
    trust_code: bool = False  # run code that was handed in without isolation


def grade_submissions(paths: Sequence[Path], formats: Sequence[str], out: Path | None, settings: Settings) -> int:
    """Mark the submissions at `paths`, print or write the results, and return the exit code.

    Raises UsageError for what the caller got wrong, and ProjectError for a project that is not in order.
    """
    _check_formats(formats)
    _check_is_ours(paths)
    sources = find(paths)
    project = load(Path.cwd())
    project_deciders = Deciders(project, os.environ.get("REFUTE_SECRET", ""))
    by_hand = {} if settings.marks is None else read_hand_marks(settings.marks, project.claims)
    check_names(by_hand, sources)
    chosen = tuple(formats) or ((TERMINAL,) if out is None else (TERMINAL, "html", "json"))
    if settings.as_json and out is None:
        chosen = ("json",)
    results = Results(project, chosen, reveal=settings.reveal, roster=_text(settings.roster))
    policy = Policy() if settings.policy is None else load_policy(settings.policy)
    marker = Marker(project_deciders, policy, _code_runner(project, trust=settings.trust_code))
    late = None if settings.late is None else parse_duration(settings.late)
    graded = grade_all(sources, Blanks(project.claims), marker, late=late, by_hand=by_hand)
    done = _written(graded, len(sources), results, out)
    if settings.as_json or (out is None and chosen != (TERMINAL,)):
        click.echo(graded_json(done) if settings.as_json else results.text(done), nl=settings.as_json)
    else:
        _print(done, results, out)
    return NEEDS_PERSON if any(one.needs_person for one in done) else 0


def _check_formats(formats: Sequence[str]) -> None:
    for name in formats:
        if name not in NAMES:
            raise UsageError("an unknown format", expected=f"one of {', '.join(NAMES)}", got=repr(name))


def _check_is_ours(paths: Sequence[Path]) -> None:
    """Raises UsageError when the claim project is part of a submission: a student could have written it, and its Python
    is run."""
    root = find_root(Path.cwd())
    for path in paths:
        if root.is_relative_to(path.resolve()):
            raise UsageError(
                "the claim project lies inside the submission, so its code may be a student's",
                expected="to be run in your own claim project, or in a folder without one",
                got=f"{root} in {path}",
            )


def _code_runner(project: Project, *, trust: bool) -> CodeRunner:
    """Runs code in a box, or as it is when it is trusted; running raises UsageError where there is no box."""
    note = "the code that was handed in was run without isolation, since it was said to be trusted" if trust else ""
    marker = CodeMarker(project)
    return CodeRunner(lambda files: marker.mark(files, runner(trust=trust)), note)


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the roster cannot be read", expected="a CSV file", got=str(error), where=str(path)) from error


def _written(graded: Iterator[Graded], total: int, results: Results, out: Path | None) -> list[Graded]:
    """All that was marked; with a folder to write to, each is written as soon as it is, and what was marked is not lost
    when the rest cannot be."""
    console = Console(stderr=True)
    if out is None:
        return track(graded, total, console, "marking", _progress)
    done: list[Graded] = []

    def write() -> Iterator[Graded]:
        for one in graded:
            results.write_one(one, out if total == 1 else out / results.folder_of(one))
            done.append(one)
            yield one

    try:
        track(write(), total, console, "marking", _progress)
    finally:
        results.write_class(done, out)
        if total != 1:
            results.write_gradebook(done, out)
    return done


def _progress(graded: Graded) -> str:
    return f"{visible_line(graded.submission.name)}: {headline(graded)}"


def _print(done: Sequence[Graded], results: Results, out: Path | None) -> None:
    console = Console()
    if TERMINAL in results.formats:
        if len(done) == 1:
            print_feedback(results.feedback(done[0]), console)
        else:
            console.print(_table(done))
    if out is not None:
        console.print(Text(f"the results are in {out}", style="dim"))


def _table(graded: Sequence[Graded]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("submission", "score", ""):
        table.add_column(heading)
    for one in graded:
        looks = "a person has to look" if one.needs_person else ""
        table.add_row(Text(visible_line(one.submission.name)), Text(headline(one)), Text(looks, style="yellow"))
    return table
