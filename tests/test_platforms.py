"""Result files for platforms: what a platform reads out of one is what was marked, and what a person has to decide is
never a zero, however hostile the student's words are."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error as JUnitError
from junitparser import Failure, JUnitXml, Skipped

from refute.deciding.verdict import Status
from refute.errors import UsageError
from refute.grade.records import Graded, Mark, Place, Problem, Submission, Written
from refute.report.json_output import graded_json, number
from refute.report.platforms import FORMATS
from refute.report.platforms.classroom import MOST_BYTES, MOST_TESTS, classroom
from refute.report.platforms.common import Outcome, outcome, settled
from refute.report.platforms.gradebook import canvas_csv, moodle_csv
from refute.report.platforms.gradescope import gradescope
from refute.report.platforms.junit import junit
from refute.report.platforms.markus import markus
from refute.report.platforms.otter import otter
from refute.report.words import visible
from tests.submissions import (
    EVIDENCE,
    HOSTILE,
    RIGHT,
    explanation,
    graded,
    hostile,
    mark,
    missing,
    partial,
    undecided,
    varied,
)

KINDS = tuple(varied())
ROOT = Path(__file__).parents[1]
each_kind = pytest.mark.parametrize("kind", KINDS)
points = st.fractions(min_value=0, max_value=3, max_denominator=60)


@st.composite
def submissions(draw: st.DrawFn) -> Graded:
    """Submissions with any marks, some of them for a person, and a score that a penalty or rounding moved."""
    claims = list(RIGHT)[: draw(st.integers(0, len(RIGHT)))]
    marks = [replace(mark(claim, RIGHT[claim]), score=_score(draw, claim)) for claim in claims]
    made = graded("any", *marks)
    share = draw(st.fractions(0, 1, max_denominator=20))
    moved = draw(st.sampled_from((made.score, made.score * share, made.score + (made.max_score - made.score) * share)))
    return replace(made, score=moved)


def _score(draw: st.DrawFn, claim: str) -> Fraction | None:
    most = mark(claim, RIGHT[claim]).max_score
    return draw(st.one_of(st.none(), st.sampled_from((Fraction(0), most, most / 3, most * Fraction(17, 20)))))


def written(name: str, one: Graded) -> str:
    made = FORMATS[name]
    return made.writer()([one] if made.whole_class else one)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def results_of(one: Graded) -> list[dict[str, Any]]:
    return [item for item in lines(markus(one)) if "name" in item]


def total(scores: Sequence[Mark]) -> Fraction:
    return sum((one.score for one in scores if one.score is not None), Fraction(0))


# Points


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        (Fraction(17, 2), 8.5),
        (Fraction(8), 8),
        (Fraction(0), 0),
        (Fraction(1, 3), 0.333333),
        (Fraction(2, 3), 0.666667),
        (Fraction(1, 8), 0.125),
    ],
)
def test_points_are_short_decimals(exact: Fraction, shown: float) -> None:
    assert number(exact) == shown
    assert isinstance(number(exact), int) is (exact.denominator == 1)


@given(points, points)
def test_rounded_points_keep_their_order(left: Fraction, right: Fraction) -> None:
    assert (number(left) <= number(right)) or left > right


@given(submissions())
def test_settled_points_add_up_to_the_score_within_their_maxima(one: Graded) -> None:
    found = settled(one)
    assert [mark.claim.id for mark, _ in found] == [mark.claim.id for mark in one.marks if mark.is_decided]
    assert sum((share for _, share in found), Fraction(0)) == one.score
    assert all(0 <= share <= mark.max_score for mark, share in found)


def test_without_a_penalty_settled_points_are_the_scores() -> None:
    one = varied()["partial"]
    assert settled(one) == [(mark, mark.score) for mark in one.marks]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (mark("1a.f_bar", "c_bar[t]*c[t-1]"), Outcome.RIGHT),
        (mark("1a.f_bar", "c_bar[t]*c[t]"), Outcome.WRONG),
        (mark("1a.f_bar", "%%%"), Outcome.OPEN),
        (partial(), Outcome.PARTIAL),
        (missing(), Outcome.WRONG),
        (undecided(), Outcome.OPEN),
        (explanation(), Outcome.MANUAL),
        (replace(explanation(), score=Fraction(1, 2)), Outcome.RIGHT),
        (mark("1b.w_fx_bar", "0"), Outcome.WRONG),
        (mark("1b.w_ih_bar", "sum(i_bar[t]*i[t]*(1 - i[t])*h[t-1], t, 1, T)"), Outcome.RIGHT),
    ],
)
def test_the_outcome_of_a_mark(made: Mark, found: Outcome) -> None:
    assert outcome(made) is found


# Text


@given(st.text(st.characters(exclude_categories=())))
def test_a_text_made_visible_can_be_written_anywhere(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202e]", shown)
    assert ET.fromstring(f"<a>{shown.replace('&', '').replace('<', '')}</a>").tag == "a"


# What all formats share


@each_kind
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_every_submission(name: str, kind: str) -> None:
    text = written(name, varied()[kind])
    assert text.strip()
    text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", text)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
def test_what_is_for_the_marker_alone_is_in_no_file_for_students(name: str) -> None:
    assert varied()["explained"].marks[-1].evidence == EVIDENCE
    text = written(name, varied()["explained"])
    assert EVIDENCE not in (base64.b64decode(text).decode() if name == "classroom" else text)


@pytest.mark.parametrize("name", FORMATS)
def test_writing_twice_gives_the_same(name: str) -> None:
    assert written(name, varied()["late"]) == written(name, varied()["late"])


def test_no_two_formats_share_a_file() -> None:
    assert len({made.file for made in FORMATS.values()}) == len(FORMATS)
    assert {name for name, made in FORMATS.items() if made.whole_class} == {"json", "junit", "canvas-csv", "moodle-csv"}


def test_a_format_is_imported_when_it_is_used() -> None:
    code = "import sys, refute.report.platforms; print([n for n in sys.modules if n.startswith('refute.report.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['refute.report.platforms']"


@pytest.mark.parametrize("name", ["markus", "gradescope", "otter", "classroom", "junit", "moodle-csv"])
def test_long_texts_make_no_long_files(name: str) -> None:
    assert len(written(name, varied()["evil"])) < 131_072


# JSON


def test_json_is_for_programs_and_markers_and_has_the_evidence() -> None:
    assert EVIDENCE in graded_json([varied()["explained"]])


def test_the_json_of_a_submission_has_exactly_these_parts() -> None:
    one = replace(graded("doe", mark("1a.f_bar", "c_bar[t]*c[t]", Place("hw.ipynb", 2, 7, cell=4)), explanation()))
    (found,) = json.loads(graded_json([one]))
    assert list(found) == ["submission", "score", "max_score", "manual_max", "blanks", "unassigned", "problems"]
    assert (found["submission"], found["score"], found["max_score"], found["manual_max"]) == ("doe", 0, 0.5, 0.5)
    refused, manual = found["blanks"]
    assert list(refused) == [
        *("claim", "verdict", "accepted", "score", "max_score", "answer", "read_as", "message", "mistake"),
        *("counterexample", "where"),
    ]
    assert refused["claim"] == "1a.f_bar"
    assert (refused["verdict"], refused["accepted"]) == ("refuted", False)
    assert (refused["score"], refused["max_score"]) == (0, 0.5)
    assert (refused["answer"], refused["read_as"]) == ("c_bar[t]*c[t]", "c̄⁽ᵗ⁾·c⁽ᵗ⁾")
    assert refused["mistake"] == {"kind": "index", "text": "t for t-1"}
    assert set(refused["counterexample"]) == {"case", "answer", "correct"}
    assert refused["where"] == {"file": "hw.ipynb", "line": 2, "column": 7, "cell": 4}
    assert (manual["verdict"], manual["accepted"], manual["score"]) == ("manual", None, None)
    assert manual["where"] == {"file": "answers.tex", "line": 40, "column": 1}


@pytest.mark.parametrize(
    ("made", "accepted", "score"),
    [
        (mark("1a.f_bar", "c_bar[t]*c[t-1]"), True, 0.5),
        (mark("1a.f_bar", "c_bar[t]*c[t]"), False, 0),
        (mark("1a.f_bar", "%%%"), None, None),
        (undecided(), None, None),
        (missing(), False, 0),
        (partial(), False, 0.333333),
    ],
)
def test_the_json_of_a_blank_has_no_score_where_a_person_decides(
    made: Mark, accepted: bool | None, score: float | None
) -> None:
    (blank,) = json.loads(graded_json([graded("x", made)]))[0]["blanks"]
    assert (blank["accepted"], blank["score"]) == (accepted, score)


def test_the_json_lists_what_belongs_to_no_blank_and_what_was_odd() -> None:
    found, broken = json.loads(graded_json([varied()["listed"], varied()["broken"]]))
    assert len(found["unassigned"]) == 30
    assert found["unassigned"][0] == {"text": "x = y", "where": {"file": "a.md", "line": 3, "column": 1}}
    assert found["problems"] == [{"message": "odd", "where": None, "needs_person": False}]
    assert broken["problems"][0]["where"] == {"file": "hw.pdf", "line": 1, "column": 1}
    assert broken["problems"][0]["needs_person"]


def test_an_answer_comes_out_of_the_json_as_it_was_written() -> None:
    (found,) = json.loads(graded_json([graded("x", hostile())]))
    assert found["blanks"][0]["answer"] == HOSTILE.replace("\ud800", "\ufffd")


def test_no_submissions_are_an_empty_list() -> None:
    assert json.loads(graded_json([])) == []


# MarkUs

SIX = ["name", "output", "marks_earned", "marks_total", "status", "time"]


@each_kind
def test_markus_reads_each_line(kind: str) -> None:
    """As its server does: by the keys that an object has, an unknown status or a negative mark being an error."""
    one = varied()[kind]
    for item in lines(markus(one)):
        if "name" not in item:
            assert len(item) == 1
            assert set(item) <= {"annotations", "tags", "overall_comment"}
            continue
        assert list(item) == SIX
        assert isinstance(item["output"], str)
        assert item["status"] in {"pass", "partial", "fail", "error"}
        assert 0 <= item["marks_earned"] <= item["marks_total"]
        assert isinstance(item["time"], int)
    names = [test["name"] for test in results_of(one)]
    assert all(names)
    assert len(set(names)) == len(names)


@given(submissions())
def test_the_marks_in_markus_add_up_to_the_score(one: Graded) -> None:
    found = results_of(one)
    assert sum(test["marks_earned"] for test in found) == pytest.approx(float(one.score), abs=1e-5)
    assert sum(test["marks_total"] for test in found) == float(one.max_score)


@pytest.mark.parametrize(
    ("made", "status", "marks"),
    [
        (mark("2a.weights", "2H^2 + DH"), "pass", (0.5, 0.5)),
        (mark("2a.weights", "H^2 + DH"), "fail", (0, 0.5)),
        (partial(), "partial", (0.333333, 0.5)),
        (undecided(), "error", (0, 0)),
        (mark("3b.det", "%%%"), "error", (0, 0)),
        (explanation(), "partial", (0, 0)),
    ],
)
def test_what_a_person_decides_counts_nothing_in_markus(made: Mark, status: str, marks: tuple[float, float]) -> None:
    _, found = results_of(graded("x", mark("1a.g_bar", RIGHT["1a.g_bar"]), made))
    assert (found["status"], found["marks_earned"], found["marks_total"]) == (status, *marks)


@pytest.mark.parametrize("kind", ["only explained", "broken", "empty", "no points"])
def test_markus_gets_no_result_where_no_points_are_decided(kind: str) -> None:
    """It would make a criterion's mark of 0 of 0 points a zero."""
    assert results_of(varied()[kind]) == []
    assert "overall_comment" in lines(markus(varied()[kind]))[-1]


