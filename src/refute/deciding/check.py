"""Checking claims: each against an implementation, with the mistakes named beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from refute.claims import Bound, Claim, Sighting
from refute.deciding.bench import Bench, Case, name_of, run
from refute.deciding.counterexample import separate
from refute.deciding.floating import Expected, dtype_of, float_cases, judge_floats
from refute.deciding.identity import Options, decide_identity
from refute.deciding.meeting import meetings
from refute.deciding.recognise import recognise
from refute.deciding.verdict import Counterexample, Status, Verdict
from refute.errors import ImplementationError, ProjectError
from refute.formula.parse import FormulaError, parse
from refute.formula.show import text
from refute.numbers.balls import Balls
from refute.numbers.floats import FORMATS
from refute.numbers.scalar import OutsideClass, UndecidedSign

V = TypeVar("V", bound=Verdict | None)


@dataclass(frozen=True)
class Checker:
    """Checks claims with the same options; runs that claims share are made once."""

    options: Options = field(default_factory=Options)
    bench: Bench = field(default_factory=Bench)

    def check(self, claim: Claim, implementation: Any) -> Verdict:
        """The verdict on one claim, and on the claim itself: does it refute its mistakes? Raises ProjectError when the
        spec is not in order."""
        validate(claim)
        if isinstance(claim.observe, Bound):
            bound = claim.observe
            return self._timed(claim, implementation, lambda: self._bound(claim, bound))
        return self._timed(claim, implementation, lambda: self._scene(claim, implementation))

    def judge(
        self,
        claim: Claim,
        implementation: Any,
        *,
        strict: bool = False,
        alike: Verdict | None = None,
        expected: Expected | None = None,
    ) -> Verdict:
        """The verdict on an implementation of one claim, whose observation is a scene; the claim itself is taken as it
        is. Unless it is `strict`, an identity that holds is not refused for the digits that floats lose, only for an
        infinity or NaN.

        Of one that is known to be `alike` another, that verdict is its verdict but for floats, and what is `expected`
        of the other is expected of it.
        """

        def decided() -> Verdict:
            verdict = alike or decide_identity(claim, implementation, self.bench, self.options)
            results = expected or Expected(implementation, self.bench)
            judged = self._in_floats(claim, implementation, verdict, results, and_tested=alike is not None)
            if strict or judged.counterexample is None or verdict.counterexample is not None:
                return judged
            _, overflow = judge_floats(claim, implementation, self.bench, self.options.seed, results, finite=True)
            if overflow is not None:
                return replace(judged, counterexample=overflow)
            shown = judged.counterexample
            return replace(verdict, notes=(*verdict.notes, f"{shown.seen} loses digits: {shown.observed}"))

        return self._timed(claim, implementation, decided)

    def check_other(self, claim: Claim, implementation: Any) -> Verdict:
        """The verdict on another implementation of a claim, which says what it cannot be run in (`floats_only`), and
        what its `reference` stands in for."""
        if isinstance(claim.observe, Bound):
            return self._skipped(claim, implementation, "the claim is about the model alone")
        if self._shows_own(claim, implementation) is False:
            return self._skipped(claim, implementation, "it gives nothing that the claim is about")
        verdict = None if _leaves_numpy(claim, implementation) else self.judge(claim, implementation, strict=True)
        reason = _leaves_numpy(claim, implementation)  # which may be found at larger sizes only
        if verdict is not None and not reason:
            is_wrong = verdict.status is Status.REFUTED
            mistake = recognise(claim, implementation, self.bench, self.options) if is_wrong else None
            return replace(verdict, mistake=mistake)
        with implementation.in_floats():
            expected = Expected(implementation.reference, self.bench)
            in_floats = self.judge_in_floats(claim, implementation, expected, reason)
        return in_floats or self._skipped(claim, implementation, f"it cannot be observed in floats, and {reason}")

    def _skipped(self, claim: Claim, implementation: Any, reason: str) -> Verdict:
        return Verdict(claim.id, name_of(implementation), Status.SKIPPED, message=reason)

    def _shows_own(self, claim: Claim, implementation: Any) -> bool | None:
        """Whether a function of the implementation's own had a part in what the claim is about; None where it cannot be
        run in balls."""
        case = Case(next(iter(claim.all_sizes())), seed="refute/0")
        try:
            show = self.bench.shared(claim, implementation, case, ("balls", 128), lambda: Balls(128))
        except (OutsideClass, UndecidedSign, ZeroDivisionError, ImplementationError):
            return None
        return any(show.is_own(seen) for seen in show.seen if isinstance(seen, Sighting) and seen.claim == claim.id)

    def judge_in_floats(self, claim: Claim, implementation: Any, expected: Expected, reason: str) -> Verdict | None:
        """The verdict on an implementation that, for a `reason`, runs in floats alone, by what is `expected` of another
        in its place; None when the claim shows nothing of it in floats."""

        def decided() -> Verdict | None:
            if not expected.has_own_results(claim):
                return None
            judged, failure = judge_floats(claim, implementation, self.bench, self.options.seed, expected)
            if not judged and failure is None:
                return None
            form = FORMATS[dtype_of(implementation)].name
            verdict = Verdict(
                claim.id, name_of(implementation), Status.TESTED, systems=(form, "balls"),
                notes=(f"judged in {form} only, because {reason}",),
            )  # fmt: skip
            if failure is not None:
                return replace(verdict, status=Status.REFUTED, counterexample=failure)
            return replace(verdict, cases=sum(1 for _ in float_cases(claim, self.options.seed)))

        return self._timed(claim, implementation, decided)

    def _timed(self, claim: Claim, implementation: Any, decide: Callable[[], V]) -> V | Verdict:
        start = time.perf_counter()
        try:
            verdict: V | Verdict = decide()
        except ImplementationError as failure:
            verdict = failed(claim, implementation, failure)
        return verdict if verdict is None else replace(verdict, seconds=time.perf_counter() - start)

    def _scene(self, claim: Claim, implementation: Any) -> Verdict:
        verdict = decide_identity(claim, implementation, self.bench, self.options)
        if verdict.status is Status.REFUTED:
            return verdict
        expected = Expected(implementation, self.bench)
        for step in (partial(self._in_floats, expected=expected), self._in_symbols, self._growth):
            verdict = step(claim, implementation, verdict)
            if verdict.status is Status.REFUTED:
                return verdict
        return self._with_mistakes(claim, implementation, verdict)

    def _in_floats(
        self, claim: Claim, implementation: Any, verdict: Verdict, expected: Expected, *, and_tested: bool = False
    ) -> Verdict:
        statuses = (Status.CERTIFIED, Status.TESTED) if and_tested else (Status.CERTIFIED,)
        if verdict.status not in statuses or not expected.has_own_results(claim):
            return verdict

        judged, failure = judge_floats(claim, implementation, self.bench, self.options.seed, expected)
        if failure is not None:
            return replace(verdict, status=Status.REFUTED, error_bound=None, counterexample=failure)
        return (
            replace(verdict, systems=(*verdict.systems, FORMATS[dtype_of(implementation)].name)) if judged else verdict
        )

    def _in_symbols(self, claim: Claim, implementation: Any, verdict: Verdict) -> Verdict:
        if not claim.symbolic:
            return verdict
        from refute.numbers.symbols import Symbols

        proved = [sizes for sizes in claim.symbolic if self._proved_at(claim, implementation, sizes, Symbols())]
        if not proved:
            return verdict
        return replace(verdict, systems=(*verdict.systems, f"sympy at {len(proved)} shapes"))

    def _proved_at(self, claim: Claim, implementation: Any, sizes: Any, system: Any) -> bool:
        show = run(claim, implementation, Case(sizes), system)
        return all(system.number(0) == meeting.expected - meeting.observed for meeting in meetings(claim, show))

    def _growth(self, claim: Claim, implementation: Any, verdict: Verdict) -> Verdict:
        if not claim.growth:
            return verdict
        from refute.deciding import growth

        notes = []
        for part, order in claim.growth.items():
            found = growth.constants(claim.formulas[part], order, claim.least)
            if found is None:
                return self._wrong_growth(claim, verdict, part, order)
            notes.append(f"{part} is Θ({order}): between {found[0]} and {found[1]} times it")
        return replace(verdict, notes=(*verdict.notes, *notes))

    def _wrong_growth(self, claim: Claim, verdict: Verdict, part: str, order: str) -> Verdict:
        from refute.deciding import growth

        shown = growth.direction(claim.formulas[part], order, claim.least)
        if shown is None:
            return replace(verdict, status=Status.UNDECIDED, message=f"no constants show that {part} is Θ({order})")
        counterexample = Counterexample({}, f"Theta({order})", claim.formulas[part], shown, part, claim.place)
        return replace(verdict, status=Status.REFUTED, counterexample=counterexample)

    def _with_mistakes(self, claim: Claim, implementation: Any, verdict: Verdict) -> Verdict:
        surviving = []
        for mistake, formulas, _ in claim.mistaken_formulas():
            if not self._is_refuted(claim, implementation, formulas):
                surviving.append(mistake)
        total = len(claim.mistakes)
        if claim.blank is not None:
            from refute.deciding.written import Decider

            mutants = list(Decider(claim).mutants())
            total += len(mutants)
            surviving += [text(wrong) for wrong, refuted in mutants if not refuted]
        return replace(
            verdict, mistakes_refuted=total - len(surviving), mistakes_total=total, surviving=tuple(surviving)
        )

    def _is_refuted(self, claim: Claim, implementation: Any, formulas: Any) -> bool:
        if "growth" in formulas:
            from refute.deciding import growth

            return all(growth.direction(claim.formulas[part], formulas["growth"], claim.least) for part in claim.growth)
        return separate(claim, implementation, self.bench, formulas) is not None

    def _bound(self, claim: Claim, bound: Bound) -> Verdict:
        from refute.deciding import bounds

        base = Verdict(claim.id, "the model", Status.UNDECIDED, systems=("sympy", "balls"), cases=1)
        proof = bounds.prove(bound, claim.formulas)
        if proof is None:
            counterexample = bounds.violate(bound, claim.formulas, claim.place)
            status = Status.UNDECIDED if counterexample is None else Status.REFUTED
            return replace(base, status=status, counterexample=counterexample, message="some sub-boxes stay open")
        surviving = tuple(
            mistake
            for mistake, formulas, _ in claim.mistaken_formulas()
            if bounds.violate(bound, formulas, claim.place) is None
        )
        note = f"{proof.inequalities} inequalities on {proof.boxes} boxes"
        total = len(claim.mistakes)
        return replace(
            base, status=Status.PROVED, notes=(note,), cases=proof.boxes,
            mistakes_refuted=total - len(surviving), mistakes_total=total, surviving=surviving,
        )  # fmt: skip


def _leaves_numpy(claim: Claim, implementation: Any) -> str:
    """Which of a claim's functions run in floats alone, as far as is known, and why; '' if none does."""
    reasons: Mapping[str, str] = implementation.floats_only
    return "; ".join(f"{name} leaves NumPy: {reasons[name]}" for name in claim.functions if name in reasons)


