"""Print an expression: as plain text that reads back to the same tree, and in Unicode as one reads it on paper."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum

_ADD, _MUL, _NEG, _POW, _ATOM = 1, 2, 3, 4, 5  # binding strength, loosest first

GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "theta": "θ", "phi": "φ", "sigma": "σ", "epsilon": "ε", "eps": "ε",
         "Theta": "Θ", "grad_J": "∇J"}  # fmt: skip
_RAISED = dict(zip("0123456789+-()tkij", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵗᵏⁱʲ", strict=True)) | {
    ",": "˒",
    "D": "ᴰ",
    "T": "ᵀ",
    "K": "ᴷ",
    "H": "ᴴ",
}


def text(expr: Expr) -> str:
    """The plain-text notation; `parse(text(e))` gives back `e`."""
    return _Plain().show(expr, 0)


def unicode(expr: Expr) -> str:
    """The formula as one reads it: ``c̄⁽ᵗ⁺¹⁾·f⁽ᵗ⁺¹⁾``, ``2·H² + D·H``, ``βᴰ``."""
    return _Unicode().show(expr, 0)


class _Plain:
    times, minus = "*", "-"

    def show(self, expr: Expr, binding: int) -> str:
        shown, strength = self._node(expr)
        return f"({shown})" if strength < binding else shown

    def _node(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Num(value):
                return self.number(value)
            case Name(name, indices):
                return self.name(name, indices), _ATOM
            case Add(terms):
                return self._sum_of(terms), _ADD
            case Mul(factors):
                first, *others = factors
                parts = [self.show(first, _MUL + isinstance(first, Mul)), *(self.show(f, _NEG) for f in others)]
                return self.times.join(parts), _MUL
            case Neg(operand):
                return self.minus + self.show(operand, _NEG), _NEG
            case Div(numerator, denominator):
                return f"{self.show(numerator, _MUL)}/{self.show(denominator, _NEG)}", _MUL
            case Pow(base, exponent):
                return self.power(base, exponent), _POW
            case Call(function, arguments):
                return self.call(function, arguments), _ATOM
            case Sum(body, index, low, high):
                return self.sum(body, index, low, high)
            case Matrix(rows):
                inner = (", ".join(self.show(entry, 0) for entry in row) for row in rows)
                return "[" + ", ".join(f"[{row}]" for row in inner) + "]", _ATOM

    def _sum_of(self, terms: tuple[Expr, ...]) -> str:
        first, *others = terms
        shown = self.show(first, _ADD + isinstance(first, Add))
        for term in others:
            sign, shown_term = ("-", term.operand) if isinstance(term, Neg) else ("+", term)
            shown += f" {self.minus if sign == '-' else sign} {self.show(shown_term, _MUL)}"
        return shown

    def number(self, value: Fraction) -> tuple[str, int]:
        if value.denominator == 1:
            return str(value), _ATOM
        if (
            10 ** value.denominator.bit_length() % value.denominator == 0
        ):  # what was written as a decimal reads back as one
            return f"{Decimal(value.numerator) / Decimal(value.denominator):f}", _ATOM
        return str(value), _MUL

    def name(self, name: str, indices: tuple[Expr, ...]) -> str:
        return name + (f"[{', '.join(self.show(i, 0) for i in indices)}]" if indices else "")

    def power(self, base: Expr, exponent: Expr) -> str:
        return f"{self.show(base, _ATOM)}^{self.show(exponent, _NEG)}"

    def call(self, function: str, arguments: tuple[Expr, ...]) -> str:
        return f"{function}({', '.join(self.show(a, 0) for a in arguments)})"

    def sum(self, body: Expr, index: str, low: Expr, high: Expr) -> tuple[str, int]:
        return f"sum({', '.join([self.show(body, 0), index, self.show(low, 0), self.show(high, 0)])})", _ATOM


class _Unicode(_Plain):
    times, minus = "·", "-"

    def name(self, name: str, indices: tuple[Expr, ...]) -> str:
        return readable_name(name) + (self._superscript(indices) if indices else "")

    def _superscript(self, indices: tuple[Expr, ...]) -> str:
        inner = ",".join(_Plain().show(i, 0).replace(" ", "") for i in indices)
        raised = raise_text(f"({inner})")
        return raised or f"[{inner}]"

    def power(self, base: Expr, exponent: Expr) -> str:
        raised = raise_text(_Plain().show(exponent, 0).replace("*", "").replace(" ", ""))
        shown = self.show(base, _ATOM)
        if isinstance(base, Name) and base.indices:
            shown = f"({shown})"
        return shown + (raised if raised is not None else f"^{self.show(exponent, _ATOM)}")

    def call(self, function: str, arguments: tuple[Expr, ...]) -> str:
        if function in ("sigmoid", "sigma"):
            function = "σ"
        return f"{readable_name(function)}({', '.join(self.show(a, 0) for a in arguments)})"

    def sum(self, body: Expr, index: str, low: Expr, high: Expr) -> tuple[str, int]:
        return f"Σ_{{{index}={self.show(low, 0)}..{self.show(high, 0)}}} {self.show(body, _MUL)}", _MUL


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