def notes_on(*marks: Mark) -> list[dict[str, Any]]:
    return next((item["annotations"] for item in lines(markus(graded("x", *marks))) if "annotations" in item), [])


def test_markus_annotates_a_wrong_answer_where_it_stands() -> None:
    wrong = mark("2a.weights", "H^2 +\nDH", Place("hw4/answers.tex", 7, 3))
    (note,) = notes_on(wrong, mark("1a.g_bar", RIGHT["1a.g_bar"]))
    assert {key: value for key, value in note.items() if key != "content"} == {
        "filename": "answers.tex",
        "line_start": 7,
        "line_end": 8,
        "column_start": 2,
        "column_end": 2,
    }
    assert note["content"].startswith("2a.weights: refuted; only one of the two recurrent matrices")
    assert notes_on(mark("2a.weights", "DH", Place("a.tex", 1, 3)))[0]["column_end"] == 4


@pytest.mark.parametrize(
    "place", [Place("hw.ipynb", 1, 1, cell=2), Place("hw.pdf"), Place("hw.zip/a.tex"), Place("hw.pdf/a.tex"), Place("")]
)
def test_markus_gets_no_annotation_in_a_file_that_it_cannot_show(place: Place) -> None:
    assert notes_on(mark("2a.weights", "DH", place)) == []


