"""Pairs of random formulas, of each of which it is known whether the two are the same function."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from benchmarks.soaking.editing import edited
from benchmarks.soaking.rewriting import rewritten
from benchmarks.soaking.subjects import VARIABLES, Subject, subjects
from benchmarks.soaking.truth import Truth, Unclear, are_different
from benchmarks.soaking.writer import Writer, number
from refute.claims import Blank, Claim
from refute.formula.expr import Expr, Name, Sum
from refute.formula.parse import parse
from refute.formula.show import text

BLOCK = 50  # pairs that share a claim


@dataclass(frozen=True)
class Pair:
    """Two formulas, whether they are equal, and how left was made; right is '' if it is the claim's own."""

    left: str
    right: str
    equal: bool
    is_edit: bool
    steps: tuple[str, ...]
    claim: Claim | None
    check: Callable[[], bool] = field(repr=False)  # the truth by mpmath

    @property
    def command(self) -> str:
        """What to type to see it."""
        if self.claim is not None and self.right:
            return f"{self.claim.id} with {self.right!r} for its right formula: {self.left}"
        if self.claim is not None:
            return f"refute answer -- {self.claim.id} {shlex.quote(self.left)}"
        return f"refute same --domain 'a > 0' -- {shlex.quote(self.left)} {shlex.quote(self.right)}"


def pairs(seed: int, block: int) -> Iterator[Pair]:
    """The pairs of a block: of formulas in a few variables, or answers to a claim, whose right formula is its own or
    a random one."""
    random = Random(f"soak/{seed}/{block}")
    kind = random.random()
    if kind < 0.6:
        yield from (_pair_of_variables(random) for _ in range(BLOCK))
        return
    subject = random.choice(subjects())
    assert subject.claim is not None
    assert subject.claim.blank is not None
    if kind > 0.8 and not subject.kinds:
        subject = _with_random_formula(subject, subject.claim, subject.claim.blank, random)
    assert subject.claim is not None
    assert subject.claim.blank is not None
    truth = Truth(subject.claim, subject.claim.blank)
    right = [parse(subject.claim.formulas[part]) for part in subject.claim.blank.right]
    yield from (_answer(subject, right, truth, random) for _ in range(BLOCK))


def _with_random_formula(subject: Subject, claim: Claim, blank: Blank, random: Random) -> Subject:
    writer = Writer(subject, random)
    if claim.id.startswith("1b"):
        formula: Expr = Sum(writer.formula(2, frozenset("t")), "t", number(1), Name("T"))
    else:
        formula = writer.formula(3, subject.own_index)
    made = replace(claim, formula=text(formula), mistakes={}, growth={}, within={}, blank=replace(blank, right=("",)))
    return replace(subject, claim=made, is_random=True)


def _pair_of_variables(random: Random) -> Pair:
    while True:
        writer = Writer(VARIABLES, random)
        right = writer.formula(random.choice((2, 3, 3, 4)), frozenset())
        pair = _made(writer, right, partial(_are_same, right, random), right)
        if pair is not None:
            return pair


def _are_same(right: Expr, random: Random, left: Expr) -> bool:
    return not are_different(left, right, random)


def _answer(subject: Subject, right: Sequence[Expr], truth: Truth, random: Random) -> Pair:
    while True:
        writer = Writer(subject, random)
        pair = _made(writer, random.choice(right), truth.is_right)
        if pair is not None:
            return pair


def _made(writer: Writer, right: Expr, is_right: Callable[[Expr], bool], shown: Expr | None = None) -> Pair | None:
    """A pair, one side of which is the right formula rewritten, or edited; None if the truth of it is unclear."""
    random = writer.random
    times, is_edit, equal = random.choice((1, 2, 3, 5, 8)), random.random() < 0.5, True
    if is_edit:
        changed = edited(rewritten(right, writer, random.choice((0, 0, 1, 2))), writer)
        if changed is None:
            return None
        left = rewritten(changed, writer, times // 2)
        try:
            equal = is_right(left)
        except Unclear:
            return None
        if equal and not writer.has_values(left):
            return None  # it may differ in where it has a value
    else:
        left = rewritten(right, writer, times)
    subject = writer.subject
    other = text(right) if subject.is_random else "" if shown is None else writer.shown(shown)
    return Pair(
        writer.shown(left), other, equal, is_edit, tuple(writer.steps), subject.claim, partial(is_right, left)
    )  # fmt: skip
