"""Edits: every one-edit mistake of a formula, and the plausible ones of several edits, each with its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import product
from operator import is_not

from refute.claims import Blank
from refute.formula.expr import (
    Add,
    Call,
    Div,
    Expr,
    Matrix,
    Mul,
    Name,
    Neg,
    Num,
    Pow,
    Sum,
    children,
    substitute,
    walk,
    with_children,
)
from refute.formula.show import readable_name, unicode

ONE = Num(Fraction(1))
TWO = Num(Fraction(2))
MOST_PATHS = 6  # terms of a sum of which all combinations are tried
Edit = tuple[Expr, str, str]  # the formula with the mistake, its kind, and its name in plain words


class Edits:
    """Edits of a formula in a blank's vocabulary."""

    def __init__(self, blank: Blank) -> None:
        self._names, self._words = blank.vocabulary.names, blank.words
        self._indices = blank.vocabulary.indices
        model = blank.vocabulary.model
        self._equations = {line.name: line for line in model.lines if not any(line.shifts)} if model is not None else {}

    # --- one edit, anywhere in the formula ---

    def of(self, expr: Expr) -> Iterator[Edit]:
        """The formula with one edit."""
        yield from self.here(expr)
        for i in range(0 if isinstance(expr, Name) else len(children(expr))):
            yield from self.of_part(expr, i)

    def of_part(self, expr: Expr, i: int) -> Iterator[Edit]:
        """The formula with one edit in its i-th part."""
        parts = children(expr)
        for wrong, kind, words in self.of(parts[i]):
            yield with_children(expr, (*parts[:i], wrong, *parts[i + 1 :])), kind, words

    def here(self, expr: Expr) -> Iterator[Edit]:
        """The formula with one edit that is in none of its parts alone."""
        match expr:
            case Num(value) if value.denominator == 1:
                for other in (value + 1, value - 1):
                    yield Num(other), "constant", f"{other} where another number belongs"
            case Name():
                yield from self._name(expr)
            case Add(terms):
                yield from self._slope_of_tanh(expr)
                yield from self._sum_of(terms)
            case Mul(factors):
                yield from self._product_of(factors)
            case Neg(operand):
                yield operand, "sign", "a sign is wrong"
            case Div(top, bottom):
                yield top, "division", f"the division by {unicode(bottom)} is missing"
                yield Mul((top, bottom)), "division", f"it is multiplied by {unicode(bottom)} where it is to be divided"
                yield from self._divided_in_part(top, bottom)
            case Pow(base, Num(value)):
                yield base, "power", f"the power of {unicode(base)} is missing"
                yield Pow(base, Num(value + 1)), "power", f"the exponent of {unicode(base)} is wrong"
            case Pow(base, exponent):
                yield base, "power", f"the exponent of {unicode(base)} is missing"
                yield Pow(base, Mul((TWO, exponent))), "power", f"the exponent of {unicode(base)} is twice what it is"
                yield Mul((base, exponent)), "power", "a product where a power belongs"
            case Call(function, (argument,)):
                yield from self._call(function, argument)
            case Sum(body, index, low, high):
                yield from self._sum(body, index, low, high)
            case Matrix(rows):
                yield from self._matrix(rows)

    def _name(self, name: Name) -> Iterator[Edit]:
        called, right = self._called(name.name), ", ".join(map(unicode, name.indices))
        for shift in (-1, 1):
            for i, index in enumerate(name.indices):
                indices = (*name.indices[:i], _shifted(index, shift), *name.indices[i + 1 :])
                text = f"{called} at {', '.join(map(unicode, indices))} where {right} belongs"
                yield Name(name.name, indices), "index", text
        base = name.name.removesuffix("_bar")
        if base != name.name and base in self._names:
            yield Name(base, name.indices), "bar", f"the bar is missing: {base} itself stands where its adjoint belongs"
        for other, arity in self._names.items():
            if other != name.name and arity == len(name.indices) and self._is_like(other, name.name):
                kind, text = self._swapped(name.name, other)
                yield Name(other, name.indices), kind, text

    def _is_like(self, other: str, name: str) -> bool:
        return other.endswith("_bar") == name.endswith("_bar") and other.startswith("w_") == name.startswith("w_")

    def _swapped(self, name: str, other: str) -> tuple[str, str]:
        if name.startswith("w_"):
            if name[-1] != other[-1] and name[:-1] == other[:-1]:
                return "weight", f"the weight of {other[-1]} stands where that of {name[-1]} belongs"
            return "weight", f"the wrong gate's weight, {other}"
        if name.endswith("_bar"):
            return "adjoint", f"the adjoint of the wrong node: {self._called(other)}"
        return "name", f"{self._called(other)} where {self._called(name)} belongs"

    def _sum_of(self, terms: tuple[Expr, ...]) -> Iterator[Edit]:
        for i, term in enumerate(terms):
            rest = (*terms[:i], *terms[i + 1 :])
            yield rest[0] if len(rest) == 1 else Add(rest), "term", f"{self.path(term)} is missing"
            flipped = term.operand if isinstance(term, Neg) else Neg(term)
            yield Add((*terms[:i], flipped, *terms[i + 1 :])), "sign", f"{self.path(term)} has the wrong sign"

    def _product_of(self, factors: tuple[Expr, ...]) -> Iterator[Edit]:
        for i, factor in enumerate(factors):
            rest = (*factors[:i], *factors[i + 1 :])
            dropped = rest[0] if len(rest) == 1 else Mul(rest)
            yield dropped, "factor", self._lost(factor, rest)
            for j, other in enumerate(rest):
                if _is_slope(other, factor):
                    both = (*rest[:j], *rest[j + 1 :])
                    without = ONE if not both else both[0] if len(both) == 1 else Mul(both)
                    yield without, "slope", "the sigmoid's derivative is missing"
                    for wrong, text in _wrong_slopes(factor):
                        yield wrong if not both else Mul((*both, wrong)), "slope", text
        if len(factors) == 2 and any(isinstance(node, Matrix) for node in factors):
            yield Mul(factors[::-1]), "order", "the factors are in the wrong order"
        yield Neg(Mul(factors)), "sign", "the sign is wrong"

    def _slope_of_tanh(self, formula: Expr) -> Iterator[Edit]:
        match formula:
            case Add((Num(), Neg(Pow(Name() as gate, Num())))) if formula.terms[0] == ONE:
                yield Mul((gate, Add((ONE, Neg(gate))))), "slope", _INSTEAD.format("the sigmoid", "tanh")
                yield Pow(Add((ONE, Neg(gate))), TWO), "slope", "the whole of 1 − g is squared, not g"
                yield Call("tanh'", (gate,)), "slope", _AT_GATE.format("tanh", gate.name)

    def _lost(self, factor: Expr, rest: Iterable[Expr]) -> str:
        match factor:
            case Add((Num(), Neg(Name() as gate))) if gate in rest:
                return f"the sigmoid's derivative lost its factor 1 − {gate.name}"
            case Add((Num(), Neg(Pow(base, Num())))):
                return f"tanh's derivative is missing: the factor 1 − {unicode(base)}²"
            case Name(name, _) if any(_is_slope(other, factor) for other in rest):
                return f"the sigmoid's derivative lost its factor {name}"
            case Matrix():
                return "one factor of the product is given as the whole"
        return f"the factor {unicode(factor)} is missing"

    def _divided_in_part(self, top: Expr, bottom: Expr) -> Iterator[Edit]:
        if isinstance(top, Add):
            for i, term in enumerate(top.terms):
                others = (*top.terms[:i], *top.terms[i + 1 :])
                yield Add((*others, Div(term, bottom))), "division", "only a part of the sum is divided"

    def _call(self, function: str, argument: Expr) -> Iterator[Edit]:
        if function == "tanh":
            slope = Add((ONE, Neg(Pow(Call("tanh", (argument,)), TWO))))
            yield Call("tan", (argument,)), "function", "tan for tanh"
            yield argument, "function", "the tanh is missing"
            yield slope, "function", "tanh's derivative stands where tanh itself belongs"
            yield Call("sigmoid", (argument,)), "function", "a sigmoid where tanh belongs"
        elif function.startswith("grad_") and isinstance(argument, Name):
            yield argument, "function", "the gradient is missing"

    def _sum(self, body: Expr, index: str, low: Expr, high: Expr) -> Iterator[Edit]:
        over = "time" if index == "t" else index
        yield body, "sum", f"the sum over {over} is missing"
        yield Div(Sum(body, index, low, high), high), "sum", f"the mean over {over} where the sum belongs"
        yield substitute(body, {index: high}), "sum", f"only the last step is counted: the sum over {over} is missing"
        yield substitute(body, {index: low}), "sum", f"only the first step is counted: the sum over {over} is missing"
        yield Sum(body, index, Add((low, ONE)), high), "range", "the first step is left out of the sum"
        yield Sum(body, index, low, Add((high, Num(Fraction(-1))))), "range", "the last step is left out of the sum"

    def _matrix(self, rows: tuple[tuple[Expr, ...], ...]) -> Iterator[Edit]:
        yield Matrix(tuple(zip(*rows, strict=True))), "transpose", "one of the matrices is transposed"
        for i, row in enumerate(rows):
            for j, entry in enumerate(row):
                for other in (Neg(entry), Num(Fraction(0))):
                    changed = (*row[:j], other, *row[j + 1 :])
                    text = f"the block in row {i + 1}, column {j + 1} of a factor is wrong"
                    yield Matrix((*rows[:i], changed, *rows[i + 1 :])), "block", text

    # --- the same edit everywhere ---

    def of_all(self, formula: Expr) -> Iterator[Edit]:
        """The formula with one edit made wherever it can be, and the whole of it scaled."""
        yield Neg(formula), "sign", "the sign of the whole is wrong"
        for index in self._indices:
            here, next_one = Name(index), Add((Name(index), ONE))
            for wrong, right in ((here, next_one), (next_one, here)):
                shifted = _everywhere(formula, partial(_reindexed, old=right, new=wrong))
                yield shifted, "index", f"{unicode(wrong)} where {unicode(right)} belongs"
        for change, kind, text in (
            (self._without_bar, "bar", "the bars are missing: the nodes themselves stand where their adjoints belong"),
            (_without_slopes, "slope", "the derivatives of sigmoid and tanh are missing"),
            (_without_squares, "power", "1 − g where 1 − g² belongs"),
            (self._other_weight, "weight", "the weights of x stand where those of h belong, or the reverse"),
        ):
            yield _everywhere(formula, change), kind, text
        for change, lost in ((_without_complements, "1 − σ"), (_without_gates, "σ")):
            if sum(change(node) is not node for node in walk(formula)) > 1:
                text = f"the sigmoids' derivatives lost their factors {lost}"
                yield _everywhere(formula, change), "factor", text
        yield Mul((TWO, formula)), "scale", "it is twice what it is to be"
        yield Div(formula, TWO), "scale", "it is half of what it is to be"

    def of_arguments(self, formula: Expr) -> Iterator[Edit]:
        """The formula with a node at the wrong time inside the arguments of its gates, of all or of one."""
        gates = (node for node in walk(formula) if isinstance(node, Name) and node.name in self._equations)
        true = {node: self._expanded(node) for node in dict.fromkeys(gates)}
        inside = (part for right in true.values() for part in walk(right))
        for name in dict.fromkeys(part.name for part in inside if isinstance(part, Name) and part.indices):
            for shift in (-1, 1):
                delayed = partial(_delayed, name=name, shift=shift)
                shifted = {node: _everywhere(right, delayed) for node, right in true.items()}
                changed = {node: wrong for node, wrong in shifted.items() if wrong is not true[node]}
                for some in (changed, *({node: wrong} for node, wrong in changed.items() if len(changed) > 1)):
                    where = " and ".join(dict.fromkeys(node.name for node in some))
                    text = f"{name} at the wrong time inside {where}: {shift:+d} step"
                    yield _everywhere(formula, partial(_replaced, new=some)), "index", text

    def _expanded(self, node: Name) -> Expr:
        """The right side of a node's equation."""
        equation = self._equations[node.name]
        return substitute(equation.right, dict(zip(equation.variables, node.indices, strict=True)))

    def _without_bar(self, node: Expr) -> Expr:
        if isinstance(node, Name) and node.name.endswith("_bar") and node.name.removesuffix("_bar") in self._names:
            return Name(node.name.removesuffix("_bar"), node.indices)
        return node

    def _other_weight(self, node: Expr) -> Expr:
        if isinstance(node, Name) and node.name.startswith("w_"):
            other = node.name[:-1] + {"x": "h", "h": "x"}.get(node.name[-1], node.name[-1])
            return Name(other, node.indices) if other in self._names else node
        return node

    # --- which paths are there ---

    def of_paths(self, formula: Expr) -> Iterator[Edit]:
        """Every way to have some terms of a sum missing, or with the wrong sign."""
        for _, edit in self.of_signs(formula.terms if isinstance(formula, Add) else ()):
            yield edit

    def of_signs(self, terms: tuple[Expr, ...]) -> Iterator[tuple[tuple[int, ...], Edit]]:
        """The same with what each term is multiplied by: 1, 0 or -1, the fewest mistakes first."""
        if not 2 <= len(terms) <= MOST_PATHS:
            return
        paths = list(map(self.path, terms))
        for signs in sorted(product((1, 0, -1), repeat=len(terms)), key=lambda signs: len(signs) - signs.count(1)):
            if any(signs) and signs.count(1) < len(signs):
                yield signs, _combined(terms, paths, signs)

    # --- words ---

    def _called(self, name: str) -> str:
        words = self._words.get(name)
        if words is None and name.endswith("_bar"):
            base = self._words.get(name.removesuffix("_bar"))
            words = f"the adjoint of the {base}" if base else None
        return readable_name(name) if words is None else f"{readable_name(name)} ({words})"

    def path(self, term: Expr) -> str:
        """What a term is called: the path of which it is the derivative."""
        for node in walk(term):
            base = node.name.removesuffix("_bar") if isinstance(node, Name) else ""
            if isinstance(node, Name) and base in self._words and (base != node.name or base == "L_h"):
                return f"the path through the {self._words[base]}"
        return "a term"


