"""Mistakes of a right formula, in a table that is looked up by what a formula means, not by how it is written.

It is also a mutation test of the claim: a mistake that no case refutes and that is not certified equal shows a property
that is too weak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial, reduce
from itertools import chain, islice
from math import isqrt
from operator import add, mul
from typing import Any

from refute.claims import Blank
from refute.deciding.edits import ONE, Edit, Edits
from refute.deciding.verdict import Mistake
from refute.formula.expr import Add, Expr, Matrix, Mul, Name, Neg, Sum, children

MOST = 2_000  # mistakes of one formula
Entries = list[Any]
Values = list[Entries]  # of a formula, at one place: for every value of what it leaves free
Key = tuple[tuple[int, ...], ...]
Combine = Callable[[Entries, Entries], Entries]
Valued = tuple[Values | None, Mistake]


def mistakes_of(formula: Expr, blank: Blank) -> Iterator[tuple[Expr, Mistake]]:
    """Wrong formulas made from the right one, the likeliest first, with what is wrong with each."""
    edits = Edits(blank)
    seen = {formula}
    everything = chain(edits.of_all(formula), edits.of(formula), edits.of_arguments(formula), edits.of_paths(formula))
    for wrong, kind, words in islice(everything, MOST):
        if wrong not in seen:
            seen.add(wrong)
            yield wrong, Mistake(kind, words)


def table(
    formulas: Iterable[Expr], blank: Blank, named: Mapping[Expr, str], values: Callable[[Expr], Values | None]
) -> dict[Key, Mistake]:
    """All mistakes by what they mean. Those `named` in the spec keep that name, and have the kind of the generated
    mistake that they equal, if there is one. What equals a right formula is left out, and so is what `values` gives
    None for."""
    formulas = tuple(formulas)
    found: dict[Key, Mistake] = {}
    mistakes = _Mistakes(blank, values)
    for formula in reversed(formulas):  # the later ones lack something, which is then no mistake
        for value, mistake in islice(mistakes.of(formula), MOST):
            _note(found, value, mistake)
    given: dict[Key, Mistake] = {}
    for wrong, reason in named.items():
        value = values(wrong)
        generated = found.get(key(value), Mistake("named", reason))
        _note(given, value, Mistake(generated.kind, reason))
    right = {key(values(formula)) for formula in formulas}
    return {k: mistake for k, mistake in {**found, **given}.items() if k not in right}


def key(values: Values | None) -> Key:
    """What a table is looked up by."""
    return tuple([tuple(map(int, entries)) for entries in values or ()])


def _note(found: dict[Key, Mistake], values: Values | None, mistake: Mistake) -> None:
    if values is not None:
        found.setdefault(key(values), mistake)


class _Mistakes:
    """The mistakes of formulas by value. That of one in a term, a factor or the body of a sum is worked out from its
    own value and that of what is around it, which is the same for all of them."""

    def __init__(self, blank: Blank, values: Callable[[Expr], Values | None]) -> None:
        self._edits, self._values = Edits(blank), values
        # Values do not say which of two indices is free, nor what becomes of a number beside a vector.
        self._tell_all = len(blank.vocabulary.indices) <= 1 and values(ONE) is not None
        self._of_term = cache(values)
        self._known: dict[Expr, list[Valued]] = {}  # formulas have parts in common

    def of(self, formula: Expr) -> Iterator[Valued]:
        """The mistakes of a formula, with their values."""
        everywhere = chain(self._edits.of_all(formula), self._edits.of_arguments(formula))
        yield from ((self._by_terms(wrong), Mistake(kind, words)) for wrong, kind, words in everywhere)
        yield from self._of_paths(formula)
        yield from self._one_edit(formula)

    def _valued(self, edits: Iterable[Edit]) -> Iterator[Valued]:
        return ((self._values(wrong), Mistake(kind, words)) for wrong, kind, words in edits)

    def _by_terms(self, expr: Expr) -> Values | None:
        """The value of a sum from those of its terms, which come again in others."""
        if not (self._tell_all and isinstance(expr, Add)):
            return self._values(expr)
        known = [value for value in map(self._of_term, expr.terms) if value is not None]
        return reduce(partial(_together, _sum), known) if len(known) == len(expr.terms) else None

    def _of_paths(self, formula: Expr) -> Iterator[Valued]:
        if not (self._tell_all and isinstance(formula, Add)):
            yield from self._valued(self._edits.of_paths(formula))
            return
        columns = list(zip(*(value[0] for value in map(self._of_term, formula.terms) if value), strict=True))
        for signs, (_, kind, words) in self._edits.of_signs(formula.terms):
            yield [[sum(map(mul, signs, column)) for column in columns]], Mistake(kind, words)

    def _one_edit(self, expr: Expr) -> list[Valued]:
        if expr not in self._known:
            self._known[expr] = [*self._valued(self._edits.here(expr)), *self._of_parts(expr)]
        return self._known[expr]

    def _of_parts(self, expr: Expr) -> Iterator[Valued]:
        for i, part in enumerate(() if isinstance(expr, Name) else children(expr)):
            around = self._around(expr, i) if self._tell_all else None
            if around is None:
                yield from self._valued(self._edits.of_part(expr, i))
            else:
                yield from ((value and around(value), mistake) for value, mistake in self._one_edit(part))

    def _around(self, expr: Expr, i: int) -> Callable[[Values], Values] | None:
        """What makes the value of an expression of that of its i-th part; None where more than its value counts."""
        match expr:
            case Neg():
                return lambda values: [[-entry for entry in entries] for entries in values]
            case Add(parts) | Mul(parts):
                others = (*parts[:i], *parts[i + 1 :])
                rest = self._values(others[0] if len(others) == 1 else type(expr)(others))
                combine = None if rest is None else _combination(expr, rest)
                if rest is None or combine is None:
                    return None
                return partial(_together, combine, rest) if i else lambda value: _together(combine, value, rest)
            case Sum(_, index, low, high) if i == 0:
                steps, first, last = (self._values(end) for end in (Name(index), low, high))
                if steps and steps[:1] == first and steps[-1:] == last:
                    return partial(_total, len(steps))
        return None


def _combination(expr: Add | Mul, rest: Values) -> Combine | None:
    """How the value of a part and that of the rest are combined; None where their entries do not tell that."""
    if isinstance(expr, Add):
        return _sum
    if len(rest[0]) == 1:
        return _product
    is_of_matrices = len(expr.factors) == 2 and all(isinstance(factor, Matrix) for factor in expr.factors)
    return _matrix_product if is_of_matrices else None


def _sum(left: Entries, right: Entries) -> Entries:
    return list(map(add, left, right))


def _product(left: Entries, right: Entries) -> Entries:
    return list(map(mul, left, right))


def _matrix_product(left: Entries, right: Entries) -> Entries:
    """That of square matrices."""
    size = isqrt(len(left))
    rows = [left[start : start + size] for start in range(0, len(left), size)]
    columns = [right[start::size] for start in range(size)]
    return [sum(map(mul, row, column)) for row in rows for column in columns]


def _together(combine: Combine, left: Values, right: Values) -> Values:
    """Two values combined. What leaves nothing free has one beside each of the other's."""
    most = max(len(left), len(right))
    left, right = (side * most if len(side) == 1 else side for side in (left, right))
    return [combine(*entries) for entries in zip(left, right, strict=True)]


def _total(count: int, values: Values) -> Values:
    """The value of a sum from those of its body, which leaves the index free."""
    return [[sum(column) for column in zip(*(values * count if len(values) == 1 else values), strict=True)]]
