"""What feedback says, whatever it is printed as: for each mark what was read, what is wrong with it, and where to look.

The right formula is never in it. The right value at the counterexample is, unless it is not to be revealed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from refute.claims import Claim
from refute.deciding.difference import UNDEFINED
from refute.deciding.slice import Slice, slice_through
from refute.deciding.verdict import ACCEPTED, Counterexample, Status, Verdict
from refute.deciding.written import ground_of
from refute.formula.expr import Expr, walk
from refute.formula.parse import FormulaError, parse
from refute.formula.read import read
from refute.formula.show import unicode
from refute.grade.records import Graded, Mark, Place, Problem
from refute.pictures import Picture
from refute.project import Project
from refute.report.chart import chart
from refute.report.hints import hint
from refute.report.words import LONGEST, headline, lateness, points, visible, visible_line

LARGEST = 600  # parts of a formula that is typeset
REMEMBERED = 5_000  # notes, and as many of each other thing
T = TypeVar("T")

_STEP = re.compile(r"(?:^|; )step (\d+) breaks: (.+)\Z", re.DOTALL)
_POINTED = re.compile(
    r"(?P<what>.*?); at (?P<where>line \d+, column \d+)\n(?P<excerpt>[^\n]*\n *\^)(?:; for example (?P<example>.*))?\Z",
    re.DOTALL,
)
_GUESS = "a guess of "
_GROWTH = "growth"


class Tone(StrEnum):
    """What kind of news a note is."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    OPEN = "open"


SIGNS = {Tone.RIGHT: "✓", Tone.PARTLY: "±", Tone.WRONG: "✗", Tone.OPEN: "?"}


@dataclass(frozen=True)
class Value:
    """A value of a counterexample's case, with what its name means where that is known."""

    name: str
    meaning: str
    value: str


@dataclass(frozen=True)
class Example:
    """A counterexample for a student: a sentence, the values that are not 0, and what comes out; `right` may be kept
    back."""

    sentence: str
    values: tuple[Value, ...]
    rest: str  # what is said of the values left out
    yours: str
    right: str


@dataclass(frozen=True)
class Unread:
    """Why a text could not be read: what was expected, the place with a caret below it, and what can be read."""

    what: str
    where: str = ""
    excerpt: str = ""
    example: str = ""


@dataclass(frozen=True)
class Note:
    """The feedback on one mark. What does not apply is empty."""

    claim: str
    ask: str
    tone: Tone
    verdict: str
    points: str
    written: str = ""  # as it was handed in
    members: tuple[Expr, ...] = ()  # as it was read, to be typeset: a chain that begins with the node asked for
    read_as: str = ""  # the same in one line
    reading: str = ""
    example: Example | None = None
    mistake: str = ""
    step: str = ""
    unread: Unread | None = None
    remark: str = ""
    reason: str = ""
    hint: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def words(self) -> list[tuple[str, str]]:
        """What is said in words, each with a heading of one word."""
        readable = self.unread.example if self.unread is not None else ""
        said = {
            "mistake": self.mistake,
            "step": self.step,
            "because": self.remark,
            "taken as": self.reading,
            "points": self.reason,
            "like this": readable,
            "hint": self.hint,
        }
        return [(heading, text) for heading, text in said.items() if text]


@dataclass(frozen=True)
class Section:
    """The notes on one question."""

    title: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Feedback:
    """All that is said of one submission."""

    name: str
    headline: str
    remarks: tuple[str, ...]
    sections: tuple[Section, ...]
    problems: tuple[str, ...]
    strays: tuple[tuple[str, str], ...]  # place and text of formulas that belong to no blank