def test_only_a_submission_that_needs_a_person_has_the_tag() -> None:
    tagged = {kind for kind in KINDS if any("tags" in item for item in lines(markus(varied()[kind])))}
    assert tagged == {kind for kind in KINDS if varied()[kind].needs_person}
    assert {"undecided", "unreadable", "broken"} <= tagged


def test_nothing_a_student_writes_is_markdown_in_markus() -> None:
    comment = lines(markus(varied()["evil"]))[-1]["overall_comment"]
    assert not re.search(r"(?<!\\)[`$<*\[]", comment)


# Gradescope


@each_kind
def test_gradescope_reads_the_results(kind: str) -> None:
    one, found = varied()[kind], json.loads(gradescope(varied()[kind]))
    assert ("score" in found) is (one.max_score > 0)
    assert found.get("score", 0) == number(one.score)
    assert found["visibility"] == "after_published"
    assert found["stdout_visibility"] == "hidden"
    assert found["execution_time"] >= 0
    for test, made in zip(found["tests"], one.marks, strict=True):
        assert ("score" in test) is ("max_score" in test) is ("status" in test) is made.is_decided
        assert test.get("status", "passed") in {"passed", "failed"}
        assert test["number"] == made.claim.id
        assert test["output_format"] == "text"
        assert test["output"]
    assert sum(test.get("max_score", 0) for test in found["tests"]) == found["extra_data"]["max_score"]


