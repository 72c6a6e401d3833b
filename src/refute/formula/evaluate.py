"""Compile an expression into a function of an environment, to be run in any number system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import itemgetter, methodcaller
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum, children, walk
from refute.formula.parse import FormulaError
from refute.numbers.scalar import Exact, OutsideClass, Scalar, plain

Environment = Mapping[str, Any]
Number = Callable[[Exact], Any]
Evaluator = Callable[[Environment, Number], Any]
Parts = Mapping[int, Evaluator]  # those of parts of an expression, by identity


class Indexed(Protocol):
    """What a name with indices stands for: ``c[t-1]`` asks for ``at(t - 1)``."""

    def at(self, *index: int) -> Any: ...


WORK = "work left"  # under which an environment has its Work, with a blank that no name has
MAX_WORK = 20_000  # parts of what is summed, for each term, and entries of matrices
PRODUCTS = 4  # of entries of matrices, which take as long as one such part
MAX_BITS = 100_000  # of a whole number that a power makes


class Work:
    """What an evaluation may still do: `left` of `MAX_WORK`."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, amount: int) -> None:
        """Raises FormulaError when nothing is left."""
        self.left -= amount
        if self.left < 0:
            raise FormulaError("a sum or a matrix is too long", expected=f"at most {MAX_WORK} operations", got="more")


def _charge(environment: Environment, amount: int) -> None:
    work = environment.get(WORK)
    if work is not None:
        work.spend(amount)


def _elementwise(name: str) -> Callable[[Any], Any]:
    """NumPy's function of this name, which calls the entries' own; a scalar's is called at once."""
    function, own = getattr(np, name), methodcaller(name)
    return lambda z: own(z) if isinstance(z, Scalar) else function(z)


_exp, _tanh, _cosh, _arctan = map(_elementwise, ("exp", "tanh", "cosh", "arctan"))


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + _exp(-z))


def _arcsine(z: Any) -> Any:
    return 2 * _arctan(z / (1 + np.sqrt(1 - z**2)))


def _sigmoid_slope(z: Any) -> Any:
    s = _sigmoid(z)
    return s * (1 - s)


def _determinant(matrix: Any) -> Any:
    """By products and sums only, so for scalars of any kind. Source: R. S. Bird, A simple division-free algorithm for
    computing determinants, 2011."""
    if np.ndim(matrix) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError("only a square matrix has a determinant")
    size, power = len(matrix), matrix
    for _ in range(size - 1):
        above = [sum((-power[k, k] for k in range(i + 1, size)), start=0) for i in range(size)]
        power = (np.triu(power, 1) + np.diag(np.array(above, dtype=object))) @ matrix
    return power[0, 0] if size % 2 else -power[0, 0]


def _absolute(z: Any) -> Any:
    """Bars around a matrix mean its determinant."""
    return _determinant(z) if np.ndim(z) == 2 else abs(z)


def _log2(z: Any) -> Any:
    return np.log(z) / np.log(z * 0 + 2)


