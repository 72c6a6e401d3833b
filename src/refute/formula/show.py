"""Print an expression: as plain text that reads back to the same tree, and in Unicode as one reads it on paper."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum

ADD, SUM, MUL, NEG, POW, ATOM = 1, 2, 3, 4, 5, 6  # binding strength, loosest first

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "theta": "θ", "phi": "φ", "sigma": "σ", "epsilon": "ε", "eps": "ε",
         "Theta": "Θ", "grad_J": "∇J", "hess_J": "∇²J"}  # fmt: skip
_UNWRITTEN = re.compile(r" |(?<=[0-9A-Za-z])\*(?=[A-Za-z])")  # the product in 2*D, not that in 2*3
_RAISED = dict(zip("0123456789+-()tkij", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵗᵏⁱʲ", strict=True)) | {
    ",": "˒",
    "D": "ᴰ",
    "T": "ᵀ",
    "K": "ᴷ",
    "H": "ᴴ",
}


_COMMANDS = {"alpha", "beta", "gamma", "theta", "phi", "epsilon", "eta", "mu", "nu", "lambda", "tau", "delta", "omega"}
_LATEX_FUNCTIONS = {
    "tanh", "exp", "sinh", "cosh", "log", "sin", "cos", "tan", "max", "min", "det", "coth", "cot", "sec", "csc",
}  # fmt: skip


def text(expr: Expr) -> str:
    """The plain-text notation; `parse(text(e))` gives back `e`."""
    return Printer().show(expr, 0)


def unicode(expr: Expr) -> str:
    """The formula as one reads it: ``c̄⁽ᵗ⁺¹⁾·f⁽ᵗ⁺¹⁾``, ``2·H² + D·H``, ``βᴰ``."""
    return _Unicode().show(expr, 0)


def latex(expr: Expr) -> str:
    r"""LaTeX, ``\\overline{c^{(t + 1)}} f^{(t + 1)}``; read in the same vocabulary, it denotes the same function."""
    return _Latex().show(expr, 0)


class Printer:
    """Prints plain text. Other notations say how a node is written; which brackets are needed is said here."""

    times, minus, plus, less = "*", "-", " + ", " - "

    def show(self, expr: Expr, binding: int) -> str:
        """An expression, in brackets if it binds less than `binding`."""
        shown, strength = self._node(expr)
        return self.bracketed(shown) if strength < binding else shown

    def _node(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Num(value):
                return self.number(value)
            case Name(name, indices):
                return self.name(name, indices), ATOM
            case Add(terms):
                return "".join(self.terms(terms)), ADD
            case Mul(factors):
                first, *others = factors
                parts = [self.show(first, MUL + isinstance(first, Mul)), *(self.show(f, NEG) for f in others)]
                return self.times.join(parts), MUL
            case Neg(operand):
                return self.minus + self.show(operand, NEG), NEG
            case Div(numerator, denominator):
                return self.quotient(numerator, denominator)
            case Pow(base, exponent):
                return self.power(base, exponent), POW
            case Call(function, arguments):
                return self.call(function, arguments), ATOM
            case Sum(body, index, low, high):
                return self.sum(body, index, low, high)
            case Matrix(rows):
                return self.matrix(rows), ATOM

    def terms(self, terms: tuple[Expr, ...]) -> list[str]:
        """The terms of a sum, each with the sign before it."""
        first, *others = terms
        shown = [self.show(first, ADD + isinstance(first, Add))]
        for term in others:
            sign, shown_term = (self.less, term.operand) if isinstance(term, Neg) else (self.plus, term)
            shown.append(sign + self.show(shown_term, SUM))
        return shown

    def bracketed(self, shown: str) -> str:
        return f"({shown})"

    def number(self, value: Fraction) -> tuple[str, int]:
        if value.denominator == 1:
            return str(value), ATOM if value >= 0 else NEG
        places = _places(value.denominator)
        if places is not None:  # what was written as a decimal reads back as one
            digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
            sign = "-" if value < 0 else ""
            return f"{sign}{digits[:-places]}.{digits[-places:]}", ATOM if value > 0 else NEG
        return str(value), MUL

    def name(self, name: str, indices: tuple[Expr, ...]) -> str:
        return name + (f"[{', '.join(self.show(i, 0) for i in indices)}]" if indices else "")

    def quotient(self, numerator: Expr, denominator: Expr) -> tuple[str, int]:
        return f"{self.show(numerator, MUL)}/{self.show(denominator, NEG)}", MUL

    def power(self, base: Expr, exponent: Expr) -> str:
        return f"{self.show(base, ATOM)}^{self.show(exponent, NEG)}"

    def call(self, function: str, arguments: tuple[Expr, ...]) -> str:
        return f"{function}({', '.join(self.show(a, 0) for a in arguments)})"

    def sum(self, body: Expr, index: str, low: Expr, high: Expr) -> tuple[str, int]:
        return f"sum({', '.join([self.show(body, 0), index, self.show(low, 0), self.show(high, 0)])})", ATOM

    def matrix(self, rows: tuple[tuple[Expr, ...], ...]) -> str:
        inner = (", ".join(self.show(entry, 0) for entry in row) for row in rows)
        return "[" + ", ".join(f"[{row}]" for row in inner) + "]"


class _Unicode(Printer):
    times = "·"

    def name(self, name: str, indices: tuple[Expr, ...]) -> str:
        return readable_name(name) + (_superscript(indices) if indices else "")

    def power(self, base: Expr, exponent: Expr) -> str:
        raised = raise_text(_UNWRITTEN.sub("", Printer().show(exponent, 0)))
        shown = self.show(base, ATOM)
        if isinstance(base, Name) and base.indices:
            shown = f"({shown})"
        return shown + (raised if raised is not None else f"^{self.show(exponent, ATOM)}")

    def call(self, function: str, arguments: tuple[Expr, ...]) -> str:
        function = {"sigmoid": "σ", "sigma": "σ", "sigmoid'": "σ'"}.get(function, function)
        return f"{readable_name(function)}({', '.join(self.show(a, 0) for a in arguments)})"

    def sum(self, body: Expr, index: str, low: Expr, high: Expr) -> tuple[str, int]:
        return f"Σ_{{{index}={self.show(low, 0)}..{self.show(high, 0)}}} {self.show(body, SUM)}", SUM


class _Latex(Printer):
    times = r" \cdot "

    def bracketed(self, shown: str) -> str:
        return rf"\left({shown}\right)"

    def number(self, value: Fraction) -> tuple[str, int]:
        shown, strength = super().number(value)
        if "/" not in shown:
            return shown, strength
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}", POW if value > 0 else NEG

    def name(self, name: str, indices: tuple[Expr, ...]) -> str:
        bare = name.removesuffix("_bar")
        head, _, rest = bare.partition("_")
        script = rest if len(rest) < 3 else rf"\text{{{rest}}}"
        shown = _letters(head) + (f"_{{{script}}}" if rest else "")
        if indices:
            shown += f"^{{({', '.join(self.show(i, 0) for i in indices)})}}"
        return rf"\overline{{{shown}}}" if bare != name else shown

    def quotient(self, numerator: Expr, denominator: Expr) -> tuple[str, int]:
        return rf"\frac{{{self.show(numerator, 0)}}}{{{self.show(denominator, 0)}}}", POW

    def power(self, base: Expr, exponent: Expr) -> str:
        is_simple = isinstance(base, Num) or (isinstance(base, Name) and not base.indices)
        shown = self.show(base, ATOM) if is_simple else rf"\left({self.show(base, 0)}\right)"
        return f"{shown}^{{{self.show(exponent, 0)}}}"

    def call(self, function: str, arguments: tuple[Expr, ...]) -> str:
        inner = ", ".join(self.show(a, 0) for a in arguments)
        if function == "sqrt":
            return rf"\sqrt{{{inner}}}"
        if function == "transpose":
            return rf"\left({inner}\right)^{{\top}}"
        return rf"{_function(function)}\left({inner}\right)"

    def sum(self, body: Expr, index: str, low: Expr, high: Expr) -> tuple[str, int]:
        ends = rf"\sum_{{{_letters(index)} = {self.show(low, 0)}}}^{{{self.show(high, 0)}}}"
        inner = self.show(body, SUM)
        shown = rf"\left({inner}\right)" if inner.startswith("-") else inner
        return f"{ends} {shown}", SUM

    def matrix(self, rows: tuple[tuple[Expr, ...], ...]) -> str:
        inner = r" \\ ".join(" & ".join(self.show(entry, 0) for entry in row) for row in rows)
        return rf"\begin{{pmatrix}} {inner} \end{{pmatrix}}"


def _letters(head: str) -> str:
    if head in _COMMANDS:
        return f"\\{head}"
    return head if len(head) == 1 else rf"\mathrm{{{head}}}"


def _function(name: str) -> str:
    primes = "'" * name.count("'")
    bare = name.removesuffix(primes)
    if bare in ("sigmoid", "sigma"):
        return rf"\sigma{primes}"
    if bare == "log2":
        return r"\log_{2}"
    if bare.startswith(("grad_", "hess_")):
        return rf"\nabla{'^{2}' if bare.startswith('hess_') else ''} {bare[5:]}"
    if bare in _LATEX_FUNCTIONS:
        return f"\\{bare}{primes}"
    return _letters(bare) + primes if len(bare) == 1 or bare in _COMMANDS else rf"\operatorname{{{bare}}}{primes}"


@lru_cache(maxsize=64)
def _superscript(indices: tuple[Expr, ...]) -> str:
    """The few indices of a formula come again and again."""
    inner = ",".join(text(i).replace(" ", "") for i in indices)
    return raise_text(f"({inner})") or f"[{', '.join(map(unicode, indices))}]"


@lru_cache(maxsize=256)
def readable_name(name: str) -> str:
    """``w_ix_bar`` as ``w̄_ix``, ``beta`` as ``β``."""
    if name in GREEK:
        return GREEK[name]
    if name.endswith("_bar"):
        head, _, rest = name.removesuffix("_bar").partition("_")
        return GREEK.get(head, head) + "\u0304" + (f"_{rest}" if rest else "")
    head, _, rest = name.partition("_")
    return GREEK.get(head, head) + (f"_{rest}" if rest else "")


def raise_text(inner: str) -> str | None:
    """`inner` in superscript letters, or None when Unicode lacks one of them."""
    return "".join(_RAISED[c] for c in inner) if all(c in _RAISED for c in inner) else None


def _places(denominator: int) -> int | None:
    """How many decimal places a fraction in lowest terms has; None if they never end."""
    twos, fives = (denominator & -denominator).bit_length() - 1, 0
    denominator >>= twos
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
