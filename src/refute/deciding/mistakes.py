"""Mistakes of a right formula, in a table that is looked up by what a formula means, not by how it is written.

It is also a mutation test of the claim: a mistake that no case refutes and that is not certified equal shows a property
that is too weak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from refute.claims import Blank
from refute.deciding.edits import Edits
from refute.deciding.verdict import Mistake
from refute.formula.expr import Add, Expr

MOST = 2_000  # mistakes of one formula
Values = list[list[Any]]  # of a formula, at one place: for every value of what it leaves free, its entries


def mistakes_of(formula: Expr, blank: Blank) -> Iterator[tuple[Expr, Mistake]]:
    """Wrong formulas made from the right one, the likeliest first, with what is wrong with each."""
    edits = Edits(blank)
    seen = {formula}
    everything = chain(edits.of_all(formula), edits.of(formula), edits.of_arguments(formula), edits.of_paths(formula))
    for count, (wrong, kind, words) in enumerate(everything):
        if count == MOST:
            return
        if wrong not in seen:
            seen.add(wrong)
            yield wrong, Mistake(kind, words)


def table(
    formulas: Iterable[Expr], blank: Blank, named: Mapping[Expr, str], values: Callable[[Expr], Values | None]
) -> dict[bytes, Mistake]:
    """All mistakes by what they mean. Those `named` in the spec keep that name, and have the kind of the generated
    mistake that they equal, if there is one. What equals a right formula is left out, and so is what `values` gives
    None for."""
    formulas = tuple(formulas)
    found: dict[bytes, Mistake] = {}
    mistakes = _Mistakes(blank, values)
    for formula in reversed(formulas):  # the later ones lack something, which is then no mistake
        for value, mistake in mistakes.of(formula):
            _note(found, value, mistake)
    given: dict[bytes, Mistake] = {}
    for wrong, reason in named.items():
        value = values(wrong)
        generated = found.get(key(value), Mistake("named", reason))
        _note(given, value, Mistake(generated.kind, reason))
    right = {key(values(formula)) for formula in formulas}
    return {k: mistake for k, mistake in {**found, **given}.items() if k not in right}


def key(values: Values | None) -> bytes:
    """What a table is looked up by."""
    return repr([[int(v) for v in entries] for entries in values or []]).encode()


def _note(found: dict[bytes, Mistake], values: Values | None, mistake: Mistake) -> None:
    if values is not None:
        found.setdefault(key(values), mistake)


class _Mistakes:
    """The mistakes of formulas by value. Those in one term of a sum are told from that term's value alone."""

    def __init__(self, blank: Blank, values: Callable[[Expr], Values | None]) -> None:
        self._blank, self._edits, self._values = blank, Edits(blank), values
        self._in_term: dict[Expr, list[tuple[Values | None, Mistake]]] = {}  # formulas have terms in common

    def of(self, formula: Expr) -> Iterator[tuple[Values | None, Mistake]]:
        """The mistakes of a formula, with their values."""
        values, edits = self._values, self._edits
        terms = formula.terms if isinstance(formula, Add) else ()
        of_terms = [values(term) for term in terms]
        if not terms or any(value is None or len(value) != 1 for value in of_terms):
            for wrong, mistake in mistakes_of(formula, self._blank):
                yield values(wrong), mistake
            return
        parts = [value[0] for value in of_terms if value is not None]
        for wrong, kind, words in chain(edits.of_all(formula), edits.of_arguments(formula)):
            yield values(wrong), Mistake(kind, words)
        for signs, (_, kind, words) in edits.of_signs(terms):
            columns = zip(*parts, strict=True)
            yield [[sum(s * v for s, v in zip(signs, column, strict=True)) for column in columns]], Mistake(kind, words)
        for i, term in enumerate(terms):
            others = [parts[j] for j in range(len(parts)) if j != i]
            for value, mistake in self._of_term(term):
                if value is not None and len(value) == 1:
                    yield [[sum(column) for column in zip(value[0], *others, strict=True)]], mistake

    def _of_term(self, term: Expr) -> list[tuple[Values | None, Mistake]]:
        if term not in self._in_term:
            self._in_term[term] = [(self._values(wrong), Mistake(*said)) for wrong, *said in self._edits.of(term)]
        return self._in_term[term]
