"""Mistakes of a right formula, in a table that is looked up by what a formula means, not by how it is written.

It is also a mutation test of the claim: a mistake that no case refutes and that is not certified equal shows a property
that is too weak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial, reduce
from itertools import chain, islice, pairwise
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
        self._indices, self._edits, self._values = blank.vocabulary.indices, Edits(blank), values
        self._known: dict[Expr, list[Valued]] = {}  # formulas have parts in common
        self._of_term = cache(values)
        self._are_vectors = values(ONE) is None  # to which numbers are added too, though they have no value here

    def of(self, formula: Expr) -> Iterator[Valued]:
        """The mistakes of a formula, with their values."""
        edits = self._edits
        return chain(
            self._valued(edits.of_all(formula), self._by_terms),
            self._valued(edits.of_arguments(formula), self._by_terms),
            self._of_paths(formula),
            self._one_edit(formula),
        )

    def _valued(self, edits: Iterable[Edit], values: Callable[[Expr], Values | None] | None = None) -> Iterator[Valued]:
        values = values or self._values
        return ((values(wrong), Mistake(kind, words)) for wrong, kind, words in edits)

    def _by_terms(self, expr: Expr) -> Values | None:
        """The value of a sum from those of its terms, which come again in others."""
        if not isinstance(expr, Add):
            return self._values(expr)
        known = [value for value in map(self._of_term, expr.terms) if value is not None and len(value) == 1]
        return [reduce(_sum, (value[0] for value in known))] if len(known) == len(expr.terms) else self._values(expr)

    def _of_paths(self, formula: Expr) -> Iterator[Valued]:
        terms = formula.terms if isinstance(formula, Add) else ()
        parts = [value[0] for value in map(self._values, terms) if value is not None and len(value) == 1]
        if len(parts) < len(terms):
            yield from self._valued(self._edits.of_paths(formula))
            return
        for signs, (_, kind, words) in self._edits.of_signs(terms):
            columns = zip(*parts, strict=True)
            yield [[sum(s * v for s, v in zip(signs, column, strict=True)) for column in columns]], Mistake(kind, words)

    def _one_edit(self, expr: Expr) -> list[Valued]:
        if expr not in self._known:
            self._known[expr] = [*self._valued(self._edits.here(expr)), *self._of_parts(expr)]
        return self._known[expr]

    def _of_parts(self, expr: Expr) -> Iterator[Valued]:
        for i, part in enumerate(() if isinstance(expr, Name) else children(expr)):
            around = self._around(expr, i)
            if around is None:
                yield from self._valued(self._edits.of_part(expr, i))
            else:
                yield from ((value and around(value), mistake) for value, mistake in self._one_edit(part))

    def _around(self, expr: Expr, i: int) -> Callable[[Values], Values] | None:
        """What makes the value of an expression of that of its i-th part; None where more than its value counts."""
        match expr:
            case Neg():
                return lambda values: [[-entry for entry in entries] for entries in values]
            case Add(parts) | Mul(parts) if not self._are_vectors:
                others = (*parts[:i], *parts[i + 1 :])
                rest = self._values(others[0] if len(others) == 1 else type(expr)(others))
                if rest is None or self._values(parts[i]) is None or (len(rest) > 1 and len(self._indices) > 1):
                    return None
                combine = _sum if isinstance(expr, Add) else _product_of(parts, rest)
                return combine and partial(_with, rest, combine, i > 0)
            case Sum(_, index, low, high) if i == 0 and index in self._indices:
                steps, first, last = (self._values(end) for end in (Name(index), low, high))
                if steps and steps[:1] == first and steps[-1:] == last and _is_consecutive(steps):
                    return partial(_total, len(steps))
        return None


def _is_consecutive(steps: Values) -> bool:
    return all(next_one[0] - one[0] == 1 for one, next_one in pairwise(steps))


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


def _product_of(factors: tuple[Expr, ...], rest: Values) -> Combine | None:
    """How two factors, of which one may be a product, are multiplied; None where their entries do not tell that."""
    if len(rest[0]) == 1:
        return _product
    return _matrix_product if len(factors) == 2 and all(isinstance(part, Matrix) for part in factors) else None


def _with(rest: Values, combine: Combine, is_first: bool, value: Values) -> Values:
    """The value of a part together with that of the rest. What leaves nothing free has one for all of the other's."""
    left, right = (rest, value) if is_first else (value, rest)
    most = max(len(left), len(right))
    left, right = (side * most if len(side) == 1 else side for side in (left, right))
    return [combine(*entries) for entries in zip(left, right, strict=True)]


def _total(count: int, values: Values) -> Values:
    """The sum of the values of a sum's body, which leaves its index free."""
    return [[sum(column) for column in zip(*(values * count if len(values) == 1 else values), strict=True)]]
