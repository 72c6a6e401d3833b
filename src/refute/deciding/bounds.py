"""Proving an inequality on a whole box: exact algebra by SymPy, then branch and bound by balls.

To prove quantity <= bound for all points of a box, the difference bound - quantity is made an exact polynomial: the
quantity is run on symbols, and each tanh in it becomes a variable of its own in [-1, 1], which can only enlarge the
set. In the variables that are free to grow without limit (`unbounded`, all >= 0) the difference is then a polynomial
whose coefficients are polynomials in the variables of the box; it is nonnegative where every coefficient is. Of each
coefficient the largest monomial factor in nonnegative variables is removed, since at 0 it vanishes and no ball is ever
strictly positive there; what remains is shown to be positive on the box by evaluating it in balls that hold a whole
sub-box, halving those that do not yet decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add, itemgetter, mul
from typing import Any

import flint
import sympy

from refute.claims import Bound
from refute.deciding.counterexample import LADDER, simplify
from refute.deciding.verdict import Counterexample
from refute.errors import ProjectError
from refute.formula.evaluate import evaluate
from refute.formula.parse import parse
from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.residues import random_bits
from refute.numbers.symbols import Symbols

MOST_BOXES = 20_000
MOST_POINTS = 3_000  # tried when looking for a violation
FAR = 20  # how far from 0 a variable without limit is tried
PRECISION = 64
Side = tuple[Fraction, Fraction]
InBalls = Callable[[list[Any]], Any]


@dataclass(frozen=True)
class Proof:
    """That a bound holds: how many inequalities it came down to, and how many sub-boxes showed them."""

    inequalities: int
    boxes: int


def prove(bound: Bound, formulas: Mapping[str, str]) -> Proof | None:
    """Prove every part of a bound on its whole box; None when some inequality stays open after `MOST_BOXES`
    halvings."""
    inequalities = boxes = 0
    for part, formula in formulas.items():
        for difference in _differences(bound, part, formula):
            for coefficient, sides in _coefficients(difference, bound):
                needed = _positive_on(coefficient, sides)
                if needed is None:
                    return None
                inequalities, boxes = inequalities + 1, boxes + needed
    return Proof(inequalities, boxes)


def _differences(bound: Bound, part: str, formula: str) -> Iterator[Any]:
    """Each bound - quantity of a part, as a SymPy expression."""
    system = Symbols()
    variables = {name: system.variable(name) for name in (*bound.box, *bound.unbounded)}
    right = evaluate(parse(formula), variables, system.number)
    for quantity in bound.quantities(variables, system.number)[part]:
        yield (right - quantity).expr


def _coefficients(difference: Any, bound: Bound) -> Iterator[tuple[Any, dict[Any, Side]]]:
    """The polynomials that must be positive, each with the sides of its box.

    They are Taylor coefficients, taken by differentiating, so that products stay products: multiplied out, the same
    polynomials have far wider values in balls.
    """
    sides = {sympy.Symbol(name, real=True): (Fraction(low), Fraction(high)) for name, (low, high) in bound.box.items()}
    for number, tanh in enumerate(sorted(difference.atoms(sympy.tanh), key=str)):
        stand_in = sympy.Symbol(f"tanh_{number}", real=True)
        difference, sides[stand_in] = difference.subs(tanh, stand_in), (Fraction(-1), Fraction(1))
    growing = [sympy.Symbol(name, real=True) for name in bound.unbounded]
    for powers in sympy.Poly(sympy.expand(difference), *growing).monoms() if growing else [()]:
        coefficient = difference
        for symbol, power in zip(growing, powers, strict=True):
            coefficient = (sympy.diff(coefficient, symbol, power) / sympy.factorial(power)).subs(symbol, 0)
        yield _without_monomial_factor(coefficient, sides), sides


def _without_monomial_factor(coefficient: Any, sides: Mapping[Any, Side]) -> Any:
    factors = sympy.Mul.make_args(sympy.factor_terms(coefficient))
    return sympy.Mul(*(f for f in factors if not _is_nonnegative_power(f, sides)))


def _is_nonnegative_power(factor: Any, sides: Mapping[Any, Side]) -> bool:
    base, exponent = factor.as_base_exp()
    return bool(base.is_Symbol and exponent.is_Integer and exponent > 0 and sides[base][0] >= 0)


def _positive_on(polynomial: Any, sides: Mapping[Any, Side]) -> int | None:
    """How many sub-boxes it took to show a polynomial positive on a box, or None when it could not be shown."""
    symbols = sorted(polynomial.free_symbols, key=str)
    in_balls = _in_balls(polynomial, {s: i for i, s in enumerate(symbols)})
    pending, used = [tuple(sides[s] for s in symbols)], 0
    with working_precision(PRECISION):
        while pending:
            box = pending.pop()
            used += 1
            if used > MOST_BOXES:
                return None
            if not in_balls([_interval(*side) for side in box]) > 0:
                pending += _halves(in_balls, box)
    return used


def _interval(low: Fraction, high: Fraction) -> Any:
    """The ball of a side. Its ends are dyadic with few bits, so nothing is rounded."""
    return flint.arb(float((low + high) / 2), float((high - low) / 2))


def _in_balls(expr: Any, position: Mapping[Any, int]) -> InBalls:
    """A SymPy polynomial as a function of the list of its variables' balls, evaluated as it is written."""
    if expr.is_Symbol:
        return itemgetter(position[expr])
    if expr.is_Rational:
        constant = flint.arb(flint.fmpq(int(expr.p), int(expr.q)))
        return lambda box: constant
    if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
        base, exponent = _in_balls(expr.base, position), int(expr.exp)
        return lambda box: _power(base(box), exponent)
    if not (expr.is_Add or expr.is_Mul):
        raise ProjectError("a bound is not a polynomial", expected="sums, products, powers and tanh", got=str(expr))
    operation = add if expr.is_Add else mul
    parts = [_in_balls(part, position) for part in expr.args]
    return lambda box: reduce(operation, [part(box) for part in parts])