def test_gradescope_says_what_waits_for_a_person() -> None:
    found = json.loads(gradescope(varied()["explained"]))
    assert found["output"].splitlines()[0] == "4 of 4 checked, 0.5 for a person".replace("4", "3.5")
    assert found["extra_data"]["manual_max"] == 0.5
    assert found["tests"][-1]["tags"] == ["for a person"]
    assert "open, of 0.5" in found["tests"][-1]["output"]


def test_gradescope_takes_the_score_after_the_penalty() -> None:
    found = json.loads(gradescope(varied()["late"]))
    assert found["score"] == 1.2
    assert "1 day late, 10% of the score is taken off" in found["output"]
    assert [test["score"] for test in found["tests"]] == [0.333333, 0.5, 0.5]


def test_a_long_list_is_counted_and_not_shown_whole() -> None:
    output = json.loads(gradescope(varied()["listed"]))["output"]
    assert output.count("x = y") == 20
    assert "belongs to no blank: 10 more" in output


# Otter


def ottr_points(text: str) -> tuple[float, float]:
    """The score and the maximum as otter computes them from the cases, with the keys that it takes for granted."""
    score = possible = 0.0
    for file in json.loads(text)["test_file_results"]:
        assert set(file) == {"filename", "points", "test_case_results"}
        assert sum(result["test_case"]["points"] for result in file["test_case_results"]) <= file["points"] + 1e-9
        for result in file["test_case_results"]:
            assert set(result) == {"passed", "error", "test_case"}
            assert isinstance(result["passed"], bool)
            case = result["test_case"]
            assert set(case) == {"name", "code", "points", "hidden", "success_message", "failure_message"}
            possible += case["points"]
            score += case["points"] if result["passed"] else 0
    return score, possible


@given(submissions())
def test_the_cases_of_otter_add_up_to_the_score(one: Graded) -> None:
    assert ottr_points(otter(one)) == pytest.approx((float(one.score), float(one.max_score)), abs=1e-5)


