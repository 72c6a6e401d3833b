"""The homework's claims, asked."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from refute.deciding.verdict import Verdict
from refute.deciding.written import Decider
from refute.project import Project, load

ROOT = Path(__file__).parents[1]


@cache
def homework() -> Project:
    """The homework."""
    return load(ROOT)


@cache
def decider(claim: str) -> Decider:
    """The decider of one of its claims."""
    return Decider(homework().claim(claim))


def decide(claim: str, answer: str) -> Verdict:
    """The verdict on an answer."""
    return decider(claim).decide(answer)
