"""Gather what documents hold into a submission: which claim each answer belongs to, and which of several counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from refute.claims import Claim
from refute.errors import AnswerError
from refute.grade.blanks import Blanks, Owners
from refute.grade.formulas import Document, Equation, Formula, is_empty
from refute.grade.records import Place, Problem, Stray, Submission, Written
from refute.grade.source import read_source

MAX_LOOKUPS = 3_000  # of left-hand sides
MAX_LISTED = 500  # formulas that belong to no blank, and as many problems
MAX_UNKNOWN = 100  # ids that no claim has, of which each is named
MAX_WORDS = 500  # that may be misspelt ids
MAX_STRAY = 2_000  # characters of a formula that is listed


_DEFINED = re.compile(r"^(?:def[ \t]+)?([A-Za-z_]\w*)[ \t]*[(=]", re.MULTILINE)  # a function, or a name for one


@dataclass(frozen=True)
class Label:
    """An answer with its claim's id: where all of it begins in a document, and where its text begins and ends."""

    identifier: str
    start: int
    begin: int
    end: int


@dataclass(frozen=True)
class _Found:
    written: Written
    is_inline: bool


class Gatherer:
    """What was found so far, in the order of the documents."""

    def __init__(self, blanks: Blanks) -> None:
        self.blanks = blanks
        self.has_places = False  # whether there was a place for an answer, filled in or not
        self.submitted: datetime | None = None
        self._code: dict[str, bytes] = {}
        self._found: list[_Found] = []
        self._strays: list[Stray] = []
        self._problems: dict[Problem, None] = {}
        self._lookups = self._unknown = self._words = 0

    def problem(self, message: str, place: Place | None = None, *, needs_person: bool = False) -> None:
        """Note what was odd, once."""
        if len(self._problems) < MAX_LISTED:
            self._problems[Problem(message, place, needs_person)] = None
        else:
            self._problems[Problem("there are more problems, which are not listed", needs_person=True)] = None

    def stray(self, text: str, place: Place) -> None:
        """List what belongs to no blank."""
        if len(self._strays) < MAX_LISTED:
            self._strays.append(Stray(text[:MAX_STRAY], place))

    @property
    def needs_person(self) -> bool:
        """Whether a person has to look at what was odd."""
        return any(problem.needs_person for problem in self._problems)

    @property
    def is_full(self) -> bool:
        """Whether so many left-hand sides were looked up that no more are."""
        return self._lookups >= MAX_LOOKUPS

    def owners(self, left: str) -> Owners:
        """The claims whose blank a left-hand side is."""
        if self.is_full:
            return Owners()
        self._lookups += 1
        if self.is_full:
            self.problem(f"only the first {MAX_LOOKUPS:,} formulas are read", needs_person=True)
        return self.blanks.owners(left)

    def is_known(self, left: str) -> bool:
        """Whether a left-hand side is that of some blank."""
        return bool(self.owners(left).claims)

    def is_label(self, word: str) -> bool:
        """Whether a word is a claim's id, or one that is misspelt."""
        if self.blanks.claim(word) is not None:
            return True
        self._words += 1
        return self._words <= MAX_WORDS and self.blanks.is_misspelt(word)

    # --- answers with a label ---------------------------------------------------------------------------------------

    def labelled(self, identifier: str, text: str, place: Place) -> None:
        """Take in the answer that stands under a claim's id."""
        claim = self.blanks.claim(identifier)
        if claim is None:
            self.unknown(identifier, text, place)
            return
        self.answered(claim, text, place)

    def answered(self, claim: Claim, text: str, place: Place, *, is_inline: bool = False) -> None:
        """Take in an answer to a claim; an empty one is none. It `is_inline` if it stands in the middle of prose."""
        self.has_places = True
        if not is_empty(text):
            self._found.append(_Found(Written(claim.id, text, place), is_inline))

    def unknown(self, identifier: str, text: str, place: Place) -> None:
        """Note an answer under an id that no claim has."""
        self.has_places = True
        self._unknown += 1
        if is_empty(text) or self._unknown > MAX_UNKNOWN:
            return
        near = self.blanks.nearest(identifier)
        hint = f"; did you mean {near}?" if near else ""
        self.problem(f"no blank has the id {identifier[:60]!r}{hint}", place, needs_person=True)
        self.stray(text, place)

    def _label(self, document: Document, label: Label) -> None:
        claim, start, end = self.blanks.claim(label.identifier), label.begin, label.end
        if claim is not None and claim.blank is not None:
            start, end = self._meant(claim, document, start, end)
        text, place = _stripped(document, start, end)
        self.labelled(label.identifier, text, place)

    def _meant(self, claim: Claim, document: Document, start: int, end: int) -> tuple[int, int]:
        """Where the formula for a claim stands: the last equation with its left-hand side, else the only formula, else
        all that is written."""
        formulas = [formula for formula in document.formulas(start, end) if formula.is_closed]
        own: list[tuple[int, int]] = []
        for formula in formulas or [Formula(start, end, is_inline=False)]:
            for equation in document.equations(formula, self.is_known):
                owners = self.owners(equation.left)
                if any(owner.id == claim.id for owner in owners.claims):
                    is_filled = not is_empty(document.text[equation.right : equation.end])
                    own.append((equation.start if owners.is_node and is_filled else equation.right, equation.end))
        displays = [formula for formula in formulas if not formula.is_inline]
        if own:
            return own[-1]
        for choice in (displays, formulas):
            if len(choice) == 1:
                return choice[0].start, choice[0].end
        return start, end

    # --- answers that are found by their left-hand side -------------------------------------------------------------

    def document(self, document: Document, start: int, labels: Sequence[Label]) -> None:
        """Take in a document from a place on: its answers with labels, and the formulas beside them."""
        ahead = list(reversed(labels))
        for formula in document.formulas(start, len(document.text)):
            while ahead and ahead[-1].end < formula.start:
                self._label(document, ahead.pop())
            if not formula.is_closed:
                self.problem("a formula is not closed", document.origins.place(formula.start), needs_person=True)
            elif not ahead or formula.end < ahead[-1].start:
                for equation in document.equations(formula, self.is_known):
                    self._equation(document, equation, is_inline=formula.is_inline)
            if self.is_full:
                break
        for label in reversed(ahead):
            self._label(document, label)

    def _equation(self, document: Document, equation: Equation, *, is_inline: bool) -> None:
        owners = self.owners(equation.left)
        ids = [claim.id for claim in owners.claims]
        if equation.has_relation and is_empty(document.text[equation.right : equation.end]):
            self.has_places = self.has_places or bool(ids)
            return
        text, place = _stripped(document, equation.start, equation.end)
        if len(ids) == 1:
            if not owners.is_node:
                text, place = _stripped(document, equation.right, equation.end)
            self.answered(owners.claims[0], text, place, is_inline=is_inline)
        elif ids:
            self.problem(f"a formula may belong to {' or '.join(ids)}", place, needs_person=True)
            self.stray(text, place)
        elif not is_inline:
            self.stray(text, place)

    def code(self, file: str, content: bytes) -> None:
        """Keep a file with Python for what runs it."""
        self._code[file] = content

    @property
    def has_code(self) -> bool:
        """Whether a function that some claim speaks of was handed in."""
        names = {name for claim in self.blanks.claims for name in claim.functions}
        return any(_defined(*file) & names for file in self._code.items())

    # --- the submission ---------------------------------------------------------------------------------------------

    def submission(self, name: str) -> Submission:
        """All that was gathered. Of several answers to a claim the last counts, and one in the middle of prose only if
        there is no other."""
        answers = {}
        for claim in self.blanks.claims:
            found = [answer for answer in self._found if answer.written.claim == claim.id]
            counting = [answer.written for answer in found if not answer.is_inline] or [a.written for a in found]
            if counting:
                answers[claim.id] = counting[-1]
                self._say_which_counts(counting)
        code = self._code if self.has_code else {}
        for file in self._code.keys() - code.keys():
            if file.endswith(".py"):
                self.problem(f"{file} is not run: it defines no function that is asked for", Place(file))
        return Submission(
            name, tuple(answers.values()), tuple(self._strays), tuple(self._problems), self.submitted, code
        )

    def _say_which_counts(self, answers: list[Written]) -> None:
        last = answers[-1]
        said = last.text.split()
        for answer in answers[:-1]:
            if answer.text.split() != said:
                message = f"{last.claim} is answered more than once: the last answer counts, at {last.place}"
                self.problem(message, answer.place)


def _stripped(document: Document, start: int, end: int) -> tuple[str, Place]:
    """A part of a document without the blanks around it."""
    written = document.text[start:end]
    start += len(written) - len(written.lstrip())
    return written.strip(), document.origins.place(start)


def _defined(file: str, content: bytes) -> set[str]:
    """The names that a file with Python defines."""
    try:
        return set(_DEFINED.findall(read_source(file, content).text))
    except AnswerError:
        return set()  # it holds no Python
