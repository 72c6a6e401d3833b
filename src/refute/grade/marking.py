"""Marking a submission: each answer is decided, and the course's policy says what it earns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction

from refute.claims import Claim
from refute.deciding.verdict import ACCEPTED, Status, Verdict, fault
from refute.deciding.written import Deciders
from refute.errors import AnswerError, InternalError, UsageError
from refute.formula.parse import parse
from refute.formula.show import unicode
from refute.grade.code import CodeVerdict
from refute.grade.hand import HandMark
from refute.grade.policy import Policy
from refute.grade.records import Graded, Mark, Place, Problem, Submission, Written


@dataclass(frozen=True)
class CodeRunner:
    """Decides code that was handed in. The `note` is said of each submission whose code was run."""

    run: Callable[[Mapping[str, bytes]], Iterable[CodeVerdict]]
    note: str = ""


class Marker:
    """Marks submissions to one project. Each answer is judged with the others at their true values, so that one slip
    costs once; an answer that was met before is not decided again. `runner` decides code that was handed in."""

    def __init__(self, deciders: Deciders, policy: Policy | None = None, runner: CodeRunner | None = None) -> None:
        self._deciders, self.policy, self._runner = deciders, policy or Policy(), runner

    def mark(
        self,
        submission: Submission,
        *,
        late: timedelta | None = None,
        by_hand: Mapping[str, HandMark] | None = None,
    ) -> Graded:
        """The marks of a submission handed in so `late`, by default as late as its own time says. A marker's points,
        `by_hand` by claim, go before the machine's. A fault of ours is one answer's, and goes to a person."""
        policy = self.policy
        days = policy.days(policy.lateness(submission.submitted) if late is None else late)
        if days > policy.most_days:
            problem = Problem(f"{days} days late, beyond the {policy.most_days} of the policy", needs_person=True)
            submission = replace(submission, problems=(*submission.problems, problem))
        submission, code = self._code(submission)
        marks, penalty = tuple(self._marks(submission, by_hand or {}, code)), policy.penalty(days)
        earned = sum((mark.score for mark in marks if mark.score is not None), Fraction(0))
        return Graded(submission, marks, policy.rounded(earned * (1 - penalty)), penalty, days)

    def _code(self, submission: Submission) -> tuple[Submission, Mapping[str, CodeVerdict]]:
        """What the code that was handed in is found to do, by claim; what cannot be run is a problem."""
        if not submission.code:
            return submission, {}
        try:
            if self._runner is None:
                raise UsageError("code is not run here")
            found = {verdict.claim.id: verdict for verdict in self._runner.run(submission.code)}
        except (UsageError, AnswerError, InternalError) as error:
            problem = Problem(str(error), needs_person=True)
        except Exception as error:  # noqa: BLE001  # a fault of ours is one submission's, and goes to a person
            problem = Problem(fault(error).message, needs_person=True)
        else:
            noted = (Problem(self._runner.note),) if self._runner.note else ()
            return replace(submission, problems=(*submission.problems, *noted)), found
        return replace(submission, problems=(*submission.problems, problem)), {}

    def _marks(
        self, submission: Submission, by_hand: Mapping[str, HandMark], code: Mapping[str, CodeVerdict]
    ) -> Iterator[Mark]:
        is_whole = not any(problem.needs_person for problem in submission.problems)
        for claim in self._deciders.project.claims:
            written, hand = submission.answer_to(claim.id), by_hand.get(claim.id)
            coded = code.get(claim.id)
            if not claim.points and written is None and hand is None and coded is None:
                continue
            if coded is not None and written is None and not claim.manual:
                mark = self._coded(claim, coded)
            else:
                mark = self._mark(claim, written, is_whole=is_whole)
                if coded is not None:
                    told = f"the code that was handed in: {coded.verdict.status}"
                    mark = replace(mark, reason="; ".join(filter(None, (mark.reason, told))))
            yield mark if hand is None else replace(mark, score=hand.points, reason=hand.reason)

    def _mark(self, claim: Claim, written: Written | None, *, is_whole: bool) -> Mark:
        if claim.manual or claim.blank is None:
            verdict = Verdict(claim.id, "", Status.MANUAL)
            return Mark(
                claim, written, verdict, None, "an explanation, which a person marks", evidence=_evidence(claim)
            )
        if written is None:
            verdict = Verdict(claim.id, "", Status.MISSING)
            if is_whole:
                return Mark(claim, None, verdict, Fraction(0), "no answer was found")
            return Mark(claim, None, verdict, None, "the answer may be in what could not be read")
        verdict = self._verdict(claim, written)
        score, reason = self._earned(claim, verdict)
        return Mark(claim, written, verdict, score, reason)

    def _coded(self, claim: Claim, coded: CodeVerdict) -> Mark:
        """The mark of a claim that was answered by code alone. It earns the points only where code answers the
        question, and all functions that the claim speaks of are the student's own."""
        verdict = replace(coded.verdict, message="; ".join(filter(None, (*coded.verdict.notes, coded.verdict.message))))
        written = Written(claim.id, f"code: {', '.join(coded.functions)}", Place(verdict.implementation))
        is_own = claim.by_code and set(claim.functions) <= set(coded.functions)
        if claim.points and not is_own:
            return Mark(
                claim, written, verdict, None, "code was handed in, and a person decides whether it answers this"
            )
        score, reason = self._earned(claim, verdict)
        return Mark(claim, written, verdict, score, reason)

    def _verdict(self, claim: Claim, written: Written) -> Verdict:
        try:
            return self._deciders.of(claim.id).decide(written.text)
        except Exception as error:  # noqa: BLE001  # a fault of ours is one answer's, and never a zero
            return fault(error, claim.id)

    def _earned(self, claim: Claim, verdict: Verdict) -> tuple[Fraction | None, str]:
        if verdict.status in ACCEPTED:
            return claim.points, ""
        if verdict.status is not Status.REFUTED:
            return None, f"a person decides, since it is {verdict.status}"
        kind = verdict.mistake.kind if verdict.mistake is not None else ""
        credit = self.policy.credit(kind, claim.points)
        return credit, f"partial credit: {kind}" if credit else ""


def _evidence(claim: Claim) -> str:
    """What the machine holds true of a claim that a person marks."""
    parts = (
        f"{part}: {unicode(parse(formula))}" if part else unicode(parse(formula))
        for part, formula in claim.formulas.items()
    )
    return "; ".join(parts)
