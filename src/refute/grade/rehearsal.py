"""Rehearsals: what a scene asks of the reference's functions, and what they answer.

A scene knows an implementation by its functions' answers alone. Code that answers each call as the reference does is
to every claim of the scene what the reference is; where the answers are formally the same, what residues certify of the
reference they certify of the code. A rehearsal needs no code, so all the submissions of a run share it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from refute.claims import Choice, Claim, Grid, Natural, Sizes
from refute.deciding.bench import MOST_SAMPLES, Bench, Case, Show, run
from refute.deciding.floating import Expected
from refute.deciding.identity import MOST_CHANCE, Evidence, NotIdentical, Options, compare, one_sided
from refute.deciding.verdict import Status, Verdict
from refute.errors import ImplementationError
from refute.numbers.duals import Dual
from refute.numbers.pairs import Decision, Pair, Pairs
from refute.numbers.residues import Residues
from refute.numbers.scalar import OutsideClass, UndecidedSign, plain
from refute.sandbox import structure
from refute.sandbox.proxy import Call, CodeImplementation, Key

EXACT = (int, Fraction, np.integer)
BEYOND = 7  # the size of the case beyond the small ones; several sizes at once are smaller, and not equal
SEVERAL = (5, 4)


class Different(Exception):
    """Two answers are not formally the same, or residues do not tell."""


@dataclass(frozen=True)
class Answer:
    """A call, its result, and what the function asked of the callables that it was given: which one, and at what."""

    call: Call
    result: Any
    asked: list[tuple[int, Any]]


@dataclass(frozen=True)
class Rehearsal:
    """One run of a scene with the reference. It `is_formal` when all that the functions were given is."""

    show: Show
    answers: tuple[Answer, ...]
    is_formal: bool


@dataclass(frozen=True)
class Likeness:
    """That code answers as the reference does: the shapes and samples at which it was found, and the chance that it is
    wrong."""

    cases: tuple[tuple[Sizes, int], ...]
    error_bound: Fraction


class Rehearsals:
    """The rehearsals of a project's scenes, each made when it is first needed.

    All shapes of a scene are in one field, so that the calls that are the same at several of them need one answer. What
    is compared in a field leaves no trace in it.
    """

    def __init__(self, reference: Any, options: Options) -> None:
        self._reference, self._options = reference, options
        self.expected = Expected(reference, Bench())  # of code that is alike, in floats
        self._systems: dict[Hashable, Pairs] = {}
        self._answers: dict[Hashable, dict[Hashable, Answer]] = {}
        self._rehearsals: dict[Hashable, Rehearsal | None] = {}
        self._evidence: dict[Hashable, Evidence | None] = {}
        self._beyond: dict[str, Claim | None] = {}

    def at(self, claim: Claim, sizes: Sizes, sample: int = 0) -> Rehearsal | None:
        """The rehearsal of a claim's scene at a shape; None where the sample's point lies on the border between two
        branches, or the reference does what pairs cannot follow."""
        place = (claim.observe, _shape(sizes), sample)
        if place not in self._rehearsals:
            answers = self._answers.setdefault((claim.observe, sample), {})
            noting = _Noting(self._reference, answers)
            case = Case(sizes, seed=f"{self._options.seed}/{sample}")
            try:
                show = run(claim, noting, case, self._system(claim, sample))
            except (OutsideClass, UndecidedSign):
                self._rehearsals[place] = None
            else:
                self._rehearsals[place] = Rehearsal(show, tuple(noting.answers), noting.is_formal)
        return self._rehearsals[place]

    def _system(self, claim: Claim, sample: int) -> Pairs:
        place = (claim.observe, sample)
        if place not in self._systems:
            self._systems[place] = Pairs(Residues(self._options.seed * 1000 + sample, relations=False))
        return self._systems[place]

    def calls(self, claim: Claim) -> Iterator[Call]:
        """What a claim's scene asks at all its shapes, and beyond them."""
        for sizes in claim.all_sizes():
            yield from self._calls_at(claim, sizes)
        beyond = self.beyond(claim)
        if beyond is not None:
            yield from self._calls_at(beyond, beyond.typical_sizes)

    def _calls_at(self, claim: Claim, sizes: Sizes) -> list[Call]:
        rehearsal = self.at(claim, sizes)
        return [] if rehearsal is None else [answer.call for answer in rehearsal.answers]

    def beyond(self, claim: Claim) -> Claim | None:
        """The claim at one case with larger sizes, to find out code that is right at small ones by chance or by heart.
        None where it has no such sizes, or is not true of the reference there."""
        if claim.id not in self._beyond:
            larger = claim.of_sizes((_larger(claim.grids[0]),))
            is_larger = larger.typical_sizes != claim.typical_sizes
            evidence = self._evidence_at(larger, larger.typical_sizes, 0) if is_larger else None
            self._beyond[claim.id] = None if evidence is None else larger
        return self._beyond[claim.id]

    def _evidence_at(self, claim: Claim, sizes: Sizes, sample: int) -> Evidence | None:
        """What certifies the claim for the reference at a shape; None if nothing does."""
        place = (claim.id, _shape(sizes), sample)
        if place not in self._evidence:
            rehearsal = self.at(claim, sizes, sample)
            self._evidence[place] = None if rehearsal is None else self._compared(claim, rehearsal, sizes, sample)
        return self._evidence[place]

    def _compared(self, claim: Claim, rehearsal: Rehearsal, sizes: Sizes, sample: int) -> Evidence | None:
        evidence = Evidence()
        try:
            with self._system(claim, sample).residues.scratch():
                compare(claim, rehearsal.show, sizes, evidence)
        except (NotIdentical, OutsideClass):
            return None  # then code is decided without the reference
        return evidence

    def likeness(self, claim: Claim, code: CodeImplementation) -> Likeness | None:
        """How code was found to answer as the reference does, at every shape and with every comparison in it gone both
        ways. None if it was not.

        Raises InternalError when the code could not be run.
        """
        missing = set(map(_shape, claim.all_sizes()))
        decisions: dict[Key, list[Decision]] = {}
        bound, cases = Fraction(0), list[tuple[Sizes, int]]()
        for sample in range(MOST_SAMPLES):
            halfway = {key for key, made in decisions.items() if one_sided(made)}
            if not missing and not halfway:
                return Likeness(tuple(cases), bound)
            rehearsals = [(sizes, self.at(claim, sizes, sample)) for sizes in claim.all_sizes()]
            comparison = _Comparison(code, self._system(claim, sample), decisions)
            with comparison.system.residues.scratch():
                for sizes, rehearsal in rehearsals:
                    if rehearsal is None or (_shape(sizes) not in missing and not _asks(rehearsal, halfway)):
                        continue
                    try:
                        comparison.add(rehearsal)
                    except UndecidedSign:
                        continue
                    except Different:
                        return None
                    missing.discard(_shape(sizes))
                    cases.append((sizes, sample))
                bound += comparison.system.residues.bound(comparison.size)
        return None

    def is_alike(self, claim: Claim, code: CodeImplementation) -> bool:
        """Whether code answers as the reference does at one sample of each of the claim's shapes."""
        rehearsals = [self.at(claim, sizes) for sizes in claim.all_sizes()]
        comparison = _Comparison(code, self._system(claim, 0), {})
        try:
            with comparison.system.residues.scratch():
                for rehearsal in rehearsals:
                    if rehearsal is None:
                        return False
                    comparison.add(rehearsal)
        except (Different, UndecidedSign):
            return False
        return True

    def verdict(self, claim: Claim, name: str, likeness: Likeness) -> Verdict | None:
        """The verdict on code that is like the reference. None where residues do not certify the reference itself."""
        bound, is_exact = likeness.error_bound, True
        for sizes, sample in likeness.cases:
            evidence = self._evidence_at(claim, sizes, sample)
            if evidence is None:
                return None
            bound += evidence.error_bound
            is_exact = is_exact and evidence.is_exact
        if is_exact or bound > MOST_CHANCE:
            return None
        return Verdict(
            claim.id, name, Status.CERTIFIED, error_bound=bound, cases=len(likeness.cases), systems=("residues",)
        )


