"""The command line: exit codes, JSON, and what a person sees."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from refute import __version__
from refute.cli import main
from tests.conftest import MakeProject

SPEC = """
    from refute.claims import Claim, Question, Real, Sighting

    def scene(implementation, sizes, draw):
        x = draw("x")
        yield Sighting("square", implementation.square(x), {"x": x}, "square")

    QUESTION = Question("q", title="t", text="t", claims=(
        Claim("square", ask="The square", formula="%s", observe=scene, mistakes={"2*x": "twice"}, source="made up",
              given={"x": Real()}, functions=("square",)),
    ))
"""
FILES = {
    "specs/__init__.py": "",
    "specs/q.py": SPEC % "x^2",
    "impl/__init__.py": "",
    "impl/q.py": "def square(x):\n    return x * x\n",
}

pytestmark = pytest.mark.usefixtures("own_imports")


def refute(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def check_in(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "100")
    return refute("check", "--jobs", "1", *arguments)


def test_a_claim_that_stands_exits_with_0(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    result = check_in(make_project(FILES), monkeypatch)
    assert result.exit_code == 0
    assert re.search(r"square +x² +certified +error < 2\^-\d+; 50 digits; 1 case;", result.stdout)
    assert re.search(r"1 claim stands: 1 certified; 1/1 mistakes refuted; \d+\.\d s\n$", result.stdout)


def test_a_claim_that_is_refuted_exits_with_1(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    result = check_in(make_project({**FILES, "specs/q.py": SPEC % "x^3"}), monkeypatch)
    assert result.exit_code == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    start = lines.index("square (impl.q) refuted")
    assert lines[start + 1 :][:8] == [
        "The square",
        "with      x = 2",
        "expected  8",
        "from x^3",
        "observed  4",
        "from square",
        "where     specs/q.py:9",
        "impl/q.py:1",
    ]
    assert lines[-1].startswith("1 of 1 claim does not stand: 1 refuted; ")


def test_a_project_that_is_not_in_order_exits_with_2(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = check_in(make_project({**FILES, "specs/q.py": SPEC % "x^"}), monkeypatch)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "claim square: the formula cannot be read" in result.stderr
    assert "specs/q.py:9" in result.stderr


@pytest.mark.parametrize("arguments", [["nothing*"], ["--digits", "3"], ["--cases", "0"], ["--frobnicate"]])
def test_a_misspelt_command_exits_with_2(
    arguments: list[str], make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = check_in(make_project(FILES), monkeypatch, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_json_is_one_object_and_nothing_else(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    result = check_in(make_project(FILES), monkeypatch, "--json")
    report = json.loads(result.stdout)
    assert (report["project"], report["ok"], result.stderr) == ("other", True, "")
    (claim,) = report["claims"]
    assert claim.pop("seconds") > 0
    assert 0 < claim.pop("error_bound") < 2**-100
    assert claim == {
        "id": "square",
        "implementation": "impl.q",
        "verdict": "certified",
        "accepted": True,
        "cases": 1,
        "digits": 50,
        "systems": ["residues", "balls", "mpmath", "binary64"],
        "mistakes": {"refuted": 1, "total": 1},
        "counterexample": None,
        "message": "",
    }


def test_json_of_a_refuted_claim_has_the_counterexample(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = check_in(make_project({**FILES, "specs/q.py": SPEC % "x^3"}), monkeypatch, "--json")
    report = json.loads(result.stdout)
    shown = report["claims"][0]["counterexample"]
    assert (result.exit_code, report["ok"], report["claims"][0]["verdict"]) == (1, False, "refuted")
    assert (shown["case"], shown["expected"], shown["observed"]) == ({"x": "2"}, "8", "4")


def test_options_reach_the_verdict(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    result = check_in(make_project(FILES), monkeypatch, "--json", "--digits", "77", "--cases", "5", "--seed", "3")
    (claim,) = json.loads(result.stdout)["claims"]
    assert (claim["digits"], claim["cases"], claim["verdict"]) == (77, 5, "certified")


def test_another_seed_is_another_point_and_the_same_verdict(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_project({**FILES, "specs/q.py": SPEC % "x^3"})
    verdicts = [check_in(root, monkeypatch, "--json", "--seed", seed).exit_code for seed in "012"]
    assert verdicts == [1, 1, 1]


def test_a_fault_of_its_own_exits_with_70(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("refute.deciding.check.decide_identity", broken)
    result = check_in(make_project(FILES), monkeypatch)
    assert result.exit_code == 70
    assert "a fault of its own" in result.stderr
    assert "RuntimeError: broken" in result.stderr


def test_claims_are_completed_by_their_start(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_project(FILES))
    environment = {"_REFUTE_COMPLETE": "bash_complete", "COMP_WORDS": "refute check sq", "COMP_CWORD": "2"}
    result = CliRunner().invoke(main, prog_name="refute", env=environment)
    assert result.stdout == "plain,square\n"


def test_version_and_help() -> None:
    assert refute("--version").stdout == f"refute, version {__version__}\n"
    assert "A claim stands until it is refuted." in refute("--help").stdout
    assert "Exit code: 0 all claims stand" in refute("check", "--help").stdout


def test_bounds_are_shown_as_powers_of_two_that_are_not_too_small() -> None:
    from refute.deciding.verdict import power_of_two

    assert power_of_two(Fraction(1, 2**100 + 1)) == "2^-100"
    assert power_of_two(Fraction(3, 2**100)) == "2^-98"
