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
(b) P, of degree at most S, vanishes at a random point: probability at most S/(p-1) (Schwartz 1980, Zippel 1979); or (c)
one of the relations tested held by chance: each is itself a polynomial of degree at most its size, so (a) and (b) bound
it too, and their number is counted: those with every argument met and the few multiples of each b_j, and with every
sum of two of these, and, when integer relations are searched by lattice reduction among k arguments with coefficients
up to m, all (2m + 1)^k of them. That factor is why the prime must grow with k. `bound` adds all three up, and the
chance that p is no prime. A root of r_j of an order prime to p - 1 is unique, so the finest one taken may stand for the
unknown, which multiplies the degrees by that order.

**Theorem (completeness).** By the structure theorem of Risch (1969), which rests on Ax (1971), exponentials of
arguments that are linearly independent over Q modulo constants are algebraically independent over all below them. So
two equal expressions have equal residues once every linear relation among the arguments is known. A relation that is
missed can only make equal expressions look different, never the reverse. That is why deciding may begin with
``relations=False``, which looks up small rational multiples and sums of two of what is known only, and search for all
relations when that finds two things different.

The logarithm of an exponential is its argument. That of a positive rational constant is a sum of logarithms of primes,
each a random element L_q whose exponential is q. So `a ** u` is there for rational a > 0, and for an exponential. That
these logarithms are algebraically independent of the rest is conjectured (Schanuel); if it failed, equal expressions
could look different, never the reverse.

Other functions (abs, sqrt, sin, log of what may be negative) are no exponentials. With ``opaque=True`` they are taken
as unknown functions, of which only this is used, that equal arguments have equal values: `opaque` then lists those met,
and equal residues still mean equal functions, but different residues mean nothing.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from math import gcd, lcm
from typing import Any, Self

import flint

from refute.numbers.lattice import RelationLattice, small_ratio
from refute.numbers.scalar import Exact, OutsideClass, Scalar, exact

DEFAULT_BITS = 255
MULTIPLES = tuple(Fraction(a, b) for a, b in ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (4, 1), (1, 4)))  # and negatives
CONSTANT_BITS = 40  # of the numerator and the denominator of a number that is recognised, in a field of 200 at least
LARGEST_FACTOR = 10_000  # of a number whose logarithm is taken
HEIGHT = 4096  # of the rational multiples that are recognised
MOST_SUMMED = 2_000  # multiples of known arguments that are tried as one of two: more take too long
FEW = 4  # known arguments, whose rational multiples are looked for even without a search for relations
ONE = Fraction(1)
ROOT_ORDER = lcm(*range(1, 17))  # N: exp(u/q) is representable for every q up to 16


Exponents = tuple[tuple[int, Fraction], ...]  # of a monomial: indices of roots, and to which power each is taken


