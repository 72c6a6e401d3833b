"""Which formulas may lack a value somewhere? Told from their form alone, so some that never do are named too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

import flint

from refute.claims import Natural, Real
from refute.deciding.growth import NotAPolynomial, polynomial
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, names, substitute, walk

POSITIVE = frozenset({"exp", "cosh", "sech", "sigmoid", "sigma"})
PARTIAL = frozenset({"log", "log2", "sqrt", "tan", "coth", "csch"})
MOST_BITS = 4_000  # of a number written as a power
Domains = Mapping[str, Real | Natural]


def may_be_undefined(expr: Expr, given: Domains) -> bool:
    """Whether a formula divides by something that may be 0, or takes a root or logarithm of what may be negative."""
    for node in walk(expr):
        match node:
            case Div(_, denominator) if not _is_nonzero(denominator, given):
                return True
            case Pow(base, Num(value)) if value.denominator == 1 and value.numerator >= 0:
                continue
            case Pow(base, Num(value)) if value.denominator == 1:
                if not _is_nonzero(base, given):
                    return True
            case Pow(base, _) if not _is_positive(base, given):
                return True
            case Call(function, (argument,)) if function in PARTIAL and not _is_positive(argument, given):
                return True
    return False


def _is_nonzero(expr: Expr, given: Domains) -> bool:
    match expr:
        case Num(value):
            return value != 0
        case Neg(operand):
            return _is_nonzero(operand, given)
        case Mul(factors):
            return all(_is_nonzero(factor, given) for factor in factors)
        case Pow(base, Num()):
            return _is_nonzero(base, given)
    return _is_positive(expr, given)


def _is_positive(expr: Expr, given: Domains) -> bool:
    match expr:
        case Num(value):
            return value > 0
        case Name(name, _):
            domain = given.get(name, Real())
            return domain.low is not None and (
                domain.low > 0 or (domain.low == 0 and isinstance(domain, Real) and not domain.closed)
            )
        case Call(function, _):
            return function in POSITIVE
        case Add(terms):
            return all(_is_nonnegative(t, given) for t in terms) and any(_is_positive(t, given) for t in terms)
        case Mul(parts):
            return all(_is_positive(part, given) for part in parts)
        case Div(numerator, denominator):
            return _is_positive(numerator, given) and _is_positive(denominator, given)
        case Pow(base, _):
            return _is_positive(base, given)
    return False


def _is_nonnegative(expr: Expr, given: Domains) -> bool:
    match expr:
        case Num(value):
            return value >= 0
        case Pow(_, Num(value)) if value.denominator == 1 and value % 2 == 0 and value > 0:
            return True
        case Mul(factors):
            return all(_is_nonnegative(factor, given) for factor in factors)
    return _is_positive(expr, given)


def poles(expr: Expr, values: Mapping[str, Fraction]) -> Iterator[tuple[str, Fraction]]:
    """The rational values of one variable, all others as they are, at which something that is divided by, or whose
    logarithm is taken, is exactly 0. Only where that is a polynomial in the variable."""
    for divisor in _divisors(expr):
        for name in names(divisor) & values.keys():
            others = {other: Num(value) for other, value in values.items() if other != name}
            try:
                coefficients = polynomial(substitute(divisor, others), {name: 0})
            except NotAPolynomial:
                continue
            yield from ((name, root) for root in _rational_roots(coefficients))


def _divisors(expr: Expr) -> Iterator[Expr]:
    for node in walk(expr):
        match node:
            case Div(_, divisor) | Call("log" | "log2" | "coth" | "csch", (divisor,)):
                yield divisor
            case Pow(base, Num(value)) if value < 0:
                yield base
            case Pow(base, Neg(Num(value))) if value > 0:
                yield base


def _rational_roots(coefficients: Mapping[tuple[int, ...], Fraction]) -> list[Fraction]:
    degree = max((exponent for (exponent,) in coefficients), default=0)
    dense = [coefficients.get((i,), Fraction(0)) for i in range(degree + 1)]
    if degree < 1:
        return []
    _, factors = flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in dense]).factor()
    linear = [factor for factor, _ in factors if factor.degree() == 1]
    return [Fraction(int((-f[0] / f[1]).p), int((-f[0] / f[1]).q)) for f in linear]


def landmarks(expressions: Iterable[Expr]) -> Iterator[Fraction]:
    """The numbers other than 0 that are written in expressions, each once: those farthest from 1 first."""
    found = {value for expr in expressions for node in walk(expr) if (value := _written(node))}
    yield from sorted(found, key=lambda value: (-_distance(value), value))


def _written(node: Expr) -> Fraction:
    match node:
        case Num(value):
            return abs(value)
        case Pow(Num(base), Num(n)) if n.denominator == 1 and base and abs(n) * _distance(base) <= MOST_BITS:
            return abs(base**n.numerator)
    return Fraction(0)


def _distance(value: Fraction) -> int:
    """How many bits a number has, before the point or after it."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())
