r"""Cut LaTeX into tokens: ``\overline{h^{(t)}} \cdot o_t``. Fonts, spacing, sizes and alignment are dropped here."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import NoReturn

from refute.formula import plain
from refute.formula.plain import BARRED, GREEK, LOWERED, MACRON, OPERATORS, RAISED, UNSEEN
from refute.formula.surface import SIMILAR, Group, Mark, Node, Number, Row, Series, Symbol
from refute.formula.tokens import Tokens

GREEK_COMMANDS = {f"\\{name}": name for name in (*GREEK.values(), "ell")} | {
    "\\varepsilon": "epsilon", "\\varphi": "phi", "\\vartheta": "theta", "\\varrho": "rho", "\\varsigma": "sigma",
}  # fmt: skip
WORDS = (
    *("tanh", "sech", "sinh", "cosh", "exp", "log", "sigmoid", "sqrt", "abs", "det", "max", "min"),
    *("sin", "cos", "tan", "coth", "csch", "cot", "sec", "csc", "arctan", "arcsin", "arccos", "relu", "softplus"),
    *("atan", "asin", "acos", "asinh", "acosh", "atanh"),
)
NAMES = GREEK_COMMANDS | {f"\\{word}": word for word in (*WORDS, "ln", "nabla", "partial", "sum", "prod", "top")} | {
    "\\intercal": "top", "\\hbar": "h_bar", "\\lr": "lr", "\\cdots": "...", "\\ldots": "...", "\\dots": "...",
    "\\imath": "i", "\\jmath": "j",
}  # fmt: skip
SIGNS = {
    "\\cdot": "STAR", "\\times": "STAR", "\\odot": "STAR", "\\circ": "STAR", "\\ast": "STAR", "\\star": "STAR",
    "\\otimes": "STAR", "\\bullet": "STAR",
    "\\div": "SLASH", "\\leftarrow": "_EQUAL", "\\gets": "_EQUAL", "\\coloneqq": "_EQUAL",
    "\\equiv": "_EQUAL", "\\triangleq": "_EQUAL", "\\doteq": "_EQUAL", "\\colonequals": "_EQUAL",
}  # fmt: skip
ENTRYWISE = dict.fromkeys(("\\odot", "\\circ", "\\otimes", "⊙", "∘"), "⊙")
PREFIXES = dict.fromkeys(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"), "FRAC") | {
    "\\bar": "BAR", "\\Bar": "BAR", "\\overline": "BAR", "\\widebar": "BAR", "\\overbar": "BAR",
    "\\sqrt": "ROOT",
}  # fmt: skip
ACCENTS = {"\\hat": "hat", "\\widehat": "hat", "\\tilde": "tilde", "\\widetilde": "tilde"}  # a part of a name
BINOMIALS = frozenset(("\\binom", "\\dbinom", "\\tbinom"))
BETWEEN = {"\\over": "", "\\choose": "binom"}  # numerator and denominator in one pair of braces
BRACES = {"\\underbrace": "_", "\\overbrace": "^"}  # each with what its label hangs on
VERTICALS = frozenset(("\\vert", "\\Vert", "\\|"))
STOPS = frozenset(("\\therefore", "\\implies", "\\Rightarrow", "\\Longrightarrow", "\\iff", "\\Leftrightarrow"))
OPENINGS = {
    "\\{": "\\{", "\\lbrace": "\\{", "\\lbrack": "[", "\\lvert": "|", "\\bgroup": "{", "\\langle": "(",
    "\\lVert": "|",
}  # fmt: skip
CLOSINGS = {
    "\\}": "\\}", "\\rbrace": "\\}", "\\rbrack": "]", "\\rvert": "|", "\\egroup": "}", "\\rangle": ")",
    "\\rVert": "|",
}  # fmt: skip
_FONTS = (
    *("mathrm", "text", "textrm", "operatorname", "mathbf", "boldsymbol", "bm", "mathcal", "mathit", "mathsf"),
    *("mathbb", "mathscr", "mathfrak", "mathnormal", "bf", "it", "rm", "cal", "displaystyle", "textstyle"),
    *("textbf", "textit", "textsf", "texttt", "emph", "mbox", "vec", "pmb", "underline", "boxed", "fbox", "mathop"),
)
_SIZES = (
    *("limits", "nolimits", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl"),
    *("Biggr", "bigm", "middle"),
)
_SPACES = (
    *("quad", "qquad", "thinspace", "medspace", "thickspace", "negthinspace", "negmedspace", "negthickspace"),
    *("enspace", "nonumber", "notag", "hfill", "blacksquare", "square", "Box", "qed"),
    *("allowbreak", "relax", "noindent", "par", "hline", ",", ";", ":", "!", ">", "/", " ", "\n"),
)
DROPPED = frozenset(f"\\{name}" for name in (*_FONTS, *_SIZES, *_SPACES))
_UNUSUAL = frozenset(["matrix", "smallmatrix", "psmallmatrix", "bsmallmatrix"])
MATRICES = _UNUSUAL | {"pmatrix", "bmatrix", "Bmatrix", "vmatrix", "array"}
ALIGNMENTS = frozenset(
    (
        "aligned",
        "align",
        "alignat",
        "gather",
        "gathered",
        "split",
        "equation",
        "multline",
        "eqnarray",
        "math",
        "displaymath",
    )
)

_BEGINNING = re.compile(r"\s*(?:\$\$?|\\\[|\\\()?(?:\s*\\?\#)?")
_BOX = re.compile(r"\s*\\(?:boxed|fbox|ensuremath)\s*\{")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_LABEL = re.compile(
    r"\s*(?P<hook>[_^])\s*(?:(?:\\(?:text|mathrm)\s*)?(?P<brace>\{)|\\[A-Za-z]+|[A-Za-z0-9])"
)  # of such a brace
_ORDER = re.compile(r"\s*\[\s*([0-9]{1,4})\s*\]")  # of a root
_TEXT = r"\\(?:text(?:rm|bf|it|sf)?|math(?:rm|it)|operatorname\*?|mbox)[ ]*\{[ ]*"
_REMARK = "as|because|by|cf|chain|def|eq|equation|from|see|since|using|via"  # the first word of one that ends a line
_SPECIAL = r"text|math|operatorname|mbox|[hv]space|label|tag|h?phantom|color|begin|end|cr|newline|(?:left|right)[ ]*\."
_TOKEN = re.compile(
    rf"""[ ]*(?: (?P<single> [A-Za-z](?![A-Za-z_{MACRON}]) )  # the usual first: each alternative takes time
    | (?P<usual> \\(?!{_SPECIAL})(?:[A-Za-z]+|[^\\#]) )
    | (?P<script> (?P<hook>[_^])[ ]*(?: (?P<one>[A-Za-z0-9]) | \{{(?P<some>[A-Za-z]+|[0-9])\}}
        | \{{(?P<round>\()?(?P<index>[A-Za-z])(?:(?P<sign>[+-])(?P<shift>[0-9]))?(?(round)\))\}} ) )
    | (?P<open> [(\[] | \{{(?!\s*\}}) ) | (?P<close> [)\]}}] )
    | (?P<number> [0-9]+(?:\.[0-9]+)? | \.[0-9]+ )
    | (?P<operator> \*\*|:=|\+=|<-|\\mathrel\{{\+\}}=|[-+*@/,=·⋅×∘⊙∗•∙−–÷←] )
    | (?P<blank> [ \t\r\f\v~{UNSEEN}]+ | %[^\n]* | \\\#
        | \\(?:[hv]space\*?|label|tag\*?|h?phantom|(?:text)?color)[ ]*\{{[^{{}}]*\}}
        | \\(?:left|right)[ ]*\. | \.(?=\s*(?:\\\\|\\end)) | {_TEXT}[.,;]?[ ]*\}}
        | {_TEXT}\((?i:{_REMARK})(?![A-Za-z])[^{{}}()$\\]*\)[ .,;]*\}}(?=[\s.,;$]*(?:\\\\|\\end|\\\]|\Z)) )
    | (?P<barred> [{BARRED}] | [A-Za-z][{MACRON}] )
    | (?P<word> (?<![A-Za-z])(?: {"|".join(WORDS)} | (?:sum|prod)(?=_) | [A-Za-z](?:_[A-Za-z]+)?_bar | [A-Za-z]bar
            | (?:grad|hess)_[A-Z] | grad | nabla )(?![A-Za-z])
        | {_TEXT}(?P<letters>(?!where|with|since|because|and)[A-Za-z][A-Za-z0-9]*)[ ]*\}} )
    | (?P<where> {_TEXT}[ ,;]*(?:where|with|since|because|and)[ :,]*\}}
        | (?<![A-Za-z])(?:where|with|since|because)(?![A-Za-z]) | \$[ ,;]*(?:where|with|since|because|and)[ ]*\$ )
    | (?P<prose> {_TEXT}(?:[A-Za-z]+[ ]+[A-Za-z]|\([A-Za-z]{{2}})[^{{}}$\\]*\}} )
    | (?P<letter> [A-Za-z] | [{"".join(GREEK)}∇∂∑∏] )
    | (?P<empty> \{{\s*\}} )
    | (?P<prime> \^[ ]*(?:\\prime(?![A-Za-z])|\{{(?:\\prime|')\}}) | ['′] )
    | (?P<row> \\\\\*?(?:[ ]*\[-?[0-9.]+[ ]*(?:pt|em|ex|mm|cm|in)\])? | \\(?:cr|newline)(?![A-Za-z]) )
    | (?P<cell> & ) | (?P<line> \n )
    | (?P<environment> \\(?P<edge>begin|end)[ ]*\{{(?P<name>[A-Za-z]+)\*?\}}(?:\{{[lcr|@ ]*\}})? )
    | (?P<command> \\(?:[A-Za-z]+|.) ) | (?P<hooked> [_^] ) | (?P<vertical> \| ) | (?P<separator> ; )
    | (?P<raised> [{"".join(RAISED)}]+ ) | (?P<lowered> [{"".join(LOWERED)}]+ ) | (?P<factorial> ! ) )
    """,  # noqa: RUF001
    re.VERBOSE | re.DOTALL,
)
_LONGEST = 60  # letters of a name that are looked at
_LONGEST_LABEL = 500  # characters below a brace
_HOOKS = {"_": "_SUB", "^": "_SUP"}
_TAKERS = frozenset({"FRAC", "_SUP", "_SUB", "BAR", "ROOT"})  # what takes the next single token as its argument
_LETTERS = GREEK | {"∇": "nabla", "∂": "partial", "∑": "sum", "∏": "prod"}
EXAMPLE = r"\overline{h^{(t)}} x^{(t)} + \sigma(c^{(t-1)})^2"  # no claim's answer


def tokenize(tokens: Tokens, text: str) -> None:
    """Append the tokens of a text. Raises FormulaError."""
    beginning = _BEGINNING.match(text)
    first, end = beginning.end() if beginning is not None else 0, _end(text)
    box = _BOX.match(text, first, end)
    if box is not None and _closing(text, box.end(), end) == end - 1:
        first, end = box.end(), _end(text[: end - 1])
    _Lexer(tokens, text).run(first, end)


def _closing(text: str, at: int, end: int) -> int:
    """Where the brace is that closes the one before `at`, or -1."""
    depth = 1
    for brace in _BRACE.finditer(text, at, end):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if not depth:
            return brace.start()
    return -1


def _end(text: str) -> int:
    """Where a formula ends: before the closing dollar signs or brackets and a full stop, comma or semicolon."""
    end = len(text)
    while end:
        is_command = text[end - 2 : end - 1] == "\\" and text[end - 3 : end - 2] != "\\"
        if is_command and text[end - 1] in "])":
            end -= 2
        elif not is_command and (text[end - 1].isspace() or text[end - 1] in ".,;$"):
            end -= 1
        else:
            break
    return end


class _Lexer:
    """One method a kind of token; a method returns where to go on if that is not the end of what was matched."""

    def __init__(self, tokens: Tokens, text: str) -> None:
        self.tokens, self.text = tokens, text
        self.has_where = False
        self.numerators: list[bool] = []  # of each open bracket, whether it is a numerator
        self.has_numerator = False  # whether the bracket closed last is one
        self.is_argument = False  # whether the last number is an argument without braces
        self.labelled: list[tuple[int, str]] = []  # of open braces with labels: how many are around, and the hook

    def run(self, at: int, end: int) -> None:
        text, match_at, kinds = self.text, _TOKEN.match, _KINDS
        while at < end:
            match = match_at(text, at, end)
            if match is None or match.lastgroup is None:
                self.tokens.wrong(at, "a letter, a number, a command, a bracket or an operator", example=EXAMPLE)
            kind = match.lastgroup
            at = (kinds[kind](self, match, match[kind], match.start(kind)) if kind != "blank" else 0) or match.end()

    def script(self, match: re.Match[str], written: str, at: int) -> int | None:
        """A short script is hung on its symbol at once; a longer one is left to the grammar."""
        found, is_sub = self.tokens.found, match["hook"] == "_"
        symbol = found[-1] if found else None
        is_argument = len(found) > 1 and found[-2].type in _TAKERS - {"BAR"}
        if not isinstance(symbol, Symbol) or is_argument or (symbol.sub if is_sub else symbol.sup) is not None:
            return self.hooked(match, written, at)
        if is_sub:
            symbol.sub = self._short(match)
        else:
            symbol.sup = self._short(match)
        return None

    def _short(self, match: re.Match[str]) -> Node:
        letters = match["one"] or match["some"]
        if letters is not None:
            at = match.start("one" if match["one"] else "some")
            if len(letters) == 1:
                return Number(Fraction(int(letters)), at) if letters.isdecimal() else Symbol(letters, at)
            return Row([("", Symbol(letter, at + i)) for i, letter in enumerate(letters[:_LONGEST])])
        at = match.start("index")
        node: Node = Symbol(match["index"], at)
        if match["sign"]:
            shift = Number(Fraction(int(match["shift"])), match.start("shift"))
            node = Series([("+", node), (match["sign"], shift)])
        return Group("(", [node], at - 1) if match["round"] else node

    def hooked(self, match: re.Match[str], written: str, at: int) -> int:
        self.tokens.mark(_HOOKS[written[0]], at)
        return at + 1

    def letter(self, match: re.Match[str], written: str, at: int) -> None:
        self.tokens.name(_LETTERS.get(written, written), at)

    def barred(self, match: re.Match[str], written: str, at: int) -> None:
        """``ī`` and ``h̄`` in Unicode."""
        self.tokens.mark("BAR", at)
        self.tokens.name(unicodedata.normalize("NFD", written)[0], at)

    def word(self, match: re.Match[str], written: str, at: int) -> None:
        self.tokens.name(match["letters"] or written, match.start("letters") if match["letters"] else at)

    def number(self, match: re.Match[str], written: str, at: int) -> int | None:
        """As TeX takes it, an argument without braces is one digit: ``x^12`` is x^1 times 2."""
        tokens = self.tokens
        is_second = tokens.last in ("NUMBER", "NAME") and len(tokens.found) > 1 and tokens.found[-2].type == "FRAC"
        self.is_argument = tokens.last in _TAKERS or is_second or (tokens.last == "_CLOSE" and self.has_numerator)
        if self.is_argument:
            written = written[0] if written[0] != "." else written
        tokens.number(written, at)
        self.has_numerator = False
        return at + len(written)

    def operator(self, match: re.Match[str], written: str, at: int) -> None:
        if written == "," and self.tokens.is_top:
            self.tokens.separator(at)
        else:
            self.tokens.add(Mark("_SUP" if written == "**" else OPERATORS[written], at, ENTRYWISE.get(written, "")))

    def empty(self, match: re.Match[str], written: str, at: int) -> int | None:
        """``{}`` is nothing, unless something takes it as its argument."""
        if self.tokens.last not in _TAKERS and not self.has_numerator:
            return None
        self._open("{", at)
        return at + 1

    def open(self, match: re.Match[str], written: str, at: int) -> None:
        if written == "[" and self.tokens.last == "ROOT":
            self.tokens.wrong(at, "a number as the order of a root", example="x^{1/n}")
        self._open(written, at)

    def _open(self, bracket: str, at: int) -> None:
        self.numerators.append(self.tokens.last == "FRAC")
        self.tokens.open("OPEN", bracket, at)

    def close(self, match: re.Match[str], written: str, at: int) -> int | None:
        self._close(written, at)
        if not self.labelled or self.labelled[-1][0] != len(self.numerators):
            return None
        _, hook = self.labelled.pop()
        label = _LABEL.match(self.text, match.end())
        if label is None or label["hook"] != hook:
            return None
        end = label.end()
        return _closing(self.text, end, end + _LONGEST_LABEL) + 1 if label["brace"] else end

    def _close(self, bracket: str, at: int) -> None:
        self.tokens.close(bracket, at)
        self.has_numerator = self.numerators.pop()

    def vertical(self, match: re.Match[str], written: str, at: int) -> None:
        if self.tokens.innermost() == "|" and self.tokens.is_after_operand():
            self._close("|", at)
        else:
            self._open("|", at)

    def prime(self, match: re.Match[str], written: str, at: int) -> None:
        self.tokens.mark("PRIME", at)

    def row(self, match: re.Match[str], written: str, at: int) -> None:
        if self.tokens.innermost() in MATRICES:
            self._fill(at)
            self.tokens.mark("_ROW", at)
        else:
            self.tokens.separator(at)

    def cell(self, match: re.Match[str], written: str, at: int) -> None:
        if self.tokens.innermost() in MATRICES:
            self._fill(at)
            self.tokens.mark("_CELL", at)

    def _fill(self, at: int) -> None:
        """An entry of a matrix with nothing in it is 0."""
        if self.tokens.last in ("TABLE", "_ROW", "_CELL"):
            self.tokens.number("0", at)

    def line(self, match: re.Match[str], written: str, at: int) -> None:
        if self.has_where:
            self.tokens.separator(at)

    def separator(self, match: re.Match[str], written: str, at: int) -> None:
        self.tokens.semicolon(at)

    def where(self, match: re.Match[str], written: str, at: int) -> None:
        if "and" in written:
            self.tokens.separator(at)
        else:
            self.has_where = True
            self.tokens.mark("_WHERE", at)

    def prose(self, match: re.Match[str], written: str, at: int) -> int:
        """Words are no product of their letters; after "where" they say nothing."""
        if not self.has_where:
            self.tokens.wrong(at, "a formula without words in it", got="some words", example=EXAMPLE)
        return at + written.index("{")

    def environment(self, match: re.Match[str], written: str, at: int) -> None:
        name, is_begin = match["name"], match["edge"] == "begin"
        if name in MATRICES and is_begin:
            self.numerators.append(False)
            self.tokens.open("TABLE", name, at)
        elif name in MATRICES:
            if self.tokens.last == "_ROW":
                self.tokens.found.pop()
            elif self.tokens.last == "_CELL":
                self._fill(at)
            self._close(name, at)
        elif name not in ALIGNMENTS:
            known = ", ".join(sorted(MATRICES - _UNUSUAL | {"aligned"}))
            self.tokens.wrong(match.start("name"), f"one of the environments {known}", got=repr(name[:_LONGEST]))

    def command(self, match: re.Match[str], written: str, at: int) -> int | None:
        tokens = self.tokens
        if written in PREFIXES:
            tokens.mark(PREFIXES[written], at)
            return self._root(match.end()) if written == "\\sqrt" else None
        if written in NAMES:
            tokens.name(NAMES[written], at)
        elif written in SIGNS:
            tokens.add(Mark(SIGNS[written], at, ENTRYWISE.get(written, "")))
        elif written in STOPS:
            tokens.separator(at)
        elif written in ("\\left", "\\right"):
            return self._sized(written, match.end())
        elif written in VERTICALS:
            self.vertical(match, written, at)
        elif written in BRACES:
            self._labelled(written, at, match.end())
        elif written in ACCENTS:
            tokens.add(Mark("BAR", at, ACCENTS[written]))
        elif written in BINOMIALS:
            tokens.add(Mark("FRAC", at, "binom"))
        elif written in BETWEEN:
            self._between(written, at)
        elif written in OPENINGS:
            self._open(OPENINGS[written], at)
        elif written in CLOSINGS:
            self._close(CLOSINGS[written], at)
        elif written not in DROPPED:
            self._unknown(written, at)
        return None

    def _between(self, command: str, at: int) -> None:
        r"""``{a \over b}`` is ``\frac{a}{b}``."""
        if not self.tokens.divide(Mark("FRAC", at, BETWEEN[command])):
            self.tokens.wrong(at, "one in a pair of braces of its own", got=command, example=r"\frac{a}{b}")

    def factorial(self, match: re.Match[str], written: str, at: int) -> None:
        """In ``(x)^5!`` it is not the 5 that the sign stands after."""
        if self.is_argument:
            self.tokens.wrong(at, "braces around a number and its factorial", example="x^{5!}")
        self.tokens.factorial(at)

    def _sized(self, command: str, at: int) -> int:
        """``\\left|`` opens and ``\\right|`` closes; before other brackets the size says nothing."""
        rest = self.text[at : at + 2].lstrip()
        if rest.startswith("|"):
            (self._open if command == "\\left" else self._close)("|", at)
            return self.text.index("|", at) + 1
        return at

    def _root(self, at: int) -> int:
        r"""The order of a root, as in ``\sqrt[3]{x}``."""
        order = _ORDER.match(self.text, at)
        if order is None:
            return at
        self.tokens.found[-1] = Mark("ROOT", self.tokens.found[-1].at, f"_{order[1]}")
        return order.end()

    def _labelled(self, command: str, at: int, end: int) -> None:
        r"""``\underbrace{EXPR}_{what it is}`` is EXPR."""
        if not self.text[end : end + _LONGEST].lstrip().startswith("{"):
            self.tokens.wrong(at, "a brace around what is labelled", example=r"\underbrace{a + b}_{c}")
        self.labelled.append((len(self.numerators), BRACES[command]))

    def _unknown(self, command: str, at: int) -> NoReturn:
        from difflib import get_close_matches  # slow to import

        known = [*NAMES, *SIGNS, *PREFIXES, *DROPPED]
        alike = [name for name in known if name[1:2] == command[1:2]]
        near = get_close_matches(command[:_LONGEST], alike, 1, SIMILAR)
        hint = f"; did you mean {near[0]}?" if near else ""
        self.tokens.wrong(at, f"a command that is known{hint}", got=command[:_LONGEST], example=EXAMPLE)

    def raised(self, match: re.Match[str], written: str, at: int) -> None:
        """``²`` and ``⁽ᵗ⁾``, which our own printer prints."""
        self._lettered("_SUP", "".join(RAISED[c] for c in written), at)

    def lowered(self, match: re.Match[str], written: str, at: int) -> None:
        """``cₜ₋₁``."""
        self._lettered("_SUB", "".join(LOWERED[c] for c in written), at)

    def _lettered(self, hook: str, script: str, at: int) -> None:
        self.tokens.mark(hook, at)
        self._open("{", at)
        plain.tokenize(self.tokens, script, at)
        self._close("}", at + len(script))


_KINDS = {name: method for name, method in vars(_Lexer).items() if not name.startswith("__")}
_KINDS |= {"single": _Lexer.letter, "usual": _Lexer.command}
