"""Pairs of a residue and a ball: code that branches on values, certified along each branch.

The ball sits at a real point and decides every comparison; the residue, independent of that point, certifies the
arithmetic along the path so taken. An identity certified on a path holds on the whole open region of inputs that take
the path. Each decision is recorded, so that a caller can draw points until every comparison has gone both ways.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

from refute.numbers.balls import Ball, Balls
from refute.numbers.residues import Residue, Residues
from refute.numbers.scalar import Exact, Scalar, UndecidedSign, exact

Decision = tuple[str, int, int, bool]  # file, line, how many comparisons that line made before, whether left > right


class Pairs:
    """A number system: pairs over one `Residues` and one `Balls`. `decisions` lists the comparisons made, in order."""

    name = "residues"
    is_formal = True

    def __init__(self, residues: Residues, precision: int = 128) -> None:
        self.residues, self.balls = residues, Balls(precision)
        self.decisions: list[Decision] = []
        self._made_at: dict[tuple[str, int], int] = {}
        self._constants: dict[Exact, Pair] = {}

    def number(self, value: Exact) -> Pair:
        """The pair of an exact rational constant."""
        pair = self._constants.get(value)
        if pair is None:
            pair = self._constants[value] = Pair(self.residues.number(value), self.balls.number(value), self)
        return pair

    def variable(self, label: str, value: Exact) -> Pair:
        """A random residue for `label`, and the ball at the real point `value`."""
        return Pair(self.residues.variable(label), self.balls.number(value), self)

    @contextmanager
    def deciding(self) -> Iterator[list[Decision]]:
        """Run the body, and list the decisions made in it; its lines' comparisons are counted from the first."""
        before = self.decisions, self._made_at
        self.decisions, self._made_at = [], {}
        try:
            yield self.decisions
        finally:
            self.decisions, self._made_at = before

    def record(self, *, positive: bool) -> None:
        """Record the sign that decides a comparison, under the line of the code on trial that made it."""
        place = _place.get()
        if place is None:
            frame: Any = sys._getframe(2)
            while frame.f_back is not None and frame.f_code.co_filename.startswith(_ENGINE):
                frame = frame.f_back
            place = (frame.f_code.co_filename, frame.f_lineno)
        count = self._made_at.get(place, 0)
        self._made_at[place] = count + 1
        self.decisions.append((*place, count, positive))

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """Run the body; when it raises, it has made no comparison."""
        made, made_at = len(self.decisions), dict(self._made_at)
        try:
            yield
        except BaseException:
            del self.decisions[made:]
            self._made_at = made_at
            raise


_ENGINE = __file__.removesuffix("pairs.py")
_place: ContextVar[tuple[str, int] | None] = ContextVar("_place", default=None)


@contextmanager
def deciding_at(file: str, line: int) -> Iterator[None]:
    """Run the body, whose comparisons are those of a line of code that was recorded elsewhere."""
    token = _place.set((file, line))
    try:
        yield
    finally:
        _place.reset(token)


class Pair(Scalar):
    """A residue and a ball: two images of one expression, one formal and one at a real point."""

    __slots__ = ("residue", "ball", "system")
    system_name = "pairs"

    def __init__(self, residue: Residue, ball: Ball, system: Pairs) -> None:
        self.residue, self.ball, self.system = residue, ball, system

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else self.system.number(value)

    def _add(self, other: Self) -> Self:
        return self.__class__(self.residue._add(other.residue), self.ball._add(other.ball), self.system)

    def _sub(self, other: Self) -> Self:
        return self.__class__(self.residue._sub(other.residue), self.ball._sub(other.ball), self.system)

    def _neg(self) -> Self:
        return self.__class__(self.residue._neg(), self.ball._neg(), self.system)

    def _mul(self, other: Self) -> Self:
        return self.__class__(self.residue._mul(other.residue), self.ball._mul(other.ball), self.system)

    def _div(self, other: Self) -> Self:
        return self.__class__(self.residue._div(other.residue), self.ball._div(other.ball), self.system)

    def _power(self, n: int) -> Self:
        return self.__class__(self.residue._power(n), self.ball._power(n), self.system)

    def exp(self) -> Self:
        return self.__class__(self.residue.exp(), self.ball.exp(), self.system)

    def tanh(self) -> Self:
        return self.__class__(self.residue.tanh(), self.ball.tanh(), self.system)

    def _sign(self) -> int:
        self.residue.field.count_test(self.residue.size)
        if self.residue.element == 0:
            return 0  # identically zero, wherever the point is
        sign = self.ball._sign()
        if sign == 0:
            raise UndecidedSign("the point lies on the border between two branches, where neither is certified")
        self.system.record(positive=sign > 0)
        return sign

    __hash__ = Scalar.__hash__

    def formal_key(self) -> Any:
        return self.residue.formal_key()

    def __repr__(self) -> str:
        return f"Pair({self.residue!r}, {self.ball!r})"
