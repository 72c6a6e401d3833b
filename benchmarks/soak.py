"""Does Refute ever accept a wrong formula, refuse a right one, or crash? Run: python benchmarks/soak.py --pairs 100000

Random formulas, random rewritings that keep the function, and random edits. Rewritings are right by construction; of an
edit mpmath says at random points, at digits enough that rounding cannot be meant, whether it changed the function.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property, partial
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from mpmath.ctx_mp import MPContext

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # specs/ is a folder of the checkout

from refute.cases import Draw
from refute.claims import Blank, Claim, Real
from refute.deciding.ground import entries, fitted
from refute.deciding.verdict import ACCEPTED, Status, Verdict
from refute.deciding.written import Decider, ground_of, same
from refute.formula.evaluate import evaluate
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum, names, substitute, walk
from refute.formula.parse import parse
from refute.formula.read import OPEN
from refute.formula.show import latex, text
from refute.formula.vocabulary import Vocabulary
from refute.numbers.reals import Reals
from refute.project import load

BLOCK = 50  # pairs that share a claim
DIGITS = (60, 160, 700, 1400)  # at which mpmath is asked, one after the other
POINTS = 3  # at which an edit is tried that seems to change nothing
MOST_NODES = 150
MEMORY = 4 * 2**30  # address space of each process
SURE = Fraction(1, 2**100)  # the largest error bound of a certificate

Exprs = tuple[Expr, ...]
Rule = Callable[[Expr, "Writer", frozenset[str]], "Expr | None"]


# --- What is written about -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """What formulas are written about: the names they may use, and the claim if they answer one.

    `atoms` and `positive` ones stand anywhere, the `indexed` and `positive_indexed` names get an index that is bound;
    the names of `kinds` are vectors and matrices. `known` are equations that hold between nodes.
    """

    atoms: Exprs
    positive: Exprs = ()
    indexed: tuple[str, ...] = ()
    positive_indexed: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[Expr, Exprs] = field(default_factory=dict)
    claim: Claim | None = None
    is_random: bool = False  # the claim's right formula is a random one

    @property
    def vocabulary(self) -> Vocabulary:
        """What its formulas are read with."""
        return self.claim.blank.vocabulary if self.claim is not None and self.claim.blank is not None else OPEN

    @cached_property
    def own_index(self) -> frozenset[str]:
        """The index of the node that the claim asks for."""
        own = self.vocabulary.own_node
        return frozenset(i.name for i in own.indices if isinstance(i, Name)) if own is not None else frozenset()


def number(value: Fraction | int) -> Num:
    """A constant."""
    return Num(Fraction(value))


VARIABLES = Subject(
    atoms=tuple(map(Name, "xyz")), positive=(Name("a"),),
    functions=("exp", "tanh", "sigmoid", "cosh", "sech", "sinh"),
)  # fmt: skip
DOMAIN = {"a": Real(low=0)}
WEIGHTS = tuple(f"w_{gate}{source}" for gate in "ifog" for source in "xh")
LSTM_EQUATIONS = {
    "i[t]": ("sigmoid(w_ix*x[t] + w_ih*h[t-1])",),
    "f[t]": ("sigmoid(w_fx*x[t] + w_fh*h[t-1])",),
    "o[t]": ("sigmoid(w_ox*x[t] + w_oh*h[t-1])",),
    "g[t]": ("tanh(w_gx*x[t] + w_gh*h[t-1])",),
    "c[t]": ("f[t]*c[t-1] + i[t]*g[t]",),
    "h[t]": ("o[t]*tanh(c[t])",),
}


@cache
def subjects() -> tuple[Subject, ...]:
    """One for each claim that takes a written answer."""
    return tuple(_subject(claim) for claim in load(Path(__file__).parent).claims if claim.blank is not None)


def _subject(claim: Claim) -> Subject:
    assert claim.blank is not None
    withheld = {parse(node) for node in claim.blank.withheld}
    if claim.id.startswith("1"):
        own = next(iter(claim.blank.vocabulary.own_node.indices), None) if claim.blank.vocabulary.own_node else None
        gates = (*"ifogcxh", *(f"{gate}_bar" for gate in "ifogch"))
        indexed = tuple(name for name in gates if Name(name, (Name("t"),)) not in withheld or own is None)
        return Subject(
            atoms=tuple(map(Name, WEIGHTS)), indexed=indexed, positive_indexed=("i", "f", "o"),
            functions=VARIABLES.functions,
            known={parse(node): tuple(map(parse, forms)) for node, forms in LSTM_EQUATIONS.items()}, claim=claim,
        )  # fmt: skip
    if claim.id.startswith("2"):
        return Subject(atoms=(), positive=tuple(map(Name, "GDH")), claim=claim)
    known = {"theta[k]": ("theta[k+1] - p[k+1]",), "theta[k+1]": ("theta[k] + p[k+1]",)} if claim.id == "3a.p" else {}
    sizes = ("D", "K") if claim.id == "3b.volume" else ("D",)
    return Subject(
        atoms=(), positive=tuple(map(Name, ("alpha", "beta", *(sizes if claim.id[:2] == "3b" else ())))),
        kinds={"theta": "vector", "p": "vector", "grad_J": "vector", "H": "matrix", "I": "matrix"},
        known={parse(node): tuple(map(parse, forms)) for node, forms in known.items()}, claim=claim,
    )  # fmt: skip


# --- Formulas: drawing, rewriting, editing ---------------------------------------------------------------------------

# Each form of a pattern is the same function: `a` and `b` are any operands, `u` any argument, `e` something positive,
# `r` anything that has a value everywhere.
ANYTHING = ("2*a - a", "-(-a)", "a*e/e", "a/e*e", "(a + a)/2", "3*a - 2*a", "a*e^(-1)*e")  # vectors and matrices too
SCALAR = (
    "a + r - r", "a - (r - r)", "a + 0*r", "1*a", "a + 0", "a^1", "a*exp(r)*exp(-r)", "a*(sigmoid(r) + sigmoid(-r))",
    "a*(cosh(r)^2 - sinh(r)^2)", "a*(tanh(r)^2 + sech(r)^2)", "(a - r) + r",
    "(a*e + a)/(e + 1)", "a*r - a*(r - 1)",
)  # fmt: skip
RATIONAL = ("a + r - r", "a + 0*r", "1*a", "a^1", "(a - r) + r", "(a*e + a)/(e + 1)", "a*r - a*(r - 1)", "a - (r - r)")
SUMS = ("e*(a/e + b/e)", "(a - r) + (b + r)", "-(-a - b)", "b + a", "(a*e + b*e)/e", "(a*e + b)/e + b*(e - 1)/e")
PRODUCTS = (
    "(a*e)*(b/e)", "((a + b)^2 - (a - b)^2)/4", "((a + b)^2 - a^2 - b^2)/2", "-(a*(-b))", "b*a", "a*(b - 1) + a",
    "(a + r)*b - r*b",
)  # fmt: skip
QUOTIENTS = ("a*b^(-1)", "(a*e)/(b*e)", "(1/b)*a", "-(a/(-b))", "a/(b*e)*e")
NEGATIVES = ("(-1)*a", "a - 2*a", "0 - a", "-1*a")
SQUARES = ("a*a", "(a - r)^2 + 2*a*r - r^2", "(a - r)*(a + r) + r^2", "(-a)^2")
POWERS = ("a^(u - 1)*a", "a^(2*u)/a^u", "1/a^(-u)", "a^(u + 3)/a^3", "(1/a)^(-u)", "a^(u - 2)*a^2", "(1/a)^u*a^(2*u)")
IDENTITIES: Mapping[str, tuple[str, ...]] = {
    "tanh": ("(exp(u) - exp(-u))/(exp(u) + exp(-u))", "2*sigmoid(2*u) - 1", "sinh(u)/cosh(u)", "1 - 2/(exp(2*u) + 1)",
             "-tanh(-u)", "2*tanh(u/2)/(1 + tanh(u/2)^2)", "sinh(u)*sech(u)", "sigmoid(2*u) - sigmoid(-2*u)"),
    "sigmoid": ("1/(1 + exp(-u))", "exp(u)/(1 + exp(u))", "(1 + tanh(u/2))/2", "1 - sigmoid(-u)",
                "exp(u/2)/(2*cosh(u/2))", "exp(u/2)*sech(u/2)/2", "sigma(u)", "exp(u)*sigmoid(-u)"),
    "cosh": ("(exp(u) + exp(-u))/2", "cosh(-u)", "2*cosh(u/2)^2 - 1", "1/sech(u)", "exp(u) - sinh(u)",
             "1 + 2*sinh(u/2)^2"),
    "sech": ("1/cosh(u)", "2/(exp(u) + exp(-u))", "2*exp(-u)/(1 + exp(-2*u))", "(1 - tanh(u)^2)*cosh(u)", "sech(-u)"),
    "sinh": ("(exp(u) - exp(-u))/2", "-sinh(-u)", "2*sinh(u/2)*cosh(u/2)", "tanh(u)*cosh(u)", "exp(u) - cosh(u)",
             "(exp(2*u) - 1)/(2*exp(u))"),
    "exp": ("exp(u/2)^2", "1/exp(-u)", "cosh(u) + sinh(u)", "exp(u/3)^3", "sigmoid(u)/sigmoid(-u)", "exp(-u)^(-1)",
            "sigmoid(u)/(1 - sigmoid(u))", "exp(2*u)/exp(u)", "(1 + tanh(u/2))/(1 - tanh(u/2))"),
}  # fmt: skip
SWAPS = {"tanh": ("sigmoid", "sinh"), "sigmoid": ("tanh", "exp"), "cosh": ("sinh", "sech"), "sinh": ("cosh", "tanh"),
         "sech": ("cosh", "tanh"), "exp": ("cosh", "sigmoid")}  # fmt: skip
SHIFTED = frozenset("jm")  # indices of sums that may go beyond the ends
TINY = (9, 30, 60)  # decimal places of near misses


class Writer:
    """Draws formulas about a subject, rewrites them, and edits them."""

    def __init__(self, subject: Subject, random: Random) -> None:
        self.subject, self.random = subject, random
        self.steps: list[str] = []

    # drawing

    def atom(self, bound: frozenset[str]) -> Expr:
        """A variable, or a node at an index that is bound."""
        nodes = self.subject.indexed and bound and self.random.random() < 0.7
        if nodes:
            return self.node(self.random.choice(self.subject.indexed), bound)
        return self.random.choice(self.subject.atoms + self.subject.positive)

    def node(self, name: str, bound: frozenset[str]) -> Name:
        """A node at or beside an index."""
        index = Name(self.random.choice(sorted(bound)))
        shift = self.random.choice((0, 0, 0, 1, -1))
        return Name(name, (index if not shift else Add((index, number(shift) if shift > 0 else Neg(number(1)))),))

    def positive(self, bound: frozenset[str]) -> Expr:
        """Something positive."""
        subject, r = self.subject, self.random
        choices: list[Callable[[], Expr]] = [
            lambda: Add((number(1), Pow(self.atom(bound), number(2)))),
            lambda: number(r.choice((2, 3, 7, Fraction(1, 2)))),
        ]
        if subject.positive:
            choices.append(lambda: r.choice(subject.positive))
        inside = sorted(bound - SHIFTED)
        if subject.positive_indexed and inside:
            choices.append(lambda: Name(r.choice(subject.positive_indexed), (Name(r.choice(inside)),)))
        if subject.functions:
            choices.append(lambda: Call(r.choice(("exp", "cosh", "sech", "sigmoid")), (self.linear(bound),)))
        return r.choice(choices)()

    def linear(self, bound: frozenset[str]) -> Expr:
        """An argument that stays small."""
        first = self.atom(bound)
        match self.random.randrange(5):
            case 0:
                return Add((first, self.atom(bound)))
            case 1:
                return Mul((number(self.random.choice((2, 3, Fraction(1, 2), 10))), first))
            case 2:
                return Add((first, Neg(self.atom(bound))))
        return first

    def extra(self, bound: frozenset[str]) -> Expr:
        """Something short that has a value everywhere."""
        match self.random.randrange(6 if self.subject.functions else 5):
            case 0:
                return Mul((self.atom(bound), self.atom(bound)))
            case 1:
                return number(self.random.choice((1, 2, 5)))
            case 2:
                return Div(self.atom(bound), self.positive(bound))
            case 5:
                return Call(self.random.choice(("tanh", "sigmoid", "exp")), (self.atom(bound),))
        return self.atom(bound)

    def formula(self, depth: int, bound: frozenset[str]) -> Expr:
        """Any formula that has a value everywhere."""
        r = self.random
        if depth == 0 or r.random() < 0.1:
            return self.atom(bound) if r.random() < 0.8 else number(r.choice((1, 2, 3, Fraction(1, 3), Fraction(1, 4))))

        def inner() -> Expr:
            return self.formula(depth - 1, bound)

        match r.randrange(9 if self.subject.functions else 6):
            case 0 | 1:
                return Add(tuple(inner() for _ in range(r.choice((2, 2, 3)))))
            case 2:
                return Mul(tuple(inner() for _ in range(r.choice((2, 2, 3)))))
            case 3:
                return Add((inner(), Neg(inner())))
            case 4:
                return Div(inner(), self.positive(bound))
            case 5:
                if r.random() < 0.3:
                    return Pow(self.positive(bound), Neg(number(r.choice((1, 2, 3)))))
                return Pow(inner(), number(r.choice((2, 2, 3))))
            case 6:
                return Call(r.choice(("tanh", "sigmoid")), (inner(),))
            case 7:
                base = r.choice((number(2), number(3), *self.subject.positive))
                return Pow(base, self.linear(bound)) if r.random() < 0.5 else Call("exp", (self.tame(bound),))
        return Call(r.choice(("exp", "cosh", "sech", "sinh")), (self.tame(bound),))

    def tame(self, bound: frozenset[str]) -> Expr:
        """The argument of an exponential: at most exp(x), so that nests three deep can still be worked out."""
        match self.random.randrange(5):
            case 0:
                return Call(self.random.choice(("exp", "cosh", "sinh")), (self.atom(bound),))
            case 1:
                return Call(self.random.choice(("tanh", "sigmoid", "sech")), (self.linear(bound),))
            case 2:
                return Call("tanh", (Call("exp", (self.linear(bound),)),))
        return self.linear(bound)

    # rewriting

    def rewritten(self, expr: Expr, times: int) -> Expr:
        """The same function, written otherwise."""
        for _ in range(times):
            name = self.random.choice(tuple(REWRITINGS))
            changed = self._somewhere(expr, REWRITINGS[name])
            if changed is not None and sum(1 for _ in walk(changed)) <= MOST_NODES:
                expr = changed
                self.steps.append(name)
        return expr

    def edited(self, expr: Expr) -> Expr | None:
        """Most often another function."""
        name = self.random.choice(tuple(EDITS))
        changed = self._somewhere(expr, EDITS[name])
        if changed is not None:
            self.steps.append(f"EDIT {name}")
        return changed

    def shown(self, expr: Expr) -> str:
        """The formula in one of several notations."""
        if self.random.random() < 0.45:
            return text(expr)
        shown = latex(expr)
        for other in NOTATIONS:
            if self.random.random() < 0.2:
                for old, new in other.items():
                    shown = shown.replace(old, new)
        return shown

    def _somewhere(self, expr: Expr, rule: Rule) -> Expr | None:
        places = list(positions(expr, self.subject.own_index))
        self.random.shuffle(places)
        for path, node, bound in places[:12]:
            changed = rule(node, self, bound)
            if changed is not None:
                return placed(expr, path, changed)
        return None

    def fill(self, pattern: str, bound: frozenset[str], **parts: Expr) -> Expr:
        """A pattern with its parts filled in."""
        return substitute(_pattern(pattern), {"e": self.positive(bound), "r": self.extra(bound)} | parts)

    def kind(self, expr: Expr) -> str:
        """ "scalar", "vector" or "matrix"."""
        match expr:
            case Name(name, _):
                return self.subject.kinds.get(name, "scalar")
            case Call(name, _):
                return self.subject.kinds.get(name, "scalar")
            case Matrix():
                return "matrix"
            case Add(parts) | Mul(parts):
                found = {self.kind(part) for part in parts}
                return next((kind for kind in ("vector", "matrix") if kind in found), "scalar")
            case Neg(part) | Div(part, _) | Pow(part, _) | Sum(part, _, _, _):
                return self.kind(part)
        return "scalar"

    def is_positive(self, expr: Expr) -> bool:
        """Whether a formula's form shows that it is positive."""
        match expr:
            case Num(value):
                return value > 0
            case Name(name, indices):
                free = expr in self.subject.positive
                inside = all(isinstance(i, Name) and i.name not in SHIFTED for i in indices)
                return free or (name in self.subject.positive_indexed and inside)
            case Call(function, _):
                return function in ("exp", "cosh", "sech", "sigmoid", "sigma")
            case Mul(parts):
                return all(map(self.is_positive, parts))
            case Add(parts):
                squares = [p for p in parts if isinstance(p, Pow) and p.exponent == number(2)]
                others = [p for p in parts if p not in squares]
                return bool(others) and all(map(self.is_positive, others))
            case Div(top, bottom):
                return self.is_positive(top) and self.is_positive(bottom)
            case Pow(base, _):
                return self.is_positive(base)
        return False

    def has_values(self, expr: Expr) -> bool:
        """Whether a formula's form shows that it has a value everywhere."""
        divisors = [node.denominator for node in walk(expr) if isinstance(node, Div)]
        bases = [
            node.base for node in walk(expr)
            if isinstance(node, Pow) and not (isinstance(node.exponent, Num) and node.exponent.value >= 0)
        ]  # fmt: skip
        return all(map(self.is_positive, divisors + bases))


