"""Comparing formulas in residues: are they the same function? A fingerprint tells functions apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from refute.cases import Draw
from refute.claims import Natural, Real
from refute.deciding.ground import Formula, Ground, Names, Place, Ranges, entries, fitted, shape_of
from refute.formula.expr import Call, Expr, Num, Pow, Sum, walk
from refute.numbers.residues import DEFAULT_BITS, Residue, Residues
from refute.numbers.scalar import plain

ZERO = Fraction(0)
NONE: Names = {}


class Comparison(NamedTuple):
    """A formula beside the right ones: which of them it equals at every place, if any, and the chance that this is
    wrong."""

    equal: str | None
    error_bound: Fraction
    fingerprint: str
    arguments: int  # independent arguments of exp, all together
    is_new: bool  # some of them are the formula's own
    opaque: frozenset[str]  # functions in it, or in the right ones, that residues only know by name
    lacks_root: bool  # the field lacks a root that a relation among exponentials needs


class _Draw(Draw):
    """Draws variables without a real value, which residues do not look at. One that is positive is the exponential of
    its logarithm, so that it has any power."""

    def _variable(self, name: str, label: str) -> Any:
        domain = self.domain(name)
        if isinstance(domain, Real) and domain.is_positive:
            return self.system.variable(f"log/{label}", ZERO).exp()
        return super()._variable(name, label)

    def _random(self, label: str, domain: Real | Natural) -> Fraction:
        return ZERO


class _Field:
    """A field, and in it all that a ground's setting gives at each shape, so that a rational formula of that adds no
    exponential to the field."""

    def __init__(self, ground: Ground, seed: int, bits: int, relations: bool) -> None:
        self.residues = Residues(seed, bits, relations=relations, opaque=True)
        self.draw = _Draw(self.residues, ground.given)
        shapes = {place.shape: place.sizes for place in ground.places}
        self.values = {shape: ground.setting(sizes, self.draw) for shape, sizes in shapes.items()}


class Formal:
    """A ground and its right formulas in residues, all places in one field. Comparing leaves no trace in it."""

    def __init__(
        self,
        ground: Ground,
        right: Mapping[str, Formula],
        seed: int,
        bits: int = DEFAULT_BITS,
        *,
        relations: bool = False,
    ) -> None:
        self._ground = ground
        make = partial(_Field, ground, seed, bits, relations)
        if ground.cases is not None and all(_is_rational(node) for f in right.values() for node in walk(f.expr)):
            key = seed, bits, relations, *dict.fromkeys(place.shape for place in ground.places)
            field = ground.cases.system(key, make)
        else:
            field = make()
        self._field = field.residues
        self._formulas = right
        self._places: list[tuple[Place, Names, tuple[int, ...]]] = []  # each with the shape of what is right there
        self._right: list[dict[str, list[Residue]]] = []
        self._names_of_right: list[Names] = []
        self._bound: dict[Any, list[Names]] = {}
        for place in ground.places:
            names, names_of_answer = ground.names(place, field.draw, field.values[place.shape])
            values = self._values_of_right(names)
            self._places.append((place, names_of_answer, shape_of(next(iter(values.values())))))
            self._names_of_right.append(names)
            self._right.append({name: self._residues(value) for name, value in values.items()})
        self._opaque = frozenset(self._field.opaque_met)  # in the right formulas
        sums = ground.unbound and any(isinstance(node, Sum) for f in right.values() for node in walk(f.expr))
        self._sample = self._places[-1 if sums else -2 :][0]

    @property
    def prime(self) -> int:
        """What the residues are taken by."""
        return self._field.prime

    def compare(self, answer: Formula, unknown: Iterable[str] = ()) -> Comparison:
        """The comparison of a formula at all places; where names are `unknown` numbers, for whatever they are.

        Raises OutsideClass for a formula that residues cannot follow, ZeroDivisionError for one that divides by
        something that is 0 everywhere, ValueError when matrices in it do not fit.
        """
        with self._field.scratch():
            before = self._field.arguments
            equal = set(self._right[0])
            sizes, fingerprint = 0, hashlib.sha256()
            bound = Fraction(0)
            others = {name: self._field.variable(f"any {name}") for name in unknown}
            expected_at = self._right_with(others) if others else self._right
            for place, right in zip(self._places, expected_at, strict=True):
                for values in self._values(answer, *place, others):
                    fingerprint.update(repr([int(v.element) for v in values]).encode())
                    for name in tuple(equal):
                        expected = right[name]
                        if [v.element for v in values] != [e.element for e in expected]:
                            equal.discard(name)
                    sizes += sum(v.size + 1 for v in values)
            same = min(equal, default=None)
            if same is not None:
                sizes += sum(e.size for right in expected_at for e in right[same])
                bound = self._field.bound(sizes)
            after = self._field.arguments
            return Comparison(
                same,
                bound,
                fingerprint.hexdigest()[:32],
                after,
                after > before,
                self._opaque | self._field.opaque_met,
                self._field.lacks_root,
            )

    def _right_with(self, others: Names) -> list[dict[str, list[Residue]]]:
        """What is right at each place, some names being `others`."""
        found = (self._values_of_right({**names, **others}) for names in self._names_of_right)
        return [{name: self._residues(value) for name, value in values.items()} for values in found]

    def _values_of_right(self, names: Names) -> dict[str, Any]:
        return {name: formula.value(names, self._field.number) for name, formula in self._formulas.items()}

    def values(self, answer: Formula) -> list[list[Any]]:
        """The field elements of a formula at one place alone: enough to recognise it by. It is not the last place,
        where what comes later is 0, unless it is sums that run over all indices: longer ones tell more apart. Raises
        what `compare` raises."""
        with self._field.scratch():
            return [[v.element for v in values] for values in self._values(answer, *self._sample)]

    def _values(
        self, answer: Formula, place: Place, names: Names, shape: tuple[int, ...], others: Names = NONE
    ) -> list[list[Residue]]:
        """The value of a formula at a place for each value of what it leaves free, some names being `others`."""
        found = []
        for environment in self._environments(answer.free, place, names) if answer.free else (names,):
            if others:
                environment = {**environment, **others}
            value = answer.value(environment, self._field.number)
            if shape or value.__class__ is not Residue:
                value = fitted(value, shape)
                if shape_of(value) != shape:
                    raise ValueError(f"expected {_kind(shape)}, got {_kind(shape_of(value))}")
            found.append(self._residues(value))
        return found

    def _environments(self, free: Ranges, place: Place, names: Names) -> list[Names]:
        """The names, with every value of the free index variables."""
        key = place, *free
        if key not in self._bound:
            self._bound[key] = [{**names, **binding} for binding in self._ground.bindings(free, place)]
        return self._bound[key]

    def _residues(self, value: Any) -> list[Residue]:
        if value.__class__ is Residue:
            return [value]
        number = self._field.number
        return [v if isinstance(v, Residue) else number(plain(v)) for v in entries(value)]


def _is_rational(node: Expr) -> bool:
    return not isinstance(node, (Call, Pow)) or (
        isinstance(node, Pow) and isinstance(node.exponent, Num) and node.exponent.value.denominator == 1
    )


def _kind(shape: tuple[int, ...]) -> str:
    match shape:
        case ():
            return "a number"
        case (n,):
            return f"a vector with {n} entries"
    return f"a {' by '.join(map(str, shape))} matrix"
