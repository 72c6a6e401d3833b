"""Give what is written its meaning in a claim's vocabulary: sums, brackets, matrices, products and functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from math import comb, factorial
from typing import Any, NoReturn

from refute.formula import calculus, naming
from refute.formula.definitions import Definition
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Neg, Num, Pow, walk
from refute.formula.limits import check_power
from refute.formula.plain import GREEK
from refute.formula.scripts import bare, flat, is_index, is_transpose
from refute.formula.surface import (
    LONGEST_NAME,
    MAX_LEVELS,
    Apply,
    Bar,
    Equality,
    Group,
    Node,
    Number,
    Ratio,
    Row,
    Scripted,
    Series,
    Signed,
    Symbol,
    Table,
    fail,
    start,
)
from refute.formula.vocabulary import BUILT_IN, ORDERS, Vocabulary

MAX_NODES = 5_000
_UNREADABLE = "the formula cannot be read"

Items = list[tuple[str, Node]]

MAX_BELOW = 20  # in a binomial coefficient
_CALL = 4  # levels that a function without brackets counts for

SPELLINGS = {
    "sigma": "sigmoid", "sigma'": "sigmoid'", "ln": "log", "log10": "log_10", "arctan": "atan", "arcsin": "asin",
    "arccos": "acos", "arsinh": "asinh", "arcsinh": "asinh", "arcosh": "acosh", "arccosh": "acosh",
    "artanh": "atanh", "arctanh": "atanh", "gradJ": "grad_J", "cbrt": "sqrt_3", "ReLU": "relu", "cosec": "csc",
}  # of built-in functions  # fmt: skip
_INVERSE = Neg(Num(Fraction(1)))
_PRIMED = {"exp": "exp", "sinh": "cosh", "sin": "cos"}


class Resolver:
    """One text's reading. `notes` says which readings were taken where there was a choice."""

    def __init__(self, text: str, vocabulary: Vocabulary, *, is_latex: bool) -> None:
        self.text, self.vocabulary, self.is_latex = text, vocabulary, is_latex
        self.names = vocabulary.names
        self.notes: dict[str, None] = {}
        self.definitions: dict[str, Definition] = {}
        self.scope: list[tuple[str, str]] = []  # the sums around: an index as written and its name in the expression
        self.depth = self.count = 0
        self.sigma_is_letter: bool | None = None  # where sigma was met
        self.is_left = False  # whether this is the left-hand side, which says what is asked for

    # --- what any node is -------------------------------------------------------------------------------------------

    def expr(self, node: Node) -> Expr:
        """Raises FormulaError for names, indices and forms that have no meaning here."""
        self.depth += 1
        self.count += 1
        if self.depth > MAX_LEVELS or self.count > MAX_NODES:
            self.deepen(node, 0)
        result = _MEANINGS[node.__class__](self, node)
        self.depth -= 1
        return result

    def deepen(self, node: Node, levels: int = 1) -> None:
        """Count levels and a part more. Raises FormulaError past the limits."""
        self.depth += levels
        self.count += 1
        if self.depth > MAX_LEVELS:
            self.fail(node, f"at most {MAX_LEVELS} levels", "the formula is nested too deep", got="more")
        if self.count > MAX_NODES:
            self.spend(node, 0)

    def spend(self, node: Node, parts: int) -> None:
        """Count parts of the expression. Raises FormulaError past the limit."""
        self.count += parts
        if self.count > MAX_NODES:
            self.fail(node, f"at most {MAX_NODES} parts", "the formula has too many parts", got="more")

    def fail(self, node: Node | int, expected: str, message: str = _UNREADABLE, **more: Any) -> NoReturn:
        """Raise FormulaError at a node, or at a place in the text."""
        if isinstance(node, Symbol) and "got" not in more:
            more["got"] = repr(node.base[:LONGEST_NAME])
        fail(self.text, node if isinstance(node, int) else start(node), message, expected=expected, **more)

    def note(self, text: str) -> None:
        self.notes[text] = None

    def number(self, node: Number) -> Expr:
        return Num(node.value)

    def series(self, node: Series) -> Expr:
        parts = [Neg(self.expr(term)) if sign == "-" else self.expr(term) for sign, term in node.terms]
        first = parts[0]
        return Add((*(first.terms if isinstance(first, Add) else (first,)), *parts[1:]))

    def alone(self, node: Node) -> Expr:
        return self.product([("", node)])

    def group(self, node: Group) -> Expr:
        if node.kind == "[" and not self.is_latex and not self.is_parenthesis(node):
            return self.matrix([item.items if isinstance(item, Group) else [item] for item in node.items], node)
        if len(node.items) != 1:
            self.fail(start(node.items[1]), "one formula in a bracket", got="a comma before this")
        value = self.expr(node.items[0])
        if node.kind == "|":
            return Call("det" if isinstance(value, Matrix) else "abs", (value,))
        return value

    def is_parenthesis(self, node: Group) -> bool:
        """Whether square brackets in plain text are but brackets, and neither a matrix nor an index without a name."""
        first = node.items[0]
        is_row = isinstance(first, Group) and first.kind == "["
        return len(node.items) == 1 and not is_row and not is_index(first, self.is_variable)

    def table(self, node: Table) -> Expr:
        value = self.matrix(node.rows, node)
        return Call("det", (value,)) if node.kind == "vmatrix" else value

    def matrix(self, rows: list[list[Node]], node: Node) -> Expr:
        if not self.is_latex and not (
            isinstance(node, Group) and all(isinstance(i, Group) and i.kind == "[" for i in node.items)
        ):
            self.fail(node, "a matrix by rows, or round brackets", example="[[A, B], [C, D]]")
        self.check_rows(rows)
        return Matrix(tuple(tuple(self.block(entry) for entry in row) for row in rows))

    def block(self, entry: Node) -> Expr:
        """An entry of a matrix; O is 0."""
        if flat(entry) == "O" and not self.is_name("O"):
            self.note("O in a matrix was read as a block of zeros")
            return Num(Fraction(0))
        return self.expr(entry)

    def check_rows(self, rows: list[list[Node]]) -> None:
        """Raises FormulaError for rows of different lengths."""
        for row in rows:
            if len(row) != len(rows[0]):
                self.fail(start(row[0]), f"{len(rows[0])} entries in each row of a matrix", got=f"{len(row)}")

    def scripted(self, node: Scripted) -> Expr:
        if flat(node.base) == "0" and self.is_shape(node.sub) and node.sup is None and not node.primes:
            return self.expr(node.base)
        if node.sub is not None or node.primes:
            place = node.sub if node.sub is not None else node.base
            self.fail(place, "a subscript or prime after a name only", got="one after a bracket")
        base = self.expr(node.base)
        assert node.sup is not None, "a Scripted has some script"
        if self.is_latex and is_transpose(node.sup, _never if _is_matrix(base) else self.is_name):
            return self.transposed(base, node.sup)
        return self.power(base, node.sup)

    def transposed(self, value: Expr, place: Node) -> Expr:
        """Raises FormulaError for what is a number, where no claim says that its names are matrices: these do not
        commute."""
        if self.vocabulary.is_open and not _is_matrix(value):
            self.fail(
                place, "a matrix by its entries", got="the transpose of a number", example="transpose([[a, b], [c, d]])"
            )
        return Call("transpose", (value,))

    def power(self, base: Expr, script: Node) -> Expr:
        return self.raised(base, self.exponent(script), script)

    def exponent(self, script: Node) -> Expr:
        """Raises FormulaError for a word that is a product: of ``e^xy`` nobody knows where the exponent ends."""
        if isinstance(script, Symbol) and script.base in self.vocabulary.products:
            self.fail(script, "brackets around an exponent", example="e^(x*y)")
        return self.expr(script)

    def raised(self, base: Expr, exponent: Expr, place: Node) -> Expr:
        """A power. Raises FormulaError for one that is too large."""

        def refuse(expected: str, got: str) -> NoReturn:
            self.fail(place, expected, "a power is too large", got=got)

        check_power(base, exponent, refuse, has_sizes=not self.vocabulary.is_open)
        return Pow(base, exponent)

    def ratio(self, node: Ratio) -> Expr:
        return Div(self.expr(node.top), self.expr(node.bottom))

    def bar(self, node: Bar) -> Expr:
        self.fail(node, "a bar over a name", example=r"\overline{h^{(t)}}")

    def equality(self, node: Equality) -> Expr:
        self.fail(node, "an index and its first value below a sum only", example=r"\sum_{t=1}^{T}")

    # --- what is known here ----------------------------------------------------------------------------------------

    def is_name(self, name: str) -> bool:
        return self.vocabulary.is_open or name in self.names

    def is_variable(self, name: str) -> bool:
        """Whether a name is an index variable here."""
        return name in self.vocabulary.variables or any(name == written for written, _ in self.scope)

    def is_known_index(self, name: str) -> bool:
        return self.is_variable(name) or name in self.vocabulary.sizes

    def is_shape(self, node: Node | None) -> bool:
        """Whether a subscript says how large a square matrix is: ``I_D``, ``0_{D \\times D}``."""
        inner = None if node is None else bare(node)
        sides = [side for _, side in inner.items] if isinstance(inner, Row) else [inner]
        return len(sides) <= 2 and len({flat(side) for side in sides}) == 1 and flat(sides[0]) in self.vocabulary.sizes

    def renamed(self, base: str) -> str:
        """An index variable's name in the expression."""
        for written, inner in reversed(self.scope):
            if written == base:
                return inner
        return base

    # --- products ---------------------------------------------------------------------------------------------------

    def row(self, node: Row) -> Expr:
        return self.product(list(node.items))

    def product(self, items: Items) -> Expr:
        """Factors from left to right; ``a/b c`` is ``(a/b) c``. What a name takes along changes the items."""
        depth = self.depth
        value, i = self.factor(items, 0)
        factors = [value]
        while i < len(items):
            operator = items[i][0]
            if operator == "":
                self.side_by_side(items, i)
            value, i = self.factor(items, i)
            if operator == "⊙" and isinstance(value, Matrix) and _is_matrix(factors[-1]):
                self.fail(items[i - 1][1], "the product of matrices", got="a product entry by entry")
            if operator == "/":
                self.deepen(items[i - 1][1])
                factors = [Div(_product(factors), value)]
            else:
                factors.append(value)
        self.depth = depth
        return _product(factors)

    def side_by_side(self, items: Items, i: int) -> None:
        """What stands beside what. Raises FormulaError for two numbers."""
        node, before = items[i][1], items[i - 1][1]
        if isinstance(node, Number) and isinstance(before, Number):
            self.fail(node, "an operator between two numbers", got=repr(str(node.value)))
        if isinstance(node, Ratio) and isinstance(before, Number) and _is_number(node.top) and _is_number(node.bottom):
            self.fail(node, "an operator between a number and a fraction", got="a mixed number, or a product")
        if isinstance(node, Number):
            self.note(f"the {node.value} in column {self.column(node)} was read as a factor; an exponent needs braces")
        if items[i - 1][0] == "/":
            self.note(f"the factor in column {self.column(node)}, after a quotient a/b, was read as (a/b) times it")

    def column(self, node: Node) -> int:
        at = start(node)
        return at - self.text.rfind("\n", 0, at)

    def factor(self, items: Items, i: int) -> tuple[Expr, int]:
        """One factor and where the next begins: a function takes its argument along, a sum all that follows."""
        operator, node = items[i]
        if isinstance(node, Symbol):
            return self.symbol(items, i)
        if isinstance(node, Number):
            return self.expr(node), i + 1
        if isinstance(node, Signed):
            return self.signed(items, i, node)
        if isinstance(node, Ratio):
            found = calculus.derivative(self, items, node.top, node.bottom, i + 1)
            return found if found is not None else (self.ratio(node), i + 1)
        if isinstance(node, Apply):
            items[i : i + 1] = [(operator, node.function), ("", node.group)]
            return self.symbol(items, i)
        if isinstance(node, Scripted) and isinstance(node.base, Apply) and node.sup is not None:
            items[i : i + 1] = [(operator, node.base.function), ("", replace(node, base=node.base.group))]
            return self.symbol(items, i)
        if isinstance(node, Group) and node.kind == "{" and _is_symbol(node):
            items[i] = (operator, bare(node))
            return self.symbol(items, i)
        return self.expr(node), i + 1

    def signed(self, items: Items, i: int, node: Signed) -> tuple[Expr, int]:
        """A factor with a sign; it takes along what it would without."""
        self.deepen(node)
        items[i] = (items[i][0], node.operand)
        value, after = self.factor(items, i)
        self.depth -= 1
        return (Neg(value) if node.sign == "-" else value), after

    def symbol(self, items: Items, i: int) -> tuple[Expr, int]:
        """A name, or a function with its argument."""
        node = items[i][1]
        assert isinstance(node, Symbol), "the caller looked"
        base = node.base
        if base not in self.definitions and (base not in self.names or base == "H"):
            special = calculus.SPECIAL.get(base)
            if special is not None:
                found = special(self, items, i)
                if found is not None:
                    return found
            function = self.function(node)
            if function is not None and not self.is_letter(items, i):
                return self.application(items, i, function)
            if base[0] == "d" and not self.vocabulary.is_open and base not in self.vocabulary.aliases:
                found = calculus.quotient(self, items, i)
                if found is not None:
                    return found
            is_followed = i + 1 < len(items) and base not in self.vocabulary.products
            if is_followed and self.vocabulary.is_open and _is_applied_word(items, i):
                naming.unknown_function(self, node)
        return naming.meaning(self, items, i)

    # --- functions --------------------------------------------------------------------------------------------------

    def function(self, symbol: Symbol) -> str | None:
        """The function a symbol stands for, if any."""
        name = SPELLINGS.get(symbol.base, symbol.base)
        if name in BUILT_IN or name in self.vocabulary.functions:
            return name
        is_numbered = "_" in name and name.startswith(("log_", "sqrt_")) and name.rpartition("_")[2].isdecimal()
        if is_numbered and len(name) <= LONGEST_NAME:
            return name
        if name in ORDERS and not self.vocabulary.is_open:
            self.fail(symbol, f"{name}(...) as the whole answer only", got=repr(name))
        return None

    def is_letter(self, items: Items, i: int) -> bool:
        """Whether a sigma is no function but a letter, as the standard deviation is: it has no argument, and there is
        no claim in which it has a meaning. Raises FormulaError where one formula has both."""
        symbol = items[i][1]
        if not self.vocabulary.is_open or not isinstance(symbol, Symbol) or symbol.base != "sigma":
            return False
        is_letter = not symbol.primes and (i + 1 >= len(items) or items[i + 1][0] != "")
        if self.sigma_is_letter not in (None, is_letter):
            self.fail(symbol, "sigma with an argument everywhere, or nowhere", "sigma is used in two ways")
        self.sigma_is_letter = is_letter
        return is_letter

    def application(self, items: Items, i: int, name: str) -> tuple[Expr, int]:
        symbol = items[i][1]
        assert isinstance(symbol, Symbol), "the caller looked"
        name = self.spelled(symbol, name)
        if name in self.vocabulary.functions and (i + 1 >= len(items) or items[i + 1][0] != ""):
            found = calculus.without_argument(self, items, i, name)
            if found is not None:
                return found
        arguments, after, outer = self.arguments(items, i, name)
        arity = BUILT_IN.get(name.partition("_")[0], len(arguments))
        if len(arguments) != arity and not (name in ("max", "min") and len(arguments) > arity):
            self.fail(symbol, f"{arity} arguments of {name}", got=f"{len(arguments)}")
        value = self.called(symbol, name, arguments)
        if symbol.sup is not None:
            value = self.power(value, symbol.sup)
            if isinstance(value, Pow) and value.exponent == _INVERSE:
                inverse = f", or a{name}(...)" if f"a{name}" in BUILT_IN else ""
                self.fail(symbol.sup, f"no power -1 of {name}: 1/{name}(...){inverse}", got="one")
        return (value if outer is None else self.power(value, outer)), after

    def called(self, symbol: Symbol, name: str, arguments: tuple[Expr, ...]) -> Expr:
        """A function of its arguments; ``log_3`` is a quotient, ``sqrt_4`` a power, a maximum one of two at a time."""
        head, _, number = name.partition("_")
        if head in BUILT_IN and number:
            n, (argument,) = Num(Fraction(number)), arguments
            if n.value < 2:
                self.fail(symbol, f"a number from 2 on at {head}", got=number, example=r"\log_{10}(x)")
            if head == "log":
                return Div(Call("log", arguments), Call("log", (n,)))
            root = Div(Num(Fraction(1)), n)
            if n.value % 2 == 0 or isinstance(argument, Num):
                return Pow(argument, root)
            self.spend(symbol, sum(1 for _ in walk(argument)))
            return Add((Pow(Call("relu", (argument,)), root), Neg(Pow(Call("relu", (Neg(argument),)), root))))
        if name == "binom":
            return self.binomial(symbol, *arguments)
        if name == "transpose":
            return self.transposed(arguments[0], symbol)
        if len(arguments) > 2 and name in ("max", "min"):
            self.deepen(symbol, len(arguments))
            self.depth -= len(arguments)
            return reduce(lambda first, second: Call(name, (first, second)), arguments)
        return Call(name, arguments)

    def binomial(self, symbol: Symbol, above: Expr, below: Expr) -> Expr:
        """A binomial coefficient, by its definition as a polynomial in what is above."""
        if not isinstance(below, Num) or below.value.denominator != 1 or below.value > MAX_BELOW:
            self.fail(
                symbol, f"a whole number up to {MAX_BELOW} below in a binomial coefficient", example=r"\binom{n}{2}"
            )
        count = int(below.value)
        if isinstance(above, Num) and above.value.denominator == 1:
            return Num(Fraction(comb(int(above.value), count)))
        self.spend(symbol, count * sum(1 for _ in walk(above)))
        factors = [above, *(Add((above, Neg(Num(Fraction(k))))) for k in range(1, count))]
        return Div(_product(factors), Num(Fraction(factorial(count)))) if count else Num(Fraction(1))

    def is_variable_beside(self, node: Node, following: Node) -> bool:
        """Whether an argument without brackets is a name, and another name that is no function follows."""
        match node, following:
            case Symbol(sup=None), Symbol(base) if base != "e" and base not in calculus.SPECIAL:
                return self.function(following) is None
        return False

    def spelled(self, symbol: Symbol, name: str) -> str:
        """The function with its base or its primes: ``log_2``, ``tanh'``."""
        if symbol.sub is not None:
            base = flat(symbol.sub) or ""
            if name != "log" or not (base.isdecimal() or base == "e"):
                self.fail(symbol.sub, "no subscript but a number at log", got="one", example=r"\log_{10}(x)")
            name = {"2": "log2", "e": "log"}.get(base, f"log_{base}")
        if symbol.primes:
            primed = _PRIMED.get(name, f"{name}'")
            if symbol.primes > 1 or primed not in BUILT_IN:
                self.fail(symbol, "the first derivative of sigma or tanh", got=name + "'" * symbol.primes)
            return primed
        return name

    def arguments(self, items: Items, i: int, name: str) -> tuple[tuple[Expr, ...], int, Node | None]:
        """A function's arguments, where the next factor begins, and the power that hangs on the bracket."""
        if i + 1 >= len(items) or items[i + 1][0] != "":
            self.fail(items[i][1], f"an argument of {name}", got="none", example="tanh(c[t])")
        node = items[i + 1][1]
        outer = node.sup if isinstance(node, Scripted) and isinstance(node.base, Group) else None
        group = node.base if outer is not None and isinstance(node, Scripted) else node
        if isinstance(group, Group) and group.kind != "|":
            items_in = group.items
            if len(items_in) == 1 and isinstance(items_in[0], Group) and group.kind == "{":
                items_in = items_in[0].items
            return tuple(self.expr(item) for item in items_in), i + 2, outer
        self.deepen(node, _CALL)
        is_word = isinstance(node, Symbol) and node.base in self.vocabulary.products  # sin xy
        value, after = (self.product([("", node)]), i + 2) if is_word else self.factor(items, i + 1)
        self.depth -= _CALL
        following = items[after][1] if after < len(items) and items[after][0] == "" else None
        if isinstance(node, Number) and isinstance(following, Group) and name == "log":
            self.fail(node, "a bracket around the argument of log, or a base", example=r"\log_{10}(x)")
        if isinstance(node, Number) and following is not None and _is_symbol(following):
            second, after = self.factor(items, after)
            value = Mul((value, second))
        elif following is not None and self.vocabulary.is_open and self.is_variable_beside(node, following):
            self.fail(following, f"brackets around the argument of {name}", got="a name beside it")
        if after < len(items) and items[after][0] == "":
            column = self.column(items[after][1])
            self.note(f"{name} without brackets was read as ending before column {column}")
        return (value,), after, None


