"""Cut plain text into tokens: ``h_bar[t]*o[t]``, and the simple part of Unicode, ``h̄⁽ᵗ⁾·o⁽ᵗ⁾``."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from refute.formula.surface import LONGEST_NAME, Mark, Node, Number, Series, Symbol
from refute.formula.tokens import Token, Tokens

_GREEK = (
    *("α alpha", "β beta", "γ gamma", "δ delta", "ε epsilon", "ζ zeta", "η eta", "θ theta", "ι iota", "κ kappa"),
    *("λ lambda", "μ mu", "ν nu", "ξ xi", "π pi", "ρ rho", "σ sigma", "τ tau", "υ upsilon", "φ phi", "χ chi", "ψ psi"),
    *("ω omega", "ϕ phi", "ϵ epsilon", "Θ Theta", "Σ Sigma", "Δ Delta"),
)
GREEK = {pair[0]: pair[2:] for pair in _GREEK}
VULGAR = {c: Fraction(unicodedata.numeric(c)).limit_denominator(8) for c in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵗᵏⁱʲⁿᴰᵀᴷᴴ˒", "0123456789+-()tkijnDTKH,", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₜₖᵢⱼₙₓₕₒ", "0123456789+-=()tkijnxho", strict=True))
OPERATORS = dict.fromkeys("*@·⋅×∘⊙∗•∙", "STAR") | dict.fromkeys("-−–", "MINUS") | {  # noqa: RUF001  # signs that look alike are meant
    "+": "PLUS", "/": "SLASH", "÷": "SLASH", ",": "COMMA", "^": "CIRCUMFLEX", "**": "CIRCUMFLEX",
    "=": "_EQUAL", "==": "_EQUAL", ":=": "_EQUAL", "+=": "_EQUAL", "<-": "_EQUAL", "←": "_EQUAL",
    "\\mathrel{+}=": "_EQUAL",
}  # fmt: skip

EXAMPLE = "h_bar[t]*x[t] + sigmoid(c[t-1])^2"  # no claim's answer
BARRED = "āēīōūḡȳ"
MACRON = "\u0304\u0305"  # combining: a bar, and an overline
UNSEEN = "\u00a0\u2000-\u200b\u202f\u205f\u2060-\u2064\u3000\ufeff"  # spaces, and what a copied formula may bring along
_RADICAND = re.compile(r"\(|(?:[0-9]{1,9}|[^\W0-9_])\s{0,9}(?:\*(?!\*)|[-+/·⋅×−,)\]|=]|\Z)")  # whose end is in no doubt
_WHERE = frozenset({"where", "with", "since", "because"})
_TOKEN = re.compile(
    rf"""(?:\A\#)?[ \t\r\f\v{UNSEEN}]*(?: (?P<name> [A-Za-z](?![{MACRON}])[A-Za-z0-9_]*'* )
    | (?P<operator> \*\*|==|:=|\+=|<-|[-+*@/^,=·⋅×∘⊙∗•∙−–÷←] )
    | (?P<number> (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
    | (?P<index> \[(?P<variable>[A-Za-z])[ ]?(?:(?P<sign>[+-])[ ]?(?P<shift>[0-9]))?\] )
    | (?P<open> [(\[] ) | (?P<close> [)\]] )
    | (?P<letter> (?:[{"".join(GREEK)}{BARRED}A-Za-z])[{MACRON}]?(?:_[A-Za-z0-9]+)*(?:_(?=\())?'* | ∇[ ]?[²]?[ ]?J | ∂ )
    | (?P<raised> [{"".join(RAISED)}]+ ) | (?P<lowered> [{"".join(LOWERED)}]+ )
    | (?P<bar> \| ) | (?P<separator> [;\n] ) | (?P<fraction> [{"".join(VULGAR)}] ) | (?P<root> [√∛] )
    | (?P<unknown> [^ \t\r\f\v{UNSEEN}] ) )
    """,  # noqa: RUF001
    re.VERBOSE,
)


def tokenize(tokens: Tokens, text: str, offset: int = 0) -> None:
    """Append the tokens of `text`, whose first character is character `offset` of the whole. Raises FormulaError."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        assert kind is not None, "each alternative has a name"
        written, place = match[kind], offset + match.start(kind)
        if kind == "name" and written not in _WHERE:
            tokens.add(Symbol(written, place))
        elif kind == "operator" and (written != "," or not tokens.is_top):
            tokens.add(Mark(OPERATORS[written], place))
        elif kind == "number":
            tokens.number(written, place)
        elif kind == "index":
            _index(tokens, match, offset)
        elif kind == "open":
            tokens.open(_bracket(tokens, written, place), written, place)
        elif kind == "close":
            tokens.close(written, place)
        elif kind == "letter":
            tokens.add(_in_letters(written, place))
        elif kind in ("raised", "lowered"):
            (_raised if kind == "raised" else _lowered)(tokens, written, place)
        elif kind == "bar":
            tokens.vertical(place)
        elif kind == "name":
            tokens.mark("_WHERE", place)
        elif kind in ("separator", "operator"):  # a new line, a semicolon, or a comma in no bracket
            (tokens.semicolon if written == ";" else tokens.separator)(place)
        else:
            _seldom(tokens, kind, written, place, rest=text[match.end() : match.end() + LONGEST_NAME])


def _seldom(tokens: Tokens, kind: str, written: str, place: int, rest: str) -> None:
    """What few formulas have; `rest` is what comes next."""
    if kind == "fraction":
        tokens.add(Number(VULGAR[written], place))
    elif written == "!":
        tokens.factorial(place)
    elif kind != "root":
        tokens.wrong(place, "a name, a number, a bracket or an operator")
    elif not _RADICAND.match(rest):
        tokens.wrong(place + 1, "a bracket around what the root is taken of", example="√(x + 1)")
    else:
        tokens.add(Mark("ROOT", place, "" if written == "√" else "_3"))


def _bracket(tokens: Tokens, written: str, at: int) -> str:
    """What a bracket opens; ``c_(t+1)`` has an index in it."""
    name = tokens.found[-1] if tokens.found else None
    if written == "[":
        _check_second(tokens, name, at)
    if not isinstance(name, Symbol) or name.indices is not None:
        return "OPEN"
    if written == "[" or not name.base.endswith("_"):
        return "APPLY" if written == "(" else "INDEX"
    name.base = name.base.rstrip("_")
    return "INDEX"


def _check_second(tokens: Tokens, before: Token | None, at: int) -> None:
    """Raises FormulaError for a second index in a bracket of its own: ``h[i][j]``."""
    is_indexed = isinstance(before, Symbol) and before.indices is not None
    if is_indexed or (tokens.last == "_CLOSE" and tokens.closed == "INDEX"):
        tokens.wrong(at, "one bracket with all indices, or a sign before a factor", example="h[i, j]")


def _index(tokens: Tokens, match: re.Match[str], offset: int) -> None:
    """A short index is hung on its name at once."""
    name = tokens.found[-1] if tokens.found else None
    _check_second(tokens, name, offset + match.start("index"))
    if not isinstance(name, Symbol):
        tokens.open("OPEN", "[", offset + match.start("index"))
        tokenize(tokens, match["index"][1:-1], offset + match.start("index") + 1)
        tokens.close("]", offset + match.end() - 1)
        return
    tokens.check_depth(offset + match.start("index"))
    index: Node = Symbol(match["variable"], offset + match.start("variable"))
    if match["sign"]:
        shift = Number(Fraction(int(match["shift"])), offset + match.start("shift"))
        index = Series([("+", index), (match["sign"], shift)])
    name.indices = [index]


def _in_letters(written: str, at: int) -> Symbol:
    """``w̄_ix`` as ``w_ix`` with a bar."""
    if written.startswith("∇"):
        return Symbol("hess_J" if "²" in written else "grad_J", at)
    if written == "∂":
        return Symbol("partial", at)
    letters = unicodedata.normalize("NFD", written).replace(MACRON[1], MACRON[0])
    first, rest = letters[0], letters[1:]
    if first == "Σ" and len(rest) == 2:
        return Symbol("Sigma", at, sub=Symbol(rest[1], at + 2))
    return Symbol(GREEK.get(first, first) + rest.removeprefix(MACRON[0]), at, has_bar=rest.startswith(MACRON[0]))


def _lowered(tokens: Tokens, written: str, at: int) -> None:
    """``cₜ₋₁``, an index."""
    name, script = tokens.found[-1] if tokens.found else None, "".join(LOWERED[c] for c in written)
    if not isinstance(name, Symbol):
        tokens.wrong(at, "a name before an index")
    if script.isalpha() and len(script) > 1:
        name.base += f"_{script}"  # wᵢₓ
        return
    tokens.open("INDEX", "[", at)
    tokenize(tokens, script, at)
    tokens.close("]", at + len(written))


def _raised(tokens: Tokens, written: str, at: int) -> None:
    tokens.mark("CIRCUMFLEX", at)
    tokens.open("OPEN", "(", at)
    tokenize(tokens, "".join(RAISED[c] for c in written), at)
    tokens.close(")", at + len(written))
