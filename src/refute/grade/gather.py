"""Gather what documents hold into a submission: which claim each answer belongs to, and which of several counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from refute.claims import Claim
from refute.grade.blanks import Blanks
from refute.grade.formulas import Document, Equation, Formula, is_empty
from refute.grade.records import Place, Problem, Stray, Submission, Written

MAX_FORMULAS = 2_000  # of a submission that are looked at
MAX_UNKNOWN = 100  # ids that no claim has, of which each is named
MAX_WORDS = 2_000  # that may be misspelt ids
MAX_STRAY = 2_000  # characters of a formula that is listed


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
        self._found: list[_Found] = []
        self._strays: list[Stray] = []
        self._problems: dict[Problem, None] = {}
        self._formulas = self._unknown = self._words = 0

    def problem(self, message: str, place: Place | None = None, *, needs_person: bool = False) -> None:
        """Note what was odd, once."""
        self._problems[Problem(message, place, needs_person)] = None

    def is_known(self, left: str) -> bool:
        """Whether a left-hand side is that of some blank."""
        return bool(self.blanks.owners(left).claims)

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
        self.has_places = True
        if not is_empty(text):
            self._found.append(_Found(Written(claim.id, text, place), is_inline=False))

    def unknown(self, identifier: str, text: str, place: Place) -> None:
        """Note an answer under an id that no claim has."""
        self.has_places = True
        self._unknown += 1
        if is_empty(text) or self._unknown > MAX_UNKNOWN:
            return
        near = self.blanks.nearest(identifier)
        hint = f"; did you mean {near}?" if near else ""
        self.problem(f"no blank has the id {identifier[:60]!r}{hint}", place, needs_person=True)
        self._strays.append(Stray(text[:MAX_STRAY], place))

    def _label(self, document: Document, label: Label) -> None:
        claim, start, end = self.blanks.claim(label.identifier), label.begin, label.end
        if claim is not None and claim.blank is not None:
            start, end = self._meant(claim, document, start, end)
        text, place = _stripped(document, start, end)
        self.labelled(label.identifier, text, place)

    def _meant(self, claim: Claim, document: Document, start: int, end: int) -> tuple[int, int]:
        """Where the formula for a claim stands: the last equation with its left-hand side, else the only formula, else
        all that is written."""
        formulas = list(document.formulas(start, end, lambda at, mark: None))
        whole = formulas or [Formula(start, end, is_inline=False)]
        own: list[tuple[int, int]] = []
        for formula in whole:
            for equation in document.equations(formula, self.is_known):
                owners = self.blanks.owners(equation.left)
                if any(owner.id == claim.id for owner in owners.claims):
                    own.append((equation.start if owners.is_node else equation.right, equation.end))
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

        def unclosed(at: int, mark: str) -> None:
            self.problem(f"{mark[:40]} is not closed", document.origins.place(at), needs_person=True)

        ahead = list(reversed(labels))
        for formula in document.formulas(start, len(document.text), unclosed):
            while ahead and ahead[-1].end < formula.start:
                self._label(document, ahead.pop())
            if not ahead or formula.end < ahead[-1].start:
                self._formula(document, formula)
        for label in reversed(ahead):
            self._label(document, label)

    def _formula(self, document: Document, formula: Formula) -> None:
        for equation in document.equations(formula, self.is_known):
            self._formulas += 1
            if self._formulas > MAX_FORMULAS:
                self.problem(f"only the first {MAX_FORMULAS:,} formulas are read", needs_person=True)
                return
            self._equation(document, equation, is_inline=formula.is_inline)

    def _equation(self, document: Document, equation: Equation, *, is_inline: bool) -> None:
        owners = self.blanks.owners(equation.left)
        ids = [claim.id for claim in owners.claims]
        if equation.has_relation and is_empty(document.text[equation.right : equation.end]):
            self.has_places = self.has_places or bool(ids)
            return
        text, place = _stripped(document, equation.start, equation.end)
        if len(ids) == 1:
            if not owners.is_node:
                text, place = _stripped(document, equation.right, equation.end)
            self.has_places = True
            self._found.append(_Found(Written(ids[0], text, place), is_inline))
        elif ids:
            self.problem(f"a formula may belong to {' or '.join(ids)}", place, needs_person=True)
            self._strays.append(Stray(text[:MAX_STRAY], place))
        elif not is_inline:
            self._strays.append(Stray(text[:MAX_STRAY], place))

    def stray(self, text: str, place: Place) -> None:
        """List what belongs to no blank."""
        self._strays.append(Stray(text[:MAX_STRAY], place))

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
        return Submission(name, tuple(answers.values()), tuple(self._strays), tuple(self._problems), self.submitted)

    def _say_which_counts(self, answers: list[Written]) -> None:
        last = answers[-1]
        for answer in answers[:-1]:
            if answer.text.split() != last.text.split():
                message = f"{last.claim} is answered more than once: the last answer counts, at {last.place}"
                self.problem(message, answer.place)


def _stripped(document: Document, start: int, end: int) -> tuple[str, Place]:
    """A part of a document without the blanks around it."""
    written = document.text[start:end]
    start += len(written) - len(written.lstrip())
    return written.strip(), document.origins.place(start)
