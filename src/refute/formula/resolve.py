"""Give what is written its meaning: which names, indices, functions and products it denotes in a claim's vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, NoReturn

from refute.formula import calculus
from refute.formula.definitions import Definition
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, walk
from refute.formula.limits import check_power
from refute.formula.scripts import bare, flat, is_index, is_transpose, mentions, parts_of
from refute.formula.surface import (
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
from refute.formula.vocabulary import BUILT_IN, Vocabulary

MAX_NODES = 5_000
LONGEST = 60  # letters of a name that are looked at, and shown
_UNREADABLE = "the formula cannot be read"

Items = list[tuple[str, Node]]

_CALL = 4  # levels that a function without brackets counts for

SPELLINGS = {"sigma": "sigmoid", "sigma'": "sigmoid'", "ln": "log"}  # of built-in functions
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
        self.is_left = False  # whether this is the left-hand side, which says what is asked for

    # --- what any node is -------------------------------------------------------------------------------------------

    def expr(self, node: Node) -> Expr:
        """Raises FormulaError for names, indices and forms that have no meaning here."""
        self.deepen(node)
        result = _MEANINGS[node.__class__](self, node)
        self.depth -= 1
        return result

    def deepen(self, node: Node, levels: int = 1) -> None:
        """Count levels and a part more. Raises FormulaError past the limits."""
        self.depth += levels
        if self.depth > MAX_LEVELS:
            self.fail(node, f"at most {MAX_LEVELS} levels", "the formula is nested too deep", got="more")
        self.spend(node, 1)

    def spend(self, node: Node, parts: int) -> None:
        """Count parts of the expression. Raises FormulaError past the limit."""
        self.count += parts
        if self.count > MAX_NODES:
            self.fail(node, f"at most {MAX_NODES} parts", "the formula has too many parts", got="more")

    def fail(self, node: Node | int, expected: str, message: str = _UNREADABLE, **more: Any) -> NoReturn:
        """Raise FormulaError at a node, or at a place in the text."""
        if isinstance(node, Symbol) and "got" not in more:
            more["got"] = repr(node.base[:LONGEST])
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
        return self.row([("", node)])

    def group(self, node: Group) -> Expr:
        if node.kind == "[" and not self.is_latex:
            return self.matrix([item.items if isinstance(item, Group) else [item] for item in node.items], node)
        if len(node.items) != 1:
            self.fail(start(node.items[1]), "one formula in a bracket", got="a comma before this")
        value = self.expr(node.items[0])
        if node.kind == "|":
            return Call("det" if isinstance(value, Matrix) else "abs", (value,))
        return value

    def table(self, node: Table) -> Expr:
        value = self.matrix(node.rows, node)
        return Call("det", (value,)) if node.kind == "vmatrix" else value

    def matrix(self, rows: list[list[Node]], node: Node) -> Expr:
        if not self.is_latex and not (
            isinstance(node, Group) and all(isinstance(i, Group) and i.kind == "[" for i in node.items)
        ):
            self.fail(node, "a matrix by rows, or round brackets", example="[[A, B], [C, D]]")
        self.check_rows(rows)
        return Matrix(tuple(tuple(self.expr(entry) for entry in row) for row in rows))

    def check_rows(self, rows: list[list[Node]]) -> None:
        """Raises FormulaError for rows of different lengths."""
        for row in rows:
            if len(row) != len(rows[0]):
                self.fail(start(row[0]), f"{len(rows[0])} entries in each row of a matrix", got=f"{len(row)}")

    def scripted(self, node: Scripted) -> Expr:
        if node.sub is not None or node.primes:
            place = node.sub if node.sub is not None else node.base
            self.fail(place, "a subscript or prime after a name only", got="one after a bracket")
        base = self.expr(node.base)
        assert node.sup is not None, "a Scripted has some script"
        if self.is_latex and is_transpose(node.sup, _never if _is_matrix(base) else self.is_name):
            return Call("transpose", (base,))
        return self.power(base, node.sup)

    def power(self, base: Expr, script: Node) -> Expr:
        exponent = self.expr(script)
        check_power(base, exponent, lambda expected, got: self.fail(script, expected, "a power is too large", got=got))
        return Pow(base, exponent)

    def ratio(self, node: Ratio) -> Expr:
        return Div(self.expr(node.top), self.expr(node.bottom))

    def bar(self, node: Bar) -> Expr:
        self.fail(node, "a bar over a name", example=r"\overline{h^{(t)}}")

    def equality(self, node: Equality) -> Expr:
        self.fail(node, "an index and its first value below a sum only", example=r"\sum_{t=1}^{T}")

    # --- products ---------------------------------------------------------------------------------------------------

    def row(self, written: Items) -> Expr:
        """Factors from left to right; ``a/b c`` is ``(a/b) c``."""
        items, depth = list(written), self.depth
        factors: list[Expr] = []
        i = 0
        while i < len(items):
            operator = items[i][0]
            if operator == "" and i:
                self.side_by_side(items, i)
            value, i = self.factor(items, i)
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
            if function is not None:
                return self.application(items, i, function)
        return self.name(items, i)

    # --- functions --------------------------------------------------------------------------------------------------

    def function(self, symbol: Symbol) -> str | None:
        """The function a symbol stands for, if any."""
        name = SPELLINGS.get(symbol.base, symbol.base)
        if name in BUILT_IN or name in self.vocabulary.functions:
            return name
        if name in ("O", "Theta") and not self.vocabulary.is_open:
            self.fail(symbol, f"{name}(...) as the whole answer only", got=repr(name))
        return None

    def application(self, items: Items, i: int, name: str) -> tuple[Expr, int]:
        symbol = items[i][1]
        assert isinstance(symbol, Symbol), "the caller looked"
        name = self.spelled(symbol, name)
        arguments, after, outer = self.arguments(items, i, name)
        arity = BUILT_IN.get(name, len(arguments))
        if len(arguments) != arity:
            self.fail(symbol, f"{arity} arguments of {name}", got=f"{len(arguments)}")
        value: Expr = Call(name, arguments)
        for power in (symbol.sup, outer):
            if power is not None:
                value = self.power(value, power)
        if isinstance(value, Pow) and isinstance(value.exponent, Neg) and symbol.sup is not None:
            self.fail(symbol.sup, f"a power that is not negative after {name}: 1/{name}(...)", got="a negative power")
        return value, after

    def spelled(self, symbol: Symbol, name: str) -> str:
        """The function with its base or its primes: ``log_2``, ``tanh'``."""
        if symbol.sub is not None:
            if name == "log" and flat(symbol.sub) == "2":
                return "log2"
            self.fail(symbol.sub, f"no subscript of {name}", got="one")
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
        value, after = self.factor(items, i + 1)
        self.depth -= _CALL
        if isinstance(node, Number) and after < len(items) and items[after][0] == "" and _is_symbol(items[after][1]):
            second, after = self.factor(items, after)
            value = Mul((value, second))
        if after < len(items) and items[after][0] == "":
            column = self.column(items[after][1])
            self.note(f"{name} without brackets was read as ending before column {column}")
        return (value,), after, None

    # --- names ------------------------------------------------------------------------------------------------------

    def is_name(self, name: str) -> bool:
        return self.vocabulary.is_open or name in self.names

    def is_variable(self, name: str) -> bool:
        """Whether a name is an index variable here."""
        return name in self.vocabulary.variables or any(name == written for written, _ in self.scope)

    def is_known_index(self, name: str) -> bool:
        return self.is_variable(name) or name in self.vocabulary.sizes

    def lookup(self, base: str, script: str | None, has_bar: bool) -> str | None:
        """The claim's name for a letter with a flat subscript and perhaps a bar."""
        name = (f"{base}_{script}" if script else base) + ("_bar" if has_bar else "")
        if name in self.names or name in self.definitions:
            return name
        if self.vocabulary.is_open and not self.definitions:
            return None
        for head in dict.fromkeys((self.vocabulary.aliases.get(base, base), base.replace("W", "w", 1))):
            if head[:1] != base[:1] and head == base.replace("W", "w", 1) and script is None and "_" not in base:
                continue
            name = (f"{head}_{script}" if script else head) + ("_bar" if has_bar else "")
            if name in self.names or name in self.definitions:
                if self.vocabulary.aliases.get(base) == head and head != base:
                    self.note(f"{base} was read as {head}")
                return name
        first, underscore, rest = base.partition("_")
        alias = self.vocabulary.aliases.get(first)
        if underscore and alias is not None and f"{alias}_{rest}" in self.names:
            self.note(f"{first} was read as {alias}")
            return f"{alias}_{rest}"
        return None

    def name(self, items: Items, i: int) -> tuple[Expr, int]:
        symbol = items[i][1]
        assert isinstance(symbol, Symbol), "the caller looked"
        sub, script = symbol.sub, flat(symbol.sub)
        name = self.lookup(symbol.base, script, symbol.has_bar) if script else None
        if name is not None:
            sub = None
        else:
            name = self.lookup(symbol.base, None, symbol.has_bar)
        if name is None:
            return (self.open_name(symbol), i + 1) if self.vocabulary.is_open else self.unknown(items, i)
        arity = self.definitions[name].arity if name in self.definitions else self.names[name]
        if arity == 0:
            return self.scalar(symbol, name, sub), i + 1
        return self.indexed(items, i, name, arity, sub)

    def scalar(self, symbol: Symbol, name: str, sub: Node | None) -> Expr:
        """A name without indices, and its power or transpose."""
        if sub is not None and not (name == "I" and (flat(sub) or "") in self.vocabulary.sizes):
            self.unknown_name(symbol, f"{symbol.base}_{flat(sub)}" if flat(sub) else None, name)
        if symbol.indices is not None:
            self.fail(symbol, f"{name} without an index", got="one")
        value = self.named(name, (), symbol)
        if symbol.primes:
            self.fail(symbol, "no prime after a variable", got=f"{name}'")
        if symbol.sup is None:
            return value
        is_weight = name[:1] in "wW" and flat(symbol.sup) == "T"
        if is_transpose(symbol.sup, self.is_name) or is_weight:
            if name[:1].isupper():
                return Call("transpose", (value,))
            self.note(f"the transpose of {name} was read as {name}, a number")
            return value
        script = bare(symbol.sup)
        if isinstance(script, Group) and is_index(script, self.is_known_index) and mentions(script, self.is_variable):
            self.fail(script, f"{name} without an index", got="one")
        return self.power(value, symbol.sup)

    def indexed(self, items: Items, i: int, name: str, arity: int, sub: Node | None) -> tuple[Expr, int]:
        """A name with indices: in brackets, below, above, or left out."""
        symbol = items[i][1]
        assert isinstance(symbol, Symbol), "the caller looked"
        power, after = symbol.sup, i + 1
        if symbol.primes:
            self.fail(symbol, "no prime after a variable", got=f"{name}'")
        places = symbol.indices
        if places is None and sub is not None:
            places = self.split(sub, arity)
        if places is None and power is not None:
            places, power = self.index_above(power, arity, name)
        if places is None and after < len(items) and items[after][0] == "":
            places, outer = self.index_beside(items[after][1], arity)
            if places is not None:
                after += 1
                power = outer if power is None else power
        if places is None:
            indices = self.omitted(symbol, name, arity)
        else:
            if len(places) != arity:
                self.fail(symbol, f"{arity} indices of {name}", got=f"{len(places)}")
            indices = tuple(map(self.index, places))
        value = self.named(name, indices, symbol)
        if power is None:
            return value, after
        if is_transpose(power, self.is_name):
            self.note(f"the transpose of {name} was read as {name}")
            return value, after
        return self.power(value, power), after

    def split(self, node: Node, arity: int) -> list[Node]:
        """``i,j`` or, for two indices, ``ij``."""
        places, inner = parts_of(node), bare(node)
        if arity > 1 and len(places) == 1 and isinstance(inner, Row) and len(inner.items) == arity:
            return [item for _, item in inner.items]
        return places

    def index_above(self, script: Node, arity: int, name: str) -> tuple[list[Node] | None, Node | None]:
        """Whether what is above is an index or a power, or one after the other: ``c^{(t)2}``."""
        inner = bare(script)
        if isinstance(inner, Row) and isinstance(inner.items[0][1], Group) and len(inner.items) > 1:
            head = inner.items[0][1]
            rest = inner.items[1:]
            if rest[0][0] == "" and all(is_index(part, self.is_known_index) for part in parts_of(head)):
                return parts_of(head), rest[0][1] if len(rest) == 1 else Row(rest)
        places = self.split(script, arity)
        is_round = isinstance(inner, Group) and inner.kind == "(" and (self.is_latex or _is_raised(inner))
        if not all(is_index(place, self.is_known_index) for place in places):
            return (places, None) if is_round else (None, script)
        has_variable = any(mentions(place, self.is_variable) for place in places)
        if has_variable or is_round:
            return places, None
        if mentions(inner, lambda base: base == "T" and self.is_known_index(base)):
            self.note(f"{name}^T was read as {name}[T]")
            return places, None
        return None, script

    def index_beside(self, node: Node, arity: int) -> tuple[list[Node] | None, Node | None]:
        """``h[t]`` in LaTeX, and ``h(t+1)``: a bracket with an index variable in it and nothing else."""
        outer = node.sup if isinstance(node, Scripted) else None
        group = node.base if isinstance(node, Scripted) and node.sub is None else node
        if not isinstance(group, Group) or group.kind not in ("(", "[") or len(group.items) != arity:
            return None, None
        if not all(is_index(item, self.is_known_index) for item in group.items):
            return None, None
        if group.kind == "[" or any(mentions(item, self._is_only_variable) for item in group.items):
            return group.items, outer
        return None, None

    def _is_only_variable(self, name: str) -> bool:
        return self.is_variable(name) and name not in self.names

    def omitted(self, symbol: Symbol, name: str, arity: int) -> tuple[Expr, ...]:
        """The index of the innermost sum, else that of the node asked for."""
        own = self.vocabulary.own_node
        if self.scope and arity == 1:
            indices: tuple[Expr, ...] = (Name(self.scope[-1][1]),)
        elif own is not None and len(own.indices) == arity:
            indices = own.indices
        else:
            shape = ("t", "i, j")[arity > 1]
            self.fail(symbol, f"an index of {name}", got="none", example=f"{name}[{shape}]")
        self.note(f"{name} without an index was read as {shown(name, indices)}")
        return indices

    def index(self, node: Node) -> Expr:
        """An index or an end of a sum. Raises FormulaError unless it is made of index variables, sizes and numbers."""
        match node:
            case Number(value) if value.denominator == 1:
                return Num(value)
            case Symbol() if self.is_known_index(flat(node) or "") or (self.vocabulary.is_open and flat(node)):
                return Name(self.renamed(flat(node) or ""))
            case Series(terms):
                parts = [Neg(self.index(term)) if sign == "-" else self.index(term) for sign, term in terms]
                return Add(tuple(parts))
            case Row(items) if all(operator != "/" for operator, _ in items):
                return Mul(tuple(self.index(item) for _, item in items))
            case Signed(sign, operand):
                return Neg(self.index(operand)) if sign == "-" else self.index(operand)
            case Group(_, [inner]):
                return self.index(inner)
        return self.no_index(node)

    def no_index(self, node: Node) -> NoReturn:
        """Raise FormulaError: an index has something else in it."""
        known = sorted({*self.vocabulary.variables, *(written for written, _ in self.scope), *self.vocabulary.sizes})
        self.fail(node, f"an index made of {', '.join([*known, 'whole numbers'])}", "an index cannot be read")

    def renamed(self, base: str) -> str:
        """An index variable's name in the expression."""
        return next((inner for written, inner in reversed(self.scope) if written == base), base)

    def named(self, name: str, indices: tuple[Expr, ...], symbol: Symbol) -> Expr:
        """A name of the claim, or what a definition says it is."""
        definition = self.definitions.get(name)
        if definition is None:
            return Name(name, indices)
        return definition.value(self, indices, symbol)

    def open_name(self, symbol: Symbol) -> Expr:
        """Any name, without a claim: a letter with its subscript; ``(t)`` above is an index."""
        base, script, sup = symbol.base, flat(symbol.sub), symbol.sup
        if base == "e" and script is None and not symbol.has_bar and symbol.indices is None:
            return self.euler(symbol)
        name = (f"{base}_{script}" if script else base) + ("_bar" if symbol.has_bar else "")
        places = symbol.indices
        if places is None and symbol.sub is not None and script is None:
            places = parts_of(symbol.sub)
        inner = bare(sup) if sup is not None else None
        if places is None and self.is_latex and isinstance(inner, Group) and inner.kind == "(":
            places, sup = inner.items, None
        if symbol.primes:
            self.fail(symbol, "no prime after a variable", got=f"{name}'")
        value = Name(self.renamed(name) if not places else name, tuple(map(self.expr, places or ())))
        return value if sup is None else self.power(value, sup)

    def euler(self, symbol: Symbol) -> Expr:
        return Call("exp", (Num(Fraction(1)) if symbol.sup is None else self.expr(symbol.sup),))

    def unknown(self, items: Items, i: int) -> tuple[Expr, int]:
        """A symbol that is no name as it stands: e, an index variable, ``DH``, ``h_t``, ``lr``. Else FormulaError."""
        operator, symbol = items[i]
        assert isinstance(symbol, Symbol), "the caller looked"
        base = symbol.base
        if not symbol.has_bar and symbol.sub is None and symbol.indices is None:
            if base == "e":
                return self.euler(symbol), i + 1
            if self.is_variable(base) and not symbol.primes:
                value = Name(self.renamed(base))
                return (value if symbol.sup is None else self.power(value, symbol.sup)), i + 1
        head, underscore, tail = base.rpartition("_")
        if underscore and symbol.sub is None and self.lookup(head, None, symbol.has_bar) is not None and len(tail) == 1:
            place = symbol.at + len(head) + 1
            sub: Node = Number(Fraction(int(tail)), place) if tail in "0123456789" else Symbol(tail, place)
            items[i] = (operator, replace(symbol, base=head, sub=sub))
            return self.name(items, i)
        is_bare = symbol.sub is None and not symbol.has_bar
        if is_bare and 1 < len(base) <= LONGEST and base.isalpha() and self.are_letters(base):
            letters, last = base[:-1], base[-1]
            parts: Items = [("", Symbol(letter, symbol.at + k)) for k, letter in enumerate(letters)]
            parts.append(("", replace(symbol, base=last, at=symbol.at + len(letters))))
            items[i : i + 1] = [(operator, parts[0][1]), *parts[1:]]
            return self.symbol(items, i)
        return self.joined(items, i)

    def are_letters(self, word: str) -> bool:
        return all(letter in self.names or letter in self.vocabulary.aliases for letter in word)

    def joined(self, items: Items, i: int) -> tuple[Expr, int]:
        """Letters side by side that are one name: ``lr``."""
        operator, symbol = items[i]
        assert isinstance(symbol, Symbol), "the caller looked"
        word = symbol.base
        for k in range(i + 1, min(i + 5, len(items))):
            before, node = items[k - 1][1], items[k][1]
            if items[k][0] != "" or not isinstance(node, Symbol) or flat(before) is None:
                break
            word += node.base
            if self.lookup(word, None, False) is not None:
                items[i : k + 1] = [(operator, replace(node, base=word, at=symbol.at))]
                return self.symbol(items, i)
        return self.unknown_name(symbol)

    def unknown_name(self, symbol: Symbol, name: str | None = None, known: str | None = None) -> NoReturn:
        """Raise FormulaError: the claim has no such name."""
        from difflib import get_close_matches  # slow to import

        name = name or (f"{symbol.base}_{flat(symbol.sub)}" if flat(symbol.sub) else symbol.base)
        name = name[:LONGEST]
        name += "_bar" if symbol.has_bar and not name.endswith("_bar") else ""
        choices = [*self.names, *self.vocabulary.functions, *self.vocabulary.aliases, *self.definitions]
        near = [known] if known else get_close_matches(name, [*choices, *BUILT_IN], 1)
        listed = ", ".join(sorted(choices)[:20]) + (", ..." if len(choices) > 20 else "")
        hint = f"; did you mean {near[0]}?" if near else ""
        self.fail(symbol, f"one of {listed}{hint}", "the claim has no such name", got=repr(name))


