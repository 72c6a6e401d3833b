"""Reports: nothing that a verdict says is lost, the table keeps to its width, and formulas can be read."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console

from refute.claims import Claim
from refute.deciding.verdict import ACCEPTED, Counterexample, Status, Verdict, power_of_two
from refute.formula.parse import parse
from refute.formula.show import unicode
from refute.project import Project, load
from refute.report.json_output import verdicts_json
from refute.report.terminal import evidence, formula_text, print_verdicts, summary, track

ROOT = Path(__file__).parents[1]
CERTIFIED = Verdict(
    "f",
    "impl.f",
    Status.CERTIFIED,
    error_bound=Fraction(3, 2**121),
    cases=12,
    digits=50,
    systems=("mpmath", "binary64"),
    mistakes_refuted=3,
    mistakes_total=4,
    notes=("with a note",),
)
SHOWN = Counterexample({"x": "0", "y": "1"}, "x\n   + y", "1", "-1", "f at t = 2", "specs/f.py:3; impl/f.py:4")
REFUTED = Verdict("f", "impl.f", Status.REFUTED, counterexample=SHOWN)


def claim(formula: object = "x + y", identifier: str = "f", **mistakes: str) -> Claim:
    return Claim(identifier, "The sum", formula, lambda *_: (), mistakes, "made up")  # type: ignore[arg-type]


def printed(claims: Sequence[Claim], verdicts: Sequence[Verdict], width: int = 80) -> str:
    console = Console(file=StringIO(), width=width)
    print_verdicts(claims, verdicts, 1.5, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def cells(line: str) -> int:
    """How many cells of a terminal a line takes: a combining mark takes none."""
    return sum(not unicodedata.combining(character) for character in line)


@pytest.fixture
def homework(own_imports: None) -> Project:
    return load(ROOT)


# --- Evidence --------------------------------------------------------------------------------------------------------


@given(st.fractions(Fraction(1, 10**60), Fraction(1, 2)))
def test_a_power_of_two_is_the_least_above_the_bound(bound: Fraction) -> None:
    assume(bound.numerator != 1 or bound.denominator.bit_count() != 1)
    base, _, exponent = power_of_two(bound).partition("^")
    power = Fraction(int(base)) ** int(exponent)
    assert power / 2 < bound < power


def test_an_error_is_said_to_be_below_a_power_that_it_is_below() -> None:
    assert power_of_two(Fraction(1, 8)) == "2^-2"  # not below 2^-3, which it equals


def test_the_evidence_says_all_that_the_verdict_rests_on() -> None:
    said = "error < 2^-119; 50 digits; 12 cases; mpmath, binary64; 3/4 mistakes refuted; with a note"
    assert str(evidence(CERTIFIED)) == said


def test_the_evidence_does_not_say_what_was_not_done() -> None:
    assert str(evidence(Verdict("f", "impl.f", Status.UNDECIDED))) == ""
    assert str(evidence(Verdict("f", "impl.f", Status.TESTED, cases=3, digits=30))) == "30 digits; 3 cases"


def test_of_a_claim_in_many_parts_the_first_are_shown() -> None:
    assert str(formula_text(claim({"a": "x^2", "b": "y"}))) == "a: x²\nb: y"
    parts = dict.fromkeys("abcde", "x")
    assert str(formula_text(claim(parts))) == "a: x\nb: x\nc: x\n… and 2 more"


# --- The terminal ----------------------------------------------------------------------------------------------------


def test_a_counterexample_is_laid_out_line_by_line() -> None:
    lines = [line.rstrip() for line in printed([claim()], [REFUTED]).splitlines()]
    assert lines[lines.index("f (impl.f) refuted") :] == [
        "f (impl.f) refuted",
        "  The sum",
        "  with      x = 0, y = 1",
        "  expected  1",
        "            from x + y",
        "  observed  -1",
        "            from f at t = 2",
        "  where     specs/f.py:3",
        "            impl/f.py:4",
        "",
        "1 of 1 claim does not stand: 1 refuted; 1.5 s",
    ]


def test_a_place_is_shown_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = replace(SHOWN, where=f"{tmp_path}/a.py:3; /elsewhere/b.py:4")
    words = printed([claim()], [replace(REFUTED, counterexample=shown)]).split()
    assert {"a.py:3", "/elsewhere/b.py:4"} < set(words)


def test_a_mistake_that_survives_is_named_with_its_reason() -> None:
    survivor = replace(CERTIFIED, surviving=("y + x",))
    words = " ".join(printed([claim(**{"y + x": "another order"})], [survivor]).split())
    assert "the mistake 'y + x' (another order) is not refuted: the property is too weak" in words
    assert "is not refuted" not in printed([claim()], [CERTIFIED])


def test_a_message_is_printed_below_the_table() -> None:
    undecided = Verdict("f", "impl.f", Status.UNDECIDED, message="no balls separate")
    assert "\n  no balls separate" in printed([claim()], [undecided])


@pytest.mark.parametrize("identifier", ["1a.h[t]", "[bold]f", ":smile:"])
def test_an_id_is_printed_as_it_is(identifier: str) -> None:
    verdict = replace(CERTIFIED, claim=identifier)
    assert identifier in printed([claim(identifier=identifier)], [verdict], width=120)


def made_up(homework: Project, status: Status) -> list[Verdict]:
    """A verdict of that status on every claim, with much to say."""
    long = replace(SHOWN, case={f"w_{i}": f"{i}/7" for i in range(40)}, expected="1" * 200, where=f"{ROOT}/f.py:1")
    shown = long if status is Status.REFUTED else None
    return [
        replace(CERTIFIED, claim=claim.id, status=status, counterexample=shown, message="a word " * 30, seconds=123.4)
        for claim in homework.claims
    ]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_terminal(homework: Project, status: Status, width: int) -> None:
    output = printed(homework.claims, made_up(homework, status), width)
    assert max(map(cells, output.splitlines())) <= width


def test_at_80_columns_no_character_of_the_table_is_lost(homework: Project) -> None:
    verdicts = made_up(homework, Status.CERTIFIED)
    rows = [
        f"{claim.id}{formula_text(claim)}{verdict.status}{evidence(verdict)}{verdict.seconds:.2f}s"
        for claim, verdict in zip(homework.claims, verdicts, strict=True)
    ]
    expected = "".join(["claim formula verdict evidence time", *rows, str(summary(verdicts, 1.5))])
    assert Counter("".join(printed(homework.claims, verdicts).split())) == Counter("".join(expected.split()))


def test_no_line_begins_with_a_mark_that_belongs_to_the_letter_before(homework: Project) -> None:
    output = printed(homework.claims, made_up(homework, Status.CERTIFIED))
    assert any(map(unicodedata.combining, output))
    assert not any(unicodedata.combining(character) for line in output.splitlines() for character in line.strip()[:1])


# --- Formulas of the homework ----------------------------------------------------------------------------------------


def test_every_formula_of_the_homework_is_readable(homework: Project) -> None:
    shown = [unicode(parse(formula)) for claim in homework.claims for formula in claim.formulas.values()]
    assert not [
        formula for formula in shown if "_bar" in formula or "*" in formula or "[t" in formula or "  " in formula
    ]


def test_formulas_of_the_homework_and_their_mistakes_look_different(homework: Project) -> None:
    by_claim = [
        [*c.formulas.values(), *(f for _, m, _ in c.mistaken_formulas() for f in m.values())] for c in homework.claims
    ]
    trees = {parse(formula) for formulas in by_claim for formula in formulas}
    assert len({unicode(tree) for tree in trees}) == len(trees)


# --- Summary, progress, JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([Status.PROVED], "1 claim stands: 1 proved"),
        ([Status.PROVED, Status.TESTED, Status.PROVED], "3 claims stand: 2 proved, 1 tested"),
        ([Status.REFUTED, Status.PROVED], "1 of 2 claims does not stand: 1 proved, 1 refuted"),
        ([Status.REFUTED, Status.UNDECIDED], "2 of 2 claims do not stand: 1 refuted, 1 undecided"),
    ],
)
def test_the_last_line_counts_the_verdicts(statuses: list[Status], said: str) -> None:
    verdicts = [Verdict("f", "impl.f", status) for status in statuses]
    assert str(summary(verdicts, 2)) == f"\n{said}; 2.0 s"


def test_the_last_line_counts_the_mistakes() -> None:
    assert str(summary([CERTIFIED, CERTIFIED], 2)) == "\n2 claims stand: 2 certified; 6/8 mistakes refuted; 2.0 s"


def test_progress_is_silent_where_there_is_no_terminal_and_keeps_the_order() -> None:
    console = Console(file=StringIO(), width=80)
    assert track(iter([CERTIFIED, REFUTED]), 2, console, "checking", lambda v: v.claim) == [CERTIFIED, REFUTED]
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue() == ""


@pytest.mark.parametrize("status", Status)
def test_json_is_ok_if_and_only_if_every_verdict_accepts_or_was_skipped(status: Status) -> None:
    document = json.loads(verdicts_json("homework", [CERTIFIED, replace(CERTIFIED, status=status)]))
    assert [entry["verdict"] for entry in document["claims"]] == ["certified", str(status)]
    assert document["claims"][1]["accepted"] == (status in ACCEPTED)
    assert document["ok"] == (status in ACCEPTED or status is Status.SKIPPED)


def test_json_holds_the_counterexample_and_letters_as_they_are() -> None:
    text = verdicts_json("Übung", [REFUTED])
    assert "Übung" in text
    assert json.loads(text)["claims"][0]["counterexample"]["case"] == {"x": "0", "y": "1"}


@given(st.fractions(Fraction(1, 10**400), 1).filter(lambda bound: bound < 1))
def test_the_error_bound_in_json_is_never_too_small(bound: Fraction) -> None:
    document = json.loads(verdicts_json("p", [replace(CERTIFIED, error_bound=bound)]))
    assert bound < Fraction(document["claims"][0]["error_bound"]) <= bound + Fraction(1, 2**50)
