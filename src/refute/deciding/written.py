"""Deciding what people write in answer to a claim."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

from refute.claims import Blank, Claim, Natural, Real
from refute.deciding import growth
from refute.deciding.edits import MOST_PATHS, Edits
from refute.deciding.ground import Cases, Ground, places
from refute.deciding.judge import Finding, Judge
from refute.deciding.mistakes import Key, key, mistakes_of, table
from refute.deciding.reach import counts, farthest, quantities, reach
from refute.deciding.several import Several, Terms
from refute.deciding.verdict import ACCEPTED, Counterexample, Mistake, Status, Verdict
from refute.errors import ProjectError, UsageError
from refute.formula.expr import Add, Call, Expr, Name, names, walk
from refute.formula.parse import FormulaError, parse
from refute.formula.read import Reading, read
from refute.formula.show import text, unicode
from refute.formula.vocabulary import ORDERS
from refute.memory import Recent
from refute.project import Project, load

REMEMBERED = 50_000  # answers whose verdict is kept
FARTHEST = 14  # the largest size at which an answer is tried because of the numbers in it
T = TypeVar("T")


class Decider:
    """Decides written answers to one claim. What it has decided it remembers; `secret` seeds its residues, one of this
    process if it is empty."""

    def __init__(self, claim: Claim, secret: str = "", cases: Cases | None = None) -> None:
        if claim.blank is None:
            raise UsageError(f"claim {claim.id} takes no written answer", expected="a claim with a blank", got=claim.id)
        self.claim, self.blank = claim, claim.blank
        self._secret = secret or unknowable()
        self._seen: Recent[str, Verdict] = Recent(REMEMBERED)
        self._named: Recent[str, Mistake | None] = Recent(REMEMBERED)  # mistakes by fingerprint
        self._cases = cases or Cases()
        self._judges: dict[int, Judge] = {}  # at larger sizes

    def decide(self, answer: str) -> Verdict:
        """The verdict on an answer. Threads may share a decider."""
        start = time.perf_counter()
        with self._cases.lock:
            verdict = self._seen.get(answer)
            if verdict is None:
                verdict = self._seen[answer] = self._decided(answer)
        return replace(verdict, seconds=time.perf_counter() - start)

    @cached_property
    def _judge(self) -> Judge:
        right = {part: self._own(self.claim.formulas[part]) for part in self.blank.right}
        return Judge(ground_of(self.claim, self.blank, self._cases), right, self._secret)

    @cached_property
    def _mistakes(self) -> dict[Key, Mistake]:
        named = {
            self._own(formula): reason
            for _, formulas, reason in self.claim.mistaken_formulas()
            for part, formula in formulas.items()
            if part in self.blank.right
        }
        return table(self._judge.right.values(), self.blank, named, self._judge.values)

    @cached_property
    def _several(self) -> Several:
        edits, found = Edits(self.blank), []
        for formula in self._judge.right.values():
            terms = formula.terms if isinstance(formula, Add) else (formula,)
            values = [self._judge.values(term) for term in (formula, *terms)]
            if len(terms) <= MOST_PATHS and None not in values:
                right, *parts = map(key, values)
                found.append(Terms(right, tuple(parts), tuple(map(edits.path, terms))))
        return Several(found, self._mistakes, self._judge.prime)

    def _own(self, formula: str) -> Expr:
        """A formula of the spec: that it cannot be read is not the answer's fault."""
        try:
            return parse(formula)
        except FormulaError as error:
            raise ProjectError(
                f"claim {self.claim.id}: {error.message}", got=formula, where=self.claim.place
            ) from error

    def mutants(self) -> Iterator[tuple[Expr, bool]]:
        """The generated mistakes of the right formulas that are no right formula themselves, each with whether some
        case in balls refutes it: one that none refutes shows a claim that is too weak."""
        prints = {self._judge.fingerprint(formula) for formula in self._judge.right.values()}
        for formula in self._judge.right.values():
            for wrong, _ in mistakes_of(formula, self.blank):
                try:
                    if self._judge.fingerprint(wrong) not in prints:
                        yield wrong, self._judge.is_refuted(wrong)
                except (ValueError, TypeError, KeyError):
                    continue  # its parts do not fit together, or a sum's index is no name: nobody can write it

    def _decided(self, answer: str) -> Verdict:
        try:
            return self._of_reading(read(answer, self.blank.vocabulary))
        except FormulaError as error:
            return unreadable(self.claim.id, error)

    def _of_reading(self, reading: Reading) -> Verdict:
        read_as = " = ".join(map(unicode, reading.members))
        match reading.answer:
            case Call(function, (order,)) if function in ORDERS:
                return replace(self._of_order(function, order), read_as=read_as)
        found = self._finding(reading.answer)
        is_refused = found.status is Status.REFUTED
        return as_verdict(
            self.claim.id, found, [*reading.notes, found.right], self._broken_step(reading.members),
            read_as=read_as, mistake=self._mistake(reading.answer, found.fingerprint) if is_refused else None,
        )  # fmt: skip

    def _finding(self, answer: Expr) -> Finding:
        found = evaluated(lambda: self._judge.judge(answer))
        if found.status not in ACCEPTED or not self._sizes:
            return found
        counting = self._counting
        numbers = quantities(answer, frozenset(self._sizes))
        chance = self._judge.chance_for_any(answer, numbers) if numbers else None
        if chance is not None:
            found, counting = _surer(found, chance), counting - numbers
        size = reach(answer, counting)
        if size <= min(self._sizes.values()):
            return found
        larger = evaluated(lambda: self._beyond(min(size, FARTHEST)).judge(answer))
        if larger.status not in ACCEPTED:
            return larger
        if farthest(answer, counting) >= FARTHEST:
            return Finding(Status.UNDECIDED, message="the numbers in it are too large to try it beyond them")
        return _surer(found, larger.error_bound)._replace(
            cases=found.cases + larger.cases, shapes=found.shapes + larger.shapes
        )

    @cached_property
    def _counting(self) -> frozenset[str]:
        """The names that count something: sizes and index variables."""
        return self.blank.vocabulary.variables.union(self._sizes)

    @cached_property
    def _sizes(self) -> dict[str, int]:
        """The largest of each of the sizes that answers are tried at."""
        found: dict[str, int] = {}
        for name, value in (item for sizes in self.blank.sizes for item in sizes.items()):
            if isinstance(value, int):
                found[name] = max(value, found.get(name, value))
        return found

    def _beyond(self, size: int) -> Judge:
        """A judge at larger sizes than usual, no two of them the same."""
        if size not in self._judges:
            larger = {name: (2 * i + 1) * size for i, name in enumerate(sorted(self._sizes))}
            blank = replace(self.blank, sizes=({**self.blank.sizes[-1], **larger},))
            self._judges[size] = Judge(ground_of(self.claim, blank, self._cases), self._judge.right, self._secret)
        return self._judges[size]

    def _mistake(self, answer: Expr, fingerprint: str) -> Mistake | None:
        if fingerprint in self._named:
            return self._named[fingerprint]
        values = None if self._is_at_fixed_index(answer) else self._judge.values(answer)
        mistake = None if values is None else self._mistakes.get(key(values))
        mistake = mistake or self._unknown(answer)
        if mistake is None and values is not None and not counts(answer, self._counting):
            mistake = self._several.of(key(values))
        if fingerprint:
            self._named[fingerprint] = mistake
        return mistake

    def _is_at_fixed_index(self, answer: Expr) -> bool:
        """Whether an answer that is asked for at each index speaks of one, as ``c[T]``: at the place where mistakes are
        looked up it may be another's."""
        own = self.blank.vocabulary.own_node
        if own is None or not own.indices:
            return False
        indices = (index for node in walk(answer) if isinstance(node, Name) for index in node.indices)
        return any(names(index).isdisjoint(self.blank.vocabulary.variables) for index in indices)

    def _unknown(self, answer: Expr) -> Mistake | None:
        """That an answer uses nodes of which it gets arbitrary values."""
        nodes = [*dict.fromkeys(node for node in walk(answer) if isinstance(node, Name))]
        withheld, shown = (set(map(parse, texts)) for texts in (self.blank.withheld, self.blank.shown))
        names_shown = {node.name for node in shown if isinstance(node, Name)}
        circular = [unicode(node) for node in nodes if node in withheld]
        if circular:
            return Mistake("circular", f"it is circular: {_and(circular)} not known before the answer is")
        unknown = [unicode(node) for node in nodes if node.name in names_shown and node not in shown]
        return Mistake("unknown", f"{_and(unknown)} not known here") if unknown else None

    def _broken_step(self, members: tuple[Expr, ...]) -> str:
        """The first of the steps of a chain that is no equality."""
        if len(members) == 1:
            return ""
        prints = evaluated(lambda: [self._judge.fingerprint(member) for member in members])
        for number, (left, right) in enumerate(pairwise(members), 1):
            if prints[number - 1] != prints[number]:
                return f"step {number} breaks: {unicode(left)} is not {unicode(right)}"
        return ""

    def _of_order(self, function: str, order: Expr) -> Verdict:
        claim = self.claim
        if not claim.growth:
            raise FormulaError(
                "this blank asks for an exact formula",
                expected="a formula",
                got=f"an order of growth, {function}(...)",
                line=1,
                column=1,
            )
        part = next(iter(claim.growth))
        question = claim.formulas[part], text(order), claim.least
        found = None
        try:
            with suppress(growth.NotAPolynomial):
                found = growth.constants(*question)
            loose = None if found else growth.differing_rates(*question)
        except growth.NotAPolynomial as error:
            raise FormulaError(
                "an order of growth that cannot be compared", expected=str(error), got=text(order), line=1, column=1
            ) from None
        if found is not None:
            between = f"{part} is between {found[0]} and {found[1]} times {unicode(order)}"
            return Verdict(claim.id, "", Status.PROVED, cases=1, reading=f"{function}: {part}", message=between)
        if loose is None:
            return Verdict(claim.id, "", Status.UNDECIDED, message="no constants show that it is a tight bound")
        shown = Counterexample(
            case=loose.sizes, formula=text(order),
            expected=f"it grows {loose.count}", observed=f"it grows {loose.order}",
            seen="the answer", where="",
        )  # fmt: skip
        return Verdict(
            claim.id,
            "",
            Status.REFUTED,
            counterexample=shown,
            mistake=Mistake("growth", loose.says),
            message=str(loose),
        )


