"""The bank of written answers and of pairs of formulas: each is judged as mathematics says, with its evidence.

`answers.jsonl` and `pairs.jsonl` say what is right by mathematics, whatever Refute says of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import pytest

from refute.deciding.domain import parse_domains
from refute.deciding.verdict import Status, Verdict
from refute.deciding.written import Decider, same
from refute.project import Project, load

Entry = Mapping[str, str]

HERE = Path(__file__).parent
BLOCK = 25  # pairs in one test
ACCEPTING = {Status.CERTIFIED, Status.PROVED}
EXPECTED = {
    "right": ACCEPTING,
    "same": ACCEPTING,
    "wrong": {Status.REFUTED},
    "different": {Status.REFUTED},
    "tested": {Status.TESTED},
    "unreadable": {Status.UNREADABLE},
}


def entries(name: str) -> list[Entry]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


ANSWERS = {claim: list(group) for claim, group in groupby(entries("answers.jsonl"), key=lambda entry: entry["claim"])}
PAIRS = entries("pairs.jsonl")


@pytest.fixture
def homework(own_imports: None) -> Project:
    return load(HERE.parent)


def same_pair(entry: Entry) -> Verdict:
    return same(entry["left"], entry["right"], parse_domains([entry["domain"]] if "domain" in entry else []))


def faults(entry: Entry, verdict: Verdict) -> Iterator[str]:
    """What is wrong with a verdict on an entry: its status, its evidence, or the mistake it names."""
    status, shown, mistake = verdict.status, verdict.counterexample, verdict.mistake
    if status not in EXPECTED[entry["expect"]]:
        yield f"it is {entry['expect']}, not {status}: {verdict.message}"
    if status is Status.REFUTED and (shown is None or shown.expected == shown.observed):
        yield "it is refuted without two values that differ"
    if status is Status.UNREADABLE and (verdict.place is None or min(verdict.place) < 1):
        yield "it is unreadable at no line and column"
    if status is Status.CERTIFIED and not (0 < (verdict.error_bound or 0) < Fraction(1, 2**100)):
        yield f"it is certified with an error bound of {verdict.error_bound}"
    if "mistake" in entry and (mistake is None or entry["mistake"] not in f"{mistake.kind}: {mistake.text}"):
        yield f"the mistake is not named: {entry['mistake']}"


def judged_otherwise(chosen: Sequence[Entry], decide: Callable[[Entry], Verdict]) -> list[str]:
    """Every entry on whose verdict there is something to say."""
    return [
        f"{entry.get('answer') or (entry['left'], entry['right'], entry.get('domain', ''))}: {fault}"
        for entry in chosen
        for fault in faults(entry, decide(entry))
    ]


def reported(lines: Sequence[str]) -> str:
    return "\n".join([f"{len(lines)} judged otherwise", *lines])


@pytest.mark.parametrize("claim", ANSWERS)
def test_answers_are_judged_as_mathematics_says(claim: str, homework: Project) -> None:
    decider = Decider(homework.claim(claim))
    wrong = judged_otherwise(ANSWERS[claim], lambda entry: decider.decide(entry["answer"]))
    assert not wrong, reported(wrong)


@pytest.mark.parametrize("sides", [("left", "right"), ("right", "left")])
@pytest.mark.parametrize("first", range(0, len(PAIRS), BLOCK))
def test_pairs_are_judged_as_mathematics_says_either_way_round(first: int, sides: tuple[str, str]) -> None:
    turned = [{**entry, "left": entry[sides[0]], "right": entry[sides[1]]} for entry in PAIRS[first : first + BLOCK]]
    wrong = judged_otherwise(turned, same_pair)
    assert not wrong, reported(wrong)


@pytest.mark.parametrize("expect", ["wrong", "tested", "unreadable"])
def test_a_right_answer_that_is_expected_to_be_anything_else_is_reported(expect: str, homework: Project) -> None:
    decider = Decider(homework.claim("2b.steps"))
    assert judged_otherwise([{"answer": "2G - 1", "expect": expect}], lambda entry: decider.decide(entry["answer"]))


@pytest.mark.parametrize(("left", "right", "expect"), [("x + 1", "1 + x", "different"), ("x", "x + 1e-30", "same")])
def test_a_pair_that_is_expected_to_be_otherwise_is_reported(left: str, right: str, expect: str) -> None:
    assert judged_otherwise([{"left": left, "right": right, "expect": expect}], same_pair)


def test_every_blank_has_right_wrong_and_unreadable_answers(homework: Project) -> None:
    expected = {claim: {entry["expect"] for entry in group} - {"tested"} for claim, group in ANSWERS.items()}
    blanks = [claim.id for claim in homework.claims if claim.blank is not None]
    assert expected == {claim: {"right", "wrong", "unreadable"} for claim in blanks}


@pytest.mark.parametrize(("name", "least"), [("answers.jsonl", 300), ("pairs.jsonl", 150)])
def test_the_bank_is_large_and_no_entry_is_in_it_twice(name: str, least: int) -> None:
    questions = [
        tuple(entry.get(key, "") for key in ("claim", "answer", "left", "right", "domain")) for entry in entries(name)
    ]
    assert len(set(questions)) == len(questions) >= least
