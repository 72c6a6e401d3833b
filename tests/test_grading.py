from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from refute.cli import main
from refute.report.results import NAMES
from tests.handed_in import EXPLAINED, FULL, RIGHT, HandedIn, everything, lines

CLASS = everything()


def refute(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def laid_out(folder: Path, submissions: dict[str, HandedIn]) -> Path:
    for name, handed_in in submissions.items():
        for file, data in handed_in.files.items():
            path = folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The class, marked once: the folder of results, and what was printed."""
    folder = tmp_path_factory.mktemp("class")
    out = folder.with_name(f"{folder.name}-results")
    options = [option for form in NAMES for option in ("--format", form)]
    return out, refute("grade", laid_out(folder, CLASS), "--out", out, *options)


class Tags(HTMLParser):
    """Collects a page's tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


def results(marked: tuple[Path, Result]) -> dict[str, dict[str, Any]]:
    return {found["submission"]: found for found in json.loads((marked[0] / "results.json").read_text("utf-8"))}


def test_a_class_is_marked_whatever_is_handed_in(marked: tuple[Path, Result]) -> None:
    assert len(CLASS) >= 29
    assert marked[1].exit_code == 5
    assert results(marked).keys() == CLASS.keys()
    assert {path.name for path in marked[0].iterdir() if path.is_dir()} == CLASS.keys()


@pytest.mark.parametrize("name", CLASS)
def test_each_submission_earns_what_it_should(marked: tuple[Path, Result], name: str) -> None:
    found, expected = results(marked)[name], CLASS[name]
    assert (found["score"], found["max_score"]) == (expected.score, expected.of)
    assert found["max_score"] + found["manual_max"] == FULL + EXPLAINED
    line = next(line for line in marked[1].stdout.splitlines() if line.split()[:1] == [name])
    assert ("has to look" in line) == expected.needs_person


@pytest.mark.parametrize("name", CLASS)
def test_each_submission_gets_a_page_without_anything_that_could_run(marked: tuple[Path, Result], name: str) -> None:
    tags = Tags()
    tags.feed((marked[0] / name / "feedback.html").read_text("utf-8"))
    assert {"main", "h1"} <= tags.found
    assert not {"script", "iframe", "object", "link", "img"} & tags.found


def test_a_class_gets_a_gradebook_and_what_is_left_to_mark(marked: tuple[Path, Result]) -> None:
    with (marked[0] / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["submission"]: row for row in csv.DictReader(file)}
    assert float(rows["two-slips"]["score"]) == CLASS["two-slips"].score
    assert rows["misspelt"]["1a.f_bar"] == ""
    assert rows["text"]["needs a look"] == ""
    with (marked[0] / "to-mark.csv").open(encoding="utf-8", newline="") as file:
        left = [(row["submission"], row["claim"]) for row in csv.DictReader(file)]
    assert ("misspelt", "1a.f_bar") in left
    assert ("text", "2b.optimal") in left
    assert ("text", "1a.f_bar") not in left


def test_equal_mistakes_stand_together_in_the_overview(marked: tuple[Path, Result]) -> None:
    page = (marked[0] / "overview.html").read_text("utf-8")
    assert "two-slips" in page
    assert "all-wrong" in page


def test_the_right_formula_is_on_no_page_that_a_student_gets(marked: tuple[Path, Result]) -> None:
    for name in ("all-wrong", "empty", "two-slips"):
        page = (marked[0] / name / "feedback.md").read_text("utf-8")
        assert r"\overline{c^{(t + 1)}} \cdot f^{(t + 1)}" not in page
        assert "c_bar[t+1]*f[t+1]" not in page
    accepted = (marked[0] / "text" / "feedback.md").read_text("utf-8")
    assert r"\overline{c^{(t + 1)}} \cdot f^{(t + 1)}" in accepted
    assert "c_bar[t+1]*f[t+1]" in accepted


# --- one submission ---


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "ada.txt"
    path.write_text(lines(RIGHT))
    return path


def test_json_is_all_that_is_printed(answers: Path) -> None:
    found = refute("grade", answers, "--json")
    (ada,) = json.loads(found.stdout)
    assert found.exit_code == 0
    assert (ada["submission"], ada["score"], ada["max_score"], ada["manual_max"]) == ("ada", FULL, FULL, EXPLAINED)


def test_json_goes_to_standard_output_beside_the_files(answers: Path, tmp_path: Path) -> None:
    found = refute("grade", answers, "--json", "--out", tmp_path / "out", "--format", "html")
    assert json.loads(found.stdout)[0]["score"] == FULL
    assert (tmp_path / "out" / "feedback.html").is_file()


def test_the_terminal_shows_the_marks(answers: Path) -> None:
    found = refute("grade", answers)
    assert found.exit_code == 0
    assert "8.5 of 8.5 checked, 1.5 for a person" in found.stdout


@pytest.mark.parametrize("form", [name for name in NAMES if name != "terminal"])
def test_one_format_of_one_submission_can_be_printed(answers: Path, form: str) -> None:
    assert refute("grade", answers, "--format", form).stdout.strip()


def test_lateness_costs_and_beyond_the_policy_a_person_decides(answers: Path) -> None:
    (late,) = json.loads(refute("grade", answers, "--json", "--late", "1h").stdout)
    assert late["score"] == pytest.approx(FULL * 0.9)
    assert refute("grade", answers, "--json", "--late", "4").exit_code == 5


def test_a_policy_gives_partial_credit_and_marks_by_hand_are_merged(tmp_path: Path) -> None:
    (tmp_path / "ada.txt").write_text(lines({**RIGHT, "3b.det": "-beta^D"}))
    (tmp_path / "policy.toml").write_text('[partial]\nsign = "50%"\n')
    (tmp_path / "marks.csv").write_text("submission,claim,points\nada,2b.optimal,0.5\nada,2c.depth,0.25\n")
    options = ("--json", "--policy", tmp_path / "policy.toml", "--marks", tmp_path / "marks.csv")
    (ada,) = json.loads(refute("grade", tmp_path / "ada.txt", *options).stdout)
    assert (ada["score"], ada["max_score"], ada["manual_max"]) == (FULL - 0.5 + 0.75, FULL + 1, 0.5)


def test_what_is_left_to_mark_can_be_filled_in_and_read_again(answers: Path, tmp_path: Path) -> None:
    folder = tmp_path / "class"
    for name in ("ada", "bob"):
        (folder / name).mkdir(parents=True)
        (folder / name / "hw.txt").write_text(answers.read_text())
    refute("grade", folder, "--out", tmp_path / "out")
    to_mark = tmp_path / "out" / "to-mark.csv"
    with to_mark.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with to_mark.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "points": "0.5"} for row in rows)
    found = json.loads(refute("grade", folder, "--json", "--marks", to_mark).stdout)
    assert [(one["score"], one["manual_max"]) for one in found] == [(FULL + EXPLAINED, 0)] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.txt"], "cannot be opened"),
        (["ada.txt", "--format", "docx"], "unknown format"),
        (["ada.txt", "--format", "html", "--format", "json"], "more than one text"),
        (["ada.txt", "--late", "soon"], "duration"),
        (["ada.txt", "--policy", "nowhere.toml"], "policy cannot be read"),
        (["ada.txt", "--marks", "nowhere.csv"], "marks cannot be read"),
        (["ada.txt", "--marks", "others.csv"], "unknown submission"),
        (["ada.txt", "--roster", "nowhere.csv", "--format", "canvas-csv"], "roster cannot be read"),
    ],
)
def test_what_the_caller_got_wrong_is_said(
    answers: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(answers.parent)
    Path("others.csv").write_text("submission,claim,points\nadda,2b.optimal,0.5\n")
    found = refute("grade", *arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr


def test_a_claim_project_that_was_handed_in_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.refute]\nname = 'mine'\n")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (tmp_path / "hw.txt").write_text(lines(RIGHT))
    monkeypatch.chdir(tmp_path)
    found = refute("grade", ".")
    assert found.exit_code == 2
    assert "lies inside the submission" in found.stderr
    assert not (tmp_path / "ran").exists()


# --- code ---


def handed_in_code(folder: Path, text: str) -> Path:
    path = folder / "hw.py"
    path.write_text(text, encoding="utf-8")
    return path


LSTM = (Path(__file__).parents[1] / "impl" / "lstm.py").read_text(encoding="utf-8")
BY_CODE = 4  # points of 1a and 1b


def test_code_in_place_of_formulas_earns_their_points(tmp_path: Path) -> None:
    (found,) = json.loads(refute("grade", handed_in_code(tmp_path, LSTM), "--json", "--trust-code").stdout)
    by_claim = {blank["claim"]: blank for blank in found["blanks"]}
    assert by_claim["1a.c_bar"]["verdict"] == "certified"
    assert by_claim["1b.w_gh_bar"]["verdict"] == "certified"
    assert by_claim["2a.weights"]["verdict"] == "missing"
    assert found["score"] == BY_CODE
    assert "without isolation" in "; ".join(problem["message"] for problem in found["problems"])


def test_a_wrong_line_is_refuted_in_the_output_that_it_spoils(tmp_path: Path) -> None:
    line = "c_later = c_bar * f[t]"
    assert line in LSTM
    path = handed_in_code(tmp_path, LSTM.replace(line, "c_later = c_bar * f[t - 1]"))
    found = refute("grade", path, "--trust-code")
    (marks,) = json.loads(refute("grade", path, "--json", "--trust-code").stdout)
    (c_bar,) = (blank for blank in marks["blanks"] if blank["claim"] == "1a.c_bar")
    assert (c_bar["verdict"], c_bar["score"]) == ("refuted", 0)
    assert c_bar["counterexample"]["answer"] != c_bar["counterexample"]["correct"]
    assert "lstm_backward" in c_bar["answer"]
    assert "1a.c_bar  Not right" in found.stdout


def test_a_formula_counts_before_code_and_the_code_is_told(tmp_path: Path) -> None:
    handed_in_code(tmp_path, LSTM)
    (tmp_path / "hw.txt").write_text("1a.f_bar: c_bar[t]*c[t]\n")
    (found,) = json.loads(refute("grade", tmp_path, "--json", "--trust-code").stdout)
    (f_bar,) = (blank for blank in found["blanks"] if blank["claim"] == "1a.f_bar")
    assert (f_bar["verdict"], f_bar["score"]) == ("refuted", 0)
    assert found["score"] == BY_CODE - 0.5


def test_without_a_box_code_is_not_run_and_a_person_is_told_how(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    path = handed_in_code(tmp_path, f"open({str(ran)!r}, 'w')\ndef lstm_backward(*args): ...\n")
    command = [sys.executable, "-m", "refute", "grade", str(path), "--json"]
    environment = {**os.environ, "PATH": str(tmp_path)}  # where there is no bubblewrap
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert found.returncode == 5
    (marks,) = json.loads(found.stdout)
    assert "bubblewrap" in "; ".join(problem["message"] for problem in marks["problems"])
    assert marks["max_score"] == 0
    assert not ran.exists()
