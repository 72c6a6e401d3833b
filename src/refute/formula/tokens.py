"""What both lexers share: brackets that match, lines, bars, limits."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import factorial
from typing import NoReturn

from refute.formula.surface import MAX_DEPTH, MAX_TOKENS, Mark, Number, Symbol, fail

Token = Mark | Number | Symbol

MAX_DIGITS = 2_000  # of one number
MAX_DECIMAL_EXPONENT = 400
MAX_FACTORIAL = 200

CLOSING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "|": "|"}
_OPERATORS = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "_EQUAL", "CIRCUMFLEX", "COMMA", "_SEP", "_WHERE"})
_CONTINUES = _OPERATORS - {"CIRCUMFLEX"}  # a line that begins so goes on with the line before it


@lru_cache(maxsize=1024)
def _whole(digits: str) -> Fraction:
    return Fraction(int(digits))


class Tokens:
    """The tokens of a text. Those that open and close a bracket go through `open` and `close`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Token] = []
        self._open: list[Mark] = []
        self._separator: Mark | None = None
        self._second: list[Mark] = []  # the braces around what stands below a line, as in {a \\over b}
        self.closed = ""  # the type of the bracket that was closed last

    @property
    def is_top(self) -> bool:
        return not self._open

    @property
    def last(self) -> str:
        """The type of the last token, or the empty string."""
        return self.found[-1].type if self.found else ""

    def is_after_operand(self) -> bool:
        return self.last in ("NUMBER", "NAME", "_CLOSE", "PRIME")

    def add(self, token: Token) -> None:
        """Raises FormulaError past the limit of tokens."""
        if self._separator is not None:
            if token.type not in _CONTINUES:
                self.found.append(self._separator)
            self._separator = None
        self.found.append(token)
        if len(self.found) > MAX_TOKENS:
            fail(self.text, token.at, "the formula is too long", expected=f"at most {MAX_TOKENS} symbols", got="more")

    def mark(self, kind: str, at: int) -> None:
        self.add(Mark(kind, at))

    def name(self, base: str, at: int) -> None:
        self.add(Symbol(base, at))

    def number(self, digits: str, at: int) -> None:
        self.add(Number(self._value(digits, at), at))

    def _value(self, written: str, at: int) -> Fraction:
        if len(written) <= 5 and written.isdecimal():
            return _whole(written)
        mantissa, _, exponent = written.lower().partition("e")
        if len(mantissa) > MAX_DIGITS:
            got = f"{len(mantissa)}"
            fail(self.text, at, "a number is too long", expected=f"at most {MAX_DIGITS} digits", got=got)
        if len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DECIMAL_EXPONENT:
            limit = f"from 1e-{MAX_DECIMAL_EXPONENT} to 1e{MAX_DECIMAL_EXPONENT}"
            fail(self.text, at, "a number is too large or too small", expected=limit, got=f"e{exponent[:12]}")
        return Fraction(int(written)) if written.isdecimal() else Fraction(written)

    def check_depth(self, at: int) -> None:
        """Raises FormulaError if no bracket more may open here."""
        if len(self._open) >= MAX_DEPTH:
            fail(
                self.text,
                at,
                "brackets are nested too deep",
                expected=f"at most {MAX_DEPTH} levels",
                got=f"{MAX_DEPTH + 1}",
            )

    def open(self, kind: str, bracket: str, at: int) -> None:
        self.check_depth(at)
        opening = Mark(kind, at, bracket)
        self.add(opening)
        self._open.append(opening)

    def close(self, bracket: str, at: int) -> None:
        """`bracket` is how it is written; it must close the bracket opened last."""
        if not self._open:
            self.wrong(at, f"an opening bracket for this {bracket}", got=repr(bracket))
        opening = self._open.pop()
        if CLOSING.get(opening.text, opening.text) != bracket:
            self.wrong(at, self._closing_of(opening), got=repr(bracket))
        self._separator, self.closed = None, opening.type
        self.mark("_CLOSE", at)

    def innermost(self) -> str:
        """The bracket that is open, as it is written; the empty string at the top."""
        return self._open[-1].text if self._open else ""

    def divide(self, fraction: Mark) -> bool:
        """Make of the brace that is open the first argument of a fraction, and open the second; False if no brace is
        open, or it is such a second one already."""
        opening = self._open[-1] if self._open else fraction
        if opening.text != "{" or opening in self._second:
            return False
        self.found.insert(next(i for i, token in enumerate(self.found) if token is opening), fraction)
        self.close("}", fraction.at)
        self.open("OPEN", "{", fraction.at)
        self._second.append(self._open[-1])
        return True

    def factorial(self, at: int) -> None:
        """``5!``, of a whole number as it is written."""
        number = self.found[-1] if self.found else None
        is_alone = self.text[at - 1 : at].isdecimal() and self.text[at + 1 : at + 2] not in ("!", "=")
        if (
            not isinstance(number, Number)
            or number.value.denominator != 1
            or number.value > MAX_FACTORIAL
            or not is_alone
        ):
            self.wrong(at, f"a factorial of a whole number up to {MAX_FACTORIAL} only", example="5!")
        number.value = Fraction(factorial(int(number.value)))

    def vertical(self, at: int) -> None:
        """``|``: it closes where one is open and an operand has just ended, and opens otherwise."""
        if self.innermost() == "|" and self.is_after_operand():
            self.close("|", at)
        else:
            self.open("OPEN", "|", at)

    def separator(self, at: int) -> None:
        """A new line; what follows may show that the line before simply goes on."""
        if not self._open and self.found and self.last not in _OPERATORS:
            self._separator = Mark("_SEP", at)

    def semicolon(self, at: int) -> None:
        """Raises FormulaError in a bracket, where a new line would mean nothing but a semicolon does not."""
        if self._open:
            self.wrong(at, self._closing_of(self._open[-1]), example="[[A, B], [C, D]]")
        self.separator(at)

    def wrong(self, at: int, expected: str, *, got: str | None = None, example: str | None = None) -> NoReturn:
        """Raise FormulaError: something else was expected here."""
        fail(self.text, at, expected=expected, got=got, example=example)

    def finish(self) -> list[Token]:
        """All tokens, if every bracket is closed."""
        if self._open:
            self.wrong(len(self.text.rstrip()), self._closing_of(self._open[-1]))
        return self.found

    def _closing_of(self, opening: Mark) -> str:
        line = self.text.count("\n", 0, opening.at) + 1
        column = opening.at - self.text.rfind("\n", 0, opening.at)
        closing = CLOSING.get(opening.text, f"\\end{{{opening.text}}}")
        return f"{closing} for what line {line}, column {column} opens"