class FeedbackBuilder:
    """Makes feedback of marks on a project's claims. What it made it remembers, since many students write the same.

    Not to `reveal` keeps the right values back, and the charts that show them.
    """

    def __init__(self, project: Project, *, reveal: bool = True) -> None:
        self.project, self._reveal = project, reveal
        self._known: dict[Hashable, object] = {}

    def build(self, graded: Graded) -> Feedback:
        """The feedback on a submission."""
        marks = {mark.claim.id: mark for mark in graded.marks}
        sections = (
            Section(
                f"{question.id} {question.title}",
                tuple(self.note(marks[claim.id]) for claim in question.claims if claim.id in marks),
            )
            for question in self.project.questions
        )
        submission = graded.submission
        return Feedback(
            visible_line(submission.name) or "a submission without a name",
            headline(graded),
            tuple(_remarks(graded)),
            tuple(section for section in sections if section.notes),
            tuple(map(_problem, submission.problems)),
            tuple((_place(stray.place), visible(stray.text)) for stray in submission.unassigned),
        )

    def note(self, mark: Mark) -> Note:
        """The feedback on a mark."""
        verdict, text = mark.verdict, None if mark.written is None else mark.written.text
        if text is not None and len(text) > LONGEST:
            return self._note(mark, verdict, text)  # too much to remember, and nobody else writes it
        key = (mark.claim.id, text, verdict.status, verdict.message, mark.score, mark.reason)
        return self._once(("note", *key), lambda: self._note(mark, verdict, text or ""))

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = make()
        return self._known[key]  # type: ignore[return-value]  # of this key

    def _note(self, mark: Mark, verdict: Verdict, text: str) -> Note:
        claim, (message, step) = mark.claim, _parted(verdict.message)
        members = _members(claim, verdict, text)
        is_refuted = verdict.status is Status.REFUTED
        shown = verdict.counterexample if is_refuted else None
        return Note(
            claim.id,
            claim.ask,
            _tone(mark),
            _verdict(mark),
            points(mark.score, mark.max_score),
            written=visible(text),
            members=members,
            read_as=visible(verdict.read_as),
            reading=visible(verdict.reading),
            example=None if shown is None else self._example(claim, verdict, shown),
            mistake="" if verdict.mistake is None else visible(verdict.mistake.text),
            step=visible(step),
            unread=_unread(verdict.message) if verdict.status is Status.UNREADABLE else None,
            remark=visible(message) if shown is None and verdict.status in _SAYS_WHY else "",
            reason=visible(mark.reason),
            hint=hint(verdict),
            pictures=(*self._chart(claim, verdict, members), *self._pictures(claim, verdict, text)),
        )

    def _example(self, claim: Claim, verdict: Verdict, shown: Counterexample) -> Example:
        values = [Value(_pretty(name), _meaning(claim, name), value) for name, value in shown.case.items()]
        telling = [value for value in values if value.value != "0"]
        listed = telling or (values if len(values) < 4 else [])
        rest = "" if len(listed) == len(values) else "all else is 0" if listed else "everything is 0"
        pretty = replace(shown, case={value.name: value.value for value in values})
        sentence = pretty.answer_sentence(reveal=self._reveal)
        if _is_of_growth(verdict):
            sentence = verdict.message if self._reveal else f"with {pretty.given()}, of yours: {shown.observed}"
        sentence = sentence.replace(f"yours gives {UNDEFINED}", "yours has no value")
        right = shown.expected if self._reveal else ""
        return Example(sentence[:1].upper() + sentence[1:], tuple(listed), rest, shown.observed, right)

    def _chart(self, claim: Claim, verdict: Verdict, members: tuple[Expr, ...]) -> tuple[Picture, ...]:
        shown = verdict.counterexample
        if verdict.status is not Status.REFUTED or shown is None or not members or not self._reveal:
            return ()
        if _is_of_growth(verdict):
            return ()
        key = ("slice", claim.id, verdict.fingerprint or members[-1], *shown.case.items())
        found = self._once(key, lambda: _slice(claim, members[-1], shown))
        picture = None if found is None else chart(found, _pretty(found.variable))
        return () if picture is None else (picture,)

    def _pictures(self, claim: Claim, verdict: Verdict, text: str) -> tuple[Picture, ...]:
        """Those that the project supplies, for an answer that could be judged."""
        pictures = claim.pictures
        if pictures is None or not text.strip() or verdict.status not in {*ACCEPTED, Status.REFUTED}:
            return ()
        implementation = self.project.implementation_of(claim)
        return self._once(("pictures", claim.id, verdict.accepted), lambda: pictures(implementation, verdict.accepted))


