"""Which formulas may lack a value somewhere? Told from their form alone, so some that never do are named too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import islice, product
from typing import Any

import flint

from refute.cases import LINE
from refute.claims import Natural, Real
from refute.deciding.growth import NotAPolynomial, polynomial
from refute.deciding.zeros import Near
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, children, substitute, walk
from refute.numbers.balls import working_precision

POSITIVE = frozenset({"exp", "cosh", "sech", "sigmoid", "sigma"})
BELOW_ONE = frozenset({"tanh", "sigmoid", "sigma"})
PARTIAL = frozenset({"log", "log2", "sqrt", "tan", "coth", "csch"})
MOST_BITS = 4_000  # of a number written as a power
ROOT_BITS = 128  # to which a root that is no fraction is known
MOST_PIECES = 16  # of a sum
ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))
Domains = Mapping[str, Real | Natural]


def may_be_undefined(expr: Expr, given: Domains) -> bool:
    """Whether a formula divides by something that may be 0, or takes a root or logarithm of what may be negative."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        may_lack = node.function in PARTIAL if isinstance(node, Call) else isinstance(node, (Div, Pow))
        if may_lack and _may_lack_value(node, given):
            return True
        if node.__class__ is not Num:
            waiting += children(node)
    return False


def _may_lack_value(node: Expr, given: Domains) -> bool:
    match node:
        case Div(_, denominator):
            return not _is_nonzero(denominator, given)
        case Pow(base, Num(value)) if value.denominator == 1:
            return value.numerator < 0 and not _is_nonzero(base, given)
        case Pow(base, _):
            return not is_positive(base, given)
        case Call(_, (argument,)):
            return not is_positive(argument, given)
    return False


def _is_nonzero(expr: Expr, given: Domains) -> bool:
    match expr:
        case Num(value):
            return value != 0
        case Name(name, _) if name in given and 0 not in given[name]:
            return True
        case Neg(operand):
            return _is_nonzero(operand, given)
        case Mul(factors):
            return all(_is_nonzero(factor, given) for factor in factors)
        case Pow(base, Num()):
            return _is_nonzero(base, given)
    return is_positive(expr, given)


def is_positive(expr: Expr, given: Domains) -> bool:
    """Whether the form of an expression shows that it is positive wherever it has a value."""
    match expr:
        case Num(value):
            return value > 0
        case Name(name, _):
            return given.get(name, LINE).is_positive
        case Call(function, _):
            return function in POSITIVE
        case Add(terms):
            small = [term for term in terms if not _is_nonnegative(term, given)]
            if not small:
                return any(is_positive(term, given) for term in terms)
            numbers = sum(term.value for term in terms if isinstance(term, Num))
            return numbers >= len(small) and all(map(_is_below_one, small))
        case Mul(parts):
            return all(is_positive(part, given) for part in parts)
        case Div(numerator, denominator):
            return is_positive(numerator, given) and is_positive(denominator, given)
        case Pow(base, _):
            return is_positive(base, given)
    return False


def _is_nonnegative(expr: Expr, given: Domains) -> bool:
    match expr:
        case Num(value):
            return value >= 0
        case Pow(_, Num(value)) if value.denominator == 1 and value % 2 == 0 and value > 0:
            return True
        case Mul(factors):
            return all(_is_nonnegative(factor, given) for factor in factors)
    return is_positive(expr, given)


def _is_below_one(expr: Expr) -> bool:
    """Whether an expression is between -1 and 1, neither included."""
    match expr:
        case Num(value):
            return abs(value) < 1
        case Call(function, _):
            return function in BELOW_ONE
        case Pow(base, Num(value)):
            return value >= 1 and value.denominator == 1 and _is_below_one(base)
        case Neg(operand):
            return _is_below_one(operand)
        case Mul(factors):
            return all(map(_is_below_one, factors))
    return False


