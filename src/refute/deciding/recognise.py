"""Recognising a mistake in code: which of a claim's wrong formulas gives just what the code gives.

A formula is given the code's own other outputs, as far as the scene shows them: what is wrong in one is not held
against the next, and a mistake is known wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from refute.claims import Claim, Sighting
from refute.deciding.bench import Bench
from refute.deciding.identity import Options, formal_show
from refute.deciding.meeting import Meeting, formal_difference
from refute.deciding.mistakes import mistakes_of
from refute.deciding.verdict import Mistake
from refute.errors import ImplementationError
from refute.formula.evaluate import compile_expr
from refute.formula.expr import Expr
from refute.formula.model import Sequence as Values
from refute.formula.parse import parse
from refute.numbers.scalar import OutsideClass


def recognise(claim: Claim, implementation: Any, bench: Bench, options: Options) -> Mistake | None:
    """The mistake whose formula is, in residues, what the implementation's own functions give at the claim's typical
    sizes; one of the kind "consequence" when the right formula is, of outputs that are wrong. None when there is none,
    residues cannot follow the code, or it fails there.
    """
    try:
        show = formal_show(claim, implementation, bench, claim.typical_sizes, options, 0)
    except (OutsideClass, ImplementationError):
        return None
    if show is None:
        return None
    seen = [s for s in show.seen if isinstance(s, Sighting) and (s.output or s.seen in claim.functions)]
    own = [_beside_own_outputs(sighting, seen) for sighting in seen if sighting.claim == claim.id]
    for part, wrong, mistake in _mistakes(claim):
        sightings = [sighting for sighting in own if sighting.part == part]
        if sightings and _gives(wrong, sightings, show.system.number):
            return mistake
    return None


def _beside_own_outputs(sighting: Sighting, seen: Sequence[Sighting]) -> Sighting:
    """A sighting whose environment has the outputs that the same function gave in place of the true values."""
    outputs: dict[str, dict[tuple[int, ...], Any]] = {}
    for other in seen:
        same = other.seen == sighting.seen and other.at
        if same and isinstance(sighting.environment.get(other.output), Values):
            outputs.setdefault(other.output, {})[tuple(other.at.values())] = other.value
    own = {name: Values(values, sighting.environment[name].outside) for name, values in outputs.items()}
    return replace(sighting, environment={**sighting.environment, **own})


def _mistakes(claim: Claim) -> Iterator[tuple[str, Expr, Mistake]]:
    """What is right of wrong outputs, the mistakes named with a claim, and those that can be made of its formulas."""
    for part, formula in claim.formulas.items():
        yield part, parse(formula), Mistake("consequence", "it is right, of an output that is wrong")
    for _, formulas, reason in claim.mistaken_formulas():
        for part, formula in formulas.items():
            yield part, parse(formula), Mistake("named", reason)
    if claim.blank is not None:
        for part in claim.blank.right:
            for wrong, mistake in mistakes_of(parse(claim.formulas[part]), claim.blank):
                yield part, wrong, mistake


def _gives(wrong: Expr, sightings: Sequence[Sighting], number: Callable[[Any], Any]) -> bool:
    evaluate = compile_expr(wrong)
    try:
        return all(_are_identical(evaluate(s.environment, number), s) for s in sightings)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        return False  # the scene does not have what this formula speaks of


def _are_identical(value: Any, sighting: Sighting) -> bool:
    if np.shape(value) != np.shape(sighting.value):
        return False
    pairs = zip(np.ravel(value), np.ravel(sighting.value), strict=True)
    return all(formal_difference(Meeting(wrong, observed, "", sighting, ()))[0] for wrong, observed in pairs)