_INSTEAD = "the slope of {} stands where that of {} belongs"
_AT_GATE = "the slope of {} is taken at {} itself, not at its argument"


def _wrong_slopes(gate: Expr) -> Iterator[tuple[Expr, str]]:
    """What stands for the sigmoid's slope at a gate's argument, and is none."""
    yield Add((ONE, Neg(Pow(gate, TWO)))), _INSTEAD.format("tanh", "the sigmoid")
    if isinstance(gate, Name):
        yield Call("sigmoid'", (gate,)), _AT_GATE.format("the sigmoid", gate.name)


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _combined(terms: tuple[Expr, ...], paths: list[str], signs: tuple[int, ...]) -> Edit:
    kept = tuple(term if sign > 0 else Neg(term) for term, sign in zip(terms, signs, strict=True) if sign)
    return kept[0] if len(kept) == 1 else Add(kept), "term", counted(paths, signs)


def counted(paths: Sequence[str], counts: Sequence[int | Fraction]) -> str:
    """What is wrong with a sum in which terms are there so often."""
    if len(set(counts)) == 1:
        whole: Mapping[int | Fraction, str] = {0: "nothing of it is there", -1: "the sign of the whole is wrong"}
        return whole.get(counts[0], f"it is {counts[0]} times what it is to be")
    texts = []
    for count in sorted(map(Fraction, {*counts} - {1}), key=abs):
        those = [path for path, often in zip(paths, counts, strict=True) if often == count]
        is_one = len(those) == 1
        is_, has = ("is", "has") if is_one else ("are", "have")
        what: Mapping[int | Fraction, str] = {0: f"{is_} missing", -1: f"{has} the wrong sign"}
        texts.append(f"{_listed(those)} {what.get(count, f'{is_} there {count} times')}")
    return "; ".join(texts)