def divisors(expr: Expr) -> Iterator[Expr]:
    """What an expression divides by, or takes the logarithm of, factor by factor: it has no value where that is 0."""
    for node in walk(expr):
        match node:
            case Div(_, divisor) | Call("log" | "log2" | "coth" | "csch", (divisor,)):
                yield from _factors(divisor)
            case Pow(base, Num(value)) if value < 0:
                yield from _factors(base)
            case Pow(base, Neg(Num(value))) if value > 0:
                yield from _factors(base)
            case Call("tan" | "sec", arguments):
                yield Call("cos", arguments)
            case Call("cot" | "csc", arguments):
                yield Call("sin", arguments)


def _factors(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Mul(factors):
            for factor in factors:
                yield from _factors(factor)
        case Neg(inner) | Call("abs", (inner,)):
            yield from _factors(inner)
        case Pow(base, Num(value)) if value > 0:
            yield from _factors(base)
        case Num():
            pass
        case _:
            yield expr


def turns(expr: Expr) -> Iterator[Expr]:
    """What is 0 where an abs, max, min, root or logarithm in an expression turns, or ends."""
    for node in walk(expr):
        match node:
            case Call("abs" | "sqrt" | "relu" | "log" | "log2", (argument,)):
                yield from (factor for piece in _pieces(argument) for factor in _factors(piece))
            case Call("max" | "min", (one, other)):
                yield from (Add((a, Neg(b))) for a, b in product(_pieces(one), _pieces(other)))
            case Call("acosh" | "atanh" | "asin" | "acos" as function, (argument,)):
                yield Add((argument, Neg(ONE)))
                if function != "acosh":
                    yield Add((argument, ONE))
            case Pow(base, exponent) if not isinstance(exponent, Num) or exponent.value.denominator != 1:
                yield from _factors(base)


def _pieces(expr: Expr) -> list[Expr]:
    """What an expression is on either side of where its abs, max, min and relu turn, if it is a sum of such."""
    match expr:
        case Call("max" | "min", (one, other)):
            return [*_pieces(one), *_pieces(other)]
        case Call("abs", (argument,)):
            return [signed for piece in _pieces(argument) for signed in (piece, Neg(piece))]
        case Call("relu", (argument,)):
            return [*_pieces(argument), ZERO]
        case Neg(operand):
            return [Neg(piece) for piece in _pieces(operand)]
        case Add(terms) | Mul(terms):
            return [type(expr)(chosen) for chosen in islice(product(*map(_pieces, terms)), MOST_PIECES)]
    return [expr]


def roots(expr: Expr, name: str, values: Mapping[str, Fraction]) -> list[Fraction] | None:
    """The real values of a variable, all others as they are, at which an expression is 0: those that are no fractions
    have a ball. None where it is no polynomial in the variable."""
    if any(isinstance(node, Call) for node in walk(expr)):
        return None
    try:
        known = {other: Num(value) for other, value in values.items() if other != name}
        coefficients = polynomial(substitute(expr, known), {name: 0})
    except NotAPolynomial:
        return None
    degree = max((exponent for (exponent,) in coefficients), default=0)
    return _real_roots(tuple(coefficients.get((i,), Fraction(0)) for i in range(degree + 1)))


@lru_cache(maxsize=256)
def _real_roots(coefficients: tuple[Fraction, ...]) -> list[Fraction]:
    """The real roots of a polynomial, those next to 0 first."""
    if len(coefficients) < 2:
        return []
    _, factors = flint.fmpq_poly([flint.fmpq(c.numerator, c.denominator) for c in coefficients]).factor()
    found = [root for factor, _ in factors for root in _roots_of(factor)]
    return sorted(found, key=lambda root: (abs(root), root < 0))


def _roots_of(factor: Any) -> list[Fraction]:
    if factor.degree() == 1:
        root = -factor[0] / factor[1]
        return [Fraction(int(root.p), int(root.q))]
    with working_precision(ROOT_BITS):
        return [Near.of(root.real) for root, _ in factor.complex_roots() if root.imag == 0]


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
        case Pow(Num() as base, Neg(Num() as n)):
            power = _written(Pow(base, n))
            return 1 / power if power else power
    return Fraction(0)


def _distance(value: Fraction) -> int:
    """How many bits a number has, before the point or after it."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())
