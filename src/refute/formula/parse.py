"""Read a spec's formula, in plain text with every product written out, into an expression."""

from __future__ import annotations

from functools import lru_cache

from refute.formula.expr import Call, Expr, Name, Pow, Sum
from refute.formula.grammar import surface
from refute.formula.resolve import Items, Resolver
from refute.formula.surface import MAX_DEPTH, MAX_LENGTH, Apply, FormulaError, Line, Node, Signed, Symbol, start
from refute.formula.vocabulary import OPEN

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "FormulaError", "parse", "parse_equation"]


class _Strict(Resolver):
    """Any name is a variable and any ``name(...)`` a function; nothing is guessed."""

    def __init__(self, text: str) -> None:
        super().__init__(text, OPEN, is_latex=False)

    def side_by_side(self, items: Items, i: int) -> None:
        self.fail(items[i][1], "an operator or the end")

    def factor(self, items: Items, i: int) -> tuple[Expr, int]:
        node = items[i][1]
        if isinstance(node, Apply):
            return self.call(node.function, node.group.items), i + 1
        return super().factor(items, i) if isinstance(node, Symbol | Signed) else (self.expr(node), i + 1)

    def symbol(self, items: Items, i: int) -> tuple[Expr, int]:
        node = items[i][1]
        assert isinstance(node, Symbol), "the caller looked"
        name = Name(node.base, tuple(map(self.expr, node.indices or ())))
        return (name if node.sup is None else self.power(name, node.sup)), i + 1

    def check_rows(self, rows: list[list[Node]]) -> None:
        pass  # evaluation says which shapes do not fit

    def power(self, base: Expr, script: Node) -> Expr:
        return Pow(base, self.expr(script))

    def call(self, function: Symbol, arguments: list[Node]) -> Expr:
        values = tuple(map(self.expr, arguments))
        if function.base != "sum":
            return Call(function.base, values)
        match values:
            case (body, Name(index, ()), low, high):
                return Sum(body, index, low, high)
        got = f"{len(values)} arguments" if len(values) != 4 else "an index that is no plain name"
        example = "sum(i_bar[t]*x[t], t, 1, T)"
        expected = "sum(EXPRESSION, INDEX, LOW, HIGH)"
        return self.fail(function, expected, "a sum is not complete", got=got, example=example)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expr:
    """The expression a formula denotes. Raises FormulaError with line, column, what was expected and an example."""
    resolver, line = _line(text)
    if len(line.members) > 1 or not line.has_left:
        resolver.fail(text.index("="), "one formula, without an equals sign")
    return resolver.expr(line.members[0])


@lru_cache(maxsize=512)
def parse_equation(text: str) -> tuple[Name, Expr]:
    """The two sides of ``name[indices] = formula``. Raises FormulaError."""
    resolver, line = _line(text)
    example = "c[t] = f[t]*c[t-1] + i[t]*g[t]"
    if len(line.members) != 2 or not line.has_left:
        resolver.fail(line.members[-1], "an equation", got=f"{len(line.members)} formulas", example=example)
    left, right = map(resolver.expr, line.members)
    if not isinstance(left, Name):
        resolver.fail(start(line.members[0]), "a name left of the equals sign", example=example)
    return left, right


def _line(text: str) -> tuple[Resolver, Line]:
    resolver = _Strict(text)
    if not text.isascii():
        resolver.fail(next(i for i, c in enumerate(text) if not c.isascii()), "plain ASCII text", example="x^2")
    lines = surface(text, latex_notation=False)
    if len(lines) > 1:
        resolver.fail(lines[1].members[0], "an operator or the end")
    return resolver, lines[0]
