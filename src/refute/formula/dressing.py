r"""What is around a formula and is none of it: a sentence, Markdown, for which indices it holds.

It is looked for in a text that cannot be read as it stands. What is taken away leaves blanks, so that places in the
text stay what they are. Words are only left out where they say nothing about the formula: all of them are known, or
they come before a word such as "so".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from refute.formula.dialects import blanks, in_full, in_letters, in_plain_text, in_usual_latex
from refute.formula.macros import Piece

LONGEST = 4_000  # characters of a text that is looked at
LONGEST_REMARK = 80  # characters at the end in which remarks are looked for

Words = frozenset[str]

_WORD = re.compile(r"[A-Za-z]+(?:[-.][A-Za-z]+)*")
_NOTHING = frozenset(
    _WORD.findall(
        """therefore thus hence so then and we have get obtain find see note that this which gives yields is are equals
        equal to the a an answer final finally result by using from with of it follows chain rule backprop
        backpropagation through time gradient derivative adjoint equation formula determinant jacobian det total number
        amount minimum count cost complexity needed required requires require needs need takes take has can be computed
        compute in as i.e ie overall altogether there here now simply just model architecture network question part our
        its their first second last line above shared across all"""
    )
)  # words that say nothing about what is beside them; none that negates, limits or computes
_LEADS = frozenset(
    _WORD.findall(
        "is are equals equal get have gives yields obtain find so thus hence therefore takes take need needs requires"
        " has in that by as be"
    )
)  # words that a formula may follow
_CONCLUDES = re.compile(
    r"(?<![\\\w])(?:so|thus|hence|therefore|we (?:get|have|obtain|find)|then|total(?=\s*:)|total of)\b", re.IGNORECASE
)
_DOUBTS = re.compile(
    r"""(?<![\\\w])(?:if|would|were|might|may|suppose|assum\w*|unless|not|wrong|instead|thought|cannot|never|but|or|else
    |otherwise|incorrect|false|expect\w*|only|except|minus|plus|times|per|half|twice|almost|about|approximately|roughly)\b
    |n't\b""",
    re.IGNORECASE | re.VERBOSE,
)
_REASON = re.compile(r"[\s,.;(]*(?::|(?:because|since|as)\b)", re.IGNORECASE)
_COMPUTES = re.compile(r"[+*/^=<|~]")  # signs beside a formula
_SENTENCE = re.compile(r"[.!?]\s")
_QUIET = re.compile(r"[\s.,:;()*_#>\"]*\Z")  # marks that say nothing, with Markdown's
_MATH = re.compile(
    r"""\$\$(?P<display>[^$]+)\$\$ | \$`(?P<gitlab>[^`$]+)`\$ | \$(?P<inline>[^$]+)\$ | \\\[(?P<shown>.+?)\\\]
    | \\\((?P<round>.+?)\\\) | ```[a-z]*\n(?P<fenced>[^`]+)``` | `(?P<code>[^`]+)`
    | (?P<aligned>\\begin\{(?P<name>align|aligned|equation|gather|gathered|multline|eqnarray)(?P<star>\*?)\}
        .+?\\end\{(?P=name)(?P=star)\})""",
    re.VERBOSE | re.DOTALL,
)
_INSIDES = ("display", "gitlab", "inline", "shown", "round", "fenced", "code", "aligned")
_LEAD = re.compile(r"[\s,:*_]*([A-Za-z]{2,}|[Aa](?=\s+[a-z]{3}))(?=[\s,:])[,:*_]*")
_TAIL = re.compile(r"[\s,(]([A-Za-z]{2,})\W*\Z")
_LATEX_TAIL = re.compile(r"[\s,]([A-Za-z]{2,})[\s.]*\Z")
_TEXT = re.compile(r"\\(?:text(?:rm|bf|it)?|mbox)\s*\{([^{}$\\]*)\}(?P<is_left>\s*&?=)?")
_BECAUSE_OF = re.compile(r"[\s,;.]+(?:because|since)\s")
_BECAUSE = re.compile(r"\(\s*\\text\s*\{\s*(?:since|because|as)\b.*\)[\s.]*\Z", re.DOTALL)
_MEANS = re.compile(
    r"[\s,;]*\((?:(?:where|with|here)\s+)?(?:[A-Za-z]|alpha|beta|theta)\s+(?:is|denotes)\s+the\s"
    r"[^()=+*/^0-9]{1,99}\)\s*\Z"
)
_HOLDS_FOR = re.compile(r"(\\forall|(?<![A-Za-z])for)(?![A-Za-z])(\s+(?:all|each|every|any)\b)?(.*)\Z", re.DOTALL)
_RANGE = re.compile(r"(?:[\s\d$tkT,.;(){}<=≤…∈|-]|\\(?:le|leq|lt|ldots|dots|in|quad|[,;{} ])(?![A-Za-z]))+\Z")
_BOUND = re.compile(r"\\l[et]|\\leq|<|≤|dots|\.\.|…")
_STEPS = re.compile(r"[\s,;]*(?:\\q?quad)?\s*[a-z]\s*=\s*1\s*,\s*(?:\\[lc]?dots|\.\.\.)\s*,\s*[A-Z][\s.]*\Z")
_NOT_ZERO = re.compile(r"(?:\\neq?(?![A-Za-z])|\\ne|≠|>)\s*0[\s.]*\Z")
_GAP = re.compile(r"(?:\\(?:q?quad|[,;: ]|text(?:rm)?\s?\{)|[\s,;(~])*\Z")


