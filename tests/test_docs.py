"""Every command that the documents show is run, and prints what they show; every file they show works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from refute.grade.policy import load_policy

ROOT = Path(__file__).parents[1]
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def sessions(page: str) -> Iterator[tuple[str, str]]:
    """Each command shown on a page, with the output shown below it."""
    for block in CONSOLE.findall((ROOT / page).read_text(encoding="utf-8")):
        for command_and_output in block.split("$ ")[1:]:
            command, _, output = command_and_output.partition("\n")
            yield command, output


def run(command: str, folder: Path) -> str:
    """What a person sees at a terminal: under CI pytest shortens no line, and the gate annotates."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "BUILD_", "GITHUB_"))}
    environment = {**kept, "COLUMNS": "100", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert not done.stderr
    return done.stdout


def without_times(output: str) -> list[str]:
    """The words, sorted, without seconds: these depend on the machine, and with them where a line breaks."""
    return sorted(re.sub(r"\d+\.\d+ s\b", "", output).split())


def copy_homework(folder: Path) -> None:
    """The homework with its own implementations alone: the pages leave out what is said of libraries, which depends on
    what is installed."""
    for name in ("specs", "impl"):
        shutil.copytree(ROOT / name, folder / name)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings, found = re.subn(r"^implementations = \[.*?^\]\n", "", text, flags=re.DOTALL | re.MULTILINE)
    assert found == 1
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")


def test_what_the_readme_shows_is_what_comes_out(tmp_path: Path) -> None:
    copy_homework(tmp_path)
    shown = list(sessions("README.md"))
    assert len(shown) == 9
    for command, output in shown:
        assert without_times(run(command, tmp_path)) == without_times(output), command


def test_the_claim_project_that_the_guide_writes_stands(tmp_path: Path) -> None:
    page = (ROOT / "docs/writing-a-claim.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"^`([\w./]+)`.*?^```\w+\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    assert set(files) == {"pyproject.toml", "impl/softmax.py", "specs/softmax.py"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    ((command, output),) = sessions("docs/writing-a-claim.md")
    assert without_times(run(command, tmp_path)) == without_times(output)


def test_the_implementation_that_the_guide_writes_is_refuted(tmp_path: Path) -> None:
    page = "docs/implementations.md"
    copy_homework(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "my_optim.py").write_text(code, encoding="utf-8")
    ((command, output),) = sessions(page)
    assert without_times(run(command, tmp_path)) == without_times(output)


def test_the_laws_and_the_project_that_the_guide_to_pytest_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs/pytest.md").read_text(encoding="utf-8")
    files = re.findall(r"`([\w.]+)`[^`]*?\n\n```(?:python|toml)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert [name for name, _ in files] == ["nn.py", "test_nn.py", "pyproject.toml", "my_optim.py"]
    shown = list(sessions("docs/pytest.md"))
    assert len(shown) == 7
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly -p no:cacheprovider")
    (tmp_path / "my_torch_optim.py").write_text("import nowhere_to_be_found", encoding="utf-8")
    for name, text in files[:2]:
        (tmp_path / name).write_text(text, encoding="utf-8")
    for number, (command, output) in enumerate(shown):
        if number == 5:
            (tmp_path / "test_nn.py").unlink()
            for name, text in files[2:]:
                (tmp_path / name).write_text(text, encoding="utf-8")
        came = re.sub(r"[\d.]+s$", "", run(command, tmp_path).replace(f"{ROOT}/", "…/"), flags=re.MULTILINE)
        assert came.split() == re.sub(r"[\d.]+s$", "", output, flags=re.MULTILINE).split(), command


def test_the_policy_that_the_guide_shows_is_one(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/grading.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "policy.toml").write_text(shown, encoding="utf-8")
    policy = load_policy(tmp_path / "policy.toml")
    assert (policy.most_days, policy.rounding, set(policy.partial)) == (3, Fraction(1, 4), {"sign", "index"})


@pytest.mark.parametrize("target", ["verify", "test"])
def test_the_two_commands_of_the_readme_are_targets(target: str) -> None:
    assert f"make {target} " in (ROOT / "README.md").read_text(encoding="utf-8")
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0


def test_every_document_that_is_linked_exists() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
