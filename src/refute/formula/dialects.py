r"""Ways to write a formula that neither notation has: NumPy's and other languages', Word's, LaTeX that is seldom seen.

They are looked for in a text that cannot be read as it stands, and rewritten in as many characters, if they can be, so
that places in the text stay what they are.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from refute.formula.macros import Piece, expand, has_definitions
from refute.formula.plain import MACRON

Found = re.Match[str]

_NOT_BLANK = re.compile(r"[^\n]")

# --- letters, and what Word copies ---
_FONT = re.compile("[ℒℰℋ\U0001d400-\U0001d7ff]")  # noqa: RUF001  # letters of formulas
_APART = re.compile(rf"([A-Za-z)])([ \u00a0]+)([{MACRON}])")  # a bar after a blank
_SIGNS = str.maketrans({"▒": " ", "〖": "(", "〗": ")", "\u2061": " "})
_ROWS = re.compile(r"\[(?P<rows>[^\[\];]+(?:;[^\[\];]+)+)\]|[(\[]■\((?P<word>[^()]+)\)[)\]]")  # MATLAB's, and Word's

# --- programs ---
_MODULE = re.compile(r"(?<![A-Za-z_.])(?:np|numpy|jnp|math|torch|sympy|tf|scipy)\.(?:linalg\.|special\.)?(?=[a-z])")
_MATRIX = re.compile(r"(?<![A-Za-z_.])(?:array|block|matrix|Matrix|tensor)(?=\s*\(\s*\[)")
_SQUARE = re.compile(r"(?<![A-Za-z_])square\(((?:[^()]|\([^()]*\))+)\)")
_POWER = re.compile(r"(?<![A-Za-z_])(?:pow|power)\(([^(),]+),\s*([^(),]+)\)")
_COMMENT = re.compile(r"(?:^|[ \t])#[^\n]*")
_GENERATOR = re.compile(
    r"\bfor\s+(?P<index>[A-Za-z])\s+in\s+range\(\s*(?P<low>[1-9]\w*|[A-Za-z]\w*)\s*,\s*(?P<high>\w+)(?P<more>\s*\+\s*1)?\s*\)"
)
_LIST = re.compile(r"\bsum\(\[(.+)\]\)")
_TUPLE = re.compile(r"(?<=,)(\s*)\((\s*[A-Za-z]\s*,[^(),]+,[^(),]+)\)(?=\s*\))")  # SymPy's (t, 1, T)
_DOTTED = re.compile(r"(?<=,)(\s*[A-Za-z]\s*)=(\s*\w+\s*)\.\.(?=\s*\w+\s*\))")  # Maple's t = 1..T
_SUM_OF = re.compile(
    r"(?:\bsum|Σ)\s*(?:over\s+(?:all\s+)?(?P<a>[a-z])\s+of\b|from\s+(?P<b>[a-z])\s*=\s*1\s+to\s+T\s+of\b"
    r"|\[(?P<c>[a-z])\s*=\s*1\s*\.\.\s*T\]|_(?P<d>[a-z])\s*=\s*1\s*\^\s*T\b"
    r"|\(\s*(?P<e>[a-z])\s*=\s*1\s*(?:to|\.\.)\s*T\s*\))"
)
_BARRED = re.compile(r"\b(?:bar|overline)\((\w)\)")
_AND = re.compile(r"\band\b")

# --- LaTeX ---
_THETA = r"(?:\\(?:boldsymbol|mathbf|bm)\s*\{?\s*)?\\theta\s*\}?"
_DIRECT = re.compile(
    r"""(?P<top>\\d?frac\s*\{\s*\\partial\s*(?:\\mathcal\s*)?\{?\s*[LJE]\s*\}?)(?P<bottom>\}\s*\{\s*\\partial(?:[^{}]|\{[^{}]*\})+\})
    \s*(?:\\(?:right|[bB]igg?[rl]?)\s*)?\|_\{?\\(?:text|mathrm)\s*\{\s*(?:direct|explicit|local)[a-z ]*\}\}?""",
    re.VERBOSE,
)  # the loss's own derivative, which has an index where the total one has none
_ESCAPED = re.compile(r"(?<![A-Za-z])([A-Za-z])\\_(?=bar)")
_TO_END = re.compile(r"(\\sum(?:\\limits)?_\{[^{}]*\}\^\{)(\s*[a-z]\s*=)")  # {t=T}
_DOTS = re.compile(r"\bsum_\{\s*([a-z])\s*=\s*1\s*\.\.\s*T\s*\}")
_BARE = re.compile(r"(?<![\\A-Za-z])(?:bar|overline)\{([A-Za-z])\}")  # without its backslash
_ANGLES = re.compile(r"\^\{<\s*([A-Za-z0-9+ -]+)>\}")
_SUM_OVER = re.compile(
    r"""\\sum(?:\\limits)?_\{\s*(?: 1\s*\\leq?\s*(?P<a>[a-z])\s*\\leq?\s*T | \\forall\s*(?P<b>[a-z])
    | (?P<c>[a-z])\s*\\in\s*\\\{\s*1\s*,\s*(?:2\s*,\s*)?(?:\\[lc]?dots|\.\.\.)\s*,\s*T\s*\\\} )\s*\}""",
    re.VERBOSE,
)
_SUM_OF_SET = re.compile(
    r"\\sum(?:\\limits)?_\{\s*(?P<letter>[a-z])\s*\\in\s*\\\{(?P<members>\s*[a-z]\s*(?:,\s*[a-z]\s*)+)\\\}\s*\}"
)
_BRACKET_OR_END = re.compile(r"[()\[\]{}+=$&-]|(?<!\\)[,;]|\\\\|\\text|\\q?quad")
_IN_ORDER = re.compile(r"\\in(?=\s*(?:O|\\(?:mathcal|Theta|mathrm)))")
_AT = re.compile(
    rf"""(?P<of>\\nabla[\s_{{}}\\a-z]*(?:\\mathcal\s*\{{?\s*)?J\s*\}}?|\\partial\s*{_THETA}[\s}}]*)(?:\(\s*{_THETA}\s*\))?
    \s*(?:\\right|\\[bB]igg?)?\s*\|_\{{(?:\s*{_THETA}\s*=)?(?P<point>(?:[^{{}}]|\{{[^{{}}]*\}})+)\}}""",
    re.VERBOSE,
)  # the gradient at a point
_PHYSICS = re.compile(r"\\(?:pdv|dv|pderiv|dd)(?![A-Za-z])")
_PHYSICS_MACROS = (
    r"\newcommand{\pdv}[2]{\frac{\partial #1}{\partial #2}}\newcommand{\pderiv}[2]{\frac{\partial #1}{\partial #2}}"
    r"\newcommand{\dv}[2]{\frac{d #1}{d #2}}\newcommand{\dd}{d}"
)
_CASES = re.compile(r"(?:\\left\s*\\\{)?\s*\\(?:begin|end)\{d?cases\}")
_CONDITION = re.compile(r"&(?!\s*=)")


def blanks(text: str) -> str:
    """As many blanks, in as many lines."""
    return _NOT_BLANK.sub(" ", text)


def in_letters(text: str) -> str:
    """Letters of fonts for formulas as those they are, and signs that only Word knows left out."""
    if text.isascii():
        return text
    text = _FONT.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return _APART.sub(lambda found: f"{found[2]}{found[1]}{found[3]}", text.translate(_SIGNS))


def in_plain_text(text: str) -> str:
    """What programs write, without the names of modules and comments, as plain text."""
    text = _COMMENT.sub(_blank, text)
    text = _MATRIX.sub(_blank, _MODULE.sub(_blank, text))
    text = _SQUARE.sub(lambda found: _filled(found, f"({found[1]})**2"), text)
    text = _POWER.sub(lambda found: _filled(found, f"({found[1]})**({found[2]})"), text)
    text = _DOTTED.sub(r"\1,\2, ", _TUPLE.sub(r"\1 \2 ", text).replace("Sum(", "sum("))
    text = _SUM_OF.sub(lambda found: _filled(found, f"sum_{next(filter(None, found.groups()))}"), text)
    text = _BARRED.sub(lambda found: f"{found[1]}_bar".rjust(len(found.group())), text)
    if "where" in text:
        text = _AND.sub(" ; ", text)
    if _GENERATOR.search(text) is not None:
        text = _LIST.sub(r"sum( \1 )", text)
    return _GENERATOR.sub(_generated, _ROWS.sub(_by_rows, text))


def in_usual_latex(text: str) -> str:
    """Sums over a set, what is taken at a point, and braces about equations, as they are mostly written."""
    text = _ESCAPED.sub(lambda found: f" {found[1]}_", text)
    text = _TO_END.sub(lambda found: found[1] + blanks(found[2]), text)
    text = _DOTS.sub(lambda found: _filled(found, f"sum_{{{found[1]}}}"), text)
    text = _BARE.sub(lambda found: f"\\bar {found[1]}".rjust(len(found.group())), text)
    text = _ANGLES.sub(r"^{(\1)}", text)
    text = _DIRECT.sub(lambda found: _filled(found, f"{found['top']}^t{found['bottom']}"), text)
    text = _SUM_OVER.sub(lambda found: _filled(found, f"\\sum_{{{found['a'] or found['b'] or found['c']}}}"), text)
    text = _AT.sub(lambda found: _filled(found, f"{found['of']}({found['point']})"), text)
    text = _IN_ORDER.sub(lambda found: _filled(found, "="), text)
    return text if _CONDITION.search(text) else _CASES.sub(_blank, text)


def in_full(text: str) -> tuple[str, list[Piece]]:
    """A text with its macros put in, or else its sums over letters written out, and where all of it stands."""
    has_macros = has_definitions(text) or _PHYSICS.search(text) is not None
    return _expanded(text) if has_macros else _over_sets(text)


def _expanded(text: str) -> tuple[str, list[Piece]]:
    """A text with its macros put in, and those of the physics package if it has none of the name."""

    def unreported(message: str, at: int, needs_person: bool) -> None:
        """A macro that is not expanded is an unknown command."""

    expanded, pieces = expand(_PHYSICS_MACROS + text, unreported)
    before = len(_PHYSICS_MACROS)
    return expanded, [replace(piece, origin=max(piece.origin - before, 0)) for piece in pieces]


def _over_sets(text: str) -> tuple[str, list[Piece]]:
    r"""Sums over letters, ``\sum_{z \in \{i, f\}} \overline{z} w_{zh}``, written out, and where all of it stands."""
    texts, pieces, done, length = list[str](), list[Piece](), 0, 0
    for found in _SUM_OF_SET.finditer(text):
        end = _end_of_factors(text, found.end())
        if found.start() < done or not text[found.end() : end].strip():
            continue
        letter = re.compile(rf"(?<![A-Za-z\\]){found['letter']}(?![A-Za-z])|(?<=_{{){found['letter']}(?=[a-z]\}})")
        bodies = [letter.sub(member.strip(), text[found.end() : end]) for member in found["members"].split(",")]
        parts = (text[done : found.start()], f"({' + '.join(bodies)})")
        for part, origin, moves in zip(parts, (done, found.start()), (True, False), strict=True):
            pieces.append(Piece(length, origin, moves))
            texts.append(part)
            length += len(part)
        done = end
    return "".join([*texts, text[done:]]), [*pieces, Piece(length, done)]


def _end_of_factors(text: str, at: int) -> int:
    """Where the factors that begin here end: at a sign, or a bracket that closes, outside of brackets."""
    depth = 0
    for found in _BRACKET_OR_END.finditer(text, at):
        sign = found.group()
        depth += (sign in ("(", "[", "{")) - (sign in (")", "]", "}"))
        if depth < 0 or (not depth and sign not in (")", "]", "}")):
            return found.start()
    return len(text)


def _blank(found: Found) -> str:
    return blanks(found.group())


def _filled(found: Found, instead: str) -> str:
    return instead.ljust(len(found.group()))


def _generated(found: Found) -> str:
    """Python's range(1, T + 1) as what it is, 1 to T; range(T) begins with 0, where the sheet has nothing."""
    high = found["high"] if found["more"] else f"{found['high']}-1"
    return _filled(found, f",{found['index']},{found['low']},{high}")


def _by_rows(found: Found) -> str:
    """``[I 0; A B]`` and Word's ``■(I&0@A&B)`` as ``[[I, 0], [A, B]]``."""
    rows = re.split("[;@]", found["rows"] or found["word"])
    cells = [re.split("[,&]", row) if re.search("[,&]", row) else row.split() for row in rows]
    return "[" + ", ".join(f"[{', '.join(row)}]" for row in cells) + "]"
