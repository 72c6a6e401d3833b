"""A small claim project for tests of the gate, and the gate run on it without deciding anything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from refute.deciding.verdict import Counterexample, Status, Verdict
from refute.gate import run
from refute.gate.findings import Outcome
from refute.gate.properties import Properties
from refute.project import Project, Trial
from tests.conftest import is_project_module

SPEC = """
    from refute.claims import Claim, Natural, Question, Real, Sighting

    def scene(implementation, sizes, draw):
        x = draw("x")
        yield Sighting("square", implementation.square(x), {"x": x}, "square")

    QUESTION = Question("q", title="t", text="t", claims=(
        Claim("square", ask="The square", formula="x^2", observe=scene, mistakes={"2*x": "twice"}, source="made up",
              given={"x": Real()}, sizes={"n": Natural(1, 2)}, functions=("square",)),
    ))
"""
SETTINGS = """
    [tool.refute]
    name = "other"
    implementations = ["mine"]
"""
FILES: Mapping[str, str] = {
    "pyproject.toml": SETTINGS,
    "specs/__init__.py": "",
    "specs/q.py": SPEC,
    "impl/__init__.py": "",
    "impl/q.py": "def square(x):\n    return x * x\n",
    "mine.py": "def square(x):\n    return x ** 2\n",
    "properties/test_q.py": """
        import pytest

        from specs.q import QUESTION


        @pytest.mark.parametrize("claim", QUESTION.claims)
        def test_it_has_a_source(claim):
            assert claim.source


        @pytest.mark.claim("squ*")
        def test_marked():
            pass
    """,
}
PROPERTIES: Properties = {"square": {"test_q.py::test_it_has_a_source": 1, "test_q.py::test_marked": 1}}
CERTIFIED = Verdict(
    "square", "", Status.CERTIFIED, error_bound=Fraction(1, 2**185), cases=24, digits=50,
    systems=("residues", "balls", "sympy at 3 shapes"), mistakes_refuted=5, mistakes_total=5,
)  # fmt: skip


def refuted(where: str, observed: str = "4") -> dict[str, Any]:
    """What a refuted verdict has."""
    shown = Counterexample({"x": "2"}, "x^2", "8", observed, "square", where)
    return {"status": Status.REFUTED, "error_bound": None, "counterexample": shown}


def verdicts(
    project: Project, trials: Sequence[Trial], mine: Status = Status.CERTIFIED, **changes: Any
) -> list[Verdict]:
    """A certified verdict for each trial, but for the changes to that of the project's own implementation, and the
    status of that of the other."""
    return [
        replace(CERTIFIED, claim=trial.claim, **{"implementation": trial.other or "impl.q", **changes})
        if trial.other is None
        else replace(CERTIFIED, claim=trial.claim, implementation=trial.other, status=mine)
        for trial in trials
    ]


Gate = Callable[..., Outcome]


def make_gate(root: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """``gate(update=False, properties=PROPERTIES, mine=..., **changes)``: what the gate finds in the project at a root,
    as its files are now, given the properties, the status of the others, and what the verdict of `impl.q` has."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a file may be written twice in a second

    def gate(*, update: bool = False, properties: Properties = PROPERTIES, **changes: Any) -> Outcome:
        for name in filter(is_project_module, list(sys.modules)):
            del sys.modules[name]
        monkeypatch.setattr(run, "collect", lambda root, claims, path: properties)
        return run.pass_gate(root, lambda project, trials: verdicts(project, trials, **changes), update=update)

    return gate