def _is_slope(other: Expr, gate: Expr) -> bool:
    """Whether `other` is 1 - gate."""
    return isinstance(gate, Name) and other == Add((ONE, Neg(gate)))


def _shifted(index: Expr, shift: int) -> Expr:
    match index:
        case Add((first, Num(value))):
            total = value + shift
        case Add((first, Neg(Num(value)))):
            total = shift - value
        case _:
            first, total = index, Fraction(shift)
    if total == 0:
        return first
    return Add((first, Num(total))) if total > 0 else Add((first, Neg(Num(-total))))


def _reindexed(node: Expr, old: Expr, new: Expr) -> Expr:
    if isinstance(node, Name) and old in node.indices:
        return Name(node.name, tuple(new if index == old else index for index in node.indices))
    return node


def _delayed(node: Expr, name: str, shift: int) -> Expr:
    if isinstance(node, Name) and node.name == name and node.indices:
        return Name(name, tuple(_shifted(index, shift) for index in node.indices))
    return node


def _replaced(node: Expr, new: Mapping[Name, Expr]) -> Expr:
    return new.get(node, node) if isinstance(node, Name) else node


def _without_slopes(node: Expr) -> Expr:
    """A product without its factors 1 - a and 1 - a^2, and without a itself where 1 - a stands beside it."""
    return _without(node, {*_slopes(node), *_gates(node)})


