"""Tallies: numbers that count what is done to them. How many multiplications, additions, divisions, nonlinear
evaluations?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refute.numbers.scalar import Exact, Scalar, exact


@dataclass
class Count:
    """Operations counted so far. A subtraction is an addition, a square a multiplication, a negation free."""

    multiplications: int = 0
    additions: int = 0
    divisions: int = 0
    nonlinear: int = 0

    @property
    def total(self) -> int:
        return self.multiplications + self.additions + self.divisions + self.nonlinear


class Tallies:
    """A number system whose scalars share one `count`. Every operation with at least one tally in it counts."""

    name = "tallies"
    is_formal = False

    def __init__(self) -> None:
        self.count = Count()

    def number(self, value: Exact) -> Tally:
        """A scalar; its value plays no part."""
        return Tally(self)

    def variable(self, label: str, value: Exact = 0) -> Tally:
        """A scalar; neither its label nor its value plays a part."""
        return Tally(self)


class Tally(Scalar):
    """A number without a value, which counts the operations it takes part in."""

    __slots__ = ("system",)
    system_name = "tallies"

    def __init__(self, system: Tallies) -> None:
        self.system = system

    def _lift(self, other: object) -> Any:
        return None if exact(other) is None else self

    def _compare(self, other: object) -> int | None:
        return self._sign()  # raises: a tally has no value

    def _add(self, other: Any) -> Any:
        self.system.count.additions += 1
        return self

    def _sub(self, other: Any) -> Any:
        self.system.count.additions += 1
        return self

    def _neg(self) -> Any:
        return self

    def _mul(self, other: Any) -> Any:
        self.system.count.multiplications += 1
        return self

    def _div(self, other: Any) -> Any:
        self.system.count.divisions += 1
        return self

    def _nonlinear(self) -> Any:
        self.system.count.nonlinear += 1
        return self

    exp = log = sqrt = sin = cos = tanh = sinh = cosh = expm1 = log1p = _nonlinear

    def __repr__(self) -> str:
        return f"Tally({self.system.count})"
