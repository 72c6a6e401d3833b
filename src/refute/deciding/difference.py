"""A case at which an answer and the right formulas are proved different, and how a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from refute.cases import Values
from refute.deciding.counterexample import readable, readable_apart
from refute.deciding.ground import entries, fitted, shape_of
from refute.deciding.points import RealCase, ball_of
from refute.deciding.verdict import Counterexample
from refute.numbers.balls import Ball, Balls

UNDEFINED = "undefined"


class Difference(NamedTuple):
    """A case at which an entry of an answer and that of the right formula are disjoint; None is undefined."""

    case: RealCase
    drawn: Values
    right: Ball | None
    answer: Ball | None
    binding: Mapping[str, int]
    entry: tuple[int, ...]
    near: Mapping[str, str] = MappingProxyType({})  # what is no rational number, as one reads it

    @property
    def is_telling(self) -> bool:
        """Whether both sides have a value other than 0: a case in which something vanishes teaches less."""
        return not any(side is None or side.arb.is_zero() for side in (self.right, self.answer))


def apart(right: Any, answer: Any, system: Balls) -> tuple[Ball | None, Ball | None, tuple[int, ...]] | None:
    """The first entries that are proved different, a telling pair if there is one."""
    if right.__class__ is Ball and answer.__class__ is Ball:
        return (right, answer, ()) if right.disjoint(answer) else None
    if right is None or answer is None:
        defined = right if answer is None else answer
        if defined is None:
            return None
        balls = [ball_of(v, system) for v in entries(defined)]
        if not all(ball.is_finite() for ball in balls):
            return None
        return (balls[0], None, ()) if answer is None else (None, balls[0], ())
    answer = fitted(answer, shape_of(right))
    if shape_of(answer) != shape_of(right):
        raise ValueError("one is a matrix or vector of another shape than the other")
    best = None
    for index, (left, value) in enumerate(zip(entries(right), entries(answer), strict=True)):
        expected, got = ball_of(left, system), ball_of(value, system)
        if expected.disjoint(got):
            entry = tuple(int(i) for i in np.unravel_index(index, shape_of(right))) if shape_of(right) else ()
            if not (expected.arb.is_zero() or got.arb.is_zero()):
                return expected, got, entry
            best = best or (expected, got, entry)
    return best


def described(found: Difference) -> Counterexample:
    """A difference as a person reads it."""
    if found.right is None or found.answer is None:
        texts = [_defined(side) for side in (found.right, found.answer)]
    else:
        texts = list(readable_apart(found.right, found.answer))
    place = found.case.place
    names = {**place.sizes, **place.at, **found.binding}
    if found.entry:
        names["entry"] = ", ".join(str(i + 1) for i in found.entry)
    return Counterexample(
        case={name: str(value) for name, value in {**names, **found.drawn, **found.near}.items()},
        formula="",
        expected=texts[0],
        observed=texts[1],
        seen="the answer",
        where="",
    )


def _defined(side: Ball | None) -> str:
    if side is None:
        return UNDEFINED
    return readable(side, 6) if side.disjoint(0) or side.arb.is_zero() else "close to 0"
