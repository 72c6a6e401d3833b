"""The commands that decide what people write: exit codes, JSON, what a person sees, and streams of anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from refute.cli import main
from refute.deciding.written import Deciders
from refute.project import load
from refute.stream import decide_line

ROOT = Path(__file__).parents[1]
KEYS = {
    *("id", "claim", "verdict", "accepted", "error_bound", "counterexample", "mistake", "reading", "message", "where"),
    "ms",
}


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module")
def homework() -> Deciders:
    return Deciders(load(ROOT))


def refute(*arguments: str, typed: str | bytes = "") -> Result:
    return CliRunner().invoke(main, arguments, input=typed, catch_exceptions=False)


@pytest.mark.parametrize(
    ("formula", "code"), [("2H^2 + DH", 0), ("H^2 + DH", 1), ("2H^2 + DK", 3), ("-H", 1), ("--frobnicate", 3)]
)
def test_the_exit_code_of_an_answer_says_what_became_of_it(formula: str, code: int) -> None:
    assert refute("answer", "2a.weights", formula).exit_code == code


@pytest.mark.parametrize(
    "arguments", [("answer", "nope", "1"), ("answer", "1c.bounded", "1"), ("answer", "2a.weights")]
)
def test_a_claim_that_takes_no_answer_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    assert refute(*arguments).exit_code == 2


def test_a_dash_reads_the_formula_from_standard_input() -> None:
    assert refute("answer", "2a.weights", "-", typed="2H^2 +\n DH\n").exit_code == 0


def test_an_answer_is_shown_as_it_was_read_with_the_case_and_the_mistake() -> None:
    lines = [line.strip() for line in refute("answer", "2a.weights", "H^2 + DH").stdout.splitlines()]
    assert lines == [
        "How many weights does this architecture have?",
        "read as  H² + D·H",
        "refuted",
        "with   G = 1, D = 1, H = 1",
        "yours  2",
        "right  3",
        "mistake  only one of the two recurrent matrices is counted",
    ]


@pytest.mark.parametrize(("reveal", "shown"), [("none", False), ("value", False), ("formula", True)])
def test_only_reveal_formula_shows_the_right_formula(reveal: str, shown: bool) -> None:
    for more in ([], ["--json"]):
        printed = refute("answer", "3b.det", "0", "--reveal", reveal, *more).stdout
        assert ("βᴰ" in printed) is shown


def test_reveal_none_hides_the_right_value() -> None:
    report = json.loads(refute("answer", "2a.weights", "H^2 + DH", "--reveal", "none", "--json").stdout)
    assert "3" not in report["message"] + report["counterexample"]["correct"]
    assert "3" in json.loads(refute("answer", "2a.weights", "H^2 + DH", "--json").stdout)["counterexample"]["correct"]


def test_what_cannot_be_read_is_pointed_at() -> None:
    report = json.loads(refute("answer", "1a.c_bar", "h_bar[t]*\n(o[t]", "--json").stdout)
    assert (report["verdict"], report["accepted"], report["where"]) == ("unreadable", None, {"line": 2, "column": 6})


@pytest.mark.parametrize(
    ("left", "right", "code"), [("tanh(x)", "2*sigmoid(2x) - 1", 0), ("x/x", "1", 1), ("x", "(", 3), ("-x", "-x", 0)]
)
def test_the_exit_code_says_whether_formulas_are_the_same(left: str, right: str, code: int) -> None:
    assert refute("same", left, right).exit_code == code
    assert json.loads(refute("same", left, right, "--json").stdout)["accepted"] is {0: True, 1: False, 3: None}[code]


def test_a_domain_is_taken_into_account() -> None:
    assert refute("same", "log(x^2)", "2 log(x)").exit_code == 1
    assert refute("same", "log(x^2)", "2 log(x)", "--domain", "x > 0").exit_code == 0
    assert refute("same", "x", "x", "--domain", "x is large").exit_code == 2


def test_show_lists_the_blanks_and_says_how_to_write_each() -> None:
    listed = refute("show").stdout
    blanks = [claim for claim in load(ROOT).claims if claim.blank is not None]
    assert all(claim.id in listed for claim in blanks)
    for claim in blanks:
        assert claim.blank is not None
        shown = refute("show", claim.id)
        assert shown.exit_code == 0
        assert all(name in shown.stdout for name in claim.blank.vocabulary.names)
    assert "a person judges it" in refute("show", "1c.bounded").stdout


def test_no_example_is_an_answer(homework: Deciders) -> None:
    for claim in homework.project.claims:
        for example in claim.blank.examples if claim.blank is not None else ():
            verdict = homework.of(claim.id).decide(example)
            assert (verdict.accepted, str(verdict.status)) in ((False, "refuted"), (False, "unreadable"))


# --- streams ---------------------------------------------------------------------------------------------------------


def stream(*lines: Any) -> list[dict[str, Any]]:
    typed = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    return [json.loads(line) for line in refute("stream", typed=typed).stdout.splitlines()]


def test_a_stream_gives_one_object_a_line_in_order() -> None:
    out = stream(
        {"id": 1, "claim": "2a.weights", "answer": "2H^2 + DH"},
        {"id": "two", "claim": "2a.weights", "answer": "H^2"},
        {"id": None, "left": "x", "right": "x + 1e-30"},
        {"id": [4], "left": "sqrt(x^2)", "right": "x", "domain": "x > 0"},
    )
    assert [(o["id"], o["verdict"], o["accepted"]) for o in out] == [
        (1, "certified", True),
        ("two", "refuted", False),
        (None, "refuted", False),
        ([4], "tested", True),
    ]
    assert all(set(o) == KEYS for o in out)


HOSTILE = (
    "",
    "{",
    "[1, 2]",
    "null",
    '{"id": 1}',
    '{"id": 1, "claim": "nope", "answer": "x"}',
    '{"id": 1, "claim": 7, "answer": "x"}',
    '{"id": 1, "claim": "2a.weights", "answer": ["x"]}',
    '{"id": 1, "left": "x", "right": "x", "domain": "x is large"}',
    '{"id": 1, "left": "x", "right": "x", "domain": 7}',
    "[" * 100_000,
    '{"id": "\\ud800", "claim": "2a.weights", "answer": "\\ud800"}',
)


def test_whatever_the_line_there_is_a_line_and_the_next_is_decided() -> None:
    right = {"id": "right", "claim": "2a.weights", "answer": "2H^2 + DH"}
    for line in HOSTILE:
        first, second = stream(line, right)
        assert (first["verdict"], first["accepted"]) == ("unreadable", None)
        assert (second["id"], second["accepted"]) == ("right", True)


def test_bytes_that_are_no_text_get_a_line_too() -> None:
    assert len(refute("stream", typed=b"\xff\xfe\n\x00\n").stdout.splitlines()) == 2


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_no_line_raises(homework: Deciders, line: str) -> None:
    assert set(json.loads(decide_line(line, homework))) == KEYS


def test_a_fault_of_ours_is_never_a_refusal(homework: Deciders, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("refute.deciding.written.Decider.decide", broken)
    out = json.loads(decide_line('{"id": 1, "claim": "2a.weights", "answer": "H"}', homework))
    assert (out["id"], out["verdict"], out["accepted"]) == (1, "undecided", None)
    assert "RuntimeError: broken" in out["message"]


def test_formulas_are_shown_as_they_were_written_brackets_and_all() -> None:
    shown = refute("same", "sum(x[t], t, 1, 2)", "x[1]").stdout
    assert "sum(x[t], t, 1, 2)" in shown
    assert "x[1]" in shown
