"""The surface of a formula: what is written, with its places in the text, before any name has a meaning.

Both notations have this one surface. Leaves are the grammar's tokens too, hence their `type`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, NoReturn

from refute.errors import AnswerError

if TYPE_CHECKING:
    from refute.formula.macros import Piece

MAX_LENGTH = 100_000  # characters of one formula
MAX_TOKENS = 20_000
MAX_DEPTH = 50  # brackets in one another
MAX_LEVELS = 160  # of the expression: brackets, sums, products, powers and signs in one another
LONGEST_NAME = 60  # letters of a name that are looked at, and shown
SIMILAR = 0.72  # from 0 to 1, how like a name is what was meant by one that is not known
_SHOWN = 100  # characters of a line in an error


class FormulaError(AnswerError):
    """A formula that cannot be read. `line` and `column` (from 1) say where."""

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        expected: str | None = None,
        got: str | None = None,
        where: str | None = None,
        example: str | None = None,
    ) -> None:
        super().__init__(message, expected=expected, got=got, where=where, example=example)
        self.line, self.column = line, column

    def within(self, read: str, text: str, pieces: Sequence[Piece] = ()) -> FormulaError:
        """The error of a text that was read, shown in that from which it was made, of these pieces."""
        if self.line is None or self.column is None:
            return self
        at = sum(len(line) + 1 for line in read.split("\n")[: self.line - 1]) + self.column - 1
        if pieces:
            from refute.formula.macros import origin  # they are seldom there

            at = origin(pieces, at)
        return _pointing(text, at, self.message, self.expected, self.got, self.example)


@dataclass(slots=True, eq=False)
class Mark:
    """A token that is no leaf: an operator, a bracket, a separator."""

    type: str
    at: int
    text: str = ""


@dataclass(slots=True, eq=False)
class Number:
    """A decimal number."""

    type: ClassVar[str] = "NUMBER"
    value: Fraction
    at: int


@dataclass(slots=True, eq=False)
class Symbol:
    """A letter, word or command with what hangs on it; `indices` are those in square brackets, of plain text."""

    type: ClassVar[str] = "NAME"
    base: str
    at: int
    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0
    has_bar: bool = False
    is_covered: bool = False  # by its bar, together with what hangs above it
    indices: list[Node] | None = None

    def is_bare(self) -> bool:
        """Whether nothing hangs on it."""
        return not (self.sub or self.sup or self.indices or self.primes or self.has_bar)


@dataclass(slots=True, eq=False)
class Scripted:
    """Anything else with scripts: ``(a + b)^2``."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0


@dataclass(slots=True, eq=False)
class Row:
    """Factors, each with the operator before it: "" (written side by side), "*", "⊙" (entry by entry) or "/"."""

    items: list[tuple[str, Node]]


@dataclass(slots=True, eq=False)
class Series:
    """Terms, each with its sign."""

    terms: list[tuple[str, Node]]


@dataclass(slots=True, eq=False)
class Signed:
    """A sign before a factor."""

    sign: str
    operand: Node


@dataclass(slots=True, eq=False)
class Group:
    """A bracket of one or more formulas; `kind` is its opening."""

    kind: str
    items: list[Node]
    at: int


@dataclass(slots=True, eq=False)
class Apply:
    """``name(...)`` in plain text: a function or a product, as the name's meaning says."""

    function: Symbol
    group: Group


@dataclass(slots=True, eq=False)
class Ratio:
    """A fraction with a bar."""

    top: Node
    bottom: Node
    at: int


@dataclass(slots=True, eq=False)
class Bar:
    """A bar over something that is no symbol."""

    inner: Node
    at: int


@dataclass(slots=True, eq=False)
class Table:
    """A matrix by rows."""

    rows: list[list[Node]]
    at: int
    kind: str = "matrix"


@dataclass(slots=True, eq=False)
class Equality:
    """``t = 1`` below a sum."""

    left: Node
    right: Node


Node = Number | Symbol | Scripted | Row | Series | Signed | Group | Apply | Ratio | Bar | Table | Equality


@dataclass(slots=True, eq=False)
class Line:
    """A chain ``a = b = c`` and what stands before it: "" at the beginning, "SEP" or "WHERE"."""

    members: list[Node]
    before: str = ""
    has_left: bool = field(default=True)  # not so in a line that begins with "="


def start(node: Node) -> int:
    """Where in the text a node begins."""
    while True:
        match node:
            case Row(items):
                node = items[0][1]
            case Series(terms):
                node = terms[0][1]
            case Scripted(base):
                node = base
            case Signed(_, operand):
                node = operand
            case Apply(function):
                return function.at
            case Equality(left):
                node = left
            case _:
                return node.at


def fail(
    text: str,
    at: int,
    message: str = "the formula cannot be read",
    *,
    expected: str,
    got: str | None = None,
    example: str | None = None,
) -> NoReturn:
    """Raise a FormulaError that points at a place in the text."""
    raise _pointing(text, at, message, expected, got, example)


def _pointing(
    text: str, at: int, message: str, expected: str | None, got: str | None, example: str | None
) -> FormulaError:
    at = min(at, len(text))
    line = text.count("\n", 0, at) + 1
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown, column = text[begin : len(text) if end < 0 else end].rstrip("\r"), at - begin + 1
    if got is None:
        is_end = at >= len(text.rstrip())
        got = "the end of the formula" if is_end else repr(shown[column - 1]) if column <= len(shown) else "a new line"
    cut = max(0, min(column - 1 - _SHOWN // 2, len(shown) - _SHOWN))
    window = "".join(c if c.isprintable() else " " for c in shown[cut : cut + _SHOWN])
    blanks = sum(not unicodedata.combining(c) for c in window[: column - 1 - cut])
    return FormulaError(
        message,
        expected=expected,
        got=got,
        where=f"line {line}, column {column}\n    {window}\n    {' ' * blanks}^",
        example=example,
        line=line,
        column=column,
    )
