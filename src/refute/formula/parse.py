"""Read the plain-text notation (its grammar is ``formula.lark``) into an expression."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import UnexpectedEOF

from refute.errors import AnswerError
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum

MAX_LENGTH = 20_000  # characters of one formula
MAX_DEPTH = 200  # nested brackets


class FormulaError(AnswerError):
    """A formula that cannot be read. `line` and `column` (from 1) say where."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None, **parts: Any) -> None:
        super().__init__(message, **parts)
        self.line, self.column = line, column


class _Builder(Transformer[Token, Any]):
    """One method a rule: builds the expression bottom-up, flattening sums and products."""

    def number(self, items: list[Any]) -> Expr:
        return Num(Fraction(str(items[0])))

    def name(self, items: list[Any]) -> Expr:
        return Name(str(items[0]), tuple(item for item in items[1:] if item is not None))

    def add(self, items: list[Any]) -> Expr:
        left, right = items
        return Add((*(left.terms if isinstance(left, Add) else (left,)), right))

    def subtract(self, items: list[Any]) -> Expr:
        return self.add([items[0], Neg(items[1])])

    def multiply(self, items: list[Any]) -> Expr:
        left, right = items
        return Mul((*(left.factors if isinstance(left, Mul) else (left,)), right))

    def divide(self, items: list[Any]) -> Expr:
        return Div(items[0], items[1])

    def negate(self, items: list[Any]) -> Expr:
        return Neg(items[0])

    def power(self, items: list[Any]) -> Expr:
        return Pow(items[0], items[1])

    def call(self, items: list[Any]) -> Expr:
        function, *arguments = items
        if function == "sum":
            return self._sum(function, arguments)
        return Call(str(function), tuple(arguments))

    def _sum(self, at: Token, arguments: list[Any]) -> Expr:
        match arguments:
            case [body, Name(index, ()), low, high]:
                return Sum(body, index, low, high)
        raise FormulaError(
            "a sum is not complete",
            expected="sum(EXPRESSION, INDEX, LOW, HIGH)",
            got=f"{len(arguments)} arguments" if len(arguments) != 4 else "an index that is no plain name",
            line=at.line,
            column=at.column,
            example="sum(i_bar[t]*x[t], t, 1, T)",
        )

    def row(self, items: list[Any]) -> tuple[Any, ...]:
        return tuple(items)

    def matrix(self, items: list[Any]) -> Expr:
        return Matrix(tuple(items))

    def equation(self, items: list[Any]) -> tuple[Name, Expr]:
        return items[0], items[1]


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("refute.formula").joinpath("formula.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=["sum", "equation"], maybe_placeholders=False, propagate_positions=False)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expr:
    """The expression a formula denotes. Raises FormulaError with line, column, what was expected and an example."""
    return _read(text, "sum")  # type: ignore[no-any-return]  # the builder returns an Expr


@lru_cache(maxsize=512)
def parse_equation(text: str) -> tuple[Name, Expr]:
    """The two sides of ``name[indices] = formula``. Raises FormulaError."""
    return _read(text, "equation")  # type: ignore[no-any-return]  # the builder returns the pair


def _read(text: str, start: str) -> Any:
    _check_limits(text)
    try:
        return _Builder().transform(_parser().parse(text, start=start))
    except UnexpectedEOF as error:
        raise _unreadable(text, error, len(text.splitlines()) or 1, len(text.rstrip().rsplit("\n")[-1]) + 1) from None
    except UnexpectedInput as error:
        raise _unreadable(text, error, error.line, error.column) from None


def _check_limits(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise FormulaError("the formula is too long", expected=f"at most {MAX_LENGTH} characters", got=f"{len(text)}")
    depth = deepest = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise FormulaError("brackets are nested too deep", expected=f"at most {MAX_DEPTH} levels", got=f"{deepest}")


def _unreadable(text: str, error: UnexpectedInput, line: int, column: int) -> FormulaError:
    lines = text.splitlines() or [""]
    if line < 1 or line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    shown = lines[line - 1]
    got = repr(shown[column - 1]) if column <= len(shown) else "the end of the formula"
    return FormulaError(
        "the formula cannot be read",
        expected="a name, a number, a bracket or an operator that fits here",
        got=got,
        where=f"line {line}, column {column}\n    {shown}\n    {' ' * (column - 1)}^",
        example="h_bar[t]*o[t]*(1 - tanh(c[t])^2)",
        line=line,
        column=column,
    )