def random_bits(seed: int, label: str, bits: int) -> int:
    """`bits` pseudo-random bits that depend on the seed and the label alone, the same on every machine."""
    digest = hashlib.shake_256(f"{seed}/{label}".encode()).digest((bits + 7) // 8)
    return int.from_bytes(digest, "big") >> (-bits % 8)


def _rounds(bits: int) -> int:
    """How often a prime of so many bits is tested: that takes 2 ms for 255 bits, where a proof takes 30."""
    return 128 if bits <= 512 else 64


@lru_cache(maxsize=64)
def random_prime(bits: int, seed: int) -> int:
    """A prime, uniform among the primes of exactly `bits` bits, drawn from `seed`.

    It passes `_rounds` rounds of the test of Miller and Rabin (1980), each of which a quarter of the bases at most pass
    for a composite. Of odd numbers of up to 2048 bits one in 2^10 at least is prime, so it is composite with a chance
    of at most ``2^10 / 4^rounds``.
    """
    attempt = 0
    while True:
        candidate = flint.fmpz(random_bits(seed, f"prime/{bits}/{attempt}", bits) | 1 | 1 << (bits - 1))
        if candidate.is_probable_prime() and _passes(candidate, bits, seed):
            return int(candidate)
        attempt += 1


def _passes(candidate: Any, bits: int, seed: int) -> bool:
    p = int(candidate)
    twos = ((p - 1) & (1 - p)).bit_length() - 1
    for round_ in range(_rounds(bits)):
        base = flint.fmpz(random_bits(seed, f"base/{p}/{round_}", bits) % (p - 3) + 2)
        power = pow(base, (p - 1) >> twos, candidate)
        squares = (power := power * power % candidate for _ in range(twos - 1))
        if power not in (1, p - 1) and p - 1 not in squares:
            return False
    return True


@lru_cache(maxsize=64)
def _ring(prime: int) -> Any:
    return flint.fmpz_mod_ctx(prime)


@lru_cache(maxsize=1024)
def _ratio(numerator: int, denominator: int, prime: int) -> Any:
    """The element that a rational number is."""
    ring = _ring(prime)
    return ring(numerator) if denominator == 1 else ring(numerator) / ring(denominator)


@lru_cache(maxsize=64)
def _multiples(prime: int) -> tuple[tuple[Fraction, Fraction, int], ...]:
    """Each of `MULTIPLES` with its negative and the residue that it is."""
    return tuple((q, -q, q.numerator * pow(q.denominator, -1, prime) % prime) for q in MULTIPLES)


def _random_element(seed: int, label: str, bits: int) -> Any:
    """The random element of the field of `seed` and `bits` that belongs to a label."""
    prime = random_prime(bits, seed)
    # 128 bits more than the prime has: the deviation from uniform is below 2^-128.
    return _ring(prime)(random_bits(seed, label, bits + 128) % (prime - 1) + 1)


_element_of_name = lru_cache(maxsize=1024)(_random_element)  # names come again, unlike arguments of exp


class Residues:
    """A number system: residues modulo one random prime of `bits` bits, drawn from `seed`.

    `variable(label)` is the random element that belongs to a name; the same label gives the same element. With
    `relations` every integer relation among the arguments of exp is searched for by lattice reduction (`largest`
    bounds its coefficients); without it, only small rational multiples of those known and sums of two of them are, and
    any rational multiple while there are few arguments. With `opaque` functions that are no exponentials are unknown
    functions rather than an error, and ``opaque_met`` holds their names. ``lacks_root`` says that a relation was not
    used, since it needs a root of an order that is not prime to p - 1: in another field it may be.
    """

    name = "residues"
    is_formal = True

    def __init__(
        self,
        seed: int = 0,
        bits: int = DEFAULT_BITS,
        *,
        relations: bool = True,
        largest: int = 64,
        opaque: bool = False,
    ) -> None:
        self.seed, self.bits, self.opaque = seed, bits, opaque
        self.opaque_met: set[str] = set()
        self.lacks_root = False
        self._lock = threading.RLock()
        self.prime = random_prime(bits, seed)
        self._ring = _ring(self.prime)
        self._one = self._ring(1)
        self._known: dict[int, Exponents] = {}  # by the argument of exp: those met, and multiples of those of the roots
        self._roots: list[Any] = []
        self._prime_of: dict[int, int] = {}  # the roots whose exponential is a prime number, not a random element
        self._lattice = RelationLattice(self.prime, largest) if relations else None
        self._lattice_roots: list[int] = []  # the root that belongs to each argument in the lattice
        self._arguments: list[int] = []  # the residue of the argument that belongs to each root
        self._refinement = 1  # what degrees are multiplied by, since roots of the roots were taken
        self._arguments_size = 0
        self._tested = 0  # how many relations were tested, each weighted by the size of what was tested

    def number(self, value: Exact) -> Residue:
        """The residue of an exact rational constant."""
        numerator, denominator = value.as_integer_ratio()
        size = max(numerator.bit_length(), denominator.bit_length())
        return Residue(_ratio(numerator, denominator, self.prime), size, self, value)

    def variable(self, label: str, value: Exact = 0) -> Residue:
        """The random element that stands for the variable `label`; its real value plays no part."""
        return Residue(_element_of_name(self.seed, f"variable/{label}", self.bits), 1, self)

    def _random(self, label: str) -> Any:
        return _random_element(self.seed, label, self.bits)

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Run the body, and then forget the exponentials that it brought: what is computed next does not depend on
        it. One thread at a time."""
        with self._lock:
            kept = len(self._roots), self._arguments_size, self._tested, len(self._known), len(self._lattice_roots)
            refinement, lacks_root = self._refinement, self.lacks_root
            lattice = None if self._lattice is None else self._lattice.state()
            opaque_met, self.opaque_met = self.opaque_met, set()
            try:
                yield
            finally:
                roots, self._arguments_size, self._tested, known, lattice_roots = kept
                del self._roots[roots:], self._arguments[roots:], self._lattice_roots[lattice_roots:]
                self._refinement, self.lacks_root = refinement, lacks_root
                self._prime_of = {index: prime for index, prime in self._prime_of.items() if index < roots}
                while len(self._known) > known:
                    self._known.popitem()
                if self._lattice is not None and lattice is not None:
                    self._lattice.restore(lattice)
                self.opaque_met = opaque_met

    @property
    def arguments(self) -> int:
        """How many independent arguments of exp were met."""
        return len(self._roots)

    def count_test(self, size: int) -> None:
        """Count a test for 0 of something of this `size`: it may have come out so by chance."""
        self._tested += size

    def bound(self, size: int) -> Fraction:
        """An upper bound on the chance that two different expressions, whose difference has this `size`, agree."""
        refined = (size + self._tested) * self._refinement
        chance = Fraction(refined * (2 * self.bits + 1), 1 << (self.bits - 1))
        return chance + Fraction(1 << 10, 1 << 2 * _rounds(self.bits))

    def exp(self, argument: Residue) -> Residue:
        """The formal exponential of `argument`. Raises TooManyArguments when the prime is too small for the
        relations."""
        u = int(argument.element)
        weight = argument.size + self._arguments_size + 16 * (len(self._roots) + 1)
        self._tested += weight * (len(self._known) + 1)
        if u == 0:
            return self.number(1)
        exponents = self._known.get(u)
        if exponents is None:
            exponents = self._related(u, weight) or ((self._add_root(u), ONE),)
            self._known[u] = exponents
            self._arguments_size += argument.size
        power = self._monomial(exponents)
        power.origin = argument
        return power

    def _related(self, u: int, weight: int) -> Exponents | None:
        """The exponents of the roots whose product is exp(u); None when it needs a new root."""
        if self._lattice is None:
            few = self._rational_multiple(u, weight) if len(self._roots) <= FEW else None
            return self._sum_of_two(u, weight) or few
        rational = self._rational_multiple(u, weight)
        if rational is not None:
            return rational
        self._tested += weight * self._lattice.candidates()
        relation = self._lattice.insert(u)
        if relation is None:
            self._lattice_roots.append(len(self._roots))
            return None
        exponents = {self._lattice_roots[j]: q for j, q in relation.items()}
        return tuple(exponents.items()) if self._has_roots(exponents.values()) else None

    def logarithm(self, value: Residue) -> Residue | None:
        """The formal logarithm of an exponential that was met before, or of a positive rational number; None where a
        value is neither. Raises what `log` does."""
        if isinstance(value.origin, Residue):
            return value.origin
        constant = value.origin or self._constant(value)
        if constant is not None:
            return self.log(constant) if constant > 0 else None
        self._tested += (value.size + self._arguments_size + 16 * (len(self._roots) + 1)) * len(self._roots)
        for index, root in enumerate(self._roots):
            if index not in self._prime_of and root**ROOT_ORDER == value.element:
                return Residue(self._ring(self._arguments[index]), self._arguments_size, self)
        return None

    def _constant(self, value: Residue) -> Fraction | None:
        """The rational number that a value is, if it is a small one."""
        largest = 1 << min(CONSTANT_BITS, self.bits // 5)
        self._tested += value.size * (2 * largest + 1) ** 2
        return small_ratio(int(value.element), self.prime, largest)

    def log(self, value: Exact) -> Residue:
        """The formal logarithm of a positive rational: a sum of logarithms of primes. Raises OutsideClass for a number
        with a large prime factor, which takes too long to find."""
        total = self.number(0)
        for part, sign in ((value.numerator, 1), (value.denominator, -1)):
            for prime, exponent in _small_factors(part):
                total = total + sign * exponent * self._log_of_prime(prime)
        return total

    def _log_of_prime(self, prime: int) -> Residue:
        logarithm = Residue(self._random(f"log/{prime}"), 1, self)
        if int(logarithm.element) not in self._known:
            self._prime_of[len(self._roots)] = prime
            if self._lattice is not None:
                self._tested += self._lattice.candidates()
                self._lattice.insert(int(logarithm.element))
                self._lattice_roots.append(len(self._roots))
            self._add_root(int(logarithm.element))
            self._arguments_size += logarithm.size
        return logarithm

    def opaque_function(self, name: str, *arguments: Residue) -> Residue:
        """An unknown function's value. Raises OutsideClass unless the field is `opaque`."""
        if not self.opaque:
            raise OutsideClass(f"residues have no {name}; only balls, reals and floats do")
        self.opaque_met.add(name)
        return Residue(self._random(f"{name}/{'/'.join(str(int(a.element)) for a in arguments)}"), 1, self)

    def _rational_multiple(self, u: int, weight: int) -> Exponents | None:
        """That of a rational multiple of a known argument, with numerator and denominator up to `HEIGHT`."""
        self._tested += weight * len(self._roots) * (2 * HEIGHT + 1) ** 2
        inverse = int(self._ring(u).inverse()) if self._arguments else 0
        for index, known in enumerate(self._arguments):
            ratio = small_ratio(known * inverse % self.prime, self.prime, HEIGHT)
            if ratio is not None and self._has_roots([1 / ratio]):
                return ((index, 1 / ratio),)
        return None

    def _has_roots(self, exponents: Iterable[Fraction]) -> bool:
        """Whether the field has the roots that these exponents ask for: those of an order prime to p - 1 are unique."""
        has_roots = all(gcd(_power_of_root(q)[1], self.prime - 1) == 1 for q in exponents)
        self.lacks_root = self.lacks_root or not has_roots
        return has_roots

    def _sum_of_two(self, u: int, weight: int) -> Exponents | None:
        """That of a sum of two known arguments; None when `u` is no such sum."""
        self._tested += weight * len(self._known) ** 2
        for one, exponents in islice(self._known.items(), MOST_SUMMED):
            others = self._known.get((u - one) % self.prime)
            if others is not None:
                total = dict(exponents)
                for index, q in others:
                    total[index] = total.get(index, 0) + q
                return tuple(total.items())
        return None

    def _add_root(self, u: int) -> int:
        index, prime = len(self._roots), self.prime
        self._roots.append(self._random(f"exp/{u}"))
        self._arguments.append(u)
        for q, negative, residue in _multiples(prime):
            multiple = u * residue % prime
            self._known.setdefault(multiple, ((index, q),))
            self._known.setdefault(prime - multiple, ((index, negative),))
        return index

    def _monomial(self, exponents: Exponents) -> Residue:
        element, size = self._one, 0
        for index, q in exponents:
            prime = self._prime_of.get(index)
            if prime is None:
                power, order = _power_of_root(q)
                if order > 1:
                    self._refinement = lcm(self._refinement, order)
                    element *= self._roots[index] ** (power * pow(order, -1, self.prime - 1))
                else:
                    element *= self._roots[index] ** power
                size += -(-abs(power) // order)
            elif q.denominator == 1:
                element *= self._ring(prime) ** int(q)
                size += abs(int(q)) * prime.bit_length()
            else:
                raise OutsideClass(f"residues have no roots of {prime}")
        return Residue(element, size, self)


def _power_of_root(q: Fraction) -> tuple[int, int]:
    """``ROOT_ORDER * q``, numerator and denominator."""
    common = gcd(ROOT_ORDER, q.denominator)
    return q.numerator * (ROOT_ORDER // common), q.denominator // common


def _small_factors(number: int) -> Iterator[tuple[int, int]]:
    """The prime factors of a positive whole number, with their exponents."""
    factor = 2
    while number > 1:
        if factor > LARGEST_FACTOR:
            raise OutsideClass(f"residues have no logarithm of a number with a prime factor above {LARGEST_FACTOR}")
        exponent = 0
        while number % factor == 0:
            number, exponent = number // factor, exponent + 1
        if exponent:
            yield factor, exponent
        factor += 1 if factor == 2 else 2


class Residue(Scalar):
    """An element of F_p, the image of an expression. Invariant: the expression is a quotient of two polynomials whose
    degrees, and the log2 of whose coefficients' absolute sums, are at most `size`. `origin` is the exact value of a
    constant that was written as such, or the argument of an exponential: what its logarithm is known by."""

    __slots__ = ("element", "size", "field", "origin")
    system_name = "residues"

    def __init__(self, element: Any, size: int, field: Residues, origin: Exact | Residue | None = None) -> None:
        self.element, self.size, self.field, self.origin = element, size, field, origin

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else self.field.number(value)

    # Most operands are residues both, so the operators ask that first.

    def __add__(self, other: object) -> Any:
        if other.__class__ is not Residue:
            return Scalar.__add__(self, other)
        return Residue(self.element + other.element, self.size + other.size + 1, self.field)

    def __sub__(self, other: object) -> Any:
        if other.__class__ is not Residue:
            return Scalar.__sub__(self, other)
        return Residue(self.element - other.element, self.size + other.size + 1, self.field)

    def __mul__(self, other: object) -> Any:
        if other.__class__ is not Residue:
            return Scalar.__mul__(self, other)
        return Residue(self.element * other.element, self.size + other.size, self.field)

    def __neg__(self) -> Self:
        return self.__class__(-self.element, self.size, self.field)

    _add: Any = __add__
    _sub: Any = __sub__
    _mul: Any = __mul__
    _neg = __neg__

    def _div(self, other: Self) -> Self:
        if not other.element:
            raise ZeroDivisionError("division by 0 in residues")  # of 0/0 flint says that it is 0
        return self.__class__(self.element / other.element, self.size + other.size, self.field)

    def _power(self, n: int) -> Self:
        return self.__class__(self.element**n, self.size * abs(n), self.field)

    def exp(self) -> Any:
        return self.field.exp(self)

    def log(self) -> Any:
        known = self.field.logarithm(self)
        return self.field.opaque_function("log", self) if known is None else known

    def sqrt(self) -> Any:
        return self.field.opaque_function("sqrt", self)

    def sin(self) -> Any:
        return self.field.opaque_function("sin", self)

    def cos(self) -> Any:
        return self.field.opaque_function("cos", self)

    def arctan(self) -> Any:
        return self.field.opaque_function("arctan", self)

    def __abs__(self) -> Any:
        return self.field.opaque_function("abs", self)

    def __eq__(self, other: object) -> Any:
        o = other if isinstance(other, Residue) else self._lift(other)
        return NotImplemented if o is None else self.element == o.element

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(int(self.element))

    def formal_key(self) -> Any:
        return int(self.element)

    def __bool__(self) -> bool:
        return bool(self.element != 0)

    def __repr__(self) -> str:
        return f"Residue({hex(int(self.element))[:10]}… mod {self.field.bits}-bit prime)"