class Deciders:
    """The deciders of a project's claims, each made when it is first needed. Claims of one setting share its cases."""

    def __init__(self, project: Project, secret: str = "") -> None:
        self.project = project
        self._secret = f"{project.name}/{secret}" if secret else ""
        self._by_id: dict[str, Decider] = {}
        self._cases: dict[Any, Cases] = {}

    def of(self, claim: str) -> Decider:
        """Raises UsageError for an id that no claim has, or a claim that takes no written answer."""
        if claim not in self._by_id:
            found = self.project.claim(claim)
            self._by_id[claim] = Decider(found, self._secret, self._cases_of(found))
        return self._by_id[claim]

    def _cases_of(self, claim: Claim) -> Cases | None:
        if claim.blank is None:
            return None
        key = id(claim.blank.setting), frozenset(domains(claim, claim.blank).items())
        return self._cases.setdefault(key, Cases())


@lru_cache(maxsize=8)
def deciders(folder: Path) -> Deciders:
    """The deciders of the project to use from a folder. Its residues depend on the environment's REFUTE_SECRET."""
    return Deciders(load(folder), os.environ.get("REFUTE_SECRET", ""))


@lru_cache(maxsize=1)
def unknowable() -> str:
    """A secret of this process. A formula that is 0 in the residues of a seed can be built by whoever knows it."""
    return token_hex(16)