def _larger(a: Any, b: Any) -> Any:
    """The larger of two numbers; of two balls it needs no decision which that is."""
    if np.ndim(a) or np.ndim(b):
        return np.maximum(a, b)
    if isinstance(a, Scalar):
        return a.maximum(b)
    return b.maximum(a) if isinstance(b, Scalar) else max(a, b)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sigmoid": _sigmoid,
    "sigma": _sigmoid,
    "sigmoid'": _sigmoid_slope,
    "tanh'": lambda z: 1 - _tanh(z) ** 2,
    "tanh": _tanh,
    "exp": _exp,
    "sech": lambda z: 1 / _cosh(z),
    "cosh": _cosh,
    "log2": _log2,
    **{name: _elementwise(name) for name in ("tan", "sinh", "log", "sqrt", "sin", "cos")},
    "coth": lambda z: 1 / _tanh(z),
    "csch": lambda z: 1 / np.sinh(z),
    "cot": lambda z: np.cos(z) / np.sin(z),
    "sec": lambda z: 1 / np.cos(z),
    "csc": lambda z: 1 / np.sin(z),
    "asinh": lambda z: np.log(z + np.sqrt(z**2 + 1)),
    "acosh": lambda z: np.log(z + np.sqrt(z**2 - 1)),
    "atanh": lambda z: np.log((1 + z) / (1 - z)) / 2,
    "atan": _arctan,
    "asin": _arcsine,
    "acos": lambda z: 2 * _arctan(z * 0 + 1) - _arcsine(z),
    "relu": lambda z: _larger(z, 0),
    "softplus": lambda z: np.log(1 + _exp(z)),
    "abs": _absolute,
    "max": _larger,
    "min": lambda a, b: -_larger(-a, -b),
    "transpose": lambda z: np.transpose(z) if np.ndim(z) else z,
    "det": _determinant,
}
EXACT = frozenset({"abs", "max", "min", "transpose", "det"})  # of whole numbers they give whole numbers
ARITY = {"max": 2, "min": 2}  # 1 for all others


def as_is(value: Exact) -> Exact:
    """The identity: leaves constants exact rationals."""
    return value


def evaluate(expr: Expr, environment: Environment, number: Number = as_is) -> Any:
    """The value of `expr` in one environment. Raises what an evaluator does."""
    return compile_expr(expr)(environment, number)


def compile_expr(expr: Expr, parts: Parts = MappingProxyType({})) -> Evaluator:
    """A function from an environment, and what makes a number system's constants, to the value of `expr`.

    Names without indices are looked up as they are; a name with indices asks ``environment[name].at(*indices)``. A
    function that is not built in is looked up too. Indices, the ends of sums and exponents stay exact, and no whole
    number becomes a float on the way. A product of two matrices, or of a matrix and a vector, is the matrix product; a
    number that is added to a matrix stands for a multiple of I. `parts` has the evaluators of parts that were compiled
    before, by identity.

    Evaluation raises KeyError for a name the environment lacks, ValueError when shapes do not fit, FormulaError for a
    sum or a power that is too large, OutsideClass for what exact numbers cannot express.
    """
    found = parts.get(id(expr)) if parts else None
    return _COMPILERS[expr.__class__](expr, parts) if found is None else found


def _compile_number(expr: Num, parts: Parts) -> Evaluator:
    constant = _integer_if_whole(expr.value)
    return lambda env, number: number(constant)


def _compile_name(expr: Name, parts: Parts) -> Evaluator:
    name = expr.name
    if not expr.indices:
        return lambda env, number: env[name]
    first, *others = map(_compile_index, expr.indices)
    if not others:
        return lambda env, number: env[name].at(first(env))
    return lambda env, number: env[name].at(first(env), *[index(env) for index in others])


def _compile_negative(expr: Neg, parts: Parts) -> Evaluator:
    value_of = compile_expr(expr.operand, parts)

    def negative(env: Environment, number: Number) -> Any:
        value = value_of(env, number)
        if value.__class__ is np.ndarray:
            _charge(env, value.size)
        return -value

    return negative


def _compile_quotient(expr: Div, parts: Parts) -> Evaluator:
    top, bottom = compile_expr(expr.numerator, parts), compile_expr(expr.denominator, parts)
    return lambda env, number: _divide(top(env, number), bottom(env, number), env)


def _compile_power(expr: Pow, parts: Parts) -> Evaluator:
    base_of, exponent = compile_expr(expr.base, parts), expr.exponent
    if isinstance(exponent, Num):
        constant = _integer_if_whole(exponent.value)
        return lambda env, number: _power(base_of(env, number), constant, number, env)
    exponent_of = _exact_if_possible(exponent)
    return lambda env, number: _power(base_of(env, number), exponent_of(env, number), number, env)


def _compile_call(expr: Call, parts: Parts) -> Evaluator:
    return _call(expr.function, [compile_expr(argument, parts) for argument in expr.arguments])