def test_a_penalty_of_all_points_leaves_none_in_otter() -> None:
    late = replace(varied()["perfect"], score=Fraction(0), penalty=Fraction(1))
    assert ottr_points(otter(late)) == (0, 3.5)


def test_partial_credit_is_two_cases_in_otter() -> None:
    (file,) = json.loads(otter(graded("x", partial(score=Fraction(1, 4)))))["test_file_results"]
    assert [(case["passed"], case["test_case"]["points"]) for case in file["test_case_results"]] == [
        (True, 0.25),
        (False, 0.25),
    ]


# GitHub Classroom


def decoded(one: Graded) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(classroom(one), validate=True))
    return found


@given(submissions())
def test_counting_passes_and_adding_scores_agree_in_classroom(one: Graded) -> None:
    found = decoded(one)
    tests = found["tests"]
    if not tests:
        assert found["max_score"] == 0
        return
    passes = sum(test["status"] == "pass" for test in tests)
    added = sum(test["score"] for test in tests)
    assert found["max_score"] == pytest.approx(float(one.max_score))
    assert passes / len(tests) * found["max_score"] == pytest.approx(added)
    assert added == pytest.approx(float(one.score), abs=0.011)
    assert len(tests) <= MOST_TESTS


@pytest.mark.parametrize(
    ("kind", "tests", "score", "status"),
    [
        ("perfect", 7, 3.5, "pass"),
        ("wrong", 3, 0.5, "fail"),
        ("undecided", 1, 0.5, "error"),
        ("only explained", 0, 0, "pass"),
    ],
)
def test_classroom_gets_tests_of_half_a_point(kind: str, tests: int, score: float, status: str) -> None:
    found = decoded(varied()[kind])
    assert len(found["tests"]) == tests
    assert sum(test["score"] for test in found["tests"]) == score
    assert found["status"] == status
    assert len({test["name"] for test in found["tests"]}) == tests


def test_no_message_in_classroom_is_a_command_to_the_runner() -> None:
    found = decoded(varied()["evil"])
    messages = [test["message"] for test in found["tests"]]
    assert any("forged" in message for message in messages)
    assert not any("::" in message or "##[" in message for message in messages)


def test_classroom_fits_in_a_variable_of_the_environment() -> None:
    many = graded(
        "x", *[replace(hostile(text="∂" * 5000), claim=replace(hostile().claim, id=str(i))) for i in range(40)]
    )
    assert len(classroom(many)) <= MOST_BYTES


# JUnit

ALLOWED = {  # what Jenkins' junit-10.xsd allows
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}
INSIDE = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase", "system-out"},
    "testcase": {"failure", "error", "skipped"},
}


@each_kind
def test_jenkins_schema_allows_the_report(kind: str) -> None:
    root = ET.fromstring(junit([varied()[kind]]))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())
        if element.tag == "testsuite":
            assert {"name", "tests", "failures", "errors"} <= set(element.attrib)
            assert element.attrib["name"]
        if "time" in element.attrib:
            assert re.fullmatch(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?", element.attrib["time"])


def test_junitparser_reads_a_class() -> None:
    suites = list(JUnitXml.fromstring(junit(list(varied().values()))))
    assert len(suites) == len(varied())
    for suite, one in zip(suites, varied().values(), strict=True):
        found = [outcome(made) for made in one.marks]
        assert suite.tests == len(found)
        assert suite.failures == found.count(Outcome.WRONG) + found.count(Outcome.PARTIAL)
        assert suite.errors == found.count(Outcome.OPEN)
        assert suite.skipped == found.count(Outcome.MANUAL)


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (mark("1a.f_bar", "c_bar[t]*c[t]"), Failure),
        (partial(), Failure),
        (missing(), Failure),
        (undecided(), JUnitError),
        (mark("3b.det", "%%%"), JUnitError),
        (explanation(), Skipped),
    ],
)
def test_what_is_not_right_is_a_failure_and_what_is_open_is_not(made: Mark, kind: type) -> None:
    (suite,) = JUnitXml.fromstring(junit([graded("x", made)]))
    ((result,),) = [case.result for case in suite]
    assert isinstance(result, kind)


