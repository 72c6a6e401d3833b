"""SymPy in and out: expressions become SymPy objects and back, node by node; no text is ever handed to SymPy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from typing import Any

from refute.errors import UsageError
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum
from refute.formula.parse import FormulaError, parse


def to_sympy(expr: Expr) -> Any:
    """The SymPy expression: ``h[t]`` is ``IndexedBase("h")[t]``, a function of the claim's an undefined function."""
    import sympy  # slow to import

    match expr:
        case Num(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Name(name, ()):
            return sympy.Symbol(name)
        case Name(name, indices):
            return sympy.IndexedBase(name)[tuple(map(to_sympy, indices))]
        case Add(terms):
            return sum(map(to_sympy, terms[1:]), start=to_sympy(terms[0]))
        case Mul(factors):
            first, *others = map(to_sympy, factors)
            for factor in others:
                first = first * factor
            return first
        case Neg(operand):
            return -to_sympy(operand)
        case Div(top, bottom):
            return to_sympy(top) / to_sympy(bottom)
        case Pow(base, exponent):
            return to_sympy(base) ** to_sympy(exponent)
        case Sum(body, index, low, high):
            return sympy.Sum(to_sympy(body), (sympy.Symbol(index), to_sympy(low), to_sympy(high)))
        case Matrix(rows):
            return sympy.Matrix([[to_sympy(entry) for entry in row] for row in rows])
        case Call(function, arguments):
            values = tuple(map(to_sympy, arguments))
            known = _functions().get(function)
            return known(*values) if known is not None else sympy.Function(function)(*values)


def _functions() -> dict[str, Callable[..., Any]]:
    import sympy

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + sympy.exp(-z))

    return {
        **{name: getattr(sympy, name) for name in ("tanh", "exp", "sinh", "cosh", "sech", "log", "sqrt", "sin", "cos")},
        **{name: getattr(sympy, name) for name in ("tan", "cot", "sec", "csc", "coth", "csch")},
        **{name: getattr(sympy, name) for name in ("atan", "asin", "acos", "asinh", "acosh", "atanh")},
        "relu": lambda z: sympy.Max(z, 0),
        "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
        "abs": sympy.Abs,
        "max": sympy.Max,
        "min": sympy.Min,
        "det": sympy.det,
        "sigmoid": sigmoid,
        "sigma": sigmoid,
        "transpose": sympy.transpose,
        "log2": lambda z: sympy.log(z) / sympy.log(2),
        "sigmoid'": lambda z: sigmoid(z) * (1 - sigmoid(z)),
        "tanh'": lambda z: 1 - sympy.tanh(z) ** 2,
    }


def from_sympy(value: Any) -> Expr:
    """The expression of a SymPy object. Raises UsageError for what the language has no form for."""
    import sympy

    match value:
        case sympy.Rational():
            number = Num(Fraction(abs(int(value.p)), int(value.q)))
            return Neg(number) if value < 0 else number
        case sympy.Indexed():
            return Name(_name(value.base.label.name), tuple(map(from_sympy, value.indices)))
        case sympy.Symbol():
            return Name(_name(value.name))
        case sympy.Add():
            return Add(tuple(map(from_sympy, value.args)))
        case sympy.Mul():
            return Mul(tuple(map(from_sympy, value.args)))
        case sympy.exp():
            return Call("exp", (from_sympy(value.args[0]),))
        case sympy.Pow():
            return Pow(*map(from_sympy, value.args))
        case sympy.Sum() if len(value.limits) == 1:
            index, low, high = value.limits[0]
            return Sum(from_sympy(value.function), _name(index.name), from_sympy(low), from_sympy(high))
        case sympy.MatrixBase():
            return Matrix(tuple(tuple(map(from_sympy, value.row(i))) for i in range(value.rows)))
        case sympy.Max() | sympy.Min():
            parts = map(from_sympy, value.args)
            return reduce(lambda first, second: Call(value.func.__name__.lower(), (first, second)), parts)
        case sympy.Function():
            name = "abs" if isinstance(value, sympy.Abs) else value.func.__name__
            return Call(_name(name), tuple(map(from_sympy, value.args)))
    if value is sympy.E:
        return Call("exp", (Num(Fraction(1)),))
    raise UsageError("no formula for a SymPy object", expected="an elementary expression", got=type(value).__name__)


def _name(name: str) -> str:
    """A SymPy name that is a name of the language. Raises UsageError."""
    with suppress(FormulaError):
        if isinstance(parse(name), Name):
            return name
    raise UsageError("a SymPy symbol has no name of the language", expected="a name such as w_ih", got=repr(name))