def failed(claim: Claim, implementation: Any, failure: ImplementationError) -> Verdict:
    """The verdict on an implementation that fails where it should give a result."""
    expected, observed = failure.expected or "a result", failure.got or "none"
    where = failure.where or claim.place
    counterexample = Counterexample(dict(failure.case), "", expected, observed, failure.message, where)
    return Verdict(claim.id, name_of(implementation), Status.REFUTED, counterexample=counterexample)


def validate(claim: Claim) -> None:
    """Read all formulas of a claim. Raises ProjectError for one that cannot be read, or that belongs to no part."""
    parts = {*claim.formulas, *({"growth"} if claim.growth else ())}
    named = [*claim.formulas.items(), *claim.within.items(), *claim.growth.items()]
    for part, formula in [*named, *(item for _, mistaken, _ in claim.mistaken_formulas() for item in mistaken.items())]:
        try:
            parse(formula)
        except FormulaError as error:
            raise ProjectError(
                f"claim {claim.id}: {error.message}",
                expected=error.expected,
                got=f"{error.got} in {formula!r}",
                where=claim.place,
            ) from error
        if part not in parts:
            raise ProjectError(
                f"claim {claim.id} has no part {part!r}",
                expected=f"one of {sorted(parts)}",
                got=f"{part}: {formula}",
                where=claim.place,
            )
