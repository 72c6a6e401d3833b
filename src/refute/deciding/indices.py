"""Names with indices, where no claim says what they stand for: a variable for each index."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from fractions import Fraction
from typing import Any

from refute.cases import Draw
from refute.claims import Natural
from refute.deciding.partial import Domains
from refute.formula.differentiate import affine, tidy
from refute.formula.expr import (
    Add,
    Expr,
    Mul,
    Name,
    Num,
    Sum,
    children,
    mentioned,
    names,
    substitute,
    walk,
    with_children,
)
from refute.formula.parse import FormulaError
from refute.formula.show import text
from refute.numbers.balls import Balls
from refute.numbers.scalar import OutsideClass, exact

MOST_WRITTEN = 400  # parts of a sum that is written out
ZERO = Num(Fraction(0))
Sides = tuple[Expr, Expr]


def check_indexed(sides: Iterable[Expr], indexed: frozenset[str]) -> None:
    """Raises FormulaError for a name with indices that has none somewhere."""
    bare = {node.name for side in sides for node in walk(side) if isinstance(node, Name) and not node.indices}
    if bare & indexed:
        expected, got = "a name with indices everywhere or nowhere", f"{min(bare & indexed)} with and without"
        raise FormulaError("a name is used in two ways", expected=expected, got=got, line=1, column=1)


def with_indices(left: Expr, right: Expr, letters: Container[str]) -> Sides:
    """``x_n``, ``x_1`` and ``a_i1`` as x[n], x[1] and a[i, 1], where x and a have indices and n and i are letters in
    some."""
    places = {
        node.name: len(node.indices)
        for side in (left, right)
        for node in walk(side)
        if isinstance(node, Name) and node.indices
    }
    meant: dict[str, Expr] = {}
    for name in (mentioned(left).names | mentioned(right).names) - places.keys():
        head, _, index = name.rpartition("_")
        parts = [index] if places.get(head) == 1 else list(index) if places.get(head) == len(index) else []
        if parts and all(part.isdecimal() or part in letters for part in parts):
            meant[name] = Name(head, tuple(Num(Fraction(part)) if part.isdecimal() else Name(part) for part in parts))
    return substitute(left, meant), substitute(right, meant)


def letters_in_indices(sides: Sides) -> frozenset[str]:
    """The names that are in indices, and nowhere else."""
    return (mentioned(sides[0]).names | mentioned(sides[1]).names) & _in_indices(sides) - used_as_values(sides)


def used_as_values(sides: Sides) -> frozenset[str]:
    """The names that are somewhere else than in indices."""
    return frozenset(node.name for side in sides for node in _outside(side) if isinstance(node, Name))


def _in_indices(sides: Sides) -> frozenset[str]:
    places = [index for side in sides for node in walk(side) if isinstance(node, Name) for index in node.indices]
    return frozenset().union(*map(names, places))


def _outside(expr: Expr) -> Iterator[Expr]:
    """The parts of an expression that are in no index."""
    yield expr
    for child in children(expr) if not isinstance(expr, Name) else ():
        yield from _outside(child)


def written_out(expr: Expr) -> Expr:
    """An expression with its sums between numbers written out, unless they are long."""
    match expr:
        case Name(name, indices):
            return Name(name, tuple(map(tidy, indices))) if indices else expr
        case Sum(body, index, Num(low), Num(high)) if low.denominator == high.denominator == 1:
            count = int(high - low) + 1
            if count * sum(1 for _ in walk(body)) > MOST_WRITTEN:
                return expr
            terms = tuple(written_out(substitute(body, {index: Num(low + k)})) for k in range(count))
            return Add(terms) if len(terms) > 1 else terms[0] if terms else ZERO
    parts = children(expr)
    return with_children(expr, tuple(map(written_out, parts))) if parts else expr


def in_variables(sides: Sides, domain: Domains) -> tuple[Sides, dict[str, str]] | None:
    """Two formulas in which each name with indices is a variable, called ``x[1]`` or ``x[t - 1]``, and what its name
    was; None where an index is more than a number or a letter that is nothing else, so that two may be one."""
    letters = letters_in_indices(sides) - domain.keys()
    if _in_indices(sides) - letters:
        return None
    heads: dict[str, str] = {}

    def in_variable(expr: Expr) -> Expr:
        if isinstance(expr, Name) and expr.indices:
            label = f"{expr.name}[{','.join(map(_written, expr.indices))}]"
            heads[label] = expr.name
            return Name(label)
        parts = children(expr)
        return with_children(expr, tuple(map(in_variable, parts))) if parts else expr

    try:
        one, other = map(in_variable, with_indices(*sides, letters))
    except LookupError:
        return None
    return (one, other), heads


def _written(index: Expr) -> str:
    """An index, written the same way whatever its order. Raises LookupError for one that is no sum."""
    form = affine(index)
    if form is None or any(value.denominator != 1 for value in form.values()):
        raise LookupError
    return text(
        tidy(
            Add(
                tuple(
                    Mul((Num(value), Name(name))) if name else Num(value)
                    for name, value in sorted(form.items(), reverse=True)
                )
            )
        )
    )


class Indexed:
    """A name with indices: a variable for each index."""

    def __init__(self, name: str, draw: Draw, domain: Domains) -> None:
        self._name, self._draw = name, draw
        self._has_naturals = any(isinstance(of, Natural) for of in domain.values())

    def at(self, *index: Any) -> Any:
        """Raises FormulaError for an index that is no whole number, OutsideClass for one that balls know."""
        whole = [exact(i) for i in index]
        if None in whole and self._has_naturals and self._draw.system.is_formal:
            raise OutsideClass("an index is a natural number, which a formal variable is not")
        if not all(isinstance(i, int) for i in whole):
            raise FormulaError(
                f"an index of {self._name} has no value",
                expected="a whole number, or the index of a sum around it",
                got="another variable",
                example=f"sum({self._name}[t], t, 1, 3)",
            )
        return self._draw.at(self._name, *(i for i in whole if isinstance(i, int)))


def drawn(name: str, indexed: frozenset[str], draw: Draw, domain: Domains) -> Any:
    """The value of a name without indices: x_1 is x[1] where that is used, and pi is what it is."""
    head, _, digits = name.rpartition("_")
    if head in indexed and digits.isdecimal():
        return draw.at(head, int(digits))
    if name == "pi" and name not in domain and isinstance(draw.system, Balls):
        return draw.system.pi()
    return draw(name)
