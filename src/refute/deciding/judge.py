"""Judging a formula against right ones on a ground: residues certify, balls refute. Nothing is run but formulas."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from refute.deciding.difference import Difference, described
from refute.deciding.formal import Comparison, Formal
from refute.deciding.ground import Formula, Ground
from refute.deciding.identity import MOST_ARGUMENTS, MOST_CHANCE, relation_bits
from refute.deciding.partial import may_be_undefined
from refute.deciding.search import Search
from refute.deciding.verdict import Counterexample, Status
from refute.formula.evaluate import Evaluator, once_each
from refute.formula.expr import Expr
from refute.memory import Recent
from refute.numbers.residues import DEFAULT_BITS
from refute.numbers.scalar import OutsideClass

DIGITS = 50  # to which balls are asked where residues do not reach
FEW_ARGUMENTS = 14  # of exp, for which a prime of 512 bits will do
UNTOLD = "residues differ, yet balls cannot tell the two apart"
FIELDS = 12  # that are tried where one lacks a root: one that lacks a root of order 5 has a chance of 1/4
REMEMBERED = 20_000  # functions whose finding is kept


class Finding(NamedTuple):
    """What is known of a formula: which of the right ones it equals, or a case where it equals none."""

    status: Status
    right: str = ""
    error_bound: Fraction | None = None
    cases: int = 0
    shapes: tuple[str, ...] = ()  # the sizes at which it was looked at, where there are sizes
    digits: int | None = None
    fingerprint: str = ""
    counterexample: Counterexample | None = None
    message: str = ""
    difference: Difference | None = None  # that the counterexample describes


class Judge:
    """Judges formulas against the `right` ones, by name, on a `ground`. The residues are drawn from `seed`."""

    def __init__(self, ground: Ground, right: Mapping[str, Expr], seed: str = "") -> None:
        self.ground, self.right = ground, right
        self._right = {name: ground.formula(expr) for name, expr in right.items()}
        self._seed = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big") if seed else 0
        self._search = Search(ground, self._right.values())
        self._formals: dict[int, Formal] = {}
        self._differing: Recent[str, Difference] = Recent(REMEMBERED)  # where functions were told apart, by fingerprint

    def judge(self, expr: Expr, *, fingerprinted: bool = True) -> Finding:
        """The finding on a formula. One that need not be `fingerprinted` may be refused by balls alone.

        Raises ValueError when matrices in it do not fit, KeyError for an unknown name.
        """
        answer = self.ground.formula(expr)
        apart = None if fingerprinted else self._search.contradiction(answer)
        if apart is not None:
            difference = self._search.counterexample(answer, last=0)
            if difference is not None:
                return _refuted(difference)
        try:
            compared = self._formal(0).compare(answer)
        except OutsideClass:
            return self._tested(answer, "residues cannot follow it")
        except ZeroDivisionError:
            return self._nowhere(answer)
        if compared.opaque:
            functions = " and ".join(sorted(compared.opaque))
            return self._tested(answer, f"residues have no {functions}")._replace(fingerprint=compared.fingerprint)
        try:
            found = self._as_before(answer, compared) or self._settled(answer, compared)
        except OutsideClass:  # a relation among exponentials asks for a root
            found = self._tested(answer, "residues cannot follow it")
        found = found._replace(fingerprint=compared.fingerprint)
        if found.difference is not None:
            self._differing[compared.fingerprint] = found.difference
        if found.status is not Status.CERTIFIED:
            return found
        # Balls are rigorous whatever the residues say.
        apart = self._search.contradiction(answer) if fingerprinted else apart
        if apart is not None:
            return _refuted(self._search.counterexample(answer) or apart)._replace(fingerprint=found.fingerprint)
        is_partial = self._is_right_partial or may_be_undefined(expr, self.ground.given)
        difference = self._search.undefined(answer) if is_partial else None
        return found if difference is None else _refuted(difference)._replace(fingerprint=found.fingerprint)

    def is_refuted(self, answer: Expr) -> bool:
        """Whether some case in balls tells a formula apart from all right ones."""
        return self._search.differs(self.ground.formula(answer))

    def chance_for_any(self, answer: Expr, numbers: frozenset[str]) -> Fraction | None:
        """The chance that a formula is no right one for any `numbers` in it, whatever these are, though it was found to
        be; None where it is none, or residues cannot tell."""
        formula = self.ground.formula(answer)
        try:
            compared = self._formal(0).compare(formula, numbers)
            if compared.equal is None and 0 < compared.arguments <= MOST_ARGUMENTS:
                compared = self._formal(compared.arguments).compare(formula, numbers)
        except (OutsideClass, ZeroDivisionError, ValueError):
            return None
        return None if compared.equal is None or compared.opaque else compared.error_bound

    def fingerprint(self, answer: Expr) -> str:
        """The same for equal functions, different for others; '' for one that residues cannot follow."""
        try:
            return self._formal(0).compare(self.ground.formula(answer)).fingerprint
        except (OutsideClass, ZeroDivisionError):
            return ""

    def values(self, answer: Expr) -> list[list[Any]] | None:
        """A formula's residues at one place, to recognise it by; None for one that they cannot follow."""
        try:
            return self._formal(0).values(self.ground.formula(answer, self._parts))
        except (OutsideClass, ZeroDivisionError, ValueError, KeyError):
            return None

    @property
    def prime(self) -> int:
        """The prime that `values` are residues of."""
        return self._formal(0).prime

    @cached_property
    def _is_right_partial(self) -> bool:
        return any(may_be_undefined(expr, self.ground.given) for expr in self.right.values())

    @cached_property
    def _parts(self) -> dict[int, Evaluator]:
        """The parts of the right formulas, each with its value at the one place that `values` looks at."""
        return {key: value for expr in self.right.values() for key, value in once_each(expr).items()}

    def _formal(self, arguments: int) -> Formal:
        """Residues without a search for relations when there are no `arguments`, else with one among so many."""
        key = relation_bits(arguments) if arguments else 0
        if key not in self._formals:
            bits = key or DEFAULT_BITS
            self._formals[key] = Formal(self.ground, self._right, self._seed, bits, relations=bool(arguments))
        return self._formals[key]

    def _related(self, answer: Formula, arguments: int) -> Comparison:
        """The comparison with all relations among exponentials, in a field that has the roots these need."""
        compared = self._formal(arguments).compare(answer)
        bits = relation_bits(arguments)
        for attempt in range(1, FIELDS):
            if compared.equal is not None or not compared.lacks_root:
                break
            field = Formal(self.ground, self._right, self._seed + attempt, bits, relations=True)
            compared = field.compare(answer)
            compared = compared._replace(error_bound=compared.error_bound * (attempt + 1))
        return compared

    def _as_before(self, answer: Formula, compared: Comparison) -> Finding | None:
        """The finding on a formula of which an equal one was refused, if it differs at the same case."""
        before = None if compared.equal is not None else self._differing.get(compared.fingerprint)
        difference = None if before is None else self._search.again(answer, before)
        return None if difference is None else _refuted(difference)

    def _settled(self, answer: Formula, compared: Comparison) -> Finding:
        tried = 0  # how many of the searches for a case
        if compared.equal is None and compared.arguments:
            # Relations among many arguments take longer to find than a difference, and where the answer brings no
            # argument of its own only those among the right formulas' may have been missed.
            is_likely = compared.is_new and compared.arguments <= FEW_ARGUMENTS
            tried = 1 if is_likely else 2
            difference = self._search.counterexample(answer, last=tried - 1)
            if difference is not None:
                return _refuted(difference)
            if compared.arguments > MOST_ARGUMENTS:
                reason = f"it has {compared.arguments} independent exponentials, of {MOST_ARGUMENTS} at most"
                return Finding(Status.UNDECIDED, message=f"{UNTOLD}: {reason}")
            compared = self._related(answer, compared.arguments)
        if compared.equal is None:
            difference = self._search.counterexample(answer, first=tried)
            if difference is not None:
                return _refuted(difference)
            exhausted = self._search.exhausted(answer)
            if exhausted is not None:
                return Finding(Status.PROVED, next(iter(self.right)), cases=exhausted, message="every case was tried")
            return Finding(Status.UNDECIDED, message=UNTOLD)
        if compared.error_bound > MOST_CHANCE:
            return Finding(Status.UNDECIDED, message="residues agree, but they might by chance")
        return Finding(
            Status.CERTIFIED, compared.equal, compared.error_bound, len(self.ground.places), self.ground.shapes
        )

    def _tested(self, answer: Formula, reason: str) -> Finding:
        difference, cases = self._search.tested(answer, DIGITS)
        if difference is not None:
            return _refuted(difference)
        if not cases:
            return Finding(Status.UNDECIDED, message=f"{reason}, and balls show nothing")
        first, shapes = next(iter(self.right)), self.ground.shapes
        return Finding(Status.TESTED, first, cases=cases, shapes=shapes, digits=DIGITS, message=reason)

    def _nowhere(self, answer: Formula) -> Finding:
        difference = self._search.undefined(answer)
        if difference is None:
            return Finding(Status.UNDECIDED, message="it divides by 0, and balls show no case")
        return _refuted(difference)


def _refuted(difference: Difference) -> Finding:
    return Finding(Status.REFUTED, counterexample=described(difference), difference=difference)
