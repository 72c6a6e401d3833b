"""Orders of growth: is one polynomial a tight bound of another in every direction?

f = Theta(g) for all sizes from some least values on is proved by constants: c g - f and c' f - g have only nonnegative
coefficients once each variable is written as its least value plus a nonnegative one. It is refuted by a direction:
sizes n^a, n^b, ... along which f and g grow at different rates. There g may have quotients, roots, logarithms and
exponentials too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb, prod
from typing import NamedTuple

from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow
from refute.formula.parse import parse

LARGEST_CONSTANT = 1 << 64
MOST_TERMS = 2_000
MOST_PRODUCTS = 5_000  # of terms, in one product
MOST_POWER = 20
ZERO = Fraction(0)
Polynomial = Mapping[tuple[int, ...], Fraction]  # coefficients by the exponents of the sizes, in their order


class NotAPolynomial(ValueError):
    """A formula that is no polynomial in the sizes, or too large a one."""


def constants(count: str, order: str, least: Mapping[str, int]) -> tuple[Fraction, int] | None:
    """(1/c', c) with order/c' <= count <= c order for all sizes from `least` on; None when powers of two up to 2^64
    fail. Raises NotAPolynomial."""
    f, g = (_shifted(polynomial(parse(formula), least), least) for formula in (count, order))
    above, below = _constant(f, g), _constant(g, f)
    return None if above is None or below is None else (Fraction(1, below), above)


class Rate(NamedTuple):
    """How something positive grows with n: like n^`degree` log(n)^`logs`, but faster than any power of n where
    `exponential` is 1, and slower where it is -1. Rates compare as what grows so does."""

    exponential: int = 0
    degree: Fraction = ZERO
    logs: Fraction = ZERO

    def power(self, power: Fraction) -> Rate:
        """That of a power of it."""
        sign = (power > 0) - (power < 0)
        return Rate(self.exponential * sign, self.degree * power, self.logs * power)

    def __str__(self) -> str:
        if self.exponential:
            return f"{'faster' if self.exponential > 0 else 'slower'} than any power of n"
        power = f"{self.degree}" if self.degree.denominator == 1 else f"({self.degree})"
        logs = f" log(n)^{self.logs}" if self.logs else ""
        return f"like n^{power}{logs}"


@dataclass(frozen=True)
class Direction:
    """Sizes, each a power of n, along which a count grows at another rate than an order."""

    sizes: Mapping[str, str]
    count: Rate
    order: Rate

    @property
    def says(self) -> str:
        """What is wrong with the order."""
        return "true, not tight" if self.count < self.order else "not an upper bound"

    def __str__(self) -> str:
        where = ", ".join(f"{name} = {power}" for name, power in self.sizes.items())
        return f"{self.says}: with {where} the count grows {self.count}, the formula {self.order}"


def direction(count: str, order: str, sizes: Mapping[str, int]) -> str | None:
    """What `differing_rates` finds, in words."""
    found = differing_rates(count, order, sizes)
    return None if found is None else str(found)


def differing_rates(count: str, order: str, sizes: Mapping[str, int]) -> Direction | None:
    """Sizes along which the count grows faster than the order says, or else slower; None when none is found. Raises
    NotAPolynomial."""
    f, g, looser = parse(count), parse(order), None
    growth = _Growth({name: low + 1 for name, low in sizes.items()})  # where log(D) is not 0
    for exponents in product(range(3), repeat=len(sizes)):
        along = dict(zip(sizes, exponents, strict=True))
        found = Direction({name: f"n^{e}" for name, e in along.items()}, growth.rate(f, along), growth.rate(g, along))
        if found.count > found.order:
            return found
        if found.count < found.order:
            looser = looser or found
    return looser


class _Growth:
    """How formulas grow along sizes that are powers of n, those that do not grow being what `sizes` says."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes
        self._known: dict[int, Polynomial] = {}  # of parts, by identity

    def rate(self, expr: Expr, along: Mapping[str, int]) -> Rate:
        """Raises NotAPolynomial for a formula that is not made of positive parts, or of which this is not known."""
        match expr:
            case Num(value):
                return Rate() if value else Rate(-1)
            case Name(name, ()) if name in along:
                return Rate(degree=Fraction(along[name]))
            case Add(parts) if not any(isinstance(part, Neg) for part in parts):
                return max(self.rate(part, along) for part in parts)
            case Add() | Neg():
                return Rate(degree=Fraction(_degree(self._polynomial(expr), tuple(along.values()))))
            case Mul(factors):
                return _times([self.rate(factor, along) for factor in factors])
            case Div(top, bottom):
                return _times([self.rate(top, along), self.rate(bottom, along).power(Fraction(-1))])
            case Pow(base, exponent):
                return self._power(base, exponent, along)
            case Call(function, arguments):
                return self._call(function, arguments, along)
        raise _no_polynomial(self._sizes)

    def _power(self, base: Expr, exponent: Expr, along: Mapping[str, int]) -> Rate:
        rate, trend = self.rate(base, along), self._trend(exponent, along)
        if not trend:
            return rate.power(self._fixed(exponent))
        above_one = rate if rate != Rate() else Rate(degree=self._fixed(base) - 1)
        return Rate(trend * ((above_one > Rate()) - (above_one < Rate())))

    def _call(self, function: str, arguments: tuple[Expr, ...], along: Mapping[str, int]) -> Rate:
        if function == "exp":
            return Rate(self._trend(arguments[0], along))
        rates = [self.rate(argument, along) for argument in arguments]
        if function in ("max", "min"):
            return (max if function == "max" else min)(rates)
        if function == "sqrt":
            return rates[0].power(Fraction(1, 2))
        is_log = function in ("log", "log2") and not rates[0].exponential
        if is_log and rates[0].degree > 0:
            return Rate(logs=Fraction(1))
        if is_log and rates[0] == Rate() and self._fixed(arguments[0]) > 1:
            return rates[0]
        raise _no_polynomial(self._sizes)

    def _trend(self, expr: Expr, along: Mapping[str, int]) -> int:
        """Whether an exponent grows (1), falls (-1) or stays. Raises NotAPolynomial if its highest terms disagree."""
        exponent, powers = self._polynomial(expr), tuple(along.values())
        degree = _degree(exponent, powers)
        signs = {c > 0 for monomial, c in exponent.items() if _degree({monomial: c}, powers) == degree}
        if degree and len(signs) > 1:
            raise NotAPolynomial("an exponent with terms of one sign")
        return (1 if True in signs else -1) if degree else 0

    def _fixed(self, expr: Expr) -> Fraction:
        """The value of a polynomial in sizes that do not grow."""
        terms = self._polynomial(expr).items()
        sizes = self._sizes.values()
        return sum((c * prod(map(pow, sizes, powers)) for powers, c in terms), ZERO)

    def _polynomial(self, expr: Expr) -> Polynomial:
        if id(expr) not in self._known:
            self._known[id(expr)] = polynomial(expr, self._sizes)
        return self._known[id(expr)]


def _times(rates: Sequence[Rate]) -> Rate:
    if len({rate.exponential for rate in rates} - {0}) > 1:
        raise NotAPolynomial("one exponential only")
    degree, logs = sum((rate.degree for rate in rates), ZERO), sum((rate.logs for rate in rates), ZERO)
    return Rate(max((rate.exponential for rate in rates), key=abs), degree, logs)


def _no_polynomial(sizes: Mapping[str, int]) -> NotAPolynomial:
    return NotAPolynomial(f"a polynomial in {', '.join(sizes)}")


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
    raise _no_polynomial(sizes)


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
        if len(first) * len(other) > MOST_PRODUCTS:
            raise NotAPolynomial(f"at most {MOST_TERMS} terms")
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
