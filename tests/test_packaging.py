from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import refute
from refute.project import load

CHECKOUT = Path(__file__).resolve().parents[1]
HEAVY = {"sympy", "mpmath", "hypothesis", "flint", "numpy"}
BUNDLED = ("specs", "impl", "properties")
LAW = """
from refute.testing import law

@law(x=2)
def test_sum(x):
    return x.sum(), x[0] + x[1]
"""


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints, run without this process's import path and coverage."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE"))}
    done = subprocess.run(command, cwd=cwd, env=ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} exits {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(kind: str, source: Path, into: Path) -> Path:
    """The wheel or sdist of a source tree, by its own build hook and without a network."""
    run(sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", into, cwd=source)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", CHECKOUT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", CHECKOUT, tmp_path_factory.mktemp("sdist"))


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def modules(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}


@pytest.mark.wheel
def test_the_wheel_has_the_templates_of_the_pages(wheel: Path) -> None:
    templates = {path.name for path in (CHECKOUT / "src/refute/report/templates").iterdir()}
    assert {f"refute/report/templates/{name}" for name in templates} <= names(wheel)
    assert "page.css" in templates


@pytest.mark.wheel
def test_the_only_top_level_name_of_the_wheel_is_refute(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in names(wheel)}
    assert top == {"refute", f"refute-{refute.__version__}.dist-info"}


@pytest.mark.wheel
def test_the_wheel_has_the_whole_engine(wheel: Path) -> None:
    assert {f"refute/{name}" for name in modules(CHECKOUT / "src" / "refute")} <= names(wheel)
    assert {"refute/py.typed", "refute/formula/formula.lark"} <= names(wheel)


@pytest.mark.wheel
@pytest.mark.parametrize("folder", BUNDLED)
def test_the_wheel_bundles_the_claim_project(wheel: Path, folder: str) -> None:
    prefix = f"refute/_catalogue/{folder}/"
    bundled = {name.removeprefix(prefix) for name in names(wheel) if name.startswith(prefix)}
    assert bundled == modules(CHECKOUT / folder)
    assert bundled


@pytest.mark.wheel
def test_the_wheel_has_no_compiled_code(wheel: Path) -> None:
    assert not [name for name in names(wheel) if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.wheel
def test_the_sdist_has_what_the_tests_need_and_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "tarfile", "--extract", sdist, tmp_path, cwd=tmp_path)
    (source,) = tmp_path.iterdir()
    needed = {"pyproject.toml", "hatch_build.py", "Makefile", "LICENSE", "tests/conftest.py", "tests/test_packaging.py"}
    assert {name for name in needed if not (source / name).is_file()} == set()
    assert names(build("wheel", source, tmp_path / "dist")) == names(wheel)


@pytest.mark.wheel
def test_the_wheel_checks_the_homework_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    clean, empty = tmp_path / "clean", tmp_path / "empty"
    empty.mkdir()
    venv.create(clean, with_pip=True)
    python = clean / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-compile", wheel, cwd=empty)
    where = run(python, "-c", "import refute; print(refute.__file__)", cwd=empty)
    assert Path(where.strip()).is_relative_to(clean)
    report = json.loads(run(clean / "bin" / "refute", "check", "--json", cwd=empty))
    assert report["ok"]
    assert [claim["id"] for claim in report["claims"]] == [claim.id for claim in load(CHECKOUT).claims]
    (empty / "test_law.py").write_text(LAW, encoding="utf-8")
    tested = "import refute, pytest; raise SystemExit(pytest.main(['-q', '-W', 'error']))"
    assert "refute: 1 law stands: 1 certified" in run(python, "-c", tested, cwd=empty)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_a_question_about_the_command_line_imports_no_mathematics(option: str, tmp_path: Path) -> None:
    code = f"import sys; from refute.cli import main; main([{option!r}], standalone_mode=False); print(*sys.modules)"
    imported = run(sys.executable, "-c", code, cwd=tmp_path).splitlines()[-1].split()
    assert "refute.cli" in imported
    assert HEAVY.isdisjoint(imported)


def test_the_command_says_the_version_of_the_package(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("refute")
    assert re.fullmatch(rf"refute, version {re.escape(refute.__version__)}\n", run(command, "--version", cwd=tmp_path))
