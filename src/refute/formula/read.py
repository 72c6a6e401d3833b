"""Read an answer, in plain text or LaTeX, within a claim's vocabulary."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import NoReturn

from refute.formula.definitions import Definition, define
from refute.formula.differentiate import tidy
from refute.formula.expr import Call, Expr, Mul, Name
from refute.formula.grammar import is_latex, surface
from refute.formula.naming import lookup
from refute.formula.resolve import Resolver
from refute.formula.scripts import bare, flat
from refute.formula.surface import (
    Apply,
    FormulaError,
    Group,
    Line,
    Node,
    Ratio,
    Row,
    Series,
    Signed,
    Symbol,
    start,
)
from refute.formula.vocabulary import OPEN, ORDERS, Vocabulary

_LABEL = re.compile(r"\A\s*(?:\\text(?:bf|it)?\s*{\s*)?(?:(?:final )?answer|ans|solution)\s*:\s*}?", re.IGNORECASE)
_BIG_O = re.compile(r"\A\s*big[- ]?oh?\s*:", re.IGNORECASE)
_WORDS = "the|a|final|total|number|amount|of|so|thus|hence|therefore|we|there|it|this|architecture|network|answer"
_VERBS = "is|are|equals|takes?|needs?|requires?|has|have"
_CUT_INDEX = re.compile(r"(?P<node>[A-Za-z_]{1,12}_(?P<variable>[A-Za-z]))(?P<more>[+-][0-9])(?![0-9.])")
LONGEST_END = 80  # characters at the end in which a unit is looked for

__all__ = ["OPEN", "FormulaError", "Reading", "Vocabulary", "left_side", "read"]


@dataclass(frozen=True)
class Reading:
    """What was read.

    members: the members of the chain ``a = b = c`` without a repeated left-hand side; the last is the answer
    notes: which readings were taken where there was a choice, in plain words
    language: "plain" or "latex"
    """

    members: tuple[Expr, ...]
    notes: tuple[str, ...]
    language: str

    @property
    def answer(self) -> Expr:
        """The last member of the chain."""
        return self.members[-1]


def read(text: str, vocabulary: Vocabulary) -> Reading:
    """Read a formula, a chain of equal ones, and auxiliary definitions after "where".

    Raises FormulaError, with line and column, for a text that cannot be read or a name the claim does not have.
    """
    try:
        return _read(text, vocabulary)
    except FormulaError as error:
        if vocabulary.is_open:
            raise
        return _read_undressed(text, vocabulary, error)


def _read_undressed(text: str, vocabulary: Vocabulary, error: FormulaError) -> Reading:
    """Read a text without what is around its formula. Raises the error that it cannot be read with if that is none."""
    from refute.formula.dressing import undressed  # seldom needed, and slow to import

    own = vocabulary.own_node

    def is_own(left: str) -> bool:
        if own is None:
            return False
        return left_side(left, replace(vocabulary, names=vocabulary.names_on_the_left)) == _tidied(own)

    found = undressed(text, vocabulary.units | vocabulary.spoken, is_own)
    if found is None:
        raise error
    plainer, pieces = found
    try:
        reading = _read(plainer, vocabulary)
    except FormulaError as other:
        raise other.within(plainer, text, pieces) from None
    return replace(reading, notes=(*reading.notes, "what is around the formula was left out"))


def _read(text: str, vocabulary: Vocabulary) -> Reading:
    text = _LABEL.sub(_blank, text, count=1)
    big_o = _BIG_O.match(text)
    if big_o is not None:
        text = _blank(big_o) + text[big_o.end() :]
    formula = _without_words(text, vocabulary.units) if vocabulary.units else text
    has_words = formula != text
    in_latex = is_latex(text)
    text = _without_unit(formula, vocabulary.units)
    lines = surface(text if in_latex else text.rstrip(" \t\r\n.,;"), latex_notation=in_latex)
    resolver = Resolver(text, vocabulary, is_latex=in_latex)
    chain, definitions = _parted(lines)
    for line in definitions:
        define(resolver, line)
    members = _members(resolver, chain)
    if big_o is not None and not _is_order(members[-1]):
        members = (*members[:-1], Call("O", (members[-1],)))
    cut = _CUT_INDEX.search(text) if vocabulary.variables else None
    if cut is not None and cut["variable"] in vocabulary.variables:
        resolver.note(f"{cut.group()} was read as {cut['node']} and {cut['more']}; a longer index needs brackets")
    if has_words:
        resolver.note("the words around the formula were left out")
    return Reading(members, tuple(resolver.notes), "latex" if in_latex else "plain")


def left_side(text: str, vocabulary: Vocabulary) -> Name | None:
    """The node that a left-hand side denotes; None for a text that denotes no single node of the vocabulary."""
    for in_latex in dict.fromkeys((is_latex(text), True)):  # p^k is a power in plain text, and p[k] in LaTeX
        resolver = Resolver(text, vocabulary, is_latex=in_latex)
        resolver.is_left = True
        try:
            match surface(text, latex_notation=in_latex):
                case [Line([member])]:
                    node = _tidied(resolver.expr(member))
                case _:
                    continue
        except FormulaError:
            continue
        if isinstance(node, Name):
            return node
    return None


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _is_order(expr: Expr) -> bool:
    return isinstance(expr, Call) and expr.function in ORDERS


def _without_words(text: str, units: frozenset[str]) -> str:
    """A text without the sentence around what is counted, where its words say nothing else: ``The number of weights is
    2H^2``, ``$2H^2$, because ...``."""
    before, after = _sentence(units)
    text = before.sub(_blank, text, count=1)
    return after.sub("$", text) if text.count("$") == 2 else text


@lru_cache(maxsize=16)
def _sentence(units: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands before a formula in a sentence, and the end of one in dollar signs with the reason after it."""
    unit = "|".join(sorted(units))
    word = rf"(?:(?:{_WORDS}|{unit})[ ,]+)"
    words = rf"(?:{word}{{1,9}}(?:{_VERBS})[ :]|{word}{{0,9}}(?:total|{unit}):)"
    reason = rf"\$(?:\s*(?:{unit}))?[\s,.;]*(?:since|because|as)\b[^$]*\Z"
    return re.compile(rf"\A\s*(\\text\s*{{\s*)?{words}\s*(?(1)}})", re.IGNORECASE), re.compile(reason)


