"""Rehearsals: code that answers as the reference does is told from code that does not, and so decided the same."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from refute.claims import Choice, Claim, Natural
from refute.deciding.check import Checker
from refute.deciding.identity import Options
from refute.deciding.verdict import Status
from refute.grade.code import CodeMarker
from refute.grade.rehearsal import Likeness, Rehearsals
from refute.project import Project, load
from refute.sandbox.proxy import CodeImplementation
from tests.plain_box import Process

SOLUTIONS = Path(__file__).parent / "solutions" / "right"
STEP = """
import numpy as np
def momentum_step(theta, p, gradient, alpha, beta):
    {body}
"""
RIGHT = (
    "q = beta * p - alpha * gradient(theta); return theta + q, q",
    "q = -(gradient(theta) * alpha - p * beta); return [q + theta, q]",
    "q = (p - alpha / beta * gradient(theta)) * beta; return theta + q, q",
    "q = np.where(p > 0, beta * p, p * beta) - alpha * gradient(theta); return theta + q, q",
    "q = beta * p - alpha * gradient(theta + np.zeros_like(theta)); return theta + q, q + 0",
)
WRONG = (
    "q = beta * p + alpha * gradient(theta); return theta + q, q",
    "q = beta * p - alpha * gradient(theta); return theta + p, q",
    "q = beta * p - alpha * gradient(theta + p); return theta + q, q",
    "q = np.where(p > 0, beta * p, p) - alpha * gradient(theta); return theta + q, q",
    "q = beta * p - alpha * gradient(theta) + 1e-300; return theta + q, q",
    "return theta, p[:0]",
    "raise ValueError",
    "return theta, None",
)
UNTOLD = (  # right, but not seen to be so by what it asks
    "gradient(2 * theta); q = beta * p - alpha * gradient(theta); return theta + q, q",
    "g = (gradient(theta) + gradient(theta)) / 2; q = beta * p - alpha * g; return theta + q, q",
)


@pytest.fixture(scope="module")
def project() -> Project:
    return load(Path(__file__).parents[1])


@pytest.fixture(scope="module")
def rehearsals(project: Project) -> Rehearsals:
    return Rehearsals(project.implementation_of(project.claim("3a.p")), Options())


def small(project: Project, name: str) -> Claim:
    return project.claim(name).of_sizes(({"D": Natural(1, 2)},))


def code(body: str, project: Project) -> CodeImplementation:
    reference = project.implementation_of(project.claim("3a.p"))
    found = CodeImplementation({"s.py": STEP.format(body=body).encode()}, Process(), reference)
    found.load()
    return found


@pytest.mark.parametrize("body", RIGHT)
def test_code_that_answers_the_same_is_alike(body: str, project: Project, rehearsals: Rehearsals) -> None:
    claim = small(project, "3a.p")
    found = rehearsals.likeness(claim, code(body, project))
    assert found is not None
    assert {tuple(sizes.items()) for sizes, _ in found.cases} == {(("D", 1),), (("D", 2),)}
    verdict = rehearsals.verdict(claim, "s.py", found)
    assert verdict is not None
    assert verdict.status is Status.CERTIFIED
    assert verdict.error_bound is not None
    assert found.error_bound < verdict.error_bound < Fraction(1, 1 << 100)


@pytest.mark.parametrize("body", [*WRONG, *UNTOLD])
def test_code_that_answers_or_asks_something_else_is_not(body: str, project: Project, rehearsals: Rehearsals) -> None:
    assert rehearsals.likeness(small(project, "3a.p"), code(body, project)) is None


@pytest.mark.parametrize("body", UNTOLD)
def test_what_is_not_alike_is_decided_all_the_same(body: str, project: Project) -> None:
    implementation = code(body, project)
    assert Checker(Options(confirm=False)).judge(small(project, "3a.p"), implementation).status is Status.CERTIFIED


def test_each_comparison_has_to_go_both_ways(project: Project, rehearsals: Rehearsals) -> None:
    rare = "q = np.where(p > 1.9, {wrong}, beta * p) - alpha * gradient(theta); return theta + q, q"
    never = "q = np.where(p > 2, {wrong}, beta * p) - alpha * gradient(theta); return theta + q, q"
    claim = small(project, "3a.p")
    assert rehearsals.likeness(claim, code(rare.format(wrong="p"), project)) is None
    assert rehearsals.likeness(claim, code(never.format(wrong="p * beta"), project)) is None


def test_what_was_compared_leaves_no_trace_in_later_samples(project: Project) -> None:
    claim = project.claim("1a.c_bar").of_sizes(({"T": Natural(2, 2), "loss": Choice(("last",))},))
    reference = project.implementation_of(claim)
    rehearsals, text = Rehearsals(reference, Options()), (SOLUTIONS / "stable_where.py").read_bytes()
    once, again = (
        rehearsals.likeness(claim, CodeImplementation({"s.py": text}, box, reference)) for box in (Process(), Process())
    )
    assert once is not None
    assert len(once.cases) > 1
    assert again == once


def test_derivatives_count_too(project: Project, rehearsals: Rehearsals) -> None:
    claim = small(project, "3b.factors")
    assert isinstance(rehearsals.likeness(claim, code(RIGHT[1], project)), Likeness)
    assert rehearsals.likeness(claim, code(WRONG[1], project)) is None


def test_only_a_claim_that_is_true_of_the_reference_is_granted(project: Project) -> None:
    def wrong_step(theta: Any, p: Any, gradient: Any, alpha: Any, beta: Any) -> Any:
        q = beta * p + alpha * gradient(theta)
        return theta + q, q

    reference = SimpleNamespace(
        **{**vars(project.implementation_of(project.claim("3a.p"))), "momentum_step": wrong_step}
    )
    rehearsals, claim = Rehearsals(reference, Options()), small(project, "3a.p")
    found = rehearsals.likeness(claim, code(WRONG[0], project))
    assert found is not None
    assert rehearsals.verdict(claim, "s.py", found) is None
    assert rehearsals.beyond(claim) is None


def test_beyond_small_sizes_there_is_one_case_at_which_the_claim_is_true(
    project: Project, rehearsals: Rehearsals
) -> None:
    beyond = rehearsals.beyond(small(project, "3a.p"))
    assert beyond is not None
    assert list(beyond.all_sizes()) == [{"D": 7}]
    assert rehearsals.is_alike(beyond, code(RIGHT[1], project))
    small_only = "q = beta * p - alpha * gradient(theta) * (1 if len(p) < 7 else 2); return theta + q, q"
    assert not rehearsals.is_alike(beyond, code(small_only, project))


def test_a_verdict_does_not_depend_on_what_was_marked_before(project: Project) -> None:
    files = [{"s.py": (SOLUTIONS / f"{name}.py").read_bytes()} for name in ("momentum_vector", "momentum_only_step")]
    marker = CodeMarker(project, Options(seed=3))
    marker.mark({"s.py": STEP.format(body=WRONG[3]).encode()}, Process())
    marker.mark(files[0], Process())
    again, alone = marker.mark(files[1], Process()), CodeMarker(project, Options(seed=3)).mark(files[1], Process())
    assert [(one.claim.id, one.verdict.error_bound, one.verdict.notes) for one in again] == [
        (one.claim.id, one.verdict.error_bound, one.verdict.notes) for one in alone
    ]