@cache
def _pattern(written: str) -> Expr:
    return parse(written)


NOTATIONS = (
    {r" \cdot ": r" \times "}, {r"\frac": r"\dfrac"}, {r"\left(": r"\bigl(", r"\right)": r"\bigr)"},
    {r"\left(": "(", r"\right)": ")"}, {" + ": r" \, + \: "}, {r"\tanh": r"\operatorname{tanh}"},
)  # fmt: skip


def positions(
    expr: Expr, bound: frozenset[str], path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], Expr, frozenset[str]]]:
    """Every place in a formula but indices, exponents and the ends of sums, with the indices that are bound there."""
    yield path, expr, bound
    if isinstance(expr, Sum):
        bound = bound | {expr.index}
    for i, part in enumerate(operands(expr)):
        yield from positions(part, bound, (*path, i))


def operands(expr: Expr) -> Exprs:
    """The parts of a formula that are formulas of their own."""
    match expr:
        case Add(parts) | Mul(parts) | Call(_, parts):
            return parts
        case Neg(part) | Pow(part, _) | Sum(part, _, _, _):
            return (part,)
        case Div(top, bottom):
            return top, bottom
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
    return ()


def placed(expr: Expr, path: tuple[int, ...], part: Expr) -> Expr:
    """The formula with one part in another's place."""
    if not path:
        return part
    parts = list(operands(expr))
    parts[path[0]] = placed(parts[path[0]], path[1:], part)
    match expr:
        case Add() | Mul():
            return type(expr)(tuple(parts))
        case Call(function, _):
            return Call(function, tuple(parts))
        case Neg():
            return Neg(parts[0])
        case Pow(_, exponent):
            return Pow(parts[0], exponent)
        case Sum():
            return replace(expr, body=parts[0])
        case Div():
            return Div(*parts)
        case Matrix(rows):
            width = len(rows[0])
            return Matrix(tuple(tuple(parts[i : i + width]) for i in range(0, len(parts), width)))
    raise AssertionError(f"{expr} has no parts")