_SAYS_WHY = {Status.REFUTED, Status.UNDECIDED, Status.TESTED}


def _remarks(graded: Graded) -> list[str]:
    said = []
    if late := lateness(graded):
        said.append(late)
    if graded.needs_person:
        said.append("A person has still to look at this, and the points may change")
    return said


def _place(place: Place | None) -> str:
    return "" if place is None else visible_line(str(place), 200)


def _problem(problem: Problem) -> str:
    place = _place(problem.place)
    end = "; a person looks at it" if problem.needs_person else ""
    return f"{f'{place}: ' if place else ''}{visible(problem.message)}{end}"


def _tone(mark: Mark) -> Tone:
    if mark.score is None:
        return Tone.OPEN
    if mark.verdict.accepted or (mark.max_score and mark.score >= mark.max_score):
        return Tone.RIGHT
    return Tone.PARTLY if mark.score else Tone.WRONG


_VERDICTS = {
    Status.CERTIFIED: "Right",
    Status.PROVED: "Right",
    Status.TESTED: "Right, as far as it was tested",
    Status.REFUTED: "Not right",
    Status.UNDECIDED: "It could not be decided",
    Status.UNREADABLE: "It could not be read",
    Status.MISSING: "Nothing was found for this",
    Status.MANUAL: "An explanation",
}


def _verdict(mark: Mark) -> str:
    said = _VERDICTS[mark.verdict.status]
    if mark.score is None:
        return f"{said}: a person marks this"
    is_mechanical = mark.verdict.status in {*ACCEPTED, Status.REFUTED, Status.MISSING}
    return said if is_mechanical else f"{said}: marked by a person"


def _parted(message: str) -> tuple[str, str]:
    """A verdict's message without its sentence on a broken step, and that sentence."""
    found = _STEP.search(message)
    if found is None:
        return message, ""
    return message[: found.start()], f"Step {found[1]} breaks: {found[2]}"


def _unread(message: str) -> Unread:
    found = _POINTED.match(message)
    if found is None:
        return Unread(visible(message))
    lines = (line.removeprefix("    ") for line in found["excerpt"].split("\n"))
    return Unread(visible(found["what"]), found["where"], visible("\n".join(lines)), visible(found["example"] or ""))


def _members(claim: Claim, verdict: Verdict, text: str) -> tuple[Expr, ...]:
    """The members of the chain that was decided; none where it is too long to typeset."""
    if not verdict.read_as or claim.blank is None:
        return ()
    try:
        members = read(text, claim.blank.vocabulary).members
    except FormulaError:
        return ()
    is_what_was_decided = " = ".join(map(unicode, members)) == verdict.read_as
    if not is_what_was_decided or sum(1 for member in members for _ in walk(member)) > LARGEST:
        return ()
    own = claim.blank.vocabulary.own_node
    return members if own is None else (own, *members)


def _is_of_growth(verdict: Verdict) -> bool:
    """Whether the answer is an order of growth, whose counterexample has rates and no values."""
    return verdict.mistake is not None and verdict.mistake.kind == _GROWTH


def _slice(claim: Claim, answer: Expr, shown: Counterexample) -> Slice | None:
    assert claim.blank is not None  # or there would be no answer
    right = parse(claim.formulas[claim.blank.right[0]])
    return slice_through(ground_of(claim, claim.blank), right, answer, shown)


def _pretty(label: str) -> str:
    """A value's label as one reads it."""
    name = label.removeprefix(_GUESS)
    try:
        shown = unicode(parse(name))
    except FormulaError:
        return label
    return f"{_GUESS}{shown}" if name != label else shown


def _meaning(claim: Claim, label: str) -> str:
    """What a label stands for, in the words of the claim."""
    if claim.blank is None:
        return ""
    if label.startswith(_GUESS):
        return "not known before the answer is"
    if label in claim.blank.vocabulary.variables:
        return "index"
    return claim.blank.words.get(label.partition("[")[0], "")
