"""The soak finds nothing wrong with Refute, and finds what is wrong with judges that compare floats, or text, or crash.
What it takes for the truth is mpmath's."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.soaking.editing import EDITS
from benchmarks.soaking.judging import Refute, soak
from benchmarks.soaking.pairs import BLOCK, pairs
from benchmarks.soaking.places import placed, positions
from benchmarks.soaking.rewriting import REWRITINGS
from benchmarks.soaking.subjects import VARIABLES
from benchmarks.soaking.truth import Unclear, are_different, context, worth
from benchmarks.soaking.writer import Rule, Writer
from refute.deciding.verdict import Status, Verdict
from refute.formula.expr import Expr
from refute.formula.parse import parse
from refute.formula.read import OPEN, read

SEED, BLOCKS = 1, 40
ABOUT_NO_CLAIM = [block for block in range(20) if next(pairs(SEED, block)).claim is None][:3]
BANK = json.loads((Path(__file__).parents[1] / "benchmarks" / "pairs_hard.json").read_text(encoding="utf-8"))
POINT = {"x": 2, "y": -1, "z": 1, "a": 3}


def judged(status: Status) -> Verdict:
    return Verdict("", "", status)


class Floating(Refute):
    """Compares values at one point, with a tolerance of 1e-6."""

    def same(self, left: str, right: str) -> Verdict:
        mp = context(15)
        values = [worth(read(side, OPEN).answer, POINT, mp) for side in (left, right)]  # type: ignore[arg-type]
        is_near = abs(values[0] - values[1]) <= 1e-6 * (1 + abs(values[0]))
        return judged(Status.TESTED if is_near else Status.REFUTED)


class Textual(Refute):
    """Compares the texts."""

    def same(self, left: str, right: str) -> Verdict:
        return judged(Status.TESTED if left == right else Status.REFUTED)


class Shrugging(Refute):
    """Never knows."""

    def same(self, left: str, right: str) -> Verdict:
        return judged(Status.UNDECIDED)


class Crashing(Refute):
    """Has no room for long formulas."""

    def same(self, left: str, right: str) -> Verdict:
        return [super().same(left, right)][len(left) > 60]


def test_no_pair_is_judged_wrongly() -> None:
    found = soak(range(BLOCKS), SEED)
    assert [f"{o.kind}: {o.what}\n{o.command}" for o in found.shortest(3)] == []
    assert min(found.counts["rewritings"], found.counts["edits"]) > found.counts["pairs"] / 4


@pytest.mark.parametrize(
    ("judge", "kind"),
    [
        (Floating, "false accept"),
        (Textual, "false refusal"),
        (Shrugging, "undecided"),
        (Crashing, "crash"),
    ],
)
def test_a_broken_judge_is_caught(judge: type[Refute], kind: str) -> None:
    assert soak(ABOUT_NO_CLAIM, SEED, judge).counts[kind] > 0


def test_the_same_seed_and_block_give_the_same_pairs() -> None:
    first, again, other = ([(p.left, p.right, p.equal) for p in pairs(SEED, b)] for b in (2, 2, 3))
    assert first == again != other
    assert len(first) == BLOCK


def everywhere(rule: Rule, seed: int) -> list[tuple[Expr, Expr]]:
    """Random formulas, each with what a rule makes of one of its parts."""
    writer = Writer(VARIABLES, Random(seed))
    found = []
    for _ in range(30):
        formula = writer.formula(3, frozenset())
        for path, node, bound in list(positions(formula, frozenset()))[:4]:
            changed = rule(node, writer, bound)
            if changed is not None:
                found.append((formula, placed(formula, path, changed)))
    return found[:12]


def differ(left: Expr, right: Expr) -> bool | None:
    try:
        return are_different(left, right, Random(0))
    except Unclear:
        return None


@pytest.mark.parametrize("name", REWRITINGS)
def test_a_rewriting_keeps_the_function(name: str) -> None:
    assert not any(differ(before, after) for before, after in everywhere(REWRITINGS[name], SEED))


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_the_function_somewhere(name: str) -> None:
    about_no_variables = {"index", "ends of a sum"}
    assert any(differ(before, after) for before, after in everywhere(EDITS[name], SEED)) or name in about_no_variables


@pytest.mark.parametrize(
    ("left", "right", "truth"),
    [
        ("tanh(x)", "2*sigmoid(2*x) - 1", False),
        ("tanh(x)", "2*sigmoid(2*x) - 1 + 1e-60*y", True),
        ("exp(exp(exp(x)))*exp(-exp(exp(x)))", "exp(exp(x)/exp(x) - 1)", False),
        ("(x + exp(300*z)) - exp(300*z)", "x", False),
        ("a^(x + y)/a^y", "a^x", False),
        ("a^(x + y)/a^y", "a^x*(1 + 1e-60)", True),
        ("1/(x - x)", "1", True),
    ],
)
def test_the_truth_is_that_of_mpmath(left: str, right: str, *, truth: bool) -> None:
    assert are_different(parse(left), parse(right), Random(0)) is truth


def test_what_is_too_large_for_mpmath_has_no_truth() -> None:
    with pytest.raises(Unclear):
        are_different(parse("exp(exp(1000 + x^2))"), parse("0"), Random(0))


@pytest.mark.parametrize("pair", BANK, ids=lambda pair: f"{pair['left']} {pair['right']}"[:60])
def test_the_bank_of_hard_pairs_is_right(pair: dict[str, Any]) -> None:
    left, right = (read(pair[side], OPEN).answer for side in ("left", "right"))
    assert are_different(left, right, Random(0)) is not pair["equal"]