def _larger(grid: Grid) -> Grid:
    """The one case beyond a grid's."""
    names = [name for name, size in grid.items() if isinstance(size, Natural)]
    larger = dict.fromkeys(names, SEVERAL[-1]) | dict(
        zip(names, (BEYOND,) if len(names) == 1 else SEVERAL, strict=False)
    )
    return {
        name: Natural(larger[name], larger[name]) if isinstance(size, Natural) else Choice(size.options[:1])
        for name, size in grid.items()
    }


def _shape(sizes: Sizes) -> tuple[tuple[str, int | str], ...]:
    return tuple(sorted(sizes.items()))


def _asks(rehearsal: Rehearsal, keys: set[Key]) -> bool:
    return any(answer.call.key in keys for answer in rehearsal.answers)


class _Noting:
    """The reference, which notes what its functions are asked. Calls that are formally the same have one answer."""

    def __init__(self, reference: Any, known: dict[Hashable, Answer]) -> None:
        self._reference, self._known = reference, known
        self.answers: list[Answer] = []
        self.is_formal = True

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._reference, name)
        return lambda *arguments, **options: self._noted(function, name, (arguments, options))

    def _noted(self, function: Callable[..., Any], name: str, given: tuple[Any, Any]) -> Any:
        shape, scalars, callables = structure.of_arguments(given)
        if any(isinstance(scalar, (float, np.floating)) for scalar in scalars):
            raise OutsideClass(f"{name} is given floats")
        self.is_formal = self.is_formal and all(map(_is_formal, scalars))
        call = Call(Key(name, shape), scalars, callables)
        place = (call.key, *map(_formal_key, scalars)) if self.is_formal and not callables else object()
        answer = self._known.get(place)
        if answer is None:
            asked: list[tuple[int, Any]] = []
            _, arguments, options = call._replace(callables=_heard(callables, asked)).given()
            answer = self._known[place] = Answer(call, function(*arguments, **options), asked)
        self.answers.append(answer)
        return answer.result


