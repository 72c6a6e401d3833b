"""Print an expression as MathML Core, which browsers typeset and screen readers read."""

from __future__ import annotations

from fractions import Fraction
from html import escape

from refute.formula.expr import Add, Expr, Name, Num
from refute.formula.plain import GREEK
from refute.formula.show import ATOM, NEG, POW, SUM, Printer, text

_LETTERS = {name: letter for letter, name in reversed(GREEK.items())}  # of two letters of one name, the usual one
LONGEST = 60  # characters of plain text that are shown in one row
EQUALS = '<mo form="infix">=</mo>'
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"


def mathml(*members: Expr) -> str:
    """A ``<math>`` element on a line of its own, with the plain text as its alternative; several members are joined by
    equals signs. What is long has a row of its own for each member and term, since browsers break no lines."""
    alternative = " = ".join(map(text, members))
    rows = [row for number, member in enumerate(members) for row in _rows(member, EQUALS if number else "")]
    if len(members) > 1 and isinstance(members[0], Name):
        rows[:2] = ["".join(rows[:2])]  # a left-hand side needs no row
    if len(alternative) <= LONGEST:
        shown = f"<mrow>{''.join(rows)}</mrow>"
    else:
        table = "".join(f"<mtr><mtd>{row}</mtd></mtr>" for row in rows)
        shown = f'<mtable class="rows" displaystyle="true">{table}</mtable>'
    return f'<math xmlns="{_NAMESPACE}" display="block" alttext="{escape(alternative)}">{shown}</math>'


def _rows(member: Expr, before: str) -> list[str]:
    """The terms of a member, the first with what comes before it."""
    first, *others = _MathML().terms(member.terms if isinstance(member, Add) else (member,))
    return [before + first, *others]


class _MathML(Printer):
    """What it prints is a row of elements; `_row` makes one element of it where one is needed."""

    times, minus = "<mo>·</mo>", '<mo form="prefix">−</mo>'
    plus, less = '<mo form="infix">+</mo>', '<mo form="infix">−</mo>'

    def bracketed(self, shown: str) -> str:
        return f"<mrow><mo>(</mo>{shown}<mo>)</mo></mrow>"

    def number(self, value: Fraction) -> tuple[str, int]:
        shown, strength = super().number(value)
        sign, digits = (self.minus, shown[1:]) if shown.startswith("-") else ("", shown)
        top, _, bottom = digits.partition("/")
        if not bottom:
            return f"{sign}<mn>{top}</mn>", strength
        return f"{sign}<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>", NEG if sign else POW

    def name(self, name: str, indices: tuple[Expr, ...]) -> str:
        bare = name.removesuffix("_bar")
        head, _, rest = bare.partition("_")
        letter = (
            _word(head) if bare == name else f'<mover accent="true">{_word(head)}<mo stretchy="false">¯</mo></mover>'
        )
        script = self.bracketed(self._listed(indices)) if indices else ""
        match bool(rest), bool(script):
            case True, True:
                return f"<msubsup>{letter}{_script(rest)}{script}</msubsup>"
            case True, False:
                return f"<msub>{letter}{_script(rest)}</msub>"
            case False, True:
                return f"<msup>{letter}{script}</msup>"
        return letter

    def quotient(self, numerator: Expr, denominator: Expr) -> tuple[str, int]:
        return f"<mfrac>{self._row(numerator)}{self._row(denominator)}</mfrac>", POW

    def power(self, base: Expr, exponent: Expr) -> str:
        is_simple = isinstance(base, Num) or (isinstance(base, Name) and not base.indices)
        shown = self.show(base, ATOM) if is_simple else self.bracketed(self.show(base, 0))
        return f"<msup>{shown}{self._row(exponent)}</msup>"

    def call(self, function: str, arguments: tuple[Expr, ...]) -> str:
        inner = self._listed(arguments)
        match function:
            case "sqrt":
                return f"<msqrt>{inner}</msqrt>"
            case "abs":
                return f"<mrow><mo>|</mo>{inner}<mo>|</mo></mrow>"
            case "transpose":
                return f"<msup>{self.bracketed(inner)}<mo>&#x22A4;</mo></msup>"
        return f"<mrow>{_function(function)}<mo>&#x2061;</mo>{self.bracketed(inner)}</mrow>"

    def sum(self, body: Expr, index: str, low: Expr, high: Expr) -> tuple[str, int]:
        below = f"<mrow>{_word(index)}<mo>=</mo>{self.show(low, 0)}</mrow>"
        inner = self.show(body, SUM)
        shown = self.bracketed(inner) if inner.startswith(self.minus) else inner
        return f"<munderover><mo>∑</mo>{below}{self._row(high)}</munderover>{shown}", SUM

    def matrix(self, rows: tuple[tuple[Expr, ...], ...]) -> str:
        cells = ("".join(f"<mtd>{self.show(entry, 0)}</mtd>" for entry in row) for row in rows)
        return self.bracketed(f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in cells)}</mtable>")

    def _row(self, expr: Expr) -> str:
        return f"<mrow>{self.show(expr, 0)}</mrow>"

    def _listed(self, expressions: tuple[Expr, ...]) -> str:
        return '<mo separator="true">,</mo>'.join(self.show(expr, 0) for expr in expressions)


def _word(name: str) -> str:
    return f"<mi>{escape(_LETTERS.get(name, name))}</mi>"


def _script(rest: str) -> str:
    """``ix`` as the sheet sets it, in two letters; a longer subscript is a word."""
    if rest.isdecimal():
        return f"<mn>{rest}</mn>"
    return f"<mrow>{''.join(map(_word, rest))}</mrow>" if len(rest) < 3 else f"<mtext>{escape(rest)}</mtext>"


def _function(name: str) -> str:
    bare = name.rstrip("'")
    primes = "′" * (len(name) - len(bare))
    if bare.startswith(("grad_", "hess_")):
        nabla = "<msup><mo>∇</mo><mn>2</mn></msup>" if bare.startswith("hess_") else "<mo>∇</mo>"
        return f"<mrow>{nabla}{_word(bare[5:])}</mrow>"
    if bare == "log2":
        return "<msub><mi>log</mi><mn>2</mn></msub>"
    shown = _word("sigma" if bare == "sigmoid" else bare)
    return f"<msup>{shown}<mo>{primes}</mo></msup>" if primes else shown