def _product(factors: list[Expr]) -> Expr:
    first = factors[0]
    if len(factors) == 1:
        return first
    return Mul((*(first.factors if isinstance(first, Mul) else (first,)), *factors[1:]))


def _is_symbol(node: Node) -> bool:
    return isinstance(bare(node), Symbol)


def _is_number(node: Node) -> bool:
    return isinstance(bare(node), Number)


def _is_applied_word(items: Items, i: int) -> bool:
    """Whether a word stands before a bracket, as a function does: ``relu(x)``, but not ``beta(1 - x)``."""
    match items[i : i + 2]:
        case [(_, Symbol(base, _, None, None) as symbol), ("", Group("("))]:
            word = base.rstrip("0123456789")
            is_word = len(word) > 1 and base.isalnum() and word[:2].isalpha()
            return is_word and word not in GREEK.values() and not symbol.has_bar
    return False


def _is_matrix(expr: Expr) -> bool:
    return any(isinstance(node, Matrix) for node in walk(expr))


def _never(name: str) -> bool:
    return False


_MEANINGS: dict[type, Callable[[Resolver, Any], Expr]] = {
    Number: Resolver.number,
    Symbol: Resolver.alone,
    Series: Resolver.series,
    Row: Resolver.row,
    Signed: Resolver.alone,
    Group: Resolver.group,
    Apply: Resolver.alone,
    Ratio: Resolver.alone,
    Scripted: Resolver.scripted,
    Bar: Resolver.bar,
    Table: Resolver.table,
    Equality: Resolver.equality,
}