def _compile_matrix(expr: Matrix, parts: Parts) -> Evaluator:
    blocks = [[_zero_block if entry == _ZERO else compile_expr(entry, parts) for entry in row] for row in expr.rows]

    def matrix(env: Environment, number: Number) -> Any:
        result = block_matrix([[entry(env, number) for entry in row] for row in blocks])
        _charge(env, result.size)
        return result

    return matrix


def once_each(expr: Expr) -> dict[int, Evaluator]:
    """Evaluators for `compile_expr` of the parts of an expression that are the same wherever it is evaluated first: all
    but numbers, and what is in exponents, indices and sums. Each is evaluated once, and must be so in one environment
    only."""
    found: dict[int, Evaluator] = {}
    for part in (expr.base,) if isinstance(expr, Pow) else () if isinstance(expr, (Name, Sum)) else children(expr):
        found |= once_each(part)
    if not isinstance(expr, Num):
        found[id(expr)] = _once(compile_expr(expr, found))
    return found


def _once(value_of: Evaluator) -> Evaluator:
    values: list[Any] = []

    def kept(env: Environment, number: Number) -> Any:
        if not values:
            values.append(value_of(env, number))
        return values[0]

    return kept


def _compile_index(index: Expr) -> Callable[[Environment], Any]:
    """An index, which is exact: most are a variable and a whole number."""
    match index:
        case Name(variable, ()):
            return itemgetter(variable)
        case Add((Name(variable, ()), Num(value))) if value.denominator == 1:
            shift = value.numerator
            return lambda env: env[variable] + shift
        case Add((Name(variable, ()), Neg(Num(value)))) if value.denominator == 1:
            shift = -value.numerator
            return lambda env: env[variable] + shift
    general = compile_expr(index)
    return lambda env: general(env, as_is)


def _fold(operation: Callable[[Any, Any, Environment], Any], expressions: tuple[Expr, ...], parts: Parts) -> Evaluator:
    first, second, *others = [compile_expr(expression, parts) for expression in expressions]
    if not others:
        return lambda env, number: operation(first(env, number), second(env, number), env)

    def fold(env: Environment, number: Number) -> Any:
        result = operation(first(env, number), second(env, number), env)
        for other in others:
            result = operation(result, other(env, number), env)
        return result

    return fold


def _exact_if_possible(exponent: Expr) -> Evaluator:
    value_of = compile_expr(exponent)

    def evaluator(env: Environment, number: Number) -> Any:
        try:
            return value_of(env, as_is)
        except OutsideClass:
            return value_of(env, number)

    return evaluator


def _call(function: str, parts: list[Evaluator]) -> Evaluator:
    known = FUNCTIONS.get(function)
    if known is None:
        return lambda env, number: env[function](*[part(env, number) for part in parts])
    if len(parts) != ARITY.get(function, 1):
        raise FormulaError(
            f"{function} takes another number of arguments",
            expected=f"{ARITY.get(function, 1)}",
            got=f"{len(parts)}",
            example=f"{function}({', '.join('xy'[: ARITY.get(function, 1)])})",
        )
    if function in EXACT:
        return _exact_call(known, parts)
    (part,) = parts

    def call(env: Environment, number: Number) -> Any:
        value = part(env, number)
        if isinstance(value, Scalar):
            return known(value)
        _charge(env, _size(value))
        return known(_inexact(value, number, function))

    return call


