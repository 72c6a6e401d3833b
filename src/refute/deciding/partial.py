"""Which formulas may lack a value somewhere? Told from their form alone, so some that never do are named too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint

from refute.claims import Natural, Real
from refute.deciding.growth import NotAPolynomial, polynomial
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, children, names, substitute, walk
from refute.numbers.balls import Ball, Balls

POSITIVE = frozenset({"exp", "cosh", "sech", "sigmoid", "sigma"})
PARTIAL = frozenset({"log", "log2", "sqrt", "tan", "coth", "csch"})
NARROW = Fraction(1, 1 << 40)  # how wide an interval around a zero is
MOST_BITS = 4_000  # of a number written as a power
Domains = Mapping[str, Real | Natural]


def may_be_undefined(expr: Expr, given: Domains) -> bool:
    """Whether a formula divides by something that may be 0, or takes a root or logarithm of what may be negative."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if node.__class__ in _LACKING and _may_lack_value(node, given):
            return True
        if node.__class__ is not Num:
            waiting += children(node)
    return False


_LACKING = frozenset({Div, Pow, Call})  # nodes that may have no value where their parts have one


def _may_lack_value(node: Expr, given: Domains) -> bool:
    match node:
        case Div(_, denominator):
            return not _is_nonzero(denominator, given)
        case Pow(base, Num(value)) if value.denominator == 1:
            return value.numerator < 0 and not _is_nonzero(base, given)
        case Pow(base, _):
            return not _is_positive(base, given)
        case Call(function, (argument,)) if function in PARTIAL:
            return not _is_positive(argument, given)
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
    for divisor in divisors(expr):
        for name in sorted(names(divisor) & values.keys()):
            others = {other: Num(value) for other, value in values.items() if other != name}
            try:
                coefficients = polynomial(substitute(divisor, others), {name: 0})
            except NotAPolynomial:
                continue
            yield from ((name, root) for root in _rational_roots(coefficients))


def divisors(expr: Expr) -> Iterator[Expr]:
    """What must not be 0 for a formula to have a value."""
    for node in walk(expr):
        match node:
            case Div(_, divisor) | Call("log" | "log2" | "coth" | "csch", (divisor,)):
                yield divisor
            case Pow(base, Num(value)) if value < 0:
                yield base
            case Pow(base, Neg(Num(value))) if value > 0:
                yield base
            case Call("tan" | "sec", arguments):
                yield Call("cos", arguments)
            case Call("cot" | "csc", arguments):
                yield Call("sin", arguments)


def vanishing(expr: Expr) -> Iterator[Expr]:
    """Factors of what a formula divides by, without their powers."""
    waiting = [*divisors(expr)]
    while waiting:
        match waiting.pop():
            case Mul(factors):
                waiting += factors
            case Neg(inner) | Pow(inner, Num()):
                waiting.append(inner)
            case factor:
                yield factor


def _rational_roots(coefficients: Mapping[tuple[int, ...], Fraction]) -> list[Fraction]:
    degree = max((exponent for (exponent,) in coefficients), default=0)
    dense = [coefficients.get((i,), Fraction(0)) for i in range(degree + 1)]
    if degree < 1:
        return []
    _, factors = flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in dense]).factor()
    linear = [factor for factor, _ in factors if factor.degree() == 1]
    return [Fraction(int((-f[0] / f[1]).p), int((-f[0] / f[1]).q)) for f in linear]


def zeros(
    function: Callable[[Ball], Any], points: Sequence[Fraction], system: Balls
) -> Iterator[tuple[Fraction, Fraction]]:
    """Narrow intervals between two of the ascending `points` in each of which a function is 0, those near 0 first: it
    is continuous there, and has opposite signs at the ends (Bolzano). Where its value on a whole interval is bounded it
    is continuous, as functions made of continuous ones are."""

    def sign(point: Fraction) -> int:
        value = function(system.number(point))
        bounded = isinstance(value, Ball) and value.is_finite()
        return int(value.arb > 0) - int(value.arb < 0) if bounded else 0

    signs = [(point, sign(point)) for point in points]
    for (low, before), (high, after) in sorted(pairwise(signs), key=lambda ends: (abs(ends[0][0]), -ends[0][0])):
        narrow = _narrowed(sign, low, high) if before * after < 0 else None
        value = narrow and function(system.interval(*narrow))
        if narrow and isinstance(value, Ball) and value.is_finite():
            yield narrow


def _narrowed(sign: Callable[[Fraction], int], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction] | None:
    """The half of an interval at whose ends the signs differ, again and again; None where a sign is not known."""
    before = sign(low)
    while high - low >= NARROW:
        middle = (low + high) / 2
        between = sign(middle)
        if not between:
            return None
        low, high = (middle, high) if between == before else (low, middle)
    return low, high


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
