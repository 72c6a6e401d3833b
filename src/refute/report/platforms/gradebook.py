"""Gradebooks as CSV, for Canvas and Moodle. A submission that needs a person has no grade, which is not a zero."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from refute.errors import UsageError
from refute.grade.records import Graded
from refute.report.json_output import number
from refute.report.platforms.common import line
from refute.report.words import headline, lateness

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
MOODLE_KEYS = ("username", "userid", "useridnumber", "useremail", "id number", "idnumber", "email address", "email")
MOODLE = (*MOODLE_KEYS, "full name", "first name", "last name")
KEYS = frozenset({"id", "sis user id", "sis login id", "integration id", *MOODLE_KEYS})  # each tells one student
NAMES = (("student",), ("full name",), ("first name", "last name"))  # columns that together name a person
DOWNLOADS = (  # the names that Canvas and Moodle give to what they export, with the part that says whose it is
    re.compile(r"[^_]+(?:_LATE)?_(\d+)_\d+(?:_.*)?"),
    re.compile(r"(.+?)_\d+_assignsubmission_.*"),
)
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # what a spreadsheet may take for a formula
POSSIBLE = "Points Possible"  # Canvas takes a row for that of the assignment if its first cell says so anywhere
Row = list[str]


@dataclass(frozen=True)
class Roster:
    """A class list as its platform exports it: the columns that say who a student is, and the rows of students."""

    header: tuple[str, ...]
    columns: tuple[int, ...]
    rows: tuple[Row, ...]

    def identity(self, row: Row) -> Row:
        """Who a student is."""
        return [row[column] for column in self.columns]

    def names(self, row: Row) -> Iterator[str]:
        """All that a submission of the student may be called."""
        by_column = {self.header[column].casefold(): row[column] for column in self.columns}
        keys = [value for name, value in by_column.items() if name in KEYS]
        yield from (*keys, *(key.partition("@")[0] for key in keys))
        for columns in NAMES:
            yield " ".join(by_column.get(column, "") for column in columns)


def canvas_csv(submissions: Sequence[Graded], *, title: str = "Homework", roster: str | None = None) -> str:
    """A gradebook to import in Canvas. `roster` is the text of one that Canvas exported: its students keep their rows,
    and its column for the assignment, ``title (id)``, its name; a submission of nobody in it comes last, without an ID.

    Raises UsageError for a roster that is no gradebook of Canvas's.
    """
    total = max((graded.max_score + graded.manual_max for graded in submissions), default=Fraction(0))
    if roster is None:
        header = [*CANVAS[:4], "Section", title]
        rows = [[name, "", "", name, "", grade(graded)] for name, graded in _named(submissions)]
    else:
        known = _read(roster, CANVAS, "ID")
        header = [*(known.header[column] for column in known.columns), _assignment(known.header, title)]
        rows = [[*who, grade(graded)] for who, graded in _matched(known, submissions)]
    possible = [POSSIBLE, *[""] * (len(header) - 2), str(number(total))]
    return _table([header, possible, *([name.replace(POSSIBLE, POSSIBLE.lower()), *row] for name, *row in rows)])


def moodle_csv(submissions: Sequence[Graded], *, title: str = "Homework", roster: str | None = None) -> str:
    """A file to import in Moodle's gradebook, with the points in words as feedback. `roster` is the text of one that
    Moodle exported: its students are in the same order; a submission of nobody in it comes last, and Moodle refuses the
    import, naming it.

    Raises UsageError for a roster without a column by which Moodle knows its users.
    """
    if roster is None:
        columns = ["username"]
        people: Sequence[tuple[Row, Graded | None]] = [([name], graded) for name, graded in _named(submissions)]
    else:
        known = _read(roster, MOODLE, *MOODLE_KEYS)
        columns = [known.header[column] for column in known.columns]
        people = list(_matched(known, submissions))
    rows = [[*who, grade(graded) or "-", _feedback(graded)] for who, graded in people]
    return _table([[*columns, title, "feedback"], *rows])


def gradebook_csv(submissions: Sequence[Graded]) -> str:
    """All scores of a class, by claim; a claim that a person has to mark has no score yet."""
    claims = list(dict.fromkeys(mark.claim.id for graded in submissions for mark in graded.marks if mark.max_score))
    rows = []
    for graded in submissions:
        scores = {mark.claim.id: mark.score for mark in graded.marks}
        by_claim = ["" if (score := scores.get(claim)) is None else str(number(score)) for claim in claims]
        totals = [str(number(points)) for points in (graded.score, graded.max_score, graded.manual_max)]
        looks = "yes" if graded.needs_person else ""
        rows.append([graded.submission.name, *totals, str(graded.days_late), looks, *by_claim])
    header = ["submission", "score", "out of", "for a person", "days late", "needs a look"]
    return _table([[*header, *claims], *rows])


def to_mark_csv(submissions: Sequence[Graded]) -> str:
    """What waits for a person, a row each with the points to fill in: `refute grade --marks` reads it again."""
    rows = [
        [
            graded.submission.name,
            mark.claim.id,
            "",
            "",
            "" if mark.written is None else mark.written.text,
            mark.evidence,
        ]
        for graded in submissions
        for mark in graded.marks
        if not mark.is_decided and mark.max_score
    ]
    return _table([["submission", "claim", "points", "comment", "written", "evidence"], *rows])


def grade(graded: Graded | None) -> str:
    """The grade of a submission; empty where there is none, or a person has to look before there is."""
    if graded is None or graded.needs_person or not graded.max_score:
        return ""
    return str(number(graded.score))


def _feedback(graded: Graded | None) -> str:
    if graded is None:
        return ""
    looks = "a person has to look" if graded.needs_person else ""
    return "; ".join(filter(None, (headline(graded), lateness(graded), looks)))


def _named(submissions: Sequence[Graded]) -> list[tuple[str, Graded]]:
    return [(graded.submission.name, graded) for graded in submissions]


def _read(text: str, identity: Sequence[str], *needed: str) -> Roster:
    """The students of a roster. A row without any of the columns `needed` is not one of a student's."""
    text = text.removeprefix("\ufeff")
    delimiter = max(",;", key=text.partition("\n")[0].count)  # where numbers have commas, Canvas exports semicolons
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        table = [row for row in lines if row]
    except csv.Error as error:
        raise UsageError("the roster is no CSV file", got=str(error), where=f"line {lines.line_num}") from error
    header = tuple(cell.strip() for cell in table[0]) if table else ()
    places = {name.casefold(): column for column, name in reversed(list(enumerate(header)))}
    columns = tuple(sorted(places[name.casefold()] for name in identity if name.casefold() in places))
    keys = [places[name.casefold()] for name in needed if name.casefold() in places]
    if not keys:
        raise UsageError(
            "the roster does not say who its students are",
            expected=f"a column called {' or '.join(needed)}",
            got=", ".join(header) or "an empty file",
            where="the roster's first line",
        )
    rows = [[*row, *[""] * (len(header) - len(row))] for row in table[1:]]
    return Roster(header, columns, tuple(row for row in rows if any(row[key].strip() for key in keys)))


