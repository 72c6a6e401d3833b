"""Are two formulas, which no claim is about, the same function?"""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from refute.cases import Draw
from refute.claims import Natural, Sizes
from refute.deciding.ground import Ground, Place
from refute.deciding.judge import Finding, Judge
from refute.deciding.partial import Domains
from refute.deciding.series import by_induction, naturals
from refute.deciding.verdict import Status, Verdict
from refute.deciding.written import as_verdict, evaluated, unknowable, unreadable
from refute.formula.evaluate import FUNCTIONS
from refute.formula.expr import Expr, Mentioned, Name, Num, mentioned, substitute, walk
from refute.formula.parse import FormulaError
from refute.formula.plain import GREEK
from refute.formula.read import OPEN, Reading, read
from refute.numbers.balls import Balls
from refute.numbers.scalar import OutsideClass, exact

ANYWHERE = Place({}, {})
CALLED = FUNCTIONS.keys() - {"sigma"}  # names that stand for functions: one that is called sigma was read as sigmoid
LONGEST_PRODUCT = 6  # letters of a word that may be their product
Mentions = tuple[Mentioned, Mentioned]  # of the left and of the right formula


def same(left: str, right: str, domain: Domains | None = None) -> Verdict:
    """Whether two formulas, over any variables, are the same function.

    `domain` maps variables to their domains, all reals for those left out. A point of the domain at which just one of
    the two has a value is a counterexample. Source: the theorem in `refute.numbers.residues`.
    """
    start, domain = time.perf_counter(), domain or {}
    try:
        readings, mentions = _readings(left, right, domain)
        one, other = (reading.answer for reading in readings)
        ends = _ends(one, other, domain) if any(side.has_sums for side in mentions) else {}
        if ends:
            one, other = evaluated(lambda: _with_indices(one, other, ends))
            mentions = mentioned(one), mentioned(other)
        found = evaluated(lambda: _same(one, other, mentions, {**domain, **ends}))
        if ends and found.status is Status.TESTED:
            found = _for_all(found, one, other, domain, ends)
    except FormulaError as error:
        return replace(unreadable("", error), seconds=time.perf_counter() - start)
    notes = dict.fromkeys(note for reading in readings for note in reading.notes)
    notes |= dict.fromkeys(f"{name}, which a sum ends with, is a natural number" for name in ends)
    return as_verdict("", found, notes, seconds=time.perf_counter() - start)


def _readings(left: str, right: str, domain: Domains) -> tuple[list[Reading], Mentions]:
    """Two formulas over any variables, and what they mention. Where one has a word and the other its letters, it is
    their product: ``2xy``."""
    readings = [read(side, OPEN) for side in (left, right)]
    mentions = mentioned(readings[0].answer), mentioned(readings[1].answer)
    in_left, in_right = (side.names - CALLED for side in mentions)
    words = frozenset(name for name in in_left ^ in_right if _is_product(name) and name not in domain)
    if words and _in_letters(in_left, words) == _in_letters(in_right, words):
        readings = [read(side, replace(OPEN, products=words)) for side in (left, right)]
        mentions = mentioned(readings[0].answer), mentioned(readings[1].answer)
    return readings, mentions


def _is_product(name: str) -> bool:
    return 1 < len(name) <= LONGEST_PRODUCT and name.isalpha() and name.isascii() and name not in GREEK.values()


def _in_letters(found: frozenset[str], words: frozenset[str]) -> frozenset[str]:
    """Names, the letters of words instead of these; e is no name."""
    return (found - words).union(*(set(word) - {"e"} for word in words & found))


def _ends(left: Expr, right: Expr, domain: Domains) -> dict[str, Natural]:
    """The names that sums end with, as natural numbers."""
    return {name: natural for name, natural in naturals((left, right)).items() if name not in domain}


def _same(left: Expr, right: Expr, mentions: Mentions, domain: Domains) -> Finding:
    in_left, in_right = mentions
    variables, indexed = sorted((in_left.names | in_right.names) - CALLED), in_left.indexed | in_right.indexed
    if indexed:
        _check_indexed((left, right), indexed)

    def setting(sizes: Sizes, draw: Draw) -> dict[str, Any]:
        if not indexed and "pi" not in variables:
            return {name: draw(name) for name in variables}
        return {v: _Indexed(v, draw, domain) if v in indexed else _drawn(v, indexed, draw, domain) for v in variables}

    ground = Ground(setting, (ANYWHERE,), domain, is_free=not indexed)
    found = Judge(ground, {"": right}, unknowable()).judge(left, fingerprinted=False)
    is_open = found.status is Status.UNDECIDED and left == right
    return Finding(Status.PROVED, message="it is one formula") if is_open else found


def _with_indices(left: Expr, right: Expr, ends: Container[str]) -> tuple[Expr, Expr]:
    """``x_n`` and ``x_1`` as x[n] and x[1], where x has indices and n is the end of a sum."""
    (found, indexed, _), (more, others, _) = mentioned(left), mentioned(right)
    meant: dict[str, Expr] = {}
    for name in found | more:
        head, _, index = name.rpartition("_")
        if head in indexed | others and (index in ends or index.isdecimal()):
            meant[name] = Name(head, (Num(Fraction(index)) if index.isdecimal() else Name(index),))
    return substitute(left, meant), substitute(right, meant)


def _for_all(found: Finding, left: Expr, right: Expr, domain: Domains, ends: Mapping[str, Natural]) -> Finding:
    """What was found at some natural numbers, for all of them if induction says so."""
    tried = ", ".join(f"{name} from {natural.low} to {natural.high}" for name, natural in ends.items())
    if len(ends) == 1:
        (name,) = ends
        seed = int.from_bytes(bytes.fromhex(unknowable()), "big")
        chance = by_induction(left, right, {**domain, **ends}, name, seed)
        if chance is not None:
            return found._replace(
                status=Status.CERTIFIED, error_bound=chance, digits=None, message=f"by induction on {name}"
            )
    return found._replace(message=f"{found.message}; tried at {tried}")


def _check_indexed(sides: Iterable[Expr], indexed: frozenset[str]) -> None:
    bare = {node.name for side in sides for node in walk(side) if isinstance(node, Name) and not node.indices}
    if bare & indexed:
        expected, got = "a name with indices everywhere or nowhere", f"{min(bare & indexed)} with and without"
        raise FormulaError("a name is used in two ways", expected=expected, got=got, line=1, column=1)


class _Indexed:
    """A name with indices, where no claim says what it stands for: a variable for each index."""

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


def _drawn(name: str, indexed: frozenset[str], draw: Draw, domain: Domains) -> Any:
    """The value of a name without indices: x_1 is x[1] where that is used, and pi is what it is."""
    head, _, digits = name.rpartition("_")
    if head in indexed and digits.isdecimal():
        return draw.at(head, int(digits))
    if name == "pi" and name not in domain and isinstance(draw.system, Balls):
        return draw.system.pi()
    return draw(name)