def undressed(text: str, words: Words, is_own: Callable[[str], bool]) -> tuple[str, list[Piece]] | None:
    """The text without what is none of the formula, in the usual notation, and where its pieces stand in the text; None
    if there is nothing of the kind.

    words: those of the question, which say nothing about an answer
    is_own: whether a left-hand side is what is asked for
    """
    if len(text) > LONGEST:
        return None
    whole, pieces = in_full(text)
    if len(whole) > LONGEST:
        return None
    plainer = _without_remarks(_without_sentence(in_letters(whole), words, is_own), words)
    plainer = in_usual_latex(plainer) if "\\" in plainer or "{" in plainer else in_plain_text(plainer)
    return (plainer, pieces) if plainer != text else None


# --- sentences ------------------------------------------------------------------------------------------------------


def _without_sentence(text: str, words: Words, is_own: Callable[[str], bool]) -> str:
    """The formula of a sentence: the only one in it, that after "so", or that which says what it is."""
    formulas = list(_MATH.finditer(text))
    if not formulas:
        return _without_words(text, words)
    outside = _MATH.sub("$", text)
    if len(formulas) > 1 and not outside.strip("$ .=+-\n") and _are_joined(text, formulas):
        return text.replace("$", " ")
    named = [formula for formula in formulas if _is_named(text[slice(*_inside(formula))], is_own)]
    if len(named) == 1 and not _DOUBTS.search(outside) and not _COMPUTES.search(outside.replace("**", "")):
        return _only(text, named[0])
    first, last = formulas[0], formulas[-1]
    if _says_nothing(text[last.end() :], words) and _leads(text[: last.start()], words, is_only=len(formulas) == 1):
        return _only(text, last)
    rest = text[first.end() :]
    unit = _WORD.match(rest.lstrip())
    if unit is not None and unit.group() in words:
        rest = rest.lstrip()[unit.end() :]
    is_explained = _REASON.match(rest) and not _DOUBTS.search(rest)
    return _only(text, first) if is_explained and _leads(text[: first.start()], words, is_only=True) else text


def _are_joined(text: str, formulas: list[re.Match[str]]) -> bool:
    """Whether nothing but signs stand between formulas, as in ``$a$ = $b$``."""
    ends = not text[: formulas[0].start()].strip() and not text[formulas[-1].end() :].strip(" .\n")
    gaps = ((text[left.end() : right.start()].strip(), _inside(right)[0]) for left, right in pairwise(formulas))
    return ends and all(gap in ("=", "+", "-") or (not gap and text[at:].lstrip()[:1] in "=+-") for gap, at in gaps)


def _is_named(formula: str, is_own: Callable[[str], bool]) -> bool:
    left, equals, _ = formula.partition("=")
    return bool(equals) and is_own(left.strip(" &\n"))


def _inside(formula: re.Match[str]) -> tuple[int, int]:
    """Where a formula is without its dollar signs."""
    return next(formula.span(name) for name in _INSIDES if formula[name] is not None)


def _only(text: str, formula: re.Match[str]) -> str:
    start, end = _inside(formula)
    return blanks(text[:start]) + text[start:end] + blanks(text[end:])