def _without_unit(text: str, units: frozenset[str]) -> str:
    """A text without the word at its end that says what is counted: ``2G - 1 steps``."""
    if not units:
        return text
    unit = f"(?:{'|'.join(sorted(units))})(?: in total)?"
    in_letters, in_latex = rf"(?<![A-Za-z\\]){unit}", rf"\\(?:text|textrm|mathrm|mbox)\s*{{\s*{unit}[\s.]*}}"
    found = re.search(rf"(?:{in_letters}|{in_latex})[\s.$]*(?:\\[\])])?[\s.]*\Z", text[-LONGEST_END:])
    return text if found is None else text[: len(text) - len(found.group())]


def _parted(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines before and after "where"."""
    first = next((n for n, line in enumerate(lines) if line.before == "WHERE"), len(lines))
    return lines[:first], lines[first:]


def _from_own(resolver: Resolver, lines: list[Line]) -> list[Line]:
    """The lines from that on which gives what is asked for, ``p^{(k)} = ...``, if others stand before it: such as the
    equations that it is solved from, or definitions."""
    own = resolver.vocabulary.own_node
    if own is None or len(lines) < 2:
        return lines
    notes = dict(resolver.notes)
    first = next((n for n, line in enumerate(lines) if _left_or_none(resolver, line) == _tidied(own)), 0)
    resolver.notes = notes
    if not all(len(line.members) > 1 or not line.has_left for line in lines[:first]):
        return lines
    for line in lines[:first]:
        try:
            define(resolver, line)
        except FormulaError:
            resolver.note("what is no definition before the formula was left out")
    return lines[first:]


def _left_or_none(resolver: Resolver, line: Line) -> Expr | None:
    try:
        left, _ = _left(resolver, line)
    except FormulaError:
        return None
    return None if left is None else _tidied(left)


def _members(resolver: Resolver, lines: list[Line]) -> tuple[Expr, ...]:
    first, *others = _from_own(resolver, lines)
    left, nodes = _left(resolver, first)
    is_named = first.has_left and len(first.members) > 1
    is_own = not is_named or left == resolver.vocabulary.own_node
    defined: list[tuple[Line, Definition]] = []
    for line in others:
        notes = dict(resolver.notes)
        again, more = _left(resolver, line)
        is_same = again == left and (left is not None or _written(resolver, line) == _written(resolver, first))
        if not line.has_left or (is_named and len(line.members) > 1 and is_same):
            nodes.extend(more)
        elif is_own and _is_of_another(resolver, line, again):
            resolver.notes = notes
            definition = define(resolver, line)
            defined += [(line, definition)] if definition is not None else []
        else:
            _another_line(resolver, line)
    members = tuple(member for node in nodes[:-1] if (member := _step(resolver, node)) is not None)
    members += (_member(resolver, nodes[-1], is_last=True),)
    for line in (line for line, definition in defined if not definition.is_used):
        _another_line(resolver, line)
    return members


def _another_line(resolver: Resolver, line: Line) -> NoReturn:
    expected = "one formula; auxiliary definitions come after the word where"
    resolver.fail(line.members[0], expected, got="another line")


def _written(resolver: Resolver, line: Line) -> str:
    """A line's left-hand side as it is written."""
    return resolver.text[start(line.members[0]) :].partition("=")[0].strip(" &")


def _is_of_another(resolver: Resolver, line: Line, left: Expr | None) -> bool:
    """Whether a line after the answer gives something else: another of the claim's nodes, or a name of the writer's."""
    own, symbol = resolver.vocabulary.own_node, bare(line.members[0])
    if len(line.members) < 2 or not isinstance(symbol, Symbol):
        return False
    return left != own if own is not None else lookup(resolver, symbol.base, flat(symbol.sub), symbol.has_bar) is None


def _left(resolver: Resolver, line: Line) -> tuple[Expr | None, list[Node]]:
    """What a line's left-hand side denotes, and its members, without that side if it only says what is asked for."""
    if len(line.members) < 2 or not line.has_left or _growth(resolver, line.members[0]) is not None:
        return None, list(line.members)
    notes, scope, depth = dict(resolver.notes), list(resolver.scope), resolver.depth
    resolver.is_left, resolver.names = True, resolver.vocabulary.names_on_the_left
    try:
        left: Expr | None = resolver.expr(line.members[0])
    except FormulaError:
        if _begins_as_formula(resolver, line.members[0]):
            raise
        left = None  # a name of the writer's own for what is asked for
    finally:
        resolver.is_left, resolver.scope, resolver.depth = False, scope, depth
        resolver.names = resolver.vocabulary.names
    own = resolver.vocabulary.own_node
    if left is None:
        resolver.notes = notes
        resolver.note("the left-hand side was taken as a name for the answer")
    is_repeated = left is None or (own is not None and _tidied(left) == _tidied(own))
    return left, line.members[1:] if is_repeated else list(line.members)


def _begins_as_formula(resolver: Resolver, left: Node) -> bool:
    """Whether a left-hand side that cannot be read begins with what the claim can: it is then no mere name, but an
    answer with words after it, ``2G - 1, which follows from D = ...``."""
    match left:
        case Series([(_, first), *_]) | Signed(_, first):
            return _begins_as_formula(resolver, first)
        case Symbol(base) | Row([(_, Symbol(base)), *_]) if base.partition("_")[0] in ("sum", "prod", "Sigma"):
            return True  # of what is not complete
        case Row(items) if any(flat(node) == "..." for _, node in items):
            return False
        case Row([(_, first), *others]):
            word = [first, *(node for _, node in takewhile(lambda item: item[0] == "", others))]
            letters = list(takewhile(lambda pair: _are_adjacent(*pair), pairwise(word)))
            return all(_is_readable(resolver, node) for node in word[: len(letters) + 1])
    return _is_readable(resolver, left)


def _are_adjacent(left: Node, right: Node) -> bool:
    """Whether two letters stand side by side, with nothing between or on them, as in a word."""
    return flat(left) is not None and isinstance(right, Symbol) and start(right) == start(left) + 1


def _is_readable(resolver: Resolver, node: Node) -> bool:
    try:
        return resolver.expr(node) != resolver.vocabulary.own_node
    except FormulaError:
        return False


def _tidied(expr: Expr) -> Expr:
    return Name(expr.name, tuple(map(tidy, expr.indices))) if isinstance(expr, Name) else expr


def _step(resolver: Resolver, node: Node) -> Expr | None:
    """A member of the chain before the last; None for one that cannot be read, which proves nothing and is not the
    answer."""
    notes, scope = dict(resolver.notes), list(resolver.scope)
    try:
        return _member(resolver, node, is_last=False)
    except FormulaError:
        resolver.notes, resolver.scope, resolver.is_left = notes, scope, False
        resolver.note("a step that cannot be read was left out")
        return None


def _member(resolver: Resolver, node: Node, *, is_last: bool) -> Expr:
    """One member of the chain; the last may be an order of growth. A member that is dL/dh is h_bar."""
    resolver.depth = 0
    growth = _growth(resolver, node) if is_last else None
    if growth is not None:
        return growth
    resolver.is_left = isinstance(node, Ratio)
    value = resolver.expr(node)
    resolver.is_left = False
    return value


def _growth(resolver: Resolver, node: Node) -> Expr | None:
    """``O(...)`` and ``Theta(...)``, and products with such a factor: ``a O(b)`` is ``O(a b)``."""
    items: list[tuple[str, Node]] = list(node.items) if isinstance(node, Row) else [("", node)]
    if all(_order(resolver, item) is None for _, item in items):
        return None
    factors, orders, at = list[Expr](), set[str](), 0
    while at < len(items):
        operator, item = items[at]
        order = _order(resolver, item)
        if operator not in ("", "*"):
            return None
        if order is None:
            factor, at = resolver.factor(items, at)
        else:
            orders.add(order.base)
            argument, at = _argument(items, at, order)
            if argument is None:
                return None
            factor = resolver.expr(argument)
        factors.append(factor)
    if len(orders) > 1:
        return None
    return Call(orders.pop(), (Mul(tuple(factors)) if len(factors) > 1 else factors[0],))


def _order(resolver: Resolver, node: Node) -> Symbol | None:
    symbol = node.function if isinstance(node, Apply) else bare(node)
    if not isinstance(symbol, Symbol) or symbol.base not in ORDERS:
        return None
    return symbol if symbol.base not in resolver.names and not symbol.sub and not symbol.sup else None


def _argument(items: list[tuple[str, Node]], at: int, order: Symbol) -> tuple[Node | None, int]:
    """What an order of growth is of, ``O(n)``, and ``O[n]`` in plain text, and where the next factor begins."""
    match items[at : at + 2]:
        case [(_, Apply(_, group)), *_]:
            return group, at + 1
        case [_, *_] if order.indices is not None:
            return order.indices[0] if len(order.indices) == 1 else None, at + 1
        case [_, ("", Group() as group)]:
            return group, at + 2
    return None, at
