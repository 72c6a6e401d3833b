"""Integer relations among residues, by lattice reduction.

The integer vectors m with m_1 u_1 + ... + m_k u_k = 0 (mod p) form a lattice of determinant p. A true relation with
small coefficients is a vector far shorter than the p^(1/k) of a random one, and LLL (Lenstra, Lenstra, Lovász 1982)
finds it: the first vector of a reduced basis is at most c^k times longer than the shortest, with c = (delta -
1/4)^(-1/2) < 1.17.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, isqrt

import flint
import numpy as np

MARGIN = 130  # bits: 100 for the chance, the rest for the sizes of what is compared
STRETCH = Fraction(117, 100)  # c for flint's delta = 0.99


class TooManyArguments(OverflowError):
    """The prime is too small to tell a relation from chance among so many arguments."""


class RelationLattice:
    """The lattice of relations among the independent arguments met so far, kept reduced so that a new one costs little.

    Invariant: `_reduced` is an LLL-reduced basis of all integer relations modulo `prime` among `_arguments`, and none
    of them is short enough to count as a relation.
    """

    def __init__(self, prime: int, largest: int) -> None:
        self.prime, self.largest = prime, largest
        self._arguments: list[int] = []
        self._inverse = 0  # of the first argument
        self._reduced: list[list[int]] = []

    def state(self) -> tuple[list[int], int, list[list[int]]]:
        """All that `insert` changes, to be given to `restore`."""
        return list(self._arguments), self._inverse, self._reduced

    def restore(self, state: tuple[list[int], int, list[list[int]]]) -> None:
        """Forget the arguments inserted since."""
        self._arguments, self._inverse, self._reduced = list(state[0]), state[1], state[2]

    def threshold(self) -> int:
        """How large a coefficient may be for a reduced vector to count: above it LLL may not have found the
        shortest."""
        k = len(self._arguments) + 1
        return ceil(self.largest * (isqrt(k) + 1) * STRETCH**k)

    def candidates(self) -> int:
        """How many vectors would count as a relation with the next argument: each could do so by chance."""
        choices: int = (2 * self.threshold() + 1) ** (len(self._arguments) + 1)
        return choices

    def insert(self, argument: int) -> dict[int, Fraction] | None:
        """Express `argument` through those before it: ``{index: q}`` with argument = sum of q * arguments[index].

        None when no relation is short enough; the argument then joins the others. Raises TooManyArguments when the
        prime is too small to tell a relation from chance among so many arguments.
        """
        if self.candidates() >= self.prime >> MARGIN:
            needed = self.candidates().bit_length() + MARGIN + 1
            raise TooManyArguments(
                f"expected a prime of at least {needed} bits for {len(self._arguments) + 1} independent exponentials, "
                f"got one of {self.prime.bit_length()}"
            )
        if not self._arguments:
            self._arguments, self._inverse = [argument], pow(argument, -1, self.prime)
            self._reduced = [[self.prime]]
            return None
        reduced = self._reduce_with(argument)
        relation = self._shortest_relation(reduced)
        if relation is None:
            self._arguments.append(argument)
            self._reduced = reduced
        return relation

    def _reduce_with(self, argument: int) -> list[list[int]]:
        k = len(self._arguments)
        first = -argument * self._inverse % self.prime
        rows = [[*row, 0] for row in self._reduced] + [[first, *[0] * (k - 1), 1]]
        return _lll(k + 1, [entry for row in rows for entry in row])

    def _shortest_relation(self, reduced: list[list[int]]) -> dict[int, Fraction] | None:
        limit = self.threshold()
        for row in reduced:
            *others, own = row
            if own and max(map(abs, row)) <= limit:
                return {j: Fraction(-m, own) for j, m in enumerate(others) if m}
        return None


def small_ratio(residue: int, prime: int, height: int) -> Fraction | None:
    """The rational a/b with |a| and b up to `height` that is `residue` modulo `prime`; None when there is none.

    By continued fractions (Wang 1981): the denominators only grow, so a residue of another kind is told after a few
    steps. Raises OverflowError for a prime that is too small.
    """
    if 2 * height * height >= prime:
        raise OverflowError(f"a prime of {prime.bit_length()} bits is too small for ratios up to {height}")
    before, after, under_before, under = prime, residue, 0, 1
    while after > height:
        if abs(under) > height:
            return None
        quotient = before // after
        before, after = after, before - quotient * after
        under_before, under = under, under_before - quotient * under
    return Fraction(after, under) if after and abs(under) <= height else None


def _lll(size: int, entries: list[int]) -> list[list[int]]:
    matrix = flint.fmpz_mat(size, size, entries).lll()
    np.add(0.0, 0.0)  # clears the floating-point flags that LLL leaves set, which NumPy would report as its own
    return [[int(entry) for entry in row] for row in matrix.tolist()]
