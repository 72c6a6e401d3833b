"""Are two formulas, which no claim is about, the same function?"""

from __future__ import annotations

import re
import time
from collections.abc import Container, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from refute.cases import Draw
from refute.claims import Natural, Sizes
from refute.deciding.ground import Ground, Place
from refute.deciding.indices import (
    Indexed,
    check_indexed,
    drawn,
    in_variables,
    letters_in_indices,
    used_as_values,
    with_indices,
    written_out,
)
from refute.deciding.judge import Finding, Judge
from refute.deciding.partial import Domains, may_be_undefined
from refute.deciding.series import between, by_induction, check_ends, naturals
from refute.deciding.verdict import ACCEPTED, Status, Verdict
from refute.deciding.written import as_verdict, evaluated, unknowable, unreadable
from refute.formula.calculus import UNSTATED
from refute.formula.evaluate import FUNCTIONS
from refute.formula.expr import (
    Add,
    Call,
    Expr,
    Mentioned,
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
from refute.formula.naming import letters_of
from refute.formula.parse import FormulaError
from refute.formula.plain import GREEK
from refute.formula.read import OPEN, Reading, read

ANYWHERE = Place({}, {})
CALLED = FUNCTIONS.keys() - {"sigma"}  # names that stand for functions: one that is called sigma was read as sigmoid
COUNTS = frozenset("nNmMkKdDTLCBIJ")  # how many terms a sum has may be called so
LETTERS = 4  # to which letters in indices are tried beside sums to a name
LONGEST_PRODUCT = 6  # letters of a word that may be their product
APPLIED = re.compile(r"[fgFGEP](?<![A-Za-z0-9_\\].)'*\}?(?=\s*(?:\\left\s*)?[(\[])")  # may be a function, or a factor
Mentions = tuple[Mentioned, Mentioned]  # of the left and of the right formula


def same(left: str, right: str, domain: Domains | None = None) -> Verdict:
    """Whether two formulas, over any variables, are the same function.

    `domain` maps variables to their domains, all reals for those left out. A point of the domain at which just one of
    the two has a value is a counterexample. Source: the theorem in `refute.numbers.residues`.
    """
    start, domain = time.perf_counter(), domain or {}
    try:
        readings, mentions = _readings(left, right, domain)
        for reading in readings:
            if len(reading.members) > 1:
                _check_chain(reading, domain)
        found, ends = _decided(readings[0].answer, readings[1].answer, mentions, domain)
        if APPLIED.search(left) or APPLIED.search(right):
            found = _with_functions(found, left, right, domain)
    except FormulaError as error:
        return replace(unreadable("", error), seconds=time.perf_counter() - start)
    notes = dict.fromkeys(note for reading in readings for note in reading.notes)
    notes |= dict.fromkeys(f"{name}, an end of a sum, is a natural number" for name in ends)
    return as_verdict("", found, notes, seconds=time.perf_counter() - start)


def _check_chain(reading: Reading, domain: Domains) -> None:
    """Raises FormulaError for an equation, ``x + 3 = 4``; in ``f(x) = a = b`` the left-hand side is but a name."""
    first, *others = reading.members[:-1]
    match first:
        case Name() | Mul((Name(), Name())):
            is_name = True
        case _:
            is_name = False
    for member in others if is_name else (first, *others):
        both = mentioned(member), mentioned(reading.answer)
        if _decided(member, reading.answer, both, domain)[0].status is Status.REFUTED:
            expected, got = "a formula, or a chain of equal ones", "an equation"
            raise FormulaError("the formula cannot be read", expected=expected, got=got, line=1, column=1)


def _with_functions(found: Finding, left: str, right: str, domain: Domains) -> Finding:
    """A finding on two formulas in which ``f(x)`` is f times x; that for any function f where only this is the same.

    Raises FormulaError for formulas that are the same only if it is a product.
    """
    applied = frozenset(match.group().rstrip("}") for side in (left, right) for match in APPLIED.finditer(side))
    vocabulary = replace(OPEN, functions=applied)
    try:
        one, other = (_for_some(read(side, vocabulary).answer, applied) for side in (left, right))
    except FormulaError:
        return found  # it is a factor elsewhere
    of_functions = _decided(one, other, (mentioned(one), mentioned(other)), domain)[0]
    if found.status not in ACCEPTED:
        return of_functions if of_functions.status in ACCEPTED else found
    if of_functions.status in ACCEPTED:
        return found
    letter = min(applied)
    expected, got = f"a sign between {letter} and a bracket", f"{letter}(...), a product or a function"
    raise FormulaError("the formula can be read in two ways", expected=expected, got=got, line=1, column=1)


def _for_some(expr: Expr, functions: frozenset[str]) -> Expr:
    """An expression with a parabola and an exponential, both arbitrary, in the place of functions."""
    parts = tuple(_for_some(part, functions) for part in children(expr))
    if not isinstance(expr, Call) or expr.function not in functions:
        return with_children(expr, parts) if parts else expr
    (argument,) = parts
    first, second, third = (Mul((Name(f"{expr.function} {k}"), argument)) for k in (1, 2, 3))
    return Add((first, Mul((second, argument)), Call("exp", (third,))))


def _decided(one: Expr, other: Expr, mentions: Mentions, domain: Domains) -> tuple[Finding, Mapping[str, Natural]]:
    """The finding on two formulas, and which names stand for natural numbers since sums end with them."""
    if not any(side.has_sums for side in mentions):
        return evaluated(lambda: _same(one, other, mentions, domain)), {}
    ends = _ends(one, other, domain)
    letters = letters_in_indices((one, other)) - domain.keys() - ends.keys()
    one, other = with_indices(one, other, letters | ends.keys())
    if not ends:
        one, other = written_out(one), written_out(other)
    mentions, given = (mentioned(one), mentioned(other)), {**domain, **ends}
    if ends:
        given |= dict.fromkeys(letters, Natural(1, LETTERS))
    found = evaluated(lambda: _same(one, other, mentions, given, ends))
    if found.status in ACCEPTED:
        found = _at_one(one, other, given) or found
    if UNSTATED in ends and found.status is Status.REFUTED and COUNTS & used_as_values((one, other)):
        expected, got = "both ends of each sum", "a sum without, and a name that may be its last index"
        raise FormulaError("the range of a sum is not known", expected=expected, got=got, line=1, column=1)
    if ends and found.status is Status.TESTED:
        found = _for_all(found, one, other, domain, ends)
    return found, ends


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
    is_made_of_letters = "".join(letters := letters_of(name)) == name
    return is_made_of_letters and 1 < len(letters) <= LONGEST_PRODUCT and name not in GREEK.values()


def _in_letters(found: frozenset[str], words: frozenset[str]) -> frozenset[str]:
    """Names, the letters of words instead of these; e is no name."""
    return (found - words).union(*({*letters_of(word)} - {"e"} for word in words & found))


def _ends(left: Expr, right: Expr, domain: Domains) -> dict[str, Natural]:
    """The names that sums begin or end with, as natural numbers."""
    return {name: natural for name, natural in naturals((left, right)).items() if name not in domain}


def _same(left: Expr, right: Expr, mentions: Mentions, domain: Domains, ends: Container[str] = ()) -> Finding:
    """The finding on two formulas. Where a sum between `ends` ends before it begins, nothing is asked."""
    in_left, in_right = mentions
    variables, indexed = sorted((in_left.names | in_right.names) - CALLED), in_left.indexed | in_right.indexed
    if indexed:
        check_indexed((left, right), indexed)
        as_variables = in_variables((left, right), domain)
        if as_variables is not None:
            sides, heads = as_variables
            given = {name: domain[head] for name, head in heads.items() if head in domain}
            return _same(*sides, (mentioned(sides[0]), mentioned(sides[1])), {**domain, **given})

    sums = between(ends, (left, right)) if ends else []

    def setting(sizes: Sizes, draw: Draw) -> dict[str, Any]:
        if not indexed and not sums and "pi" not in variables:
            return {name: draw(name) for name in variables}
        named = {v: Indexed(v, draw, domain) if v in indexed else drawn(v, indexed, draw, domain) for v in variables}
        if not draw.system.is_formal:
            check_ends(sums, named)
        return named

    ground = Ground(setting, (ANYWHERE,), domain, is_free=not indexed)
    found = Judge(ground, {"": right}, unknowable()).judge(left, fingerprinted=False)
    is_open = found.status is Status.UNDECIDED and left == right
    return Finding(Status.PROVED, message="it is one formula") if is_open else found


def _at_one(left: Expr, right: Expr, domain: Domains) -> Finding | None:
    """A case in which sums end with certain numbers and just one side has a value, if there is one."""
    sums = [node for side in (left, right) for node in walk(side) if isinstance(node, Sum)]
    ends = {name for node in sums for name in (names(node.low) | names(node.high)) & domain.keys()}
    if not ends or not any(may_be_undefined(side, domain) for side in (left, right)):
        return None
    naturals = {name: of for name, of in domain.items() if name in ends and isinstance(of, Natural)}
    numbers = {name: Num(Fraction(min(of.low + 1, of.high))) for name, of in naturals.items()}
    one, other = (written_out(substitute(side, numbers)) for side in (left, right))
    found = evaluated(lambda: _same(one, other, (mentioned(one), mentioned(other)), domain))
    if found.counterexample is None:
        return None
    at = {name: str(number.value) for name, number in numbers.items()}
    return found._replace(counterexample=replace(found.counterexample, case={**at, **found.counterexample.case}))


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
