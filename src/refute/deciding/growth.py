"""Orders of growth: is one polynomial a tight bound of another in every direction?

f = Theta(g) for all sizes from some least values on is proved by constants: c g - f and c' f - g have only nonnegative
coefficients once each variable is written as its least value plus a nonnegative one. It is refuted by a direction:
sizes n^a, n^b, ... along which f and g grow at different rates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb, prod

from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow
from refute.formula.parse import parse

LARGEST_CONSTANT = 1 << 64
MOST_TERMS = 2_000
MOST_POWER = 20
Polynomial = Mapping[tuple[int, ...], Fraction]  # coefficients by the exponents of the sizes, in their order


class NotAPolynomial(ValueError):
    """A formula that is no polynomial in the sizes, or too large a one."""


def constants(count: str, order: str, least: Mapping[str, int]) -> tuple[Fraction, int] | None:
    """(1/c', c) with order/c' <= count <= c order for all sizes from `least` on; None when powers of two up to 2^64
    fail. Raises NotAPolynomial."""
    f, g = (_shifted(polynomial(parse(formula), least), least) for formula in (count, order))
    above, below = _constant(f, g), _constant(g, f)
    return None if above is None or below is None else (Fraction(1, below), above)


@dataclass(frozen=True)
class Direction:
    """Sizes, each a power of n, along which a count grows like n^`count` and an order like n^`order`."""

    sizes: Mapping[str, str]
    count: int
    order: int

    @property
    def says(self) -> str:
        """What is wrong with the order."""
        return "true, not tight" if self.count < self.order else "not an upper bound"

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {power}" for name, power in self.sizes.items())
        return f"{self.says}: with {where} the count grows like n^{self.count}, the formula like n^{self.order}"


def direction(count: str, order: str, sizes: Mapping[str, int]) -> str | None:
    """What `differing_rates` finds, in words."""
    found = differing_rates(count, order, sizes)
    return None if found is None else str(found)


def differing_rates(count: str, order: str, sizes: Mapping[str, int]) -> Direction | None:
    """Sizes along which the count grows faster or slower than the order says; None when none is found. Raises
    NotAPolynomial."""
    f, g = (polynomial(parse(formula), sizes) for formula in (count, order))
    for exponents in product(range(3), repeat=len(sizes)):
        fast, slow = (_degree(p, exponents) for p in (f, g))
        if fast != slow:
            return Direction({name: f"n^{e}" for name, e in zip(sizes, exponents, strict=True)}, fast, slow)
    return None


def polynomial(expr: Expr, sizes: Mapping[str, int]) -> Polynomial:
    """A formula multiplied out. The maximum of some terms counts as their sum, which is of the same order. Raises
    NotAPolynomial."""
    one = (0,) * len(sizes)
    match expr:
        case Num(value):
            return {one: value} if value else {}
        case Name(name, ()) if name in sizes:
            return {tuple(int(other == name) for other in sizes): Fraction(1)}
        case Add(terms) | Call("max", terms):
            return _sum([polynomial(term, sizes) for term in terms])
        case Neg(operand):
            return _product([{one: Fraction(-1)}, polynomial(operand, sizes)])
        case Mul(factors):
            return _product([polynomial(factor, sizes) for factor in factors])
        case Div(top, bottom):
            divisor = polynomial(bottom, sizes)
            if divisor.keys() == {one}:
                return _product([polynomial(top, sizes), {one: 1 / divisor[one]}])
        case Pow(base, Num(value)) if value.denominator == 1 and 0 <= value <= MOST_POWER:
            return _product([{one: Fraction(1)}, *[polynomial(base, sizes)] * int(value)])
    raise NotAPolynomial(f"a polynomial in {', '.join(sizes)}")


def _sum(polynomials: Sequence[Polynomial]) -> Polynomial:
    total: dict[tuple[int, ...], Fraction] = {}
    for p in polynomials:
        for exponents, coefficient in p.items():
            total[exponents] = total.get(exponents, Fraction(0)) + coefficient
    if len(total) > MOST_TERMS:
        raise NotAPolynomial(f"at most {MOST_TERMS} terms")
    return {exponents: coefficient for exponents, coefficient in total.items() if coefficient}


def _product(factors: Sequence[Polynomial]) -> Polynomial:
    first, *others = factors
    for other in others:
        first = _sum(
            [
                {tuple(map(sum, zip(a, b, strict=True))): x * y for b, y in other.items()}
                for a, x in first.items()
            ]
        )  # fmt: skip
    return first


def _shifted(p: Polynomial, least: Mapping[str, int]) -> Polynomial:
    """The polynomial in what each size exceeds its least value by."""
    lows = tuple(least.values())
    parts = []
    for exponents, coefficient in p.items():
        for lower in product(*(range(e + 1) for e in exponents)):
            binomials = (comb(e, k) * low ** (e - k) for e, k, low in zip(exponents, lower, lows, strict=True))
            parts.append({lower: coefficient * prod(binomials)})
    return _sum(parts)


def _degree(p: Polynomial, exponents: tuple[int, ...]) -> int:
    return max((sum(a * b for a, b in zip(monomial, exponents, strict=True)) for monomial in p), default=0)


def _constant(small: Polynomial, large: Polynomial) -> int | None:
    c = 1
    while c <= LARGEST_CONSTANT:
        if all(c * large.get(exponents, 0) >= coefficient for exponents, coefficient in small.items()) and all(
            c * coefficient >= small.get(exponents, 0) for exponents, coefficient in large.items()
        ):
            return c
        c *= 2
    return None