def _without_complements(node: Expr) -> Expr:
    """A product without its factors 1 - a where a stands beside."""
    return _without(node, {slope for slope in _slopes(node) if any(_is_slope(slope, gate) for gate in _gates(node))})


def _without_gates(node: Expr) -> Expr:
    """A product without its factors a where 1 - a stands beside."""
    return _without(node, {*_gates(node)})


def _without(node: Expr, dropped: set[Expr]) -> Expr:
    kept = tuple(factor for factor in _factors(node) if factor not in dropped)
    return node if not kept or not dropped else kept[0] if len(kept) == 1 else Mul(kept)


def _factors(node: Expr) -> tuple[Expr, ...]:
    return node.factors if isinstance(node, Mul) else ()


def _slopes(node: Expr) -> list[Expr]:
    sums = (factor for factor in _factors(node) if isinstance(factor, Add))
    return [factor for factor in sums if factor.terms[0] == ONE and isinstance(factor.terms[-1], Neg)]


def _gates(node: Expr) -> list[Expr]:
    slopes = _slopes(node)
    return [factor for factor in _factors(node) if any(_is_slope(slope, factor) for slope in slopes)]


def _without_squares(node: Expr) -> Expr:
    match node:
        case Add((Num() as one, Neg(Pow(base, Num())))):
            return Add((one, Neg(base)))
    return node


def _everywhere(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The expression with every node changed, from the leaves up; what is in indices stays."""
    if isinstance(expr, (Name, Num)):
        return change(expr)
    parts = children(expr)
    changed = tuple([_everywhere(part, change) for part in parts])
    return change(with_children(expr, changed) if any(map(is_not, changed, parts)) else expr)