def _exact_call(known: Callable[..., Any], parts: list[Evaluator]) -> Evaluator:
    may_be_determinant = known in (_determinant, _absolute)

    def call(env: Environment, number: Number) -> Any:
        values = [part(env, number) for part in parts]
        for value in values:
            if isinstance(value, np.ndarray):
                is_determinant = may_be_determinant and value.ndim == 2
                _charge(env, len(value) ** 4 // PRODUCTS if is_determinant else value.size)
        return known(*values)

    return call


def _inexact(value: Any, number: Number, function: str) -> Any:
    """A whole number or fraction as a scalar of the number system, since NumPy would make a float of it."""
    if isinstance(value, (int, Fraction, np.integer)):
        value = number(plain(value))
        if isinstance(value, (int, Fraction)):
            raise OutsideClass(f"exact numbers have no {function}")
    return value


def _power(base: Any, exponent: Any, number: Number, env: Environment) -> Any:
    if exponent.__class__ is Fraction and exponent.denominator == 1:
        exponent = exponent.numerator
    if isinstance(base, Scalar):
        return base**exponent
    if isinstance(base, np.ndarray):
        return _matrix_power(base, exponent, env)
    if isinstance(base, (int, Fraction, np.integer)):
        base = plain(base)
        if isinstance(exponent, int):
            return _exact_power(Fraction(base), exponent)
        base = _inexact(base, number, "roots and powers")
    return base**exponent


def _exact_power(base: Fraction, exponent: int) -> Exact:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if (bits - 1) * abs(exponent) > MAX_BITS:
        raise FormulaError("a power is too large", expected=f"at most {MAX_BITS} bits", got=f"{base}^{exponent}")
    return _integer_if_whole(base**exponent)


def _matrix_power(base: Any, exponent: Any, env: Environment) -> Any:
    if base.ndim != 2 or not isinstance(exponent, int) or exponent < 1:
        raise ValueError("only a square matrix has powers, and whole positive ones")
    _charge(env, 2 * exponent.bit_length() * len(base) ** 3 // PRODUCTS)
    return np.linalg.matrix_power(base, exponent)


def _compile_sum(expr: Sum, parts: Parts) -> Evaluator:
    body, low, high = map(compile_expr, (expr.body, expr.low, expr.high))
    index, size = expr.index, sum(1 for _ in walk(expr.body))

    def total(env: Environment, number: Number) -> Any:
        first, last = _end(low(env, as_is)), _end(high(env, as_is))
        work = env.get(WORK) or Work()  # shared with the sums inside this one
        work.spend(max(last - first + 1, 0) * size)
        result = number(0)
        for i in range(first, last + 1):
            result = result + body({**env, WORK: work, index: i}, number)
        return result

    return total


def _end(value: Any) -> int:
    """An end of a sum."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, Fraction):
        raise FormulaError("an end of a sum is no whole number", expected="a whole number", got=str(value))
    raise OutsideClass("the ends of a sum are whole numbers, which a formal variable is not")


def _size(value: Any) -> int:
    return value.size if isinstance(value, np.ndarray) else 1


def _plus(left: Any, right: Any, env: Environment) -> Any:
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        dimensions = np.ndim(left), np.ndim(right)
        if dimensions == (2, 0):
            right = times_identity(right, len(left))
        elif dimensions == (0, 2):
            left = times_identity(left, len(right))
        _charge(env, max(_size(left), _size(right)))
    return left + right


def _times(left: Any, right: Any, env: Environment) -> Any:
    if left.__class__ is not np.ndarray and right.__class__ is not np.ndarray:
        return left * right
    _charge(env, max(_size(left), _size(right)))
    if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
        return left * right
    if right.ndim == 2 and left.ndim == 1:
        raise ValueError("a vector stands before a matrix; transpose the matrix and write it first")
    if left.ndim != 2:
        return left * right
    inner, rows = left.shape[1], right.shape[0]
    if right.ndim == 2 and inner != rows:  # blocks that are numbers stand for multiples of I
        if rows % inner == 0:
            left = times_identity(left, rows // inner)
        elif inner % rows == 0:
            right = times_identity(right, inner // rows)
    _charge(env, left.size * (right.shape[1] if right.ndim == 2 else 1) // PRODUCTS)
    is_exact = left.dtype == right.dtype == object
    return _matrix_product(left, right) if is_exact and left.shape[1] == right.shape[0] else left @ right


def _matrix_product(left: Any, right: Any) -> Any:
    """``left @ right`` of any scalars, without what is multiplied by a whole 0: blocks of 0 and I have little else."""
    columns = [[(k, b) for k, b in enumerate(column) if not _is_zero(b)] for column in np.atleast_2d(right.T).tolist()]
    result = np.empty((len(left), len(columns)), dtype=object)
    for i, row in enumerate(left.tolist()):
        for j, column in enumerate(columns):
            terms = [row[k] * b for k, b in column if not _is_zero(row[k])]
            result[i, j] = sum(terms[1:], start=terms[0]) if terms else 0
    return result if right.ndim == 2 else result[:, 0]


def _is_zero(entry: Any) -> bool:
    return entry.__class__ is int and not entry


def times_identity(value: Any, size: int) -> Any:
    """A number times I, or a matrix each of whose entries stands for itself times I."""
    if isinstance(value, np.ndarray):
        return np.kron(value, np.array([[int(i == j) for j in range(size)] for i in range(size)], dtype=object))
    result = np.full((size, size), value * 0, dtype=object)
    np.fill_diagonal(result, value)
    return result


def _divide(top: Any, bottom: Any, env: Environment) -> Any:
    if isinstance(bottom, np.ndarray):
        raise ValueError("a vector or matrix cannot be divided by")
    if isinstance(top, np.ndarray):
        _charge(env, top.size)
        if isinstance(bottom, (int, np.integer)):
            return top * Fraction(1, int(bottom))  # its entries may be whole numbers, of which NumPy would make floats
    if isinstance(top, (int, np.integer)) and isinstance(bottom, (int, np.integer)):
        return _integer_if_whole(Fraction(int(top), int(bottom)))
    return top / bottom


def _integer_if_whole(value: Fraction) -> Exact:
    return value.numerator if value.denominator == 1 else value


def block_matrix(rows: list[list[Any]]) -> Any:
    """Join blocks into one matrix; a number beside larger blocks stands for that multiple of I, so 0 for a zero block.

    Raises ValueError when a row's blocks differ in height, a column's in width, or a number other than 0 stands for a
    block that is not square.
    """
    if len({len(row) for row in rows}) != 1:
        raise ValueError("the rows of a matrix differ in length")
    shapes = [[entry.shape if isinstance(entry, np.ndarray) else () for entry in row] for row in rows]
    if any(len(shape) == 1 for row in shapes for shape in row):
        raise ValueError("a matrix has a vector for an entry")
    blocks = {shape for row in shapes for shape in row if shape}
    usual = next(iter(blocks))[0] if len(blocks) == 1 else 1  # the size of a row or column that has only numbers
    heights = [max((shape[0] for shape in row if shape), default=usual) for row in shapes]
    widths = [max((shape[1] for shape in column if shape), default=usual) for column in zip(*shapes, strict=True)]
    filled = [
        np.concatenate([_block(entry, height, width) for entry, width in zip(row, widths, strict=True)], axis=1)
        for row, height in zip(rows, heights, strict=True)
    ]
    return np.concatenate(filled)


def _block(entry: Any, height: int, width: int) -> Any:
    if isinstance(entry, np.ndarray) and entry.ndim:
        return entry
    if height == width == 1:
        return np.array([[entry]], dtype=object)
    if isinstance(entry, int) and entry == 0:
        return np.full((height, width), 0, dtype=object)
    if height == width:
        return times_identity(entry, height)
    raise ValueError(f"a number other than 0 stands for a block of {height} by {width}, which is not square")


_ZERO = Num(Fraction(0))


def _zero_block(env: Environment, number: Number) -> Any:
    return 0  # exact in every number system, so a literal 0 needs no number system of its own


_COMPILERS: Mapping[type, Callable[[Any, Parts], Evaluator]] = {
    Num: _compile_number,
    Name: _compile_name,
    Add: lambda expr, parts: _fold(_plus, expr.terms, parts),
    Mul: lambda expr, parts: _fold(_times, expr.factors, parts),
    Neg: _compile_negative,
    Div: _compile_quotient,
    Pow: _compile_power,
    Call: _compile_call,
    Sum: _compile_sum,
    Matrix: _compile_matrix,
}
