"""Refute: a claim stands until it is refuted.

PYTEST_DONT_REWRITE: else pytest, of which a plugin is here, warns where this is imported before pytest starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refute.claims import Claim, Natural, Real
    from refute.deciding.verdict import Verdict

__version__ = "0.1.0"
__all__ = ["__version__", "decide", "same"]


def decide(claim: Claim | str, answer: str) -> Verdict:
    """Decide a written answer, in plain text or LaTeX, to a claim, or to the claim of that id in the current project.

    Accepted: certified, with the chance that this is wrong, proved, or tested where residues do not reach. Refused:
    with a counterexample, and the mistake's name where it is known. Unreadable: with line and column. Threads may call
    it at once. Raises UsageError for a claim that takes no written answer, or an id that no claim has.
    """
    from pathlib import Path

    from refute.deciding.written import Decider, deciders

    return (deciders(Path.cwd()).of(claim) if isinstance(claim, str) else Decider(claim)).decide(answer)


def same(left: str, right: str, domain: Mapping[str, Real | Natural] | None = None) -> Verdict:
    """Decide whether two formulas, over any variables, are the same function.

    `domain` maps variables to their domains, all reals for those left out. A point of the domain at which just one of
    the two has a value is a counterexample. Threads may call it at once.
    """
    from refute.deciding.same import same

    return same(left, right, domain)