def test_the_counterexample_stands_in_the_failure() -> None:
    (suite,) = JUnitXml.fromstring(junit([graded("x", mark("1a.f_bar", "c_bar[t]*c[t]"))]))
    ((result,),) = [case.result for case in suite]
    assert "yours gives 0.117502, the right value is 0.235004" in result.text
    assert "t for t-1" in result.text


# Gradebooks

CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework 3 (11),Homework 4 (12),Final Score
"    Points Possible",,,,,10,10,(read only)
"Doe, Jane",101,S1,jdoe,L1,9,,50
"Roe, Richard",102,S2,rroe,L1,8,,50
"Poe, Ed",103,S3,epoe,L2,7,,50
"Twin, A",104,S4,twin,L2,7,,50
"Twin, A",105,S5,twin2,L2,7,,50
"""
MOODLE = """First name,Last name,ID number,Email address,Assignment: HW3 (Real)
Jane,Doe,S1,jane@example.edu,9
Richard,Roe,S2,roe@example.edu,-
"""


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def named(*names: str) -> list[Graded]:
    return [graded(name, mark("2a.weights", "2H^2 + DH")) for name in names]


def test_canvas_gets_its_columns_and_the_points_possible() -> None:
    assert table(canvas_csv([varied()["perfect"], varied()["undecided"]], title="Homework 4")) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 4"],
        ["Points Possible", "", "", "", "", "3.5"],
        ["perfect", "", "", "perfect", "", "3.5"],
        ["undecided", "", "", "undecided", "", ""],
    ]


def test_canvas_grades_go_to_the_students_of_the_roster() -> None:
    made = named("jdoe", "roerichard_102_7788_hw4.tex", "Poe, Ed", "stranger", "Twin, A")
    rows = table(canvas_csv(made, title="Homework 4", roster=CANVAS))
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 4 (12)"]
    assert [(row[0], row[1], row[-1]) for row in rows[2:]] == [
        ("Doe, Jane", "101", "0.5"),
        ("Roe, Richard", "102", "0.5"),
        ("Poe, Ed", "103", "0.5"),
        ("Twin, A", "104", ""),
        ("Twin, A", "105", ""),
        ("stranger", "", "0.5"),
        ("Twin, A", "", "0.5"),
    ]


def test_two_submissions_of_one_student_are_not_guessed_between() -> None:
    rows = table(canvas_csv(named("jdoe", "101"), title="Homework 4", roster=CANVAS))
    assert [(row[0], row[1], row[-1]) for row in rows if row[-1] == "0.5"][-2:] == [
        ("jdoe", "", "0.5"),
        ("101", "", "0.5"),
    ]
    assert rows[2] == ["Doe, Jane", "101", "S1", "jdoe", "L1", ""]


def test_a_section_or_a_first_name_is_nobody() -> None:
    assert table(canvas_csv(named("L1"), roster=CANVAS))[-1][:2] == ["L1", ""]
    assert table(moodle_csv(named("Richard"), roster=MOODLE))[-1][:4] == ["Richard", "", "", ""]


def test_a_roster_with_semicolons_is_read() -> None:
    roster = 'Student;ID;Section\n"Doe, Jane";101;L1\n'
    assert table(canvas_csv(named("101"), roster=roster))[2] == ["Doe, Jane", "101", "L1", "0.5"]


def test_moodle_gets_a_dash_for_no_grade() -> None:
    made = [varied()[kind] for kind in ("perfect", "undecided", "only explained", "late")]
    assert [row[:2] for row in table(moodle_csv(made, title="HW4"))] == [
        ["username", "HW4"],
        ["perfect", "3.5"],
        ["undecided", "-"],
        ["only explained", "-"],
        ["late", "1.2"],
    ]


def test_moodle_grades_go_to_the_users_of_the_roster() -> None:
    made = named("Jane Doe_4711_assignsubmission_file_", "roe")
    rows = table(moodle_csv(made, title="HW4", roster=MOODLE))
    assert rows[0] == ["First name", "Last name", "ID number", "Email address", "HW4", "feedback"]
    assert [row[3:] for row in rows[1:]] == [
        ["jane@example.edu", "0.5", "0.5 of 0.5 checked"],
        ["roe@example.edu", "0.5", "0.5 of 0.5 checked"],
    ]


@pytest.mark.parametrize("write", [canvas_csv, moodle_csv])
def test_only_a_submission_that_needs_nobody_has_a_grade(write: Callable[[Sequence[Graded]], str]) -> None:
    column, none = (5, "") if write is canvas_csv else (1, "-")
    rows = table(write(list(varied().values())))[-len(varied()) :]
    for row, one in zip(rows, varied().values(), strict=True):
        decided = not one.needs_person and one.max_score > 0
        assert row[column] == (str(number(one.score)) if decided else none)


@pytest.mark.parametrize("write", [canvas_csv, moodle_csv])
@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "\uff1d1", HOSTILE])
def test_no_name_is_a_formula_in_a_spreadsheet(write: Callable[[Sequence[Graded]], str], name: str) -> None:
    rows = table(write(named(name)))
    assert rows[-1][0].startswith("'")
    assert all(len(row) == len(rows[0]) for row in rows)


@given(
    st.lists(
        st.text(
            st.characters(exclude_categories=("C", "Z"), exclude_characters="=+-@\uff1d\uff0b\uff0d\uff20"), min_size=1
        )
    )
)
def test_names_survive_the_round_trip(names: list[str]) -> None:
    rows = table(moodle_csv(named(*names)))
    assert [row[0] for row in rows[1:]] == names


def test_no_student_is_the_row_of_points_possible() -> None:
    rows = table(canvas_csv(named("Points Possible")))
    assert [row[0] for row in rows].count("Points Possible") == 1


@pytest.mark.parametrize(
    ("roster", "says"),
    [
        ("", "an empty file"),
        ("Name,Mark\nx,1\n", "got Name, Mark"),
        ('Student,ID\n"x,1\n', "no CSV file"),
        ("Student,ID\n" + "x" * 200_000, "no CSV file"),
    ],
)
def test_a_roster_that_is_none_is_the_callers_fault(roster: str, says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        canvas_csv([], roster=roster)


# Readers of others, where they are installed: make platforms-test


@pytest.mark.platforms
@each_kind
@pytest.mark.filterwarnings("ignore")
def test_otter_reads_its_results(kind: str) -> None:
    results = pytest.importorskip("otter.test_files", reason="make platforms-test installs otter").GradingResults
    one = varied()[kind]
    found = results.from_ottr_json(otter(one))
    assert found.total == pytest.approx(float(one.score), abs=1e-5)
    assert found.possible == pytest.approx(float(one.max_score), abs=1e-5)
    assert found.test_files == [made.claim.id for made in one.marks]
    assert isinstance(found.summary(), str)
    assert json.dumps(found.to_dict())


@pytest.mark.platforms
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if varied()[kind].max_score])
def test_nbgrader_gives_the_points_that_we_give(kind: str) -> None:
    """A grade cell whose result is our number: 0 is no credit, the maximum is all, and between is part of it."""
    determine_grade = pytest.importorskip("nbgrader.utils", reason="make platforms-test installs it").determine_grade
    notebook = pytest.importorskip("nbformat.v4")

    for blank in json.loads(graded_json([varied()[kind]]))[0]["blanks"]:
        if blank["score"] is not None and blank["max_score"]:
            cell = notebook.new_code_cell("grade")
            cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": blank["max_score"]}
            cell.outputs = [notebook.new_output("execute_result", data={"text/plain": repr(blank["score"])})]
            assert determine_grade(cell) == (blank["score"], blank["max_score"])


def test_every_status_is_told_in_some_submission() -> None:
    """The submissions of these tests leave out none of what may become of an answer."""
    found = {made.verdict.status for one in varied().values() for made in one.marks}
    assert {
        Status.CERTIFIED,
        Status.REFUTED,
        Status.UNDECIDED,
        Status.UNREADABLE,
        Status.MISSING,
        Status.MANUAL,
    } <= found
    assert {outcome(made) for one in varied().values() for made in one.marks} == set(Outcome)
    assert any(isinstance(problem, Problem) for one in varied().values() for problem in one.submission.problems)
    assert isinstance(varied()["evil"].submission, Submission)
    assert isinstance(varied()["wrong"].marks[0].written, Written)