def _assignment(header: Sequence[str], title: str) -> str:
    """The roster's column for the assignment, with its id; else a new one."""
    same = re.compile(rf"{re.escape(title)}(?: \(\d+\))?")
    return next((name for name in header if same.fullmatch(name)), title)


def _matched(roster: Roster, submissions: Sequence[Graded]) -> Iterator[tuple[Row, Graded | None]]:
    """Each student with what he or she handed in; then what is nobody's, and what cannot be told apart."""
    owners = _owners(roster)
    found: Mapping[int, list[Graded]] = defaultdict(list)
    strangers: list[Graded] = []
    for graded in submissions:
        owner = _owner(graded.submission.name, owners)
        (strangers if owner is None else found[owner]).append(graded)
    for i, row in enumerate(roster.rows):
        yield roster.identity(row), found[i][0] if len(found[i]) == 1 else None
    strangers += [graded for several in found.values() if len(several) > 1 for graded in several]
    for graded in strangers:
        yield [graded.submission.name, *[""] * (len(roster.columns) - 1)], graded


def _owners(roster: Roster) -> dict[tuple[str, ...], set[int]]:
    owners: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for i, row in enumerate(roster.rows):
        for name in roster.names(row):
            owners[_words(name)].add(i)
    owners.pop((), None)
    return owners


def _owner(name: str, owners: Mapping[tuple[str, ...], set[int]]) -> int | None:
    """Whose a submission is, by its name; None if that is not one student's."""
    inside = [match[1] for pattern in DOWNLOADS if (match := pattern.fullmatch(name))]
    for candidate in (name, *inside):
        match sorted(owners.get(_words(candidate), ())):
            case [owner]:
                return owner
            case [_, *_]:
                return None
    return None


def _words(name: str) -> tuple[str, ...]:
    """A name without the order of its parts: ``Doe, Jane`` is ``jane_doe``."""
    return tuple(sorted(re.findall(r"[^\W_]+", name.casefold())))


def _table(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    shown = line(text)
    return f"'{shown}" if FORMULA.match(shown) and text != "-" else shown
