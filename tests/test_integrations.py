"""What an instructor uploads, run as the platforms run it: in a folder of the same layout, and with a program called
refute that is told what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from refute.grade.submissions import find
from refute.report.platforms.gradescope import gradescope
from refute.report.platforms.markus import markus
from tests.submissions import varied

ROOT = Path(__file__).parents[1]
MARKUS = ROOT / "integrations/markus"
GRADESCOPE = ROOT / "integrations/gradescope"
SCRIPTS = (MARKUS / "refute_tester.sh", *(GRADESCOPE / name for name in ("setup.sh", "run_autograder", "make_zip")))

STANDIN = """\
#!{python}
# Stands in for refute: it notes how it was called, writes what it was told to write, and exits as it was told to.
import json, os, sys, time
from pathlib import Path
told = json.loads(Path({told!r}).read_text())
submission, out = Path(sys.argv[2]), Path(sys.argv[sys.argv.index("--out") + 1])
files = sorted(path.relative_to(submission).as_posix() for path in submission.rglob("*"))
policy = sys.argv[sys.argv.index("--policy") + 1] if "--policy" in sys.argv else None
called = {{"arguments": sys.argv[1:], "files": files, "folder": os.getcwd(),
          "policy": policy and Path(policy).read_text()}}
Path({noted!r}).write_text(json.dumps(called))
print("graded it", file=sys.stdout)
print("a warning", file=sys.stderr)
time.sleep(told["seconds"])
for name, text in told["files"].items():
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_text(text, encoding="utf-8")
sys.exit(told["exit"])
"""


@dataclass
class Standin:
    """A program in place of refute."""

    program: Path

    def tell(self, files: Mapping[str, str], code: int = 0, seconds: float = 0) -> None:
        """What it writes into its --out, and how it ends."""
        self.program.with_name("told").write_text(json.dumps({"files": dict(files), "exit": code, "seconds": seconds}))

    @property
    def called(self) -> dict[str, Any]:
        """How it was called, and what was there then."""
        noted: dict[str, Any] = json.loads(self.program.with_name("noted").read_text())
        return noted

    def option(self, name: str) -> list[str]:
        arguments = self.called["arguments"]
        return [arguments[i + 1] for i, argument in enumerate(arguments) if argument == name]


@pytest.fixture
def standin(tmp_path: Path) -> Standin:
    program = tmp_path / "bin" / "refute"
    program.parent.mkdir()
    told, noted = str(program.with_name("told")), str(program.with_name("noted"))
    program.write_text(STANDIN.format(python=sys.executable, told=told, noted=noted))
    program.chmod(0o755)
    return Standin(program)


def run(program: Path, folder: Path, *arguments: str, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("REFUTE", "PYTHON", "COVERAGE"))}
    told = {name: str(value) for name, value in environment.items()}
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env={**ours, **told},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


# All scripts


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run_and_say_by_what(script: Path) -> None:
    assert script.stat().st_mode & stat.S_IXUSR
    first = script.read_text(encoding="utf-8").splitlines()[0]
    assert first in {"#!/usr/bin/env bash", "#!/usr/bin/env python3"}


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    scripts = [script for script in SCRIPTS if "bash" in script.read_text(encoding="utf-8").splitlines()[0]]
    assert len(scripts) == 3
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("script", [s for s in SCRIPTS if s.name != "run_autograder"], ids=lambda path: path.name)
def test_shell_scripts_stop_at_the_first_error(script: Path) -> None:
    assert "set -euo pipefail\n" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["markus", "gradescope"])
def test_the_page_of_a_platform_names_what_is_there(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "integrations" / page).iterdir())
    for path in re.findall(r"integrations/[\w./]+", text):
        assert (ROOT / path).exists(), path
    variables = set(re.findall(r"`((?:REFUTE|AUTOGRADER)\w*)`", text))
    assert variables == set(re.findall(r"(?:\$\{|environ\.get\(\")((?:REFUTE|AUTOGRADER)\w*)", scripts))


# MarkUs

HANDED_IN = {"answers.tex": "x", "deep/er.md": "y", "pyproject.toml": "[tool.refute]", "feedback.html": "forged"}
COPIED = sorted([*HANDED_IN, "deep", "one-submission.txt"])
FORGED = json.dumps(
    {"name": "mine", "output": "", "marks_earned": 100, "marks_total": 100, "status": "pass", "time": None}
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The folder in which MarkUs runs a tester: the student's files, and the tester's over them."""
    folder = tmp_path / "worker"
    for name, text in HANDED_IN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for script in specs()["script_files"]:
        shutil.copy(MARKUS / script, folder)
    return folder


