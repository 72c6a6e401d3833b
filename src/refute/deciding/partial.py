"""Which formulas may lack a value somewhere? Told from their form alone, so some that never do are named too."""

from __future__ import annotations

from collections.abc import Mapping

from refute.claims import Natural, Real
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, walk

POSITIVE = frozenset({"exp", "cosh", "sech", "sigmoid", "sigma"})
PARTIAL = frozenset({"log", "log2", "sqrt", "tan"})
Domains = Mapping[str, Real | Natural]


def may_be_undefined(expr: Expr, given: Domains) -> bool:
    """Whether a formula divides by something that may be 0, or takes a root or logarithm of what may be negative."""
    for node in walk(expr):
        match node:
            case Div(_, denominator) if not _is_nonzero(denominator, given):
                return True
            case Pow(base, Num(value)) if value.denominator == 1 and value >= 0:
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
