"""Comparing formulas in residues: are they the same function? A fingerprint tells functions apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from refute.cases import Draw
from refute.claims import Natural, Real
from refute.deciding.ground import Formula, Ground, Names, Place, entries, fitted, shape_of
from refute.formula.expr import Sum, walk
from refute.numbers.residues import DEFAULT_BITS, Residue, Residues
from refute.numbers.scalar import plain

ZERO = Fraction(0)


class Comparison(NamedTuple):
    """A formula beside the right ones: which of them it equals at every place, if any, and the chance that this is
    wrong."""

    equal: str | None
    error_bound: Fraction
    fingerprint: str
    arguments: int  # independent arguments of exp, all together
    is_new: bool  # some of them are the formula's own
    opaque: frozenset[str]  # functions in it that residues only know by name
    lacks_root: bool  # the field lacks a root that a relation among exponentials needs


class _Draw(Draw):
    """Draws variables without a real value, which residues do not look at."""

    def _random(self, label: str, domain: Real | Natural) -> Fraction:
        return ZERO


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
        self._field = Residues(seed, bits, relations=relations, opaque=True)
        nodes = (node for formula in right.values() for node in walk(formula.expr))
        self._sums = bool(ground.unbound) and any(isinstance(node, Sum) for node in nodes)
        self._places: list[tuple[Place, Names]] = []
        self._right: list[dict[str, tuple[tuple[int, ...], list[Residue]]]] = []
        settings: dict[Any, tuple[Draw, Mapping[str, Any]]] = {}
        for place in ground.places:
            key = tuple(sorted(place.sizes.items()))
            if key not in settings:
                draw = _Draw(self._field, ground.given)
                settings[key] = draw, ground.setting(place.sizes, draw)
            names, names_of_answer = ground.names(place, *settings[key])
            self._places.append((place, names_of_answer))
            values = {name: formula.value(names, self._field.number) for name, formula in right.items()}
            self._right.append({name: (shape_of(value), self._residues(value)) for name, value in values.items()})

    def compare(self, answer: Formula) -> Comparison:
        """The comparison of a formula at all places.

        Raises OutsideClass for a formula that residues cannot follow, ZeroDivisionError for one that divides by
        something that is 0 everywhere, ValueError when matrices in it do not fit.
        """
        with self._field.scratch():
            before = self._field.arguments
            equal = set(self._right[0])
            sizes, fingerprint = 0, hashlib.sha256()
            bound = Fraction(0)
            for (place, names), right in zip(self._places, self._right, strict=True):
                for values in self._values(answer, place, names, right):
                    fingerprint.update(repr([int(v.element) for v in values]).encode())
                    for name in tuple(equal):
                        expected = right[name][1]
                        if [v.element for v in values] != [e.element for e in expected]:
                            equal.discard(name)
                    sizes += sum(v.size + 1 for v in values)
            same = min(equal, default=None)
            if same is not None:
                sizes += sum(e.size for right in self._right for e in right[same][1])
                bound = self._field.bound(sizes)
            after = self._field.arguments
            return Comparison(
                same,
                bound,
                fingerprint.hexdigest()[:32],
                after,
                after > before,
                frozenset(self._field.opaque_met),
                self._field.lacks_root,
            )

    def values(self, answer: Formula) -> list[list[Any]]:
        """The field elements of a formula at one place alone: enough to recognise it by. It is not the last place,
        where what comes later is 0, unless it is sums that run over all indices: longer ones tell more apart. Raises
        what `compare` raises."""
        with self._field.scratch():
            last = slice(-1 if self._sums else -2, None)
            (place, names), right = self._places[last][0], self._right[last][0]
            found = self._values(answer, place, names, right)
            return [[v.element for v in values] for values in found]

    def _values(self, answer: Formula, place: Place, names: Names, right: Mapping[str, Any]) -> list[list[Residue]]:
        shape = next(iter(right.values()))[0]
        found = []
        for binding in self._ground.bindings(answer.free, place):
            value = fitted(answer.value({**names, **binding} if binding else names, self._field.number), shape)
            if shape_of(value) != shape:
                raise ValueError(f"expected {_kind(shape)}, got {_kind(shape_of(value))}")
            found.append(self._residues(value))
        return found

    def _residues(self, value: Any) -> list[Residue]:
        number = self._field.number
        return [v if isinstance(v, Residue) else number(plain(v)) for v in entries(value)]


def _kind(shape: tuple[int, ...]) -> str:
    match shape:
        case ():
            return "a number"
        case (n,):
            return f"a vector with {n} entries"
    return f"a {' by '.join(map(str, shape))} matrix"
