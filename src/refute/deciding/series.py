"""Sums that end with a name, where no claim says what it is: it is a natural number, and induction may go from each to
the next.

Left(n) = Right(n) for all n from the least one on, if that holds there and if Left(n+1) - Left(n) = Right(n+1) -
Right(n). Where a sum to n + c has terms in which n plays no part, the sum to n + 1 + c is that and one term more: both
sides are then formulas of n and of the sums to n, each of which residues take as an unknown number.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any

from refute.claims import Natural
from refute.deciding.identity import MOST_CHANCE
from refute.deciding.partial import Domains, landmarks, may_be_undefined
from refute.errors import AnswerError
from refute.formula.differentiate import affine
from refute.formula.evaluate import MAX_WORK, Environment, Evaluator, Number, compile_expr, evaluate
from refute.formula.expr import Expr, Num, Sum, children, mentioned, names, walk
from refute.formula.show import text
from refute.numbers.residues import Residue, Residues
from refute.numbers.scalar import OutsideClass, UndecidedSign, plain

FARTHEST = 200  # a number in a formula that says how far it is tried


def naturals(sides: Sequence[Expr]) -> dict[str, Natural]:
    """The names that sums begin or end with, as the natural numbers at which they are tried: from where no sum to one
    of them ends before it begins to beyond the numbers in the formulas. None is one that would take too long."""
    sums = [node for side in sides for node in walk(side) if isinstance(node, Sum)]
    ends = {name for node in sums for name in names(node.low) | names(node.high)} - {node.index for node in sums}
    if not ends:
        return {}
    largest = max((number for number in landmarks(sides) if number <= FARTHEST), default=Fraction(0))
    parts = sum(1 for side in sides for _ in walk(side))
    most = min(2 * int(largest) + 10, int((MAX_WORK / parts) ** (1 / max(map(_depth, sides)))))
    least = {name: _least(name, sums, most) for name in sorted(ends)}
    return {name: Natural(low, most) for name, low in least.items() if low <= most and most > largest}


def between(ends: Container[str], sides: Iterable[Expr]) -> list[Sum]:
    """The sums that begin or end with some names."""
    sums = (node for side in sides for node in walk(side) if isinstance(node, Sum))
    return [node for node in sums if any(name in ends for name in names(node.low) | names(node.high))]


def check_ends(sums: Iterable[Sum], values: Mapping[str, Any]) -> None:
    """Raises UndecidedSign where a sum ends more than one before it begins: what it is then is left open."""
    for node in sums:
        with suppress(KeyError):  # of the index of a sum around it
            if evaluate(node.high, values) < evaluate(node.low, values) - 1:
                raise UndecidedSign(f"{text(node)} ends before it begins")


def _depth(expr: Expr) -> int:
    """How many sums are in one another."""
    return max(map(_depth, children(expr)), default=0) + isinstance(expr, Sum)


def _least(name: str, sums: Iterable[Sum], most: int) -> int:
    """From where on no sum to a name alone ends more than one before it begins; beyond `most` if not up to there."""
    own = [node for node in sums if names(node.high) == {name} and not names(node.low)]
    ends = ((evaluate(node.low, {}), [evaluate(node.high, {name: n}) for n in range(most + 1)]) for node in own)
    return max(
        (next((n for n in range(1, most + 1) if highs[n] >= low - 1), most + 1) for low, highs in ends), default=1
    )


def by_induction(left: Expr, right: Expr, given: Domains, name: str, seed: int) -> Fraction | None:
    """The chance that two sides differ at some natural number from the least one of `name` on, although induction in
    residues says that they do not; None where it does not say so."""
    least = given[name].low
    if any(may_be_undefined(side, {**_positive_indices((left, right)), **given}) for side in (left, right)):
        return None
    field = Residues(seed, opaque=True)
    n = field.variable(name)
    try:
        first, now, then = (_Sides(field, name, value, step) for value, step in ((least, None), (n, 0), (n + 1, 1)))
        base, step = first.apart(left, right), then.apart(left, right) - now.apart(left, right)
    except (AnswerError, ArithmeticError, AttributeError, LookupError, ValueError, TypeError):
        return None  # what residues cannot follow
    chance = field.bound(base.size + step.size)
    return chance if base == 0 and step == 0 and not field.opaque_met and chance <= MOST_CHANCE else None


def _positive_indices(sides: Sequence[Expr]) -> dict[str, Natural]:
    """The names that are indices only, of sums that begin with 1 or more."""
    sums = [node for side in sides for node in walk(side) if isinstance(node, Sum)]
    others = {node.index for node in sums if not isinstance(node.low, Num) or node.low.value < 1}
    indices = {node.index for node in sums} - others - names(sides[0]) - names(sides[1])
    return dict.fromkeys(indices, Natural(1, FARTHEST))


class _Sides:
    """Formulas where a name has a value: sums to it are added up, or where it is a `step` from n are those to n, which
    are unknown, and as many terms more."""

    def __init__(self, field: Residues, name: str, value: Any, step: int | None) -> None:
        self._field, self._name, self._value, self._step = field, name, value, step

    def apart(self, left: Expr, right: Expr) -> Residue:
        """The difference of two formulas. Raises OutsideClass for a sum of which the next is not one term more."""
        one, other = (self._evaluated(side) for side in (left, right))
        difference: Residue = one - other
        return difference

    def _evaluated(self, side: Expr) -> Residue:
        found, indexed, _ = mentioned(side)
        environment = {v: _Each(v, self._field) if v in indexed else self._field.variable(v) for v in found}
        parts = {} if self._step is None else {id(total): self._total(total) for total in _outermost(side)}
        value = compile_expr(side, parts)({**environment, self._name: self._value}, self._field.number)
        return value if isinstance(value, Residue) else self._field.number(plain(value))

    def _total(self, total: Sum) -> Evaluator:
        high, name, step = affine(total.high), self._name, self._step
        if name not in names(total):
            return compile_expr(total)
        if high is None or high.pop(name, 0) != 1 or set(high) > {""} or names(total.low) or name in names(total.body):
            raise OutsideClass("the next sum is not this one and a term more")
        shift, body = high.get("", Fraction(0)), compile_expr(total.body)

        def value(env: Environment, number: Number) -> Any:
            so_far = self._field.variable(f"the sum {text(total)}")
            return so_far + body({**env, total.index: env[name] + shift}, number) if step else so_far

        return value


class _Each:
    """A name with indices: a variable for each index, which may be unknown itself."""

    def __init__(self, name: str, field: Residues) -> None:
        self._name, self._field = name, field

    def at(self, *index: Any) -> Residue:
        elements = (int((i if isinstance(i, Residue) else self._field.number(i)).element) for i in index)
        return self._field.variable(f"{self._name}[{', '.join(map(str, elements))}]")


def _outermost(expr: Expr) -> Iterator[Sum]:
    """The sums that are in no other."""
    if isinstance(expr, Sum):
        yield expr
    else:
        for child in children(expr):
            yield from _outermost(child)