def _leads(before: str, words: Words, *, is_only: bool) -> bool:
    """Whether what is before a formula says no more than that this is the answer."""
    *_, conclusion = [None, *_CONCLUDES.finditer(before)]
    if conclusion is not None and not _DOUBTS.search(_SENTENCE.split(before[: conclusion.start()])[-1]):
        return _says_nothing(before[conclusion.end() :], words)
    said = _WORD.findall(before)
    ends = not said or before.rstrip(" *_\n")[-1:] in (":", ",", ".") or said[-1].lower() in _LEADS
    return is_only and ends and _says_nothing(before, words)


def _says_nothing(said: str, words: Words) -> bool:
    known = all(word.lower() in _NOTHING or not words.isdisjoint((word, word.lower())) for word in _WORD.findall(said))
    return known and _QUIET.match(_WORD.sub("", said)) is not None


def _without_words(text: str, words: Words) -> str:
    """The same where nothing marks the formula: the words before and after it are taken off one by one."""
    stripped = text.strip(" \t\n.")
    for mark in ("**", "*", "`", "__"):
        if len(stripped) > 2 * len(mark) and stripped.startswith(mark) and stripped.endswith(mark):
            stripped = stripped[len(mark) : -len(mark)].strip()
    *_, conclusion = [None, *_CONCLUDES.finditer(stripped)]
    at, end, last = 0, len(stripped), ""
    has_text = "\\text" in text
    if conclusion is not None and not has_text and not _DOUBTS.search(stripped[: conclusion.start()]):
        at, last = conclusion.end(), "so"
    while (found := _LEAD.match(stripped, at)) is not None and found[1].lower() in _NOTHING | words:
        at, last = found.end(), ":" if found.group().rstrip("*_").endswith((":", ",")) else found[1].lower()
    formula = stripped[at:].lstrip(" :,*_" if at else "")
    if last not in (*_LEADS, ":", "") or formula[:1] in ("+", "*", "/", "^", "="):
        return text
    at = end - len(formula)
    because = _BECAUSE_OF.search(stripped, at)
    if because is not None and not has_text and not _DOUBTS.search(stripped, because.start()):
        end = because.start()
    means = _MEANS.search(stripped, at, end)
    if means is not None and not _DOUBTS.search(means.group()):
        end = means.start()
    tail = _LATEX_TAIL if "\\" in stripped else _TAIL
    while (found := tail.search(stripped, max(at, end - LONGEST_REMARK), end)) is not None:
        if found[1].lower() not in _NOTHING | words:
            break
        end = found.start()
    start = text.find(stripped)
    return blanks(text[: start + at]) + stripped[at:end] + blanks(text[start + end :])


def _is_reason(said: str) -> bool:
    return _REASON.match(said) is not None and not _DOUBTS.search(said)


# --- remarks in LaTeX -----------------------------------------------------------------------------------------------


def _without_remarks(text: str, words: Words) -> str:
    r"""Without "for all t" at the end, and without ``\text{...}`` that says nothing at the beginning and the end."""
    start = max(len(text) - LONGEST_REMARK, 0)
    for remark in (_NOT_ZERO, _STEPS):
        found = remark.search(text, start)
        if found is not None:
            text = text[: found.start()] + blanks(found.group())
    found = _HOLDS_FOR.search(text, start)
    if found is not None and _RANGE.match(found[3]) and (found[1] != "for" or found[2] or _BOUND.search(found[3])):
        gap = _GAP.search(text, start, found.start())
        assert gap is not None, "it may be empty"
        text = text[: gap.start()] + blanks(text[gap.start() :])
    remarks = list(_TEXT.finditer(text))
    for place, said in enumerate(remarks):
        begin, end = said.span()
        is_first = not text[:begin].strip("$[( \\\n")
        is_last = place == len(remarks) - 1 and not text[end:].strip("$]) .\\\n")
        if is_first and _says_nothing(said[1], words | {"let", "define"}):
            text = blanks(text[:end]) + text[end:]
        elif said[1].strip().lower() == "then":
            text = text[:begin].rstrip(" .,").ljust(begin) + ";" + blanks(text[begin + 1 : end]) + text[end:]
        elif is_last and (_says_nothing(said[1], words) or _is_reason(said[1])):
            text = text[:begin] + blanks(text[begin:])
    return _BECAUSE.sub(lambda because: blanks(because.group()), text)
