"""Orders of growth: is one polynomial a tight bound of another in every direction?

f = Theta(g) for all sizes from some least values on is proved by constants: c g - f and c' f - g have only nonnegative
coefficients once each variable is written as its least value plus a nonnegative one. It is refuted by a direction:
sizes n^a, n^b, ... along which f and g grow at different rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import sympy

from refute.formula.evaluate import compile_expr
from refute.formula.parse import parse
from refute.numbers.symbols import Symbols

LARGEST_CONSTANT = 1 << 12


def constants(count: str, order: str, least: Mapping[str, int]) -> tuple[sympy.Rational, int] | None:
    """(1/c', c) with order/c' <= count <= c order for all sizes from `least` on; None when powers of two up to 4096
    fail."""
    f, g = (_shifted(formula, least) for formula in (count, order))
    above, below = _constant(f, g), _constant(g, f)
    return None if above is None or below is None else (sympy.Rational(1, below), above)


def direction(count: str, order: str, sizes: Mapping[str, int]) -> str | None:
    """Sizes along which the count grows faster or slower than the order says; None when none is found."""
    f, g = (_polynomial(formula, sizes) for formula in (count, order))
    n = sympy.Symbol("n", positive=True)
    for exponents in product(range(3), repeat=len(sizes)):
        along = {sympy.Symbol(name, real=True): n**e for name, e in zip(sizes, exponents, strict=True)}
        rates = [sympy.degree(p.subs(along, simultaneous=True), n) if any(exponents) else 0 for p in (f, g)]
        if rates[0] != rates[1]:
            where = ", ".join(f"{name} = n^{e}" for name, e in zip(sizes, exponents, strict=True))
            looseness = "true, not tight" if rates[0] < rates[1] else "not an upper bound"
            return f"{looseness}: with {where} the count grows like n^{rates[0]}, the formula like n^{rates[1]}"
    return None


def _polynomial(formula: str, sizes: Mapping[str, int]) -> Any:
    system = Symbols()
    value = compile_expr(parse(formula), system.number)({name: system.variable(name) for name in sizes})
    return sympy.expand(value.expr)


def _shifted(formula: str, least: Mapping[str, int]) -> Any:
    shift = {sympy.Symbol(name, real=True): sympy.Symbol(name, real=True) + low for name, low in least.items()}
    return sympy.expand(_polynomial(formula, least).subs(shift, simultaneous=True))


def _constant(small: Any, large: Any) -> int | None:
    c = 1
    while c <= LARGEST_CONSTANT:
        if all(coefficient >= 0 for coefficient in sympy.Poly(c * large - small).coeffs()):
            return c
        c *= 2
    return None