def _heard(callables: Sequence[Callable[[Any], Any]], asked: list[tuple[int, Any]]) -> list[Callable[[Any], Any]]:
    """The callables, with a list of what they are asked."""

    def ask(number: int, argument: Any) -> Any:
        asked.append((number, argument))
        return callables[number](argument)

    return [partial(ask, number) for number in range(len(callables))]


def _is_formal(scalar: Any) -> bool:
    if isinstance(scalar, Dual):
        return _is_formal(scalar.value) and all(map(_is_formal, scalar.partials.values()))
    return isinstance(scalar, (Pair, *EXACT))


def _formal_key(scalar: Any) -> Hashable:
    match scalar:
        case Dual():
            partials = sorted((repr(direction), _formal_key(v)) for direction, v in scalar.partials.items())
            return scalar.level, _formal_key(scalar.value), tuple(partials)
        case Pair():
            return "residue", int(scalar.residue.element)
    return "exact", Fraction(scalar)


class _Comparison:
    """Holds code beside the reference, in one field. `size` is that of all differences, none of which is formally other
    than 0; the code's `decisions` are listed by function."""

    def __init__(self, code: CodeImplementation, system: Pairs, decisions: dict[Key, list[Decision]]) -> None:
        self._code, self.system, self._decisions = code, system, decisions
        self._met: set[int] = set()
        self.size = 0

    def add(self, rehearsal: Rehearsal) -> None:
        """Raises Different when the code answers otherwise, UndecidedSign when the sample's point lies on the border
        between two of its branches."""
        if not rehearsal.is_formal:
            raise Different
        for answer in rehearsal.answers:
            if answer.call.key.function in self._code.functions and id(answer) not in self._met:
                self._compare(answer)
                self._met.add(id(answer))

    def _compare(self, answer: Answer) -> None:
        try:
            result, asked, decisions = self._answered(answer.call)
        except UndecidedSign:
            raise
        except (ImplementationError, TypeError, ValueError, ArithmeticError) as error:
            raise Different from error
        self._decisions.setdefault(answer.call.key, []).extend(decisions)
        for expected, got in _leaves([answer.result, answer.asked], [result, asked]):
            self._difference(expected, got)

    def _answered(self, call: Call) -> tuple[Any, list[tuple[int, Any]], list[Decision]]:
        """The code's result, what it asked, and what it decided."""
        asked = list[tuple[int, Any]]()
        with self.system.deciding() as decisions:
            result = self._code.answer(call._replace(callables=_heard(call.callables, asked)))
        return result, asked, decisions

    def _difference(self, expected: Any, got: Any) -> None:
        if isinstance(expected, Dual) or isinstance(got, Dual):
            left, right = _dual(expected), _dual(got)
            if left.level != right.level and left.partials and right.partials:
                raise Different
            self._difference(left.value, right.value)
            for direction in {**left.partials, **right.partials}:
                self._difference(left.partials.get(direction, 0), right.partials.get(direction, 0))
            return
        if not isinstance(expected, (Pair, *EXACT)) or not isinstance(got, (Pair, *EXACT)):
            raise Different
        difference = _residue(expected, self.system) - _residue(got, self.system)
        if difference.element != 0:
            raise Different
        self.size += difference.size


def _dual(value: Any) -> Dual:
    return value if isinstance(value, Dual) else Dual(value, {})


def _residue(value: Any, system: Pairs) -> Any:
    return value.residue if isinstance(value, Pair) else system.residues.number(plain(value))


def _leaves(expected: Any, got: Any) -> Iterator[tuple[Any, Any]]:
    """The scalars in two results, side by side. Raises Different where their structure is not the same."""
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            if key not in got:
                raise Different
            yield from _leaves(value, got[key])
    elif isinstance(expected, (list, tuple)):
        if not isinstance(got, (list, tuple, np.ndarray)) or len(got) != len(expected):
            raise Different
        for left, right in zip(expected, got, strict=True):
            yield from _leaves(left, right)
    elif np.shape(expected) != np.shape(got):
        raise Different
    else:
        yield from zip(np.ravel(expected), np.ravel(got), strict=True)
