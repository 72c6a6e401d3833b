"""The derivative of an expression by one of its names: what a local partial derivative of the sheet's equations is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, Sum, substitute

if TYPE_CHECKING:
    from refute.formula.model import Model

ZERO, ONE, TWO = Num(Fraction(0)), Num(Fraction(1)), Num(Fraction(2))


def _call(function: str, *arguments: Expr) -> Expr:
    return Call(function, arguments)


SLOPES: dict[str, Callable[[Expr], Expr]] = {
    "sigmoid": lambda z: _call("sigmoid'", z),
    "sigma": lambda z: _call("sigmoid'", z),
    "tanh": lambda z: _call("tanh'", z),
    "exp": lambda z: _call("exp", z),
    "sinh": lambda z: _call("cosh", z),
    "cosh": lambda z: _call("sinh", z),
    "sech": lambda z: Neg(Mul((_call("sech", z), _call("tanh", z)))),
    "log": lambda z: Div(ONE, z),
    "log2": lambda z: Div(ONE, Mul((z, _call("log", TWO)))),
    "sqrt": lambda z: Div(ONE, Mul((TWO, _call("sqrt", z)))),
    "sin": lambda z: _call("cos", z),
    "cos": lambda z: Neg(_call("sin", z)),
    "tan": lambda z: Add((ONE, Pow(_call("tan", z), TWO))),
}


def differentiate(expr: Expr, by: Name) -> Expr:
    """The derivative by one name, all other names held fixed; a name at another index is another name.

    Raises ValueError where there is none: indices that cannot be compared, a function of no known slope, a sum.
    """
    match expr:
        case Num():
            return ZERO
        case Name():
            return ONE if is_same(expr, by) else ZERO
        case Add(terms):
            return _sum([differentiate(term, by) for term in terms])
        case Neg(operand):
            slope = differentiate(operand, by)
            return ZERO if slope == ZERO else Neg(slope)
        case Mul(factors):
            slopes = [differentiate(factor, by) for factor in factors]
            return _sum([_product([*factors[:i], s, *factors[i + 1 :]]) for i, s in enumerate(slopes)])
        case Div(top, bottom):
            first, second = differentiate(top, by), differentiate(bottom, by)
            rise = ZERO if first == ZERO else Div(first, bottom)
            return rise if second == ZERO else _sum([rise, Neg(Div(_product([top, second]), Pow(bottom, TWO)))])
        case Pow(base, exponent):
            return _of_power(base, exponent, differentiate(base, by), differentiate(exponent, by))
        case Call(function, arguments):
            slopes = [differentiate(argument, by) for argument in arguments]
            if all(slope == ZERO for slope in slopes):
                return ZERO
            if function in SLOPES and len(arguments) == 1:
                return _product([SLOPES[function](arguments[0]), slopes[0]])
            raise ValueError(f"the slope of {function} is not known")
    raise ValueError("the derivative of a sum over an index, or of a matrix, is not known")


def _of_power(base: Expr, exponent: Expr, slope: Expr, exponent_slope: Expr) -> Expr:
    if exponent_slope != ZERO:
        raise ValueError("the derivative by an exponent is not known")
    if exponent == TWO:
        return _product([TWO, base, slope])
    return _product([exponent, Pow(base, Add((exponent, Neg(ONE)))), slope])


def _sum(terms: list[Expr]) -> Expr:
    kept = tuple(term for term in terms if term != ZERO)
    return Add(kept) if len(kept) > 1 else kept[0] if kept else ZERO


def _product(factors: list[Expr]) -> Expr:
    if ZERO in factors:
        return ZERO
    flat = [part for factor in factors for part in (factor.factors if isinstance(factor, Mul) else (factor,))]
    kept = tuple(factor for factor in flat if factor != ONE)
    return Mul(kept) if len(kept) > 1 else kept[0] if kept else ONE


def is_same(first: Name, second: Name) -> bool:
    """Whether two names are one. Raises ValueError when their indices may or may not be equal, as t and s."""
    if first.name != second.name or len(first.indices) != len(second.indices):
        return False
    differences = [_difference(i, j) for i, j in zip(first.indices, second.indices, strict=True)]
    if any(isinstance(difference, Fraction) and difference for difference in differences):
        return False
    if any(difference is None for difference in differences):
        raise ValueError(f"whether two indices of {first.name} are equal is not known")
    return True


def _difference(first: Expr, second: Expr) -> Fraction | None:
    left, right = affine(first), affine(second)
    if left is None or right is None:
        return Fraction(0) if first == second else None
    keys = (left.keys() | right.keys()) - {""}
    if any(left.get(key, 0) != right.get(key, 0) for key in keys):
        return None
    return Fraction(left.get("", Fraction(0)) - right.get("", Fraction(0)))


def affine(expr: Expr) -> dict[str, Fraction] | None:
    """An index as a sum of variables with coefficients and, at the empty string, a constant; None if it is none."""
    match expr:
        case Num(value):
            return {"": value}
        case Name(name, ()):
            return {name: Fraction(1)}
        case Neg(operand):
            return _scaled(affine(operand), Fraction(-1))
        case Mul((Num(value), other)) | Mul((other, Num(value))):
            return _scaled(affine(other), value)
        case Add(terms):
            total: dict[str, Fraction] = {}
            for term in map(affine, terms):
                if term is None:
                    return None
                for name, value in term.items():
                    total[name] = total.get(name, Fraction(0)) + value
            return total
    return None


def _scaled(form: dict[str, Fraction] | None, by: Fraction) -> dict[str, Fraction] | None:
    return None if form is None else {name: value * by for name, value in form.items()}


def tidy(index: Expr) -> Expr:
    """``t + 1 - 1`` as ``t``: an index with its constants added up."""
    form = affine(index)
    if form is None:
        return index
    constant = form.pop("", Fraction(0))
    terms: list[Expr] = [_times(name, factor) for name, factor in form.items() if factor]
    if constant or not terms:
        terms.append(Num(constant) if constant >= 0 else Neg(Num(-constant)) if terms else Num(constant))
    return Add(tuple(terms)) if len(terms) > 1 else terms[0]


def _times(name: str, factor: Fraction) -> Expr:
    size: Expr = Name(name) if abs(factor) == 1 else Mul((Num(abs(factor)), Name(name)))
    return size if factor > 0 else Neg(size)


def local_partial(model: Model, of: Name, by: Name) -> Expr:
    """The derivative of one of the model's equations by a name on its right side; 0 if it does not occur there.

    Raises ValueError if no equation gives `of`, or where `differentiate` does.
    """
    for line in model.lines:
        if line.name == of.name and len(line.variables) == len(of.indices):
            shifted = [Add((i, Neg(Num(Fraction(s))))) for i, s in zip(of.indices, line.shifts, strict=True)]
            right = substitute(line.right, dict(zip(line.variables, map(tidy, shifted), strict=True)))
            return differentiate(with_tidy_indices(right), by)
    raise ValueError(f"no equation gives {of.name}")


def with_tidy_indices(expr: Expr) -> Expr:
    """The expression with each index tidied."""
    match expr:
        case Name(name, indices):
            return Name(name, tuple(map(tidy, indices)))
        case Add(parts) | Mul(parts):
            return type(expr)(tuple(map(with_tidy_indices, parts)))
        case Call(function, arguments):
            return Call(function, tuple(map(with_tidy_indices, arguments)))
        case Neg(operand):
            return Neg(with_tidy_indices(operand))
        case Div(first, second) | Pow(first, second):
            return type(expr)(with_tidy_indices(first), with_tidy_indices(second))
        case Sum(body, index, low, high):
            return Sum(with_tidy_indices(body), index, low, high)
    return expr
