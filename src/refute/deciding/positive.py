"""What is positive wherever its names are: ``exp(D log(beta))`` is then ``beta^D``, which residues can follow."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from refute.claims import Natural, Real
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow

HALF = Num(Fraction(1, 2))
Given = Mapping[str, Real | Natural]


def in_powers(expr: Expr, given: Given) -> Expr:
    """The same function without logarithms, roots and absolute values of what is positive, as far as they are seen."""
    match expr:
        case Add(parts) | Mul(parts):
            return type(expr)(tuple(in_powers(part, given) for part in parts))
        case Neg(operand):
            return Neg(in_powers(operand, given))
        case Div(first, second):
            return Div(in_powers(first, given), in_powers(second, given))
        case Pow(Num(Fraction(numerator=2, denominator=1)) as two, exponent):
            inner = in_powers(exponent, given)
            return _exponential(inner, given, "log2") or Pow(two, inner)
        case Pow(base, exponent):
            return _power(in_powers(base, given), in_powers(exponent, given), given)
        case Call("sqrt", (argument,)):
            inner = in_powers(argument, given)
            return _power(inner, HALF, given) if is_positive(inner, given) else Call("sqrt", (inner,))
        case Call("abs", (argument,)):
            inner = in_powers(argument, given)
            return inner if is_positive(inner, given) else Call("abs", (inner,))
        case Call("exp", (argument,)):
            return _exponential(in_powers(argument, given), given, "log") or Call("exp", (in_powers(argument, given),))
    return expr


def is_positive(expr: Expr, given: Given) -> bool:
    """Whether a formula is seen to be positive for all values of its names."""
    match expr:
        case Num(value):
            return value > 0
        case Name(name, ()):
            match given.get(name):
                case Real(low=Fraction() | int() as low, closed=closed):
                    return low > 0 or (low == 0 and not closed)
                case Natural(low=low):
                    return low > 0
            return False
        case Add(parts) | Mul(parts):
            return all(is_positive(part, given) for part in parts)
        case Div(first, second):
            return is_positive(first, given) and is_positive(second, given)
        case Pow(base):
            return is_positive(base, given)
    return False


def _power(base: Expr, exponent: Expr, given: Given) -> Expr:
    if isinstance(base, Pow) and is_positive(base.base, given):
        return Pow(base.base, Mul((base.exponent, exponent)))
    return Pow(base, exponent)


def _factors(expr: Expr) -> tuple[Expr, ...]:
    return tuple(part for factor in expr.factors for part in _factors(factor)) if isinstance(expr, Mul) else (expr,)


def _exponential(argument: Expr, given: Given, function: str) -> Expr | None:
    """``exp(u log(a) v)``, or a power of 2 with its own logarithm, as ``a^(u v)``."""
    if isinstance(argument, Div):
        argument = Mul((argument.numerator, Div(Num(Fraction(1)), argument.denominator)))
    inner = argument.operand if isinstance(argument, Neg) else argument
    factors = _factors(inner)
    logarithms = [factor for factor in factors if isinstance(factor, Call) and factor.function == function]
    if len(logarithms) != 1 or not is_positive(logarithms[0].arguments[0], given):
        return None
    rest = tuple(factor for factor in factors if factor is not logarithms[0])
    exponent = Num(Fraction(1)) if not rest else rest[0] if len(rest) == 1 else Mul(rest)
    return _power(logarithms[0].arguments[0], Neg(exponent) if inner is not argument else exponent, given)
