"""Cases: exact rational values for everything a scene draws, and the scalars a number system makes of them.

A value depends on the seed and on its label alone, never on the order of drawing, so the same case can be built in
every number system, and one value can be changed while all others stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from refute.claims import Natural, Real
from refute.numbers.residues import random_bits
from refute.numbers.scalar import Exact

Values = Mapping[str, Fraction]
LINE = Real()


@lru_cache(maxsize=4096)
def bits_of(label: str) -> int:
    """32 random bits that a label decides."""
    return random_bits(0, label, 32)


class System(Protocol):
    """A number system: makes scalars of exact constants and of variables."""

    @property
    def name(self) -> str: ...
    @property
    def is_formal(self) -> bool: ...
    def number(self, value: Exact) -> Any: ...
    def variable(self, label: str, value: Exact) -> Any: ...


class Draw:
    """Draws a scene's variables: ``draw("beta")`` a scalar, ``draw("x", 3)`` an array of shape (3,).

    Values come from `fixed` where it names them, else from `seed`: small dyadic rationals, exact in every float,
    inside the domain that `given` states, times ``2**scale`` unless the domain has two ends or one other than 0.
    `used` records them by label.
    """

    def __init__(
        self,
        system: System,
        given: Mapping[str, Real | Natural],
        *,
        seed: str = "0",
        fixed: Values | None = None,
        scale: int = 0,
    ) -> None:
        self.system, self.given, self.seed, self.scale = system, given, seed, scale
        self.fixed: Values = fixed if fixed is not None else {}
        self.used: dict[str, Fraction] = {}
        self.number = system.number  # makes constants

    def __call__(self, name: str, *shape: int) -> Any:
        if not shape:
            return self._variable(name, name)
        array = np.empty(shape, dtype=getattr(self.system, "dtype", object))
        for index in np.ndindex(shape):
            array[index] = self._variable(name, f"{name}[{','.join(str(i + 1) for i in index)}]")
        return array

    def at(self, name: str, *index: int) -> Any:
        """One of the scalars that a name with indices stands for."""
        return self._variable(name, f"{name}[{','.join(map(str, index))}]")

    def gradient(self, name: str, dimension: int) -> Any:
        """The gradient of an arbitrary function of `dimension` parameters: uninterpreted where the number system is
        formal, else that of a drawn cubic. It has a method ``hessian(theta)``."""
        from refute.numbers.uninterpreted import CubicGradient, UninterpretedGradient

        kind = UninterpretedGradient if self.system.is_formal else CubicGradient
        return kind(name, dimension, self)

    def _variable(self, name: str, label: str) -> Any:
        domain, value = self.domain(name), self.used.get(label)
        if value is None:
            fixed = self.fixed.get(label)
            value = self.used[label] = fixed if fixed is not None else self._random(label, domain)
        if isinstance(domain, Natural) and not self.system.is_formal:
            return int(value)  # exact in every number system, and fit for the end of a sum
        return self.system.variable(label, value)

    def domain(self, name: str) -> Real | Natural:
        """The domain stated for a name; the whole real line when none is."""
        return self.given.get(name, LINE)

    def _random(self, label: str, domain: Real | Natural) -> Fraction:
        bits = bits_of(f"{self.seed}/{label}")
        if isinstance(domain, Natural):
            return Fraction(domain.low + bits % (domain.high - domain.low + 1))
        sixteenths = (bits >> 1) % 31 + 1
        small = Fraction(sixteenths if bits & 1 else -sixteenths, 16)
        if domain is LINE or domain == LINE:
            return small * Fraction(2) ** self.scale if self.scale else small
        if domain.low is not None and domain.high is not None:
            return Fraction(domain.low) + (abs(small) / 2) * (Fraction(domain.high) - Fraction(domain.low))
        value = small if domain.low or domain.high else small * Fraction(2) ** self.scale
        if domain.low is not None:
            return Fraction(domain.low) + abs(value)
        return Fraction(domain.high) - abs(value) if domain.high is not None else value