def _by(*patterns: str, scalar: bool = True) -> Rule:
    """Any formula by one of the patterns of `a`."""

    def rule(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
        if scalar and w.kind(node) != "scalar":
            return None
        return w.fill(w.random.choice(patterns), bound, a=node)

    return rule


def _scalar(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if w.kind(node) != "scalar":
        return None
    return w.fill(w.random.choice(SCALAR if w.subject.functions else RATIONAL), bound, a=node)


def _of_two(kind: type[Add] | type[Mul], patterns: Sequence[str]) -> Rule:
    """Two neighbours of a sum or product by a pattern of `a` and `b`."""

    def rule(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
        if not isinstance(node, kind) or w.kind(node) != "scalar":
            return None
        parts = list(operands(node))
        i = w.random.randrange(len(parts) - 1)
        joined = w.fill(w.random.choice(patterns), bound, a=parts[i], b=parts[i + 1])
        others = (*parts[:i], joined, *parts[i + 2 :])
        return kind(others) if len(others) > 1 else joined

    return rule


def _commute(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if isinstance(node, Add):
        return Add(tuple(w.random.sample(node.terms, len(node.terms))))
    if isinstance(node, Mul):  # what is no scalar keeps its order
        parts = w.random.sample(node.factors, len(node.factors))
        rest = iter([f for f in node.factors if w.kind(f) != "scalar"])
        return Mul(tuple(f if w.kind(f) == "scalar" else next(rest) for f in parts))
    return None


def _group(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if isinstance(node, (Add, Mul)) and len(operands(node)) > 2:
        parts = operands(node)
        i = w.random.randrange(len(parts) - 1)
        return type(node)((*parts[:i], type(node)(parts[i : i + 2]), *parts[i + 2 :]))
    return None


def _flatten(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, (Add, Mul)) or not any(isinstance(part, type(node)) for part in operands(node)):
        return None
    return type(node)(tuple(q for p in operands(node) for q in (operands(p) if isinstance(p, type(node)) else (p,))))


def _distribute(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Mul(factors):
            for i, factor in enumerate(factors):
                if isinstance(factor, Add) and w.kind(node) == w.kind(factor):
                    return Add(tuple(Mul((*factors[:i], term, *factors[i + 1 :])) for term in factor.terms))
        case Div(Add(terms), bottom):
            return Add(tuple(Div(term, bottom) for term in terms))
        case Neg(Add(terms)):
            return Add(tuple(map(Neg, terms)))
        case Pow(Mul(factors), Num(value) as n) if value.denominator == 1:
            return Mul(tuple(Pow(factor, n) for factor in factors))
        case Pow(Add((a, *rest)), Num(value)) if value == 2:
            return w.fill("a^2 + 2*a*b + b^2", bound, a=a, b=Add(tuple(rest)) if len(rest) > 1 else rest[0])
        case Call("exp", (Add((a, *rest)),)):
            return w.fill("exp(a)*exp(b)", bound, a=a, b=Add(tuple(rest)) if len(rest) > 1 else rest[0])
    return None


def _take_out(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    """A factor that is the first of every term."""
    if not isinstance(node, Add) or w.kind(node) != "scalar":
        return None
    if not all(isinstance(term, Mul) for term in node.terms):
        return None
    shared = [f for f in operands(node.terms[0]) if all(f in operands(term) for term in node.terms)]
    if not shared:
        return None
    factor = w.random.choice(shared)
    rests = []
    for term in node.terms:
        rest = list(operands(term))
        rest.remove(factor)
        rests.append(Mul(tuple(rest)) if len(rest) > 1 else rest[0])
    return Mul((factor, Add(tuple(rests))))


def _identity(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Call) or node.function not in IDENTITIES:
        return None
    return w.fill(w.random.choice(IDENTITIES[node.function]), bound, u=node.arguments[0])


def _quotient(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Div) or w.kind(node) != "scalar":
        return None
    return w.fill(w.random.choice(QUOTIENTS), bound, a=node.numerator, b=node.denominator)


def _negative(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    return w.fill(w.random.choice(NEGATIVES[:2]), bound, a=node.operand) if isinstance(node, Neg) else None


def _power(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Pow(base, Num(value)) if value == 2 and w.kind(base) == "scalar":
            return w.fill(w.random.choice(SQUARES), bound, a=base)
        case Pow(base, Num(value)) if value > 2 and value.denominator == 1:
            return Mul((Pow(base, number(value - 1)), base))
        case Pow(base, exponent) if not isinstance(exponent, (Num, Neg)) and w.is_positive(base):
            return w.fill(w.random.choice(POWERS), bound, a=base, u=exponent)
        case Mul((a, b)) if a == b and w.kind(a) == "scalar":
            return Pow(a, number(2))
    return None


def _constant(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Num):
        return None
    k = w.random.choice((1, 2, 3, 10))
    return w.random.choice((Add((number(node.value + k), Neg(number(k)))), Div(number(node.value * k), number(k))))


def _known(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    forms = w.subject.known.get(node)
    is_here = w.subject.claim is not None and (w.subject.claim.id[0] != "1" or "t" in bound)
    return w.random.choice(forms) if forms and is_here else None


def _sum(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    """Another index, one that begins elsewhere, the first or last term alone, the sum of each term."""
    if not isinstance(node, Sum):
        return None
    body, index, low, high = node.body, node.index, node.low, node.high
    fresh = w.random.choice([name for name in ("jm" if index in SHIFTED else "skn") if name not in bound])
    match w.random.randrange(6):
        case 0:
            return Sum(substitute(body, {index: Name(fresh)}), fresh, low, high)
        case 1:
            later = w.random.choice(sorted(SHIFTED - bound))
            earlier = Add((Name(later), Neg(number(1))))
            return Sum(substitute(body, {index: earlier}), later, Add((low, number(1))), Add((high, number(1))))
        case 2 if low == number(1):
            return Add((substitute(body, {index: low}), Sum(body, index, number(2), high)))
        case 3 if high == Name("T"):
            return Add((Sum(body, index, low, Add((high, Neg(number(1))))), substitute(body, {index: high})))
        case 4 if isinstance(body, Add):
            return Add(tuple(Sum(term, index, low, high) for term in body.terms))
        case 5:
            free = [a for a in w.subject.atoms if isinstance(a, Name)]
            if free:
                e = Add((number(1), Pow(w.random.choice(free), number(2))))
                return Div(Sum(Mul((e, body)), index, low, high), e)
    return None


def _multiplied_out(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    """A product of two block matrices as one."""
    match node:
        case Mul((Matrix(left), Matrix(right))):
            columns = tuple(zip(*right, strict=True))
            return Matrix(
                tuple(
                    tuple(Add(tuple(Mul((a, b)) for a, b in zip(row, column, strict=True))) for column in columns)
                    for row in left
                )
            )
    return None


REWRITINGS: Mapping[str, Rule] = {
    "commute": _commute,
    "group": _group,
    "flatten": _flatten,
    "distribute": _distribute,
    "take out": _take_out,
    "anything": _by(*ANYTHING, scalar=False),
    "scalar": _scalar,
    "sum": _of_two(Add, SUMS),
    "product": _of_two(Mul, PRODUCTS),
    "quotient": _quotient,
    "negative": _negative,
    "power": _power,
    "constant": _constant,
    "function": _identity,
    "function again": _identity,
    "known": _known,
    "sum over time": _sum,
    "matrix product": _multiplied_out,
}


def _drop(kind: type[Add] | type[Mul]) -> Rule:
    def rule(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
        if not isinstance(node, kind):
            return None
        parts = list(operands(node))
        del parts[w.random.randrange(len(parts))]
        return kind(tuple(parts)) if len(parts) > 1 else parts[0]

    return rule


def _near(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    tiny = Num(Fraction(1, 10 ** w.random.choice(TINY)))
    if w.kind(node) != "scalar" or w.random.random() < 0.5:
        return Mul((node, Add((number(1), tiny))))
    return Add((node, tiny))


def _other_number(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    return number(node.value + w.random.choice((1, -1, node.value + 1))) if isinstance(node, Num) else None


def _other_exponent(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Pow(base, Num(value)):
            return Pow(base, number(value + 1))
        case Pow(base, exponent):
            return Pow(base, w.random.choice((Neg(exponent), Add((exponent, number(1))))))
    return None


def _other_function(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Call) or node.function not in SWAPS:
        return None
    return Call(w.random.choice(SWAPS[node.function]), node.arguments)


def _other_argument(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    return Call(node.function, (Neg(node.arguments[0]),)) if isinstance(node, Call) else None


def _other_name(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Name) or w.kind(node) != "scalar":
        return None
    return w.atom(bound)


def _other_index(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Name(name, (index,)):
            return Name(name, (Add((index, w.random.choice((number(1), Neg(number(1)))))),))
    return None


def _other_ends(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Sum(body, index, low, high):
            return w.random.choice(
                (
                    Sum(body, index, Add((low, number(1))), high),
                    Sum(body, index, low, Add((high, Neg(number(1))))),
                    substitute(body, {index: high}),
                )
            )
    return None


def _other_operation(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Mul((a, b)) if w.kind(node) == "scalar":
            return Add((a, b))
        case Add((a, b)) if w.kind(node) == "scalar":
            return Mul((a, b))
        case Mul((a, b)):
            return Mul((b, a))
        case Div(a, b):
            return Mul((a, b))
    return None


EDITS: Mapping[str, Rule] = {
    "drop a term": _drop(Add),
    "drop a factor": _drop(Mul),
    "sign": lambda node, w, bound: Neg(node),
    "near miss": _near,
    "near miss again": _near,
    "number": _other_number,
    "exponent": _other_exponent,
    "function": _other_function,
    "argument": _other_argument,
    "name": _other_name,
    "index": _other_index,
    "ends of a sum": _other_ends,
    "operation": _other_operation,
    "factor": lambda node, w, bound: Mul((node, w.extra(bound))),
}


# --- Truth -----------------------------------------------------------------------------------------------------------

Values = Sequence[Any]  # None where a formula has no value


class Unclear(Exception):
    """What cannot be told at the digits used, or is too large to work out: another pair is drawn."""


def differ(values: Callable[[int], tuple[Values, Values]]) -> bool:
    """Whether two lists of numbers, each given to any number of digits, differ somewhere.

    They differ where the difference stays the same at more digits; they agree where it shrinks with them. A difference
    that is tiny may be what is lost beside something large: it has to stay at the most digits. Points are small, so
    that nothing is so large that it swallows the rest at all digits. Raises Unclear when some difference does neither.
    """
    before: list[Any] = []
    for digits in DIGITS:
        left, right = values(digits)
        if any((a is None) != (b is None) for a, b in zip(left, right, strict=True)):
            return True
        both = [(a, b) for a, b in zip(left, right, strict=True) if a is not None]
        gaps = [a - b for a, b in both]
        stay = [gap for was, gap in zip(before, gaps, strict=False) if gap and abs(gap - was) * 10**6 < abs(gap)]
        if (digits == DIGITS[-1] and stay) or any(abs(gap) * 10**100 > 1 for gap in stay):
            return True
        before = gaps
    if all(abs(gap) * 10 ** (DIGITS[-1] // 2) <= abs(a) + abs(b) + 1 for gap, (a, b) in zip(gaps, both, strict=True)):
        return False
    raise Unclear


@cache
def context(digits: int) -> MPContext:
    """mpmath at so many digits."""
    made = MPContext()
    made.dps = digits
    return made


def worth(expr: Expr, point: Mapping[str, Fraction], mp: MPContext) -> Any:
    """What a formula of variables is worth, by a walk of its tree. Raises ZeroDivisionError, and Unclear for exp of
    what is too large."""

    def of(part: Expr) -> Any:
        return worth(part, point, mp)

    match expr:
        case Num(value):
            return mp.mpf(value.numerator) / value.denominator
        case Name(name, ()):
            return mp.mpf(point[name].numerator) / point[name].denominator
        case Add(terms):
            return sum(map(of, terms), mp.mpf(0))
        case Mul(factors):
            product = mp.mpf(1)
            for factor in factors:
                product *= of(factor)
            return product
        case Neg(operand):
            return -of(operand)
        case Div(top, bottom):
            return of(top) / of(bottom)
        case Pow(base, exponent):
            value = of(exponent)
            if mp.isint(value) and abs(value) < 1000:
                return of(base) ** int(value)
            return _exp(value * mp.log(of(base)), mp)
        case Call(function, (argument,)):
            u = of(argument)
            up, down = _exp(u, mp), _exp(-u, mp)
            return {
                "exp": lambda: up, "tanh": lambda: (up - down) / (up + down), "sigmoid": lambda: 1 / (1 + down),
                "sigma": lambda: 1 / (1 + down), "cosh": lambda: (up + down) / 2, "sinh": lambda: (up - down) / 2,
                "sech": lambda: 2 / (up + down), "log": lambda: mp.log(u),
            }[function]()  # fmt: skip
    raise NotImplementedError(f"{expr} is for claims only")


def _exp(u: Any, mp: MPContext) -> Any:
    if abs(u) > 10**6:
        raise Unclear
    return mp.exp(u)


def are_different(left: Expr, right: Expr, random: Random) -> bool:
    """Whether two formulas of variables differ at one of a few random points, by mpmath."""
    for _ in range(POINTS):
        variables = sorted((names(left) | names(right)) - IDENTITIES.keys())
        point = {name: Fraction(random.choice([*range(-31, 0), *range(1, 32)]), 32) for name in variables}
        point["a"] = Fraction(random.randrange(8, 64), 32)

        def values(digits: int, point: Mapping[str, Fraction] = point) -> tuple[Values, Values]:
            return [_or_none(left, point, digits)], [_or_none(right, point, digits)]

        if differ(values):
            return True
    return False


def _or_none(expr: Expr, point: Mapping[str, Fraction], digits: int) -> Any:
    try:
        return worth(expr, point, context(digits))
    except ZeroDivisionError:
        return None


class Truth:
    """Which answers to a claim are right, by mpmath: values of its blank's own setting, in `Reals`."""

    def __init__(self, claim: Claim, blank: Blank) -> None:
        self._ground = ground_of(claim, blank)
        self._right = [parse(claim.formulas[part]) for part in blank.right]
        self._known: dict[tuple[int, int], list[tuple[Any, Any]]] = {}

    def is_right(self, answer: Expr) -> bool:
        """Whether an answer agrees with one of the right formulas at a few random points."""
        return any(self._agree(answer, right) for right in self._right)

    def _agree(self, answer: Expr, right: Expr) -> bool:
        def values(digits: int, seed: int) -> tuple[Values, Values]:
            system = Reals(digits)
            pairs: list[tuple[Any, Any]] = []
            for environment, names_of_answer in self._names(digits, seed):
                expected = evaluate(right, environment, system.number)
                try:
                    got = fitted(evaluate(answer, names_of_answer, system.number), np.shape(expected))
                except ZeroDivisionError:
                    pairs.append((None, 1))
                    continue
                if np.shape(got) != np.shape(expected):
                    raise Unclear
                both = zip(entries(got), entries(expected), strict=True)
                pairs += [(_mpf(a, system), _mpf(b, system)) for a, b in both]
            return [a for a, _ in pairs], [b for _, b in pairs]

        try:
            # mypy infers no type for a lambda that binds a default
            return not any(differ(lambda digits, seed=seed: values(digits, seed)) for seed in range(POINTS))  # type: ignore[misc]
        except (ValueError, TypeError, OverflowError) as error:
            raise Unclear from error

    def _names(self, digits: int, seed: int) -> list[tuple[Any, Any]]:
        if (digits, seed) not in self._known:
            found = []
            for place in self._ground.places:
                draw = Draw(Reals(digits), self._ground.given, seed=f"soak/{seed}", scale=-3)
                found.append(self._ground.names(place, draw))
            self._known[digits, seed] = found
        return self._known[digits, seed]


def _mpf(value: Any, system: Reals) -> Any:
    exact = int(value) if isinstance(value, np.integer) else value
    return (value if hasattr(value, "mpf") else system.number(exact)).mpf


# --- The soak --------------------------------------------------------------------------------------------------------


class Judge(Protocol):
    """What is on trial."""

    def answer(self, claim: Claim, written: str) -> Verdict: ...
    def same(self, left: str, right: str) -> Verdict: ...


class Refute:
    """Refute itself; it keeps the decider of the last claim."""

    def __init__(self) -> None:
        self._decider: Decider | None = None

    def answer(self, claim: Claim, written: str) -> Verdict:
        if self._decider is None or self._decider.claim is not claim:
            self._decider = Decider(claim)
        return self._decider.decide(written)

    def same(self, left: str, right: str) -> Verdict:
        return same(left, right, DOMAIN)


@dataclass(frozen=True)
class Pair:
    """Two formulas, whether they are equal, and how left was made; right is '' if it is the claim's own."""

    left: str
    right: str
    equal: bool
    is_edit: bool
    steps: tuple[str, ...]
    claim: Claim | None
    check: Callable[[], bool] = field(repr=False)  # the truth by mpmath

    @property
    def command(self) -> str:
        """What to type to see it."""
        if self.claim is not None and self.right:
            return f"{self.claim.id} with {self.right!r} for its right formula: {self.left}"
        if self.claim is not None:
            return f"refute answer -- {self.claim.id} {shlex.quote(self.left)}"
        return f"refute same --domain 'a > 0' -- {shlex.quote(self.left)} {shlex.quote(self.right)}"


@dataclass(frozen=True)
class Offence:
    """A pair that was judged wrongly."""

    kind: str
    what: str
    command: str


@dataclass
class Tally:
    """What a soak counted."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")  # seconds of the slowest decision, and what was decided
    offences: list[Offence] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count the other's too."""
        self.counts += other.counts
        self.slowest = max(self.slowest, other.slowest)
        self.offences += other.offences

    def shortest(self, count: int) -> list[Offence]:
        """So many offences of each kind, those that are quickest to read."""
        ranked = sorted(self.offences, key=lambda offence: len(offence.command))
        return [offence for kind in OFFENCES for offence in [o for o in ranked if o.kind == kind][:count]]


SHOWN = 4  # offences of each kind, the shortest
OFFENCES = (
    "false accept", "false refusal", "undecided", "unreadable", "weak certificate", "crash", "fault of the soak",
)  # fmt: skip


def run_block(seed: int, block: int, judge: Judge) -> Tally:
    """Judge the pairs of one block."""
    tally = Tally()
    for pair in pairs(seed, block):
        tally.counts["pairs"] += 1
        tally.counts["edits" if pair.is_edit else "rewritings"] += 1
        start = perf_counter()
        kind, what = offence(pair, judge)
        tally.slowest = max(tally.slowest, (perf_counter() - start, pair.command))
        if kind:
            tally.counts[kind] += 1
            again = f"python benchmarks/soak.py --seed {seed} --block {block}"
            tally.offences.append(Offence(kind, f"{what} [{', '.join(pair.steps)}]", f"{pair.command}   # {again}"))
    return tally


def offence(pair: Pair, judge: Judge) -> tuple[str, str]:
    """What is wrong with the verdict on a pair, and what it said; ("", "") if it is right."""
    try:
        verdict = judge.same(pair.left, pair.right) if pair.claim is None else judge.answer(pair.claim, pair.left)
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        return "crash", f"{type(error).__name__}: {error}"
    said = f"{verdict.status}: {verdict.message}"
    if verdict.status in (Status.UNDECIDED, Status.UNREADABLE):
        return str(verdict.status), said
    is_accepted = verdict.status in ACCEPTED
    if is_accepted == pair.equal:
        is_weak = verdict.status is Status.CERTIFIED and (verdict.error_bound is None or verdict.error_bound > SURE)
        return ("weak certificate", f"error bound {verdict.error_bound}") if is_weak else ("", "")
    if pair.check() != pair.equal:
        return "fault of the soak", "a rewriting changed the function"
    return "false accept" if is_accepted else "false refusal", said


def pairs(seed: int, block: int) -> Iterator[Pair]:
    """The pairs of a block: of formulas in a few variables, or answers to a claim, whose right formula is its own or
    a random one."""
    random = Random(f"soak/{seed}/{block}")
    kind = random.random()
    if kind < 0.6:
        yield from (_pair_of_variables(random) for _ in range(BLOCK))
        return
    subject = random.choice(subjects())
    assert subject.claim is not None
    assert subject.claim.blank is not None
    if kind > 0.8 and not subject.kinds:
        subject = _with_random_formula(subject, subject.claim, subject.claim.blank, random)
    assert subject.claim is not None
    assert subject.claim.blank is not None
    truth = Truth(subject.claim, subject.claim.blank)
    right = [parse(subject.claim.formulas[part]) for part in subject.claim.blank.right]
    yield from (_answer(subject, right, truth, random) for _ in range(BLOCK))


def _with_random_formula(subject: Subject, claim: Claim, blank: Blank, random: Random) -> Subject:
    writer = Writer(subject, random)
    if claim.id.startswith("1b"):
        formula: Expr = Sum(writer.formula(2, frozenset("t")), "t", number(1), Name("T"))
    else:
        formula = writer.formula(3, subject.own_index)
    made = replace(claim, formula=text(formula), mistakes={}, growth={}, within={}, blank=replace(blank, right=("",)))
    return replace(subject, claim=made, is_random=True)


def _pair_of_variables(random: Random) -> Pair:
    while True:
        writer = Writer(VARIABLES, random)
        right = writer.formula(random.choice((2, 3, 3, 4)), frozenset())
        pair = _made(writer, right, partial(_are_same, right, random), right)
        if pair is not None:
            return pair


def _are_same(right: Expr, random: Random, left: Expr) -> bool:
    return not are_different(left, right, random)


def _answer(subject: Subject, right: Sequence[Expr], truth: Truth, random: Random) -> Pair:
    while True:
        writer = Writer(subject, random)
        pair = _made(writer, random.choice(right), truth.is_right)
        if pair is not None:
            return pair


def _made(writer: Writer, right: Expr, is_right: Callable[[Expr], bool], shown: Expr | None = None) -> Pair | None:
    """A pair, one side of which is the right formula rewritten, or edited; None if the truth of it is unclear."""
    random = writer.random
    times, is_edit, equal = random.choice((1, 2, 3, 5, 8)), random.random() < 0.5, True
    if is_edit:
        edited = writer.edited(writer.rewritten(right, random.choice((0, 0, 1, 2))))
        if edited is None:
            return None
        left = writer.rewritten(edited, times // 2)
        try:
            equal = is_right(left)
        except Unclear:
            return None
        if equal and not writer.has_values(left):
            return None  # it may differ in where it has a value
    else:
        left = writer.rewritten(right, times)
    subject = writer.subject
    other = text(right) if subject.is_random else "" if shown is None else writer.shown(shown)
    return Pair(
        writer.shown(left), other, equal, is_edit, tuple(writer.steps), subject.claim, partial(is_right, left)
    )  # fmt: skip


def soak(blocks: Iterable[int], seed: int, judge: Callable[[], Judge] = Refute) -> Tally:
    """Judge the pairs of several blocks."""
    total, on_trial = Tally(), judge()
    for block in blocks:
        total.add(run_block(seed, block, on_trial))
    return total


def _limit_memory() -> None:
    """So that a formula which asks for too much memory is a crash with a name."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _soak_one(arguments: tuple[int, int]) -> Tally:
    seed, block = arguments
    return run_block(seed, block, Refute())


def main() -> int:
    """Soak, with a progress bar, and print what was counted. Exits with 1 if anything was judged wrongly."""
    from rich.console import Console
    from rich.progress import track
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5_000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of every random choice (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: %(default)s)")
    parser.add_argument("--block", type=int, help=f"only these {BLOCK} pairs, to see them again")
    options = parser.parse_args()
    blocks = range(-(-options.pairs // BLOCK)) if options.block is None else [options.block]
    console, start, total = Console(), perf_counter(), Tally()
    with ProcessPoolExecutor(options.jobs, initializer=_limit_memory) as pool:
        tallies = pool.map(_soak_one, [(options.seed, block) for block in blocks], chunksize=4)
        for tally in track(tallies, "soaking", len(blocks), console=Console(stderr=True)):
            total.add(tally)
    seconds = perf_counter() - start
    table = Table("counted", "", title=f"seed {options.seed}, {seconds:.0f} s")
    for name in ("pairs", "rewritings", "edits", *OFFENCES):
        table.add_row(name, f"{total.counts[name]:,}")
    table.add_row("pairs per second", f"{total.counts['pairs'] / seconds:,.0f}")
    table.add_row("slowest decision", f"{total.slowest[0]:.2f} s")
    console.print(table)
    console.print("slowest:", total.slowest[1], markup=False, highlight=False, soft_wrap=True)
    for found in total.shortest(SHOWN):
        console.print(f"[bold]{found.kind}[/bold] ", end="")
        console.print(found.what, markup=False, soft_wrap=True)
        console.print(f"  {found.command}", markup=False, highlight=False, soft_wrap=True)
    return 1 if total.offences else 0


if __name__ == "__main__":
    sys.exit(main())
