"""Residues modulo a prime, with formal exponentials: are two expressions *identical*?

A variable becomes a random element of F_p. An exponential exp(u) becomes a monomial in fresh random elements: a basis
b_1, ..., b_k of the arguments seen so far is kept, each with a random r_j, and for u = q_1 b_1 + ... + q_k b_k with
rational q_j the value of exp(u) is r_1^(N q_1) ... r_k^(N q_k), where N is highly composite so that every N q_j that
occurs is an integer. All of exp(-u), exp(u/2), exp(u + v), and with them tanh, sigmoid, cosh, then agree as they must.

**Theorem (soundness).** Let A and B be built from variables, rational constants, + - * / and exp. If A and B are not
the same function, the residues of A and B agree with probability at most ``bound(size)``, over the draw of the prime
and of the elements. *Proof.* Replace each exp(b_j / N) by an independent unknown: A - B becomes a quotient P/Q of
polynomials with integer coefficients. Every relation used among the exponentials is a true one, unless the residues of
two different arguments satisfied it by chance. If P vanished identically, so would A - B. So P is not 0, and A and B
agree only if (a) p divides all coefficients of P: log2 of a coefficient is at most the size S tracked along with each
residue, so at most S of the more than 2^(b-1)/(2b) primes of b bits do (Rosser and Schoenfeld 1962, corollary 3); or
(b) P, of degree at most S, vanishes at a random point: probability at most S/(p-1) (Schwartz 1980, Zippel 1979);
or (c) one of the relations tested held by chance: each is itself a polynomial of degree at most its size, so (a) and
(b) bound it too, and their number is counted: the few multiples looked up for every basis element, and, when integer
relations are searched by lattice reduction among k arguments with coefficients up to m, all (2m + 1)^k of them. That
factor is why the prime must grow with k. `bound` adds all three up.

**Theorem (completeness).** By the structure theorem of Risch (1969), which rests on Ax (1971), exponentials of
arguments that are linearly independent over Q modulo constants are algebraically independent over all below them. So
two equal expressions have equal residues once every linear relation among the arguments is known. A relation that is
missed can only make equal expressions look different, never the reverse. That is why deciding may begin with
``relations=False``, which looks up small rational multiples only, and search for all relations when that finds two
things different.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, Self

import flint

from refute.numbers.lattice import RelationLattice
from refute.numbers.scalar import Exact, Scalar, exact

DEFAULT_BITS = 255
MULTIPLES = tuple(
    sign * Fraction(a, b) for a, b in ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (4, 1), (1, 4)) for sign in (1, -1)
)
ROOT_ORDER = lcm(*range(1, 17))  # N: exp(u/q) is representable for every q up to 16


def random_bits(seed: int, label: str, bits: int) -> int:
    """`bits` pseudo-random bits that depend on the seed and the label alone, the same on every machine."""
    digest = hashlib.shake_256(f"{seed}/{label}".encode()).digest((bits + 7) // 8)
    return int.from_bytes(digest, "big") >> (-bits % 8)


@lru_cache(maxsize=64)
def random_prime(bits: int, seed: int) -> int:
    """A proven prime, uniform among the primes of exactly `bits` bits, drawn from `seed`."""
    attempt = 0
    while True:
        candidate = flint.fmpz(random_bits(seed, f"prime/{bits}/{attempt}", bits) | 1 | 1 << (bits - 1))
        if candidate.is_probable_prime() and candidate.is_prime():
            return int(candidate)
        attempt += 1


class Residues:
    """A number system: residues modulo one random prime of `bits` bits, drawn from `seed`.

    `variable(label)` is the random element that belongs to a name; the same label gives the same element. With
    `relations` every integer relation among the arguments of exp is searched for by lattice reduction (`largest` bounds
    its coefficients); without it, only small rational multiples are recognised.
    """

    name = "residues"
    is_formal = True

    def __init__(self, seed: int = 0, bits: int = DEFAULT_BITS, *, relations: bool = True, largest: int = 64) -> None:
        self.seed, self.bits = seed, bits
        self.prime = random_prime(bits, seed)
        self._ring = flint.fmpz_mod_ctx(self.prime)
        self._multiples: dict[int, tuple[int, Fraction]] = {}
        self._roots: list[Any] = []
        self._lattice = RelationLattice(self.prime, largest) if relations else None
        self._lattice_roots: list[int] = []  # the root that belongs to each argument in the lattice
        self._arguments_size = 0
        self._tested = 0  # how many relations were tested, each weighted by the size of what was tested
        self._constants: dict[Exact, Residue] = {}

    def number(self, value: Exact) -> Residue:
        """The residue of an exact rational constant."""
        cached = self._constants.get(value)
        if cached is None:
            fraction = Fraction(value)
            size = max(fraction.numerator.bit_length(), fraction.denominator.bit_length())
            element = self._ring(fraction.numerator) / self._ring(fraction.denominator)
            cached = self._constants[value] = Residue(element, size, self)
        return cached

    def variable(self, label: str, value: Exact = 0) -> Residue:
        """The random element that stands for the variable `label`; its real value plays no part."""
        return Residue(self._random(f"variable/{label}"), 1, self)

    def _random(self, label: str) -> Any:
        # 128 bits more than the prime has: the deviation from uniform is below 2^-128.
        return self._ring(random_bits(self.seed, label, self.bits + 128) % (self.prime - 1) + 1)

    @property
    def arguments(self) -> int:
        """How many independent arguments of exp were met."""
        return len(self._roots)

    def bound(self, size: int) -> Fraction:
        """An upper bound on the chance that two different expressions, whose difference has this `size`, agree."""
        return Fraction((size + self._tested) * (2 * self.bits + 1), 1 << (self.bits - 1))

    def exp(self, argument: Residue) -> Residue:
        """The formal exponential of `argument`. Raises OverflowError when the prime is too small for the relations."""
        u = int(argument.element)
        weight = argument.size + self._arguments_size + 16 * (len(self._roots) + 1)
        self._tested += weight * (len(MULTIPLES) * len(self._roots) + 1)
        if u == 0:
            return self.number(1)
        known = self._multiples.get(u)
        if known is not None:
            return self._monomial({known[0]: known[1]})
        if self._lattice is None:
            return self._new_exponential(argument)
        self._tested += weight * self._lattice.candidates()
        relation = self._lattice.insert(u)
        if relation is None:
            self._lattice_roots.append(len(self._roots))
            return self._new_exponential(argument)
        if any((ROOT_ORDER * q).denominator > 1 for q in relation.values()):
            return self._new_exponential(argument)
        return self._monomial({self._lattice_roots[j]: q for j, q in relation.items()})

    def _new_exponential(self, argument: Residue) -> Residue:
        index = len(self._roots)
        self._roots.append(self._random(f"exp/{int(argument.element)}"))
        self._arguments_size += argument.size
        for q in MULTIPLES:
            multiple = argument.element * self.number(q).element
            self._multiples.setdefault(int(multiple), (index, q))
        return self._monomial({index: Fraction(1)})

    def _monomial(self, exponents: dict[int, Fraction]) -> Residue:
        element, size = self._ring(1), 0
        for index, q in exponents.items():
            power = int(ROOT_ORDER * q)
            element *= self._roots[index] ** power
            size += abs(power)
        return Residue(element, size, self)


class Residue(Scalar):
    """An element of F_p, the image of an expression. Invariant: the expression is a quotient of two polynomials whose
    degrees, and the log2 of whose coefficients' absolute sums, are at most `size`."""

    __slots__ = ("element", "size", "field")
    system_name = "residues"

    def __init__(self, element: Any, size: int, field: Residues) -> None:
        self.element, self.size, self.field = element, size, field

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else self.field.number(value)

    def _add(self, other: Self) -> Self:
        return self.__class__(self.element + other.element, self.size + other.size + 1, self.field)

    def _sub(self, other: Self) -> Self:
        return self.__class__(self.element - other.element, self.size + other.size + 1, self.field)

    def _neg(self) -> Self:
        return self.__class__(-self.element, self.size, self.field)

    def _mul(self, other: Self) -> Self:
        return self.__class__(self.element * other.element, self.size + other.size, self.field)

    def _div(self, other: Self) -> Self:
        return self.__class__(self.element / other.element, self.size + other.size, self.field)

    def _power(self, n: int) -> Self:
        return self.__class__(self.element**n, self.size * abs(n), self.field)

    def exp(self) -> Any:
        return self.field.exp(self)

    def __eq__(self, other: object) -> Any:
        o = other if isinstance(other, Residue) else self._lift(other)
        return NotImplemented if o is None else self.element == o.element

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(int(self.element))

    def __bool__(self) -> bool:
        return bool(self.element != 0)

    def __repr__(self) -> str:
        return f"Residue({hex(int(self.element))[:10]}… mod {self.field.bits}-bit prime)"