def shown(name: str, indices: tuple[Expr, ...]) -> str:
    """A name with its indices, as plain text."""
    from refute.formula.show import text

    return text(Name(name, indices))


def _product(factors: list[Expr]) -> Expr:
    first = factors[0]
    if len(factors) == 1:
        return first
    return Mul((*(first.factors if isinstance(first, Mul) else (first,)), *factors[1:]))


def _is_symbol(node: Node) -> bool:
    return isinstance(bare(node), Symbol)


def _is_matrix(expr: Expr) -> bool:
    return any(isinstance(node, Matrix) for node in walk(expr))


def _is_raised(group: Group) -> bool:
    """Whether a bracket is one written in raised letters, ``⁽¹⁾``: it is in a bracket of its own."""
    return len(group.items) == 1 and isinstance(group.items[0], Group)


def _never(name: str) -> bool:
    return False


_MEANINGS: dict[type, Callable[[Resolver, Any], Expr]] = {
    Number: Resolver.number,
    Symbol: Resolver.alone,
    Series: Resolver.series,
    Row: lambda resolver, node: resolver.row(node.items),
    Signed: Resolver.alone,
    Group: Resolver.group,
    Apply: Resolver.alone,
    Ratio: Resolver.alone,
    Scripted: Resolver.scripted,
    Bar: Resolver.bar,
    Table: Resolver.table,
    Equality: Resolver.equality,
}
