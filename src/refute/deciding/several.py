"""Several mistakes at once: how often each term of a right formula is there, and which two mistakes add up to what an
answer is off by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

from refute.deciding.edits import counted
from refute.deciding.mistakes import Key
from refute.deciding.verdict import Mistake
from refute.numbers.lattice import RelationLattice, TooManyArguments

LARGEST = 16  # numerator and denominator of how often a term is there
Residues = tuple[int, ...]


class Terms(NamedTuple):
    """A right formula and its terms, by their residues, and what the terms are called."""

    right: Key
    terms: tuple[Key, ...]
    names: tuple[str, ...]


class Several:
    """Explains what no single mistake does.

    How often terms are there is a relation with small coefficients among residues, found by lattice reduction: modulo a
    prime of 255 bits it is a true one, but for a chance far below 2^-100 (`refute.numbers.lattice`).
    """

    def __init__(self, formulas: Iterable[Terms], single: Mapping[Key, Mistake], prime: int) -> None:
        self._formulas = [_Formula(terms, single, prime) for terms in formulas]

    def of(self, value: Key) -> Mistake | None:
        """The mistakes that make the residues of an answer what they are; None if they are not found."""
        residues = _flat(value)
        counts = (formula.counted(residues) for formula in self._formulas)
        pairs = (formula.two(residues) for formula in self._formulas)
        unsummed = (formula.unsummed(value) for formula in self._formulas)
        return next(filter(None, chain(counts, pairs, unsummed)), None)


class _Formula:
    def __init__(self, known: Terms, single: Mapping[Key, Mistake], prime: int) -> None:
        self._prime, self._right, self._names = prime, _flat(known.right), known.names
        self._terms = list(map(_flat, known.terms))
        alike = ((_flat(value), mistake) for value, mistake in single.items() if len(value) == len(known.right))
        self._off = {self._minus(value, self._right): mistake for value, mistake in alike}
        self._single = single
        self._sum_missing = next((m for value, m in single.items() if self._summed(value) == known.right), None)
        self._lattice = RelationLattice(prime, LARGEST)
        inserted = [term[0] and self._lattice.insert(term[0]) is None for term in self._terms]
        self._is_independent = bool(inserted) and all(inserted)

    def counted(self, residues: Residues) -> Mistake | None:
        """How often each term is there, where the terms explain all."""
        if not self._is_independent or len(residues) != len(self._right):
            return None
        before = self._lattice.state()
        try:
            relation = self._lattice.insert(residues[0])
        except TooManyArguments:
            return None
        finally:
            self._lattice.restore(before)
        if relation is None:
            return None
        counts = [relation.get(i, Fraction(0)) for i in range(len(self._terms))]
        is_small = all(max(abs(count.numerator), count.denominator) <= LARGEST for count in counts)
        if not is_small or not all(
            self._is_sum(counts, *column) for column in zip(residues, *self._terms, strict=True)
        ):
            return None
        return Mistake("term", counted(self._names, counts))

    def _is_sum(self, counts: list[Fraction], total: int, *terms: int) -> bool:
        found = sum(c.numerator * pow(c.denominator, -1, self._prime) * t for c, t in zip(counts, terms, strict=True))
        return (found - total) % self._prime == 0

    def two(self, residues: Residues) -> Mistake | None:
        """Two mistakes in different terms."""
        if len(residues) != len(self._right):
            return None
        off = self._minus(residues, self._right)
        for one, mistake in self._off.items():
            other = self._off.get(self._minus(off, one))
            if other is not None and other is not mistake:
                return Mistake("several", f"{mistake.text}; and {other.text}")
        return None

    def unsummed(self, value: Key) -> Mistake | None:
        """The sum is missing, and what should be summed has a mistake."""
        other = None if self._sum_missing is None else self._single.get(self._summed(value))
        if self._sum_missing is None or other is None:
            return None
        return Mistake("several", f"{self._sum_missing.text}; and {other.text}")

    def _summed(self, value: Key) -> Key:
        """The sum over what a formula leaves free; nothing where it leaves nothing free."""
        return (tuple([sum(column) % self._prime for column in zip(*value, strict=True)]),) if len(value) > 1 else ()

    def _minus(self, left: Residues, right: Residues) -> Residues:
        return tuple([(a - b) % self._prime for a, b in zip(left, right, strict=True)])


def _flat(value: Key) -> Residues:
    return tuple([entry for entries in value for entry in entries])