def ground_of(claim: Claim, blank: Blank, cases: Cases | None = None) -> Ground:
    """The ground on which answers to a claim are judged, with the `cases` of others if it has some in common."""
    vocabulary = blank.vocabulary
    own = parse(vocabulary.own) if vocabulary.own else None
    bound = {name for index in own.indices for name in names(index)} if isinstance(own, Name) else set()
    ranges = {name: ends for name, ends in vocabulary.indices.items() if name in bound}
    return Ground(
        blank.setting,
        tuple(places(blank.sizes, ranges)),
        domains(claim, blank),
        blank.withheld,
        blank.shown,
        vocabulary.indices,
        cases,
    )


def domains(claim: Claim, blank: Blank) -> dict[str, Real | Natural]:
    """Those of the variables that answers to a claim speak of."""
    return {**claim.given, **blank.given}


def _and(things: list[str]) -> str:
    """``a is``, ``a and b are``."""
    return f"{' and '.join(things)} {'is' if len(things) == 1 else 'are'}"


def _surer(found: Finding, chance: Fraction | None) -> Finding:
    """A finding with what else was tried: where it is wrong, that agreed with at most this `chance`, or the rest did
    with its own."""
    if found.error_bound is None or chance is None:
        return found
    return found._replace(error_bound=max(found.error_bound, chance))


def evaluated(run: Callable[[], T]) -> T:
    """What a formula's evaluation gives. Raises FormulaError where its parts do not fit together."""
    try:
        return run()
    except FormulaError as error:
        if error.line is None:
            error.line, error.column = 1, 1
        raise
    except KeyError as error:
        raise FormulaError(
            "an unknown name", expected="a name of the claim", got=repr(error.args[0]), line=1, column=1
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise FormulaError(f"the parts of the formula do not fit together: {error}", line=1, column=1) from error


def as_verdict(claim: str, found: Finding, notes: Iterable[str], broken: str = "", **more: Any) -> Verdict:
    """A finding as a verdict, with the readings that were taken, the step of a chain that is broken, and `more`."""
    message = found.message if found.counterexample is None else found.counterexample.answer_sentence()
    return Verdict(
        claim, "", found.status, error_bound=found.error_bound, cases=found.cases, digits=found.digits,
        shapes=found.shapes,
        counterexample=found.counterexample, message="; ".join(filter(None, (message, broken))),
        reading="; ".join(filter(None, notes)), fingerprint=found.fingerprint,
        systems=("balls",) if found.status in (Status.TESTED, Status.REFUTED) else ("residues", "balls"), **more,
    )  # fmt: skip


def unreadable(claim: str, error: FormulaError) -> Verdict:
    """The verdict on a text that is no formula of a claim's."""
    place = None if error.line is None or error.column is None else (error.line, error.column)
    return Verdict(claim, "", Status.UNREADABLE, message=str(error), place=place)