def _power(base: Any, exponent: int) -> Any:
    """A power of an interval; an even one is nowhere negative."""
    return reduce(mul, [abs(base) if exponent % 2 == 0 else base] * exponent)


def _halves(in_balls: InBalls, box: tuple[Side, ...]) -> list[tuple[Side, ...]]:
    """The box cut in two across the side whose halving raises the worse half's lower end most."""
    splits = [list(_split(box, i)) for i in range(len(box))]
    return max(splits, key=lambda halves: min(_lower_end(in_balls, half) for half in halves), default=[])


def _split(box: tuple[Side, ...], i: int) -> Iterator[tuple[Side, ...]]:
    low, high = box[i]
    middle = (low + high) / 2
    for side in ((low, middle), (middle, high)):
        yield (*box[:i], side, *box[i + 1 :])


def _lower_end(in_balls: InBalls, box: tuple[Side, ...]) -> float:
    """About the lower end of the polynomial's value: it only chooses where to cut."""
    return float(in_balls([_interval(*side) for side in box]).lower())


def violate(bound: Bound, formulas: Mapping[str, str], where: str) -> Counterexample | None:
    """A point of the box at which a bound fails, rigorously: searched among corners and midpoints, then simplified."""
    points = ({name: _corner(name, i, bound) for name in (*bound.box, *bound.unbounded)} for i in range(MOST_POINTS))
    for point in points:
        if _failure(bound, formulas, point) is not None:
            simple = simplify(
                point, lambda name: _inside(name, bound), lambda p: _failure(bound, formulas, p) is not None
            )
            return _describe(bound, formulas, simple, where)
    return None


def _corner(name: str, attempt: int, bound: Bound) -> Fraction:
    low, high = bound.box.get(name, (0, FAR))
    return Fraction(low) + (Fraction(high) - low) * Fraction(random_bits(attempt, name, 16) % 3, 2)


def _inside(name: str, bound: Bound) -> tuple[Fraction, ...]:
    low, high = bound.box.get(name, (0, FAR))
    return tuple(v for v in LADDER if low <= v <= high)


def _failure(bound: Bound, formulas: Mapping[str, str], point: Mapping[str, Fraction]) -> tuple[str, Ball, Ball] | None:
    system = Balls(PRECISION)
    variables = {name: system.number(value) for name, value in point.items()}
    quantities = bound.quantities(variables, system.number)
    for part, formula in formulas.items():
        right = evaluate(parse(formula), variables, system.number)
        for quantity in quantities[part]:
            if quantity.disjoint(right) and quantity > right:
                return part, right, quantity
    return None


def _describe(bound: Bound, formulas: Mapping[str, str], point: Mapping[str, Fraction], where: str) -> Counterexample:
    failure = _failure(bound, formulas, point)
    assert failure is not None
    part, right, quantity = failure
    return Counterexample(
        case={name: str(value) for name, value in point.items()},
        formula=formulas[part],
        expected=f"at most {right.text(6)}",
        observed=quantity.text(6),
        seen=part,
        where=where,
    )
