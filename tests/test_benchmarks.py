"""The comparison of gradients says what it should at a few cases, without the libraries that it compares with."""

from __future__ import annotations

import pytest

from benchmarks import gradients
from properties import textbook
from refute.deciding.bench import Case

CASES = [pytest.param(case, id=regime) for regime in gradients.REGIMES for case in gradients.cases_in(regime, 1)]
DECIDERS = [name for name in gradients.DECIDERS if name.startswith("Refute")]
TRUNCATED = textbook.lstm(**gradients.MISTAKES["truncated after one step"])


@pytest.mark.parametrize("name", DECIDERS)
@pytest.mark.parametrize("case", CASES)
def test_a_right_gradient_is_no_false_alarm(name: str, case: Case) -> None:
    decide = gradients.DECIDERS[name]()
    assert not any(decide(right, case) for right in gradients.RIGHT.values())


@pytest.mark.parametrize("name", DECIDERS)
@pytest.mark.parametrize("regime", gradients.REGIMES)
def test_a_wrong_gradient_is_refuted_at_some_case(name: str, regime: str) -> None:
    decide = gradients.DECIDERS[name]()
    assert any(decide(TRUNCATED, case) for case in gradients.cases_in(regime, 4))


@pytest.mark.parametrize("mistake", gradients.MISTAKES)
def test_every_mistake_changes_the_gradient(mistake: str) -> None:
    (case,) = gradients.cases_in("moderate", 1)
    assert gradients.DECIDERS["Refute, residues"]()(textbook.lstm(**gradients.MISTAKES[mistake]), case)