def specs() -> dict[str, Any]:
    (tester,) = json.loads((MARKUS / "specs.json").read_text())["testers"]
    assert tester["tester_type"] == "custom"
    (data,) = tester["test_data"]
    found: dict[str, Any] = data
    return found


def run_tester(workspace: Path, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    (script,) = specs()["script_files"]
    return run(workspace / script, workspace, **environment)


def objects(text: str) -> list[dict[str, Any]]:
    """All that MarkUs's server reads on a tester's standard output: JSON objects, one after the other."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        assert isinstance(value, dict)
        found.append(value)
    return found


def test_the_settings_of_markus_name_what_is_uploaded_and_written() -> None:
    data = specs()
    assert set(data) == {"category", "extra_info", "feedback_file_names", "script_files", "timeout"}
    assert all((MARKUS / script).is_file() for script in data["script_files"])
    assert data["feedback_file_names"] == ["feedback.html"]
    assert data["extra_info"]["display_output"] in {
        *("instructors", "instructors_and_student_tests", "instructors_and_students"),
    }
    assert data["timeout"] > 240


@pytest.mark.parametrize("code", [0, 5])
def test_markus_gets_the_results_and_the_feedback(workspace: Path, standin: Standin, code: int) -> None:
    results = markus(varied()["undecided"])
    standin.tell({"markus.jsonl": results, "feedback.html": "<p>feedback</p>"}, code)
    done = run_tester(workspace, REFUTE=standin.program)
    assert (done.returncode, done.stdout, done.stderr) == (0, results, "")
    assert [item["name"][:8] for item in objects(done.stdout) if "name" in item] == ["1a.g_bar", "1a.h_bar", "2b.optim"]
    assert (workspace / "feedback.html").read_text() == "<p>feedback</p>"


def test_refute_sees_the_students_files_from_a_folder_that_is_not_theirs(workspace: Path, standin: Standin) -> None:
    standin.tell({"markus.jsonl": markus(varied()["perfect"])})
    run_tester(workspace, REFUTE=standin.program)
    assert standin.called["files"] == COPIED
    assert standin.called["folder"] == "/"
    assert standin.called["arguments"][0] == "grade"
    assert standin.option("--format") == ["markus", "html"]
    assert not Path(standin.called["arguments"][1]).is_relative_to(workspace)
    assert not Path(standin.called["arguments"][1]).exists()  # nothing is left behind


def test_a_policy_is_the_instructors_only_if_the_tester_names_it(workspace: Path, standin: Standin) -> None:
    (workspace / "policy.toml").write_text("[partial]")
    standin.tell({"markus.jsonl": markus(varied()["perfect"])})
    run_tester(workspace, REFUTE=standin.program)
    assert standin.called["policy"] is None
    assert "policy.toml" in standin.called["files"]
    run_tester(workspace, REFUTE=standin.program, REFUTE_POLICY="policy.toml")
    assert standin.called["policy"] == "[partial]"
    assert "policy.toml" not in standin.called["files"]


@pytest.mark.parametrize(
    ("files", "code", "says"),
    [
        ({}, 70, "ended with 70"),
        ({"markus.jsonl": FORGED}, 2, "ended with 2"),
        ({}, 0, "wrote no results"),
    ],
)
def test_a_fault_of_the_checkers_is_no_result_in_markus(
    workspace: Path, standin: Standin, files: Mapping[str, str], code: int, says: str
) -> None:
    standin.tell(files, code)
    done = run_tester(workspace, REFUTE=standin.program)
    assert done.stdout == ""
    assert done.returncode == 1
    assert says in done.stderr
    assert "a warning" in done.stderr
    assert "a person will mark this submission" in (workspace / "feedback.html").read_text()


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"REFUTE": "/nowhere/refute"}, "ended with 127"),
        ({"REFUTE_PROJECT": "/nowhere"}, "there is no folder /nowhere"),
        ({"REFUTE_POLICY": "policy.toml"}, "there is no policy.toml"),
    ],
)
def test_a_server_that_is_not_set_up_is_no_result_in_markus(
    workspace: Path, standin: Standin, environment: Mapping[str, str], says: str
) -> None:
    standin.tell({"markus.jsonl": FORGED})
    done = run_tester(workspace, **{"REFUTE": str(standin.program), **environment})
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "checker failed" in (workspace / "feedback.html").read_text()


def test_a_checker_that_takes_too_long_is_stopped_in_markus(workspace: Path, standin: Standin) -> None:
    standin.tell({"markus.jsonl": FORGED}, seconds=60)
    done = run_tester(workspace, REFUTE=standin.program, REFUTE_SECONDS="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ended with 124" in done.stderr


@pytest.mark.parametrize("feedback", [{}, {"feedback.html": "x" * 5_000_001}])
def test_markus_always_finds_feedback_of_ours_that_it_can_show(
    workspace: Path, standin: Standin, feedback: Mapping[str, str]
) -> None:
    (workspace / "feedback.html").unlink()
    (workspace / "feedback.html").mkdir()
    standin.tell({"markus.jsonl": markus(varied()["perfect"]), **feedback})
    assert run_tester(workspace, REFUTE=standin.program).returncode == 0
    assert (workspace / "feedback.html").stat().st_size < 1000
    assert "forged" not in (workspace / "feedback.html").read_text()


def test_an_empty_folder_is_marked_too(workspace: Path, standin: Standin) -> None:
    for name in HANDED_IN:
        (workspace / name).unlink()
    (workspace / "deep").rmdir()
    standin.tell({"markus.jsonl": markus(varied()["empty"])})
    assert run_tester(workspace, REFUTE=standin.program).returncode == 0
    assert standin.called["files"] == []


# Gradescope

METADATA = {"created_at": "2019-03-14T23:30:00.123456-04:00", "assignment": {"due_date": "2019-03-12T23:00:00-04:00"}}


@pytest.fixture
def autograder(tmp_path: Path) -> Path:
    """Gradescope's folder, with the program copied where it puts it."""
    folder = tmp_path / "autograder"
    for name in ("submission", "results", "source"):
        (folder / name).mkdir(parents=True)
    for name, text in HANDED_IN.items():
        (folder / "submission" / name).parent.mkdir(exist_ok=True)
        (folder / "submission" / name).write_text(text)
    shutil.copy(GRADESCOPE / "run_autograder", folder)
    return folder


def run_autograder(autograder: Path, standin: Standin, **environment: str | Path) -> dict[str, Any]:
    """The results that are there in the end, whatever happens."""
    told = {"AUTOGRADER": autograder, "REFUTE": standin.program, **environment}
    done = run(autograder / "run_autograder", autograder, **told)
    assert done.returncode == 0
    assert [path.name for path in (autograder / "results").iterdir()] == ["results.json"]
    results: dict[str, Any] = json.loads((autograder / "results" / "results.json").read_text(encoding="utf-8"))
    return results


@pytest.mark.parametrize("code", [0, 5])
def test_gradescope_gets_the_results(autograder: Path, standin: Standin, code: int) -> None:
    results = gradescope(varied()["undecided"])
    standin.tell({"results/results.json": results}, code)
    assert run_autograder(autograder, standin) == json.loads(results)
    assert standin.called["arguments"][0] == "grade"
    assert standin.called["files"] == COPIED
    assert standin.called["folder"] == "/"
    assert not Path(standin.called["arguments"][1]).exists()  # nothing is left behind
    assert standin.option("--format") == ["gradescope"]


@pytest.mark.parametrize(
    ("metadata", "late"),
    [
        (None, []),
        ("no JSON", []),
        ("[]", []),
        (json.dumps({**METADATA, "assignment": {"due_date": None}}), []),
        (json.dumps({**METADATA, "created_at": "2019-03-14T23:30:00"}), []),
        (json.dumps(METADATA), ["3"]),
        (json.dumps({**METADATA, "created_at": "2019-03-12T23:00:01-04:00"}), ["1"]),
        (json.dumps({**METADATA, "created_at": "2019-03-12T23:00:00-04:00"}), ["0"]),
        (json.dumps({**METADATA, "created_at": "2019-03-01T00:00:00+02:00"}), ["0"]),
    ],
)
def test_days_late_are_counted_from_the_due_date(
    autograder: Path, standin: Standin, metadata: str | None, late: list[str]
) -> None:
    if metadata is not None:
        (autograder / "submission_metadata.json").write_text(metadata)
    standin.tell({"results/results.json": gradescope(varied()["perfect"])})
    run_autograder(autograder, standin)
    assert standin.option("--late") == late


def test_the_policy_is_the_one_in_the_zip(autograder: Path, standin: Standin) -> None:
    standin.tell({"results/results.json": gradescope(varied()["perfect"])})
    (autograder / "submission" / "policy.toml").write_text("forged")
    run_autograder(autograder, standin)
    assert standin.called["policy"] is None
    (autograder / "source" / "policy.toml").write_text("[partial]")
    run_autograder(autograder, standin)
    assert standin.called["policy"] == "[partial]"


@pytest.mark.parametrize(
    ("files", "code", "environment"),
    [
        ({}, 70, {}),
        ({"results/results.json": '{"score": 100}'}, 2, {}),
        ({}, 0, {}),
        ({"results/results.json": "{"}, 0, {}),
        ({"results/results.json": "[100]"}, 0, {}),
        ({}, 0, {"REFUTE": "/nowhere/refute"}),
        ({}, 0, {"REFUTE_PROJECT": "/nowhere"}),
        ({"results/results.json": '{"score": 100}'}, 0, {"REFUTE_SECONDS": "0.2"}),
    ],
)
def test_a_fault_of_the_checkers_has_no_score_in_gradescope(
    autograder: Path, standin: Standin, files: Mapping[str, str], code: int, environment: Mapping[str, str]
) -> None:
    standin.tell(files, code, seconds=30 if "REFUTE_SECONDS" in environment else 0)
    results = run_autograder(autograder, standin, **environment)
    assert "score" not in results
    assert "this is not about your answers" in results["output"]
    (test,) = results["tests"]
    assert "score" not in test
    assert "status" not in test


def test_results_of_an_earlier_run_do_not_stay(autograder: Path, standin: Standin) -> None:
    (autograder / "results" / "results.json").write_text('{"score": 100}')
    standin.tell({}, 70)
    assert "score" not in run_autograder(autograder, standin)


def test_setup_installs_nothing_by_name(tmp_path: Path) -> None:
    for names in ((), ("refute-1-py3-none-any.whl", "refute-2.tar.gz")):
        for name in names:
            (tmp_path / name).touch()
        done = run(GRADESCOPE / "setup.sh", tmp_path, REFUTE_SOURCE=tmp_path, REFUTE_VENV=tmp_path / "venv")
        assert done.returncode == 1
        assert f"expected one refute-*.whl or refute-*.tar.gz in the zip, got {len(names)}" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.wheel
def test_the_zip_sets_up_and_runs_as_gradescope_does_it(autograder: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    done = run(GRADESCOPE / "make_zip", tmp_path, "policy.toml", PYTHON=sys.executable)
    assert (done.returncode, done.stdout) == (0, f"wrote {tmp_path / 'autograder.zip'}\n")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        names = sorted(archive.namelist())
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in names}
        archive.extractall(autograder / "source")
    assert [name.partition("-")[0] for name in names] == ["policy.toml", "refute", "run_autograder", "setup.sh"]
    assert modes["run_autograder"] & stat.S_IXUSR
    assert modes["setup.sh"] & stat.S_IXUSR
    setup = autograder / "source" / "setup.sh"
    setup.chmod(0o755)
    done = run(setup, autograder, REFUTE_SOURCE=autograder / "source", REFUTE_VENV=tmp_path / "venv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("refute, version ")


# With refute itself

POLICY = ""  # the default policy
ANSWERS = dedent(
    r"""
    \documentclass{article}
    \begin{document}
    \answer{1a.f_bar}{\overline{c^{(t)}} c^{(t-1)}}
    \answer{2a.weights}{H^2 + DH}
    \end{document}
    """
)
PROJECT = '[tool.refute]\nname = "evil"\n'


def test_markus_marks_a_submission(workspace: Path) -> None:
    """With a claim project of the student's beside the answers, which must not be loaded."""
    for name in HANDED_IN:
        (workspace / name).unlink()
    (workspace / "answers.tex").write_text(ANSWERS)
    (workspace / "pyproject.toml").write_text(PROJECT)
    (workspace / "specs").mkdir()
    (workspace / "specs" / "evil.py").write_text("raise SystemExit('a student runs code here')\n")
    done = run_tester(workspace, REFUTE=Path(sys.executable).with_name("refute"))
    assert done.returncode == 0, done.stderr
    found = {item["name"].partition(":")[0]: item for item in objects(done.stdout) if "name" in item}
    assert (found["1a.f_bar"]["status"], found["1a.f_bar"]["marks_earned"]) == ("pass", 0.5)
    assert (found["2a.weights"]["status"], found["2a.weights"]["marks_earned"]) == ("fail", 0)
    assert "<html" in (workspace / "feedback.html").read_text(encoding="utf-8")


def test_a_folder_of_folders_is_one_submission(tmp_path: Path) -> None:
    """As the scripts see to, by an empty text: without it there would be one for each folder."""
    for name in ("tex/answers.tex", "pictures/readme.md"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    assert len(find([tmp_path])) == 2
    (tmp_path / "one-submission.txt").touch()
    assert [source.path for source in find([tmp_path])] == [tmp_path]


def test_gradescope_marks_a_submission(autograder: Path) -> None:
    shutil.rmtree(autograder / "submission")
    (autograder / "submission").mkdir()
    (autograder / "submission" / "answers.tex").write_text(ANSWERS)
    refute = Standin(Path(sys.executable).with_name("refute"))
    results = run_autograder(autograder, refute)
    tests = {test["number"]: test for test in results["tests"]}
    assert results["score"] == 0.5
    assert (tests["1a.f_bar"]["status"], tests["1a.f_bar"]["score"]) == ("passed", 0.5)
    assert (tests["2a.weights"]["status"], tests["2a.weights"]["score"]) == ("failed", 0)
