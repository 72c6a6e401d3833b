"""The GitHub action and the pre-commit hook: what they would run is run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import MakeProject
from tests.guarded import FILES

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BIN = Path(sys.executable).parent


@pytest.fixture
def root(make_project: MakeProject) -> Path:
    """A project that is green."""
    root = make_project(FILES)
    assert run(["refute", "gate", "--update", "--jobs", "1"], root).returncode == 0
    return root


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    path = f"{environment.pop('PATH', '')}:{BIN}:{os.environ['PATH']}".removeprefix(":")
    return subprocess.run(
        command, cwd=folder, env={**inherited, **environment, "PATH": path}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def filled(text: str, inputs: dict[str, str]) -> str:
    """The text with the action's inputs in it, as GitHub puts them there."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)


def run_step(name: str, root: Path, tmp_path: Path, path: str = "", **given: str) -> subprocess.CompletedProcess[str]:
    inputs = {key: value["default"] for key, value in ACTION["inputs"].items()} | given
    (step,) = (step for step in STEPS if step.get("name") == name)
    assert step["shell"] == "bash"
    return run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        root / filled(step["working-directory"], inputs),
        **{key: filled(value, inputs) for key, value in step["env"].items()},
        GITHUB_ACTIONS="true", GITHUB_ACTION_PATH=str(ROOT), GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
        RUNNER_TEMP=str(tmp_path), PATH=path,
    )  # fmt: skip


def test_the_action_installs_itself_and_what_is_required(root: Path, tmp_path: Path) -> None:
    stand_in = tmp_path / "bin/python"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n')
    stand_in.chmod(0o755)
    done = run_step("Install Refute", root, tmp_path, str(stand_in.parent), requirements="-r needs.txt")
    assert done.stdout.splitlines() == ["-m", "pip", "install", "--quiet", str(ROOT), "-r", "needs.txt"]


def test_the_action_passes_a_green_project(root: Path, tmp_path: Path) -> None:
    done = run_step("Run the gate", root.parent, tmp_path, **{"working-directory": "project", "arguments": "--jobs 1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "The gate is green" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "refute.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []


def test_the_action_fails_a_red_project(root: Path, tmp_path: Path) -> None:
    (root / "impl/q.py").write_text("def square(x):\n    return x * x * x\n")
    done = run_step("Run the gate", root, tmp_path, arguments="--jobs 1")
    assert done.returncode == 1
    assert "::error file=impl/q.py,line=1,title=refuted%3A square (impl.q)::with n = 1, x = 2: " in done.stdout
    (result,) = json.loads((tmp_path / "refute.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["ruleId"] == "refuted"


def test_the_action_puts_no_input_into_a_script() -> None:
    """An input in a script would be run as a part of it."""
    assert not any("${{" in step.get("run", "") for step in STEPS)
    inputs = set(re.findall(r"inputs\.([\w-]+)", json.dumps(STEPS)))
    assert inputs == set(ACTION["inputs"])


def test_what_the_action_uploads_is_what_the_gate_wrote() -> None:
    upload = STEPS[-1]
    assert "always()" in upload["if"]
    assert upload["with"]["sarif_file"] == "${{ runner.temp }}/refute.sarif"


def test_the_hook_runs_the_gate(root: Path) -> None:
    command = shlex.split(HOOK["entry"])
    assert run(command, root).returncode == 0
    (root / "impl/q.py").write_text("def square(x):\n    return x + x\n")
    red = run(command, root)
    assert red.returncode == 1
    assert "The gate is red: 1 refuted" in red.stdout
    assert HOOK["pass_filenames"] is False


@pytest.mark.parametrize(
    ("file", "matters"),
    [("impl/q.py", True), ("specs/q.py", True), ("pyproject.toml", True), ("refute.lock", True), ("README.md", False)],
)
def test_the_hook_looks_at_what_may_change_a_verdict(file: str, matters: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is matters


def test_the_page_names_only_what_there_is() -> None:
    page = (ROOT / "docs/gate.md").read_text(encoding="utf-8")
    workflow, hooks = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    (uses,) = (step for step in workflow["steps"] if "refute" in step["uses"])
    assert set(uses["with"]) <= set(ACTION["inputs"])
    assert [hook["id"] for hook in hooks["repos"][0]["hooks"]] == [HOOK["id"]]
