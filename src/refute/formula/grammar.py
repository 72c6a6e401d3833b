"""The surface of a text: its tokens, grouped by the grammar in ``formula.lark``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from refute.formula import latex, plain
from refute.formula.surface import (
    MAX_LENGTH,
    Apply,
    Bar,
    Equality,
    FormulaError,
    Group,
    Line,
    Mark,
    Node,
    Ratio,
    Row,
    Scripted,
    Series,
    Signed,
    Symbol,
    Table,
    fail,
)
from refute.formula.tokens import Token, Tokens

_GRAMMAR = Path(__file__).with_name("formula.lark")
TABLE = _GRAMMAR.with_name("formula.json")


class _Builder:
    """One method a rule: what it makes of all its parts."""

    def first_line(self, parts: list[Any]) -> list[Line]:
        return parts

    def next_line(self, parts: list[Any]) -> list[Line]:
        return self._line(parts, "SEP")

    def definition(self, parts: list[Any]) -> list[Line]:
        return self._line(parts, "WHERE")

    def _line(self, parts: list[Any], before: str) -> list[Line]:
        lines: list[Line] = parts[0]
        parts[2].before = before
        lines.append(parts[2])
        return lines

    def member(self, parts: list[Any]) -> Line:
        return Line(parts)

    def no_left(self, parts: list[Any]) -> Line:
        return Line(parts[1:], has_left=False)

    def equal(self, parts: list[Any]) -> Line:
        line: Line = parts[0]
        line.members.append(parts[2])
        return line

    def add(self, parts: list[Any]) -> Series:
        return self._term(parts, "+")

    def subtract(self, parts: list[Any]) -> Series:
        return self._term(parts, "-")

    def _term(self, parts: list[Any], sign: str) -> Series:
        left, _, right = parts
        series = left if isinstance(left, Series) else Series([("+", left)])
        series.terms.append((sign, right))
        return series

    def times(self, parts: list[Any]) -> Row:
        return self._factor(parts[0], parts[1].text or "*", parts[2])

    def over(self, parts: list[Any]) -> Row:
        return self._factor(parts[0], "/", parts[2])

    def beside(self, parts: list[Any]) -> Row:
        return self._factor(parts[0], "", parts[1])

    def _factor(self, left: Node, operator: str, right: Node) -> Row:
        row = left if isinstance(left, Row) else Row([("", left)])
        row.items.append((operator, right))
        return row

    def negative(self, parts: list[Any]) -> Signed:
        return Signed("-", parts[1])

    def positive(self, parts: list[Any]) -> Signed:
        return Signed("+", parts[1])

    def superscript(self, parts: list[Any]) -> Node:
        base, _, script = parts
        symbol = _symbol_in(base)
        if symbol is None or symbol.sup is not None or symbol.indices:
            return Scripted(base, sup=script)
        symbol.sup = script
        return symbol

    def subscript(self, parts: list[Any]) -> Node:
        base, _, script = parts
        symbol = _symbol_in(base)
        if symbol is None or symbol.sub is not None:
            return Scripted(base, sub=script)
        symbol.sub = script
        return symbol

    def prime(self, parts: list[Any]) -> Node:
        symbol = _symbol_in(parts[0])
        if symbol is None:
            return Scripted(parts[0], primes=1)
        symbol.primes += 1
        return symbol

    def apply(self, parts: list[Any]) -> Apply:
        function, opening, items, _ = parts
        return Apply(function, Group("(", items, opening.at))

    def indexed(self, parts: list[Any]) -> Symbol:
        symbol, _, items, _ = parts
        symbol.indices = items
        return symbol  # type: ignore[no-any-return]  # the grammar has a name here

    def group(self, parts: list[Any]) -> Group:
        opening, items, _ = parts
        return Group(opening.text, items, opening.at)

    def equality(self, parts: list[Any]) -> Equality:
        return Equality(parts[1], parts[3])

    def table(self, parts: list[Any]) -> Table:
        opening, rows, _ = parts
        return Table(rows, opening.at, opening.text)

    def bar(self, parts: list[Any]) -> Node:
        mark, inner = parts
        symbol = _symbol_in(inner)
        if symbol is None or symbol.has_bar:
            return Bar(inner, mark.at)
        symbol.is_covered, symbol.at = inner is not symbol and symbol.sup is not None, mark.at
        if mark.text:
            symbol.base = f"{symbol.base}_{mark.text}"
        else:
            symbol.has_bar = True
        return symbol

    def root(self, parts: list[Any]) -> Apply:
        mark, inner = parts
        return Apply(Symbol(f"sqrt{mark.text}", mark.at), Group("(", [inner], mark.at))

    def ratio(self, parts: list[Any]) -> Ratio | Apply:
        mark, top, bottom = parts
        if mark.text:
            return Apply(Symbol(mark.text, mark.at), Group("(", [top, bottom], mark.at))
        return Ratio(top, bottom, mark.at)

    def one(self, parts: list[Any]) -> list[Any]:
        return parts

    def more(self, parts: list[Any]) -> list[Any]:
        items: list[Any] = parts[0]
        items.append(parts[2])
        return items


def _symbol_in(node: Node) -> Symbol | None:
    """The symbol that a node is, perhaps in braces: ``{h}``."""
    while isinstance(node, Group) and node.kind == "{" and len(node.items) == 1:
        node = node.items[0]
    return node if isinstance(node, Symbol) else None


class _Reduction(NamedTuple):
    """A rule of the grammar: it takes `size` values and gives one that `make` makes of them; None hands on a single
    value."""

    size: int
    origin: str
    make: Callable[[list[Any]], Any] | None


_State = dict[str, Any]  # what a token or a rule's name leads to: another state or a reduction


class _Table(NamedTuple):
    """An LALR table, by its first and its last state."""

    first: _State
    last: _State


def generated() -> str:
    """The LALR table of `formula.lark`, by lark, as JSON. It is kept beside the grammar, since making it takes longer
    than reading a formula; ``make grammar`` writes it anew."""
    from lark import Lark  # not needed at run time
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        """Tokens are fed one by one."""

        def __init__(self, conf: Any) -> None:
            pass

        def lex(self, *_: Any) -> Iterator[Any]:
            return iter(())

    lark = Lark(_GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer=NoLexer, maybe_placeholders=False)
    conf = lark.parse_interactive().parser_state.parse_conf
    order, rules, states = [conf.start_state], list[list[Any]](), list[dict[str, int]]()
    for state in order:  # it grows: a state is numbered when it is first reached, so that the table is always the same
        row = {}
        for name, (action, target) in sorted(conf.states[state].items()):
            while action is Shift and (origin := _handed_on(conf.states[target].values())) is not None:
                target = conf.states[state][origin][1]
            known, entry = (order, target) if action is Shift else (rules, _rule_entry(target))
            if entry not in known:
                known.append(entry)
            row[str(name)] = known.index(entry) if action is Shift else -1 - known.index(entry)
        states.append(row)
    table = {"last": order.index(conf.end_state), "rules": rules, "states": states}
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {_by_lines(value)}" for name, value in table.items()) + "\n}\n"


def _handed_on(actions: Iterable[Any]) -> str | None:
    """The name under which a state hands on its one value, as ``?unary: power`` does, if it can do nothing else: the
    table passes over it."""
    from lark.parsers.lalr_analysis import Reduce

    (action, rule), *others = actions
    is_passed_over = action is Reduce and _is_handed_on(rule) and all(other == (action, rule) for other in others)
    return str(rule.origin.name) if is_passed_over else None


def _is_handed_on(rule: Any) -> bool:
    return len(rule.expansion) == 1 and rule.alias is None and bool(rule.options.expand1)


def _rule_entry(rule: Any) -> list[Any]:
    made = None if _is_handed_on(rule) else str(rule.alias or rule.origin.name)
    return [len(rule.expansion), str(rule.origin.name), made]


def _by_lines(value: Any) -> str:
    return "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value)


@lru_cache(maxsize=1)
def _table() -> _Table:
    data, builder = json.loads(TABLE.read_text(encoding="utf-8")), _Builder()
    rules = [_Reduction(size, origin, made and getattr(builder, made)) for size, origin, made in data["rules"]]
    states: list[_State] = [{} for _ in data["states"]]
    for state, actions in zip(states, data["states"], strict=True):
        state |= {name: states[target] if target >= 0 else rules[-1 - target] for name, target in actions.items()}
    return _Table(states[0], states[data["last"]])


_END = Mark("$END", -1)


def _parse(text: str, tokens: list[Token], *, is_whole: bool, example: str) -> list[Line] | None:
    """The lines, or None if the tokens are not the whole text. Raises FormulaError at the first unexpected token."""
    state, last = _table()
    states, values = [state], list[Any]()
    for token in (*tokens, _END) if is_whole else tokens:
        kind = token.type
        while (action := state.get(kind)).__class__ is not dict:
            if action is None:
                _unexpected(text, token, state, example)
            size, origin, make = action
            if make is None:
                state = states[-1] = states[-2][origin]
            else:
                del states[-size:]
                values[-size:] = [make(values[-size:])]
                state = states[-1][origin]
                states.append(state)
            if state is last and token is _END:
                return list(values[-1])
        state = action
        states.append(state)
        values.append(token)
    return None


def _unexpected(text: str, token: Token, actions: Mapping[str, Any], example: str) -> NoReturn:
    at = len(text.rstrip()) if token is _END else token.at
    is_after_operand = "PLUS" in actions and "STAR" in actions
    expected = "an operator or the end" if is_after_operand else "a name, a number or an opening bracket"
    fail(text, at, expected=expected, example=example)


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX rather than plain text: it has a backslash, a brace, a dollar or a summation sign."""
    return "\\" in text or "{" in text or "}" in text or "$" in text or "∑" in text


def surface(text: str, *, latex_notation: bool) -> list[Line]:
    """What is written, by lines. Raises FormulaError."""
    if len(text) > MAX_LENGTH:
        raise FormulaError("the formula is too long", expected=f"at most {MAX_LENGTH} characters", got=f"{len(text)}")
    tokens, trouble = Tokens(text), None
    try:
        (latex if latex_notation else plain).tokenize(tokens, text)
        tokens.finish()
    except FormulaError as error:
        trouble = error  # unless the grammar already stumbles on what comes before
    lines = _parse(text, tokens.found, is_whole=trouble is None, example=(latex if latex_notation else plain).EXAMPLE)
    if lines is None:
        assert trouble is not None, "a whole text is read or refused"
        raise trouble
    return lines


if __name__ == "__main__":
    TABLE.write_text(generated(), encoding="utf-8")
