"""The table of mistakes: each is known by what it means, however its value was worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from refute.cases import Draw
from refute.claims import Blank, Sizes
from refute.deciding.ground import Ground, Place
from refute.deciding.judge import Judge
from refute.deciding.mistakes import Key, key, mistakes_of, table
from refute.deciding.written import ground_of
from refute.formula.model import Sequence
from refute.formula.parse import parse
from refute.formula.vocabulary import Vocabulary
from refute.project import Project, load

ROOT = Path(__file__).parents[1]


@cache
def homework() -> Project:
    return load(ROOT)


def by_themselves(judge: Judge, blank: Blank) -> set[Key]:
    """The keys of all mistakes that can be evaluated and are wrong, each evaluated as a whole."""
    formulas = judge.right.values()
    values = [judge.values(wrong) for formula in formulas for wrong, _ in mistakes_of(formula, blank)]
    return {key(value) for value in values if value is not None} - {key(judge.values(right)) for right in formulas}


BLANKS = [claim.id for claim in homework().claims if claim.blank is not None]


@pytest.mark.parametrize("claim_id", BLANKS)
def test_the_table_of_a_claim_has_each_mistake_under_its_own_value(claim_id: str) -> None:
    claim = homework().claim(claim_id)
    assert claim.blank is not None
    right = {part: parse(claim.formulas[part]) for part in claim.blank.right}
    judge = Judge(ground_of(claim, claim.blank), right)
    assert set(table(right.values(), claim.blank, {}, judge.values)) == by_themselves(judge, claim.blank)


def setting(sizes: Sizes, draw: Draw) -> Mapping[str, Any]:
    steps = int(sizes["T"])
    sequences = {name: Sequence({(t,): v for t, v in enumerate(draw(name, steps), 1)}) for name in "xy"}
    return {**sequences, "a": draw("a"), "b": draw("b"), "v": draw("v", 2), "w": draw("w", 2), "T": steps}


BLANK = Blank(
    setting,
    Vocabulary(dict.fromkeys("xy", 1) | dict.fromkeys("abvwT", 0), indices={"t": ("1", "T")}),
    sizes=({"T": 3},),
)


@pytest.mark.parametrize(
    "formula",
    [
        "a*sum(x[t]*(y[t] - a)^2, t, 1, T) - sum(x[t], t, 2, T)",
        "-(a + x[1])*(x[2]/(a - b) - tanh(a*y[1]))",
        "(sum(a*b, t, 1, T) + b)*x[1]",
        "sum(x[t]*y[t], t, 1, 2)",
        "sum(x[n]*y[n], n, 1, T)",
        "sum(sum(x[t] - a, t, 1, T)*y[t], t, 1, T)",
        "sum(a*x[t] + sum(x[t]*y[t], t, t, T), t, 1, T)",
        "a*v - (w + v)",
        "a + v + w",
        "[[a, 1], [0, b]]*[[b, 0], [a + b, 1]]",
        "[[a, b], [0, 1]]*[[b, 0], [a, 1]] + [[1, 0], [a, 1]]",
    ],
)
def test_what_is_around_a_mistake_and_its_own_value_tell_the_value_of_the_whole(formula: str) -> None:
    check(formula, BLANK)


def test_the_same_with_two_indices() -> None:
    two = replace(BLANK.vocabulary, indices={"t": ("1", "T"), "n": ("1", "T")})
    check("sum(sum(x[t]*y[n] - y[t], t, 1, T)*x[n], n, 1, T)", replace(BLANK, vocabulary=two))


def check(formula: str, blank: Blank) -> None:
    right = parse(formula)
    judge = Judge(Ground(setting, (Place({"T": 3}, {}),), ranges=blank.vocabulary.indices), {"": right})
    wrong = by_themselves(judge, blank)
    assert set(table([right], blank, {}, judge.values)) == wrong
    assert len(wrong) > 10
