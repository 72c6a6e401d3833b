"""The writer: random formulas about a subject, their parts changed by rules, and what the form of one shows."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from random import Random

from benchmarks.soaking.places import placed, positions
from benchmarks.soaking.subjects import Subject
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum, substitute, walk
from refute.formula.parse import parse
from refute.formula.show import latex, text

SHIFTED = frozenset("jm")  # indices of sums that may go beyond the ends
NOTATIONS = (
    {r" \cdot ": r" \times "}, {r"\frac": r"\dfrac"}, {r"\left(": r"\bigl(", r"\right)": r"\bigr)"},
    {r"\left(": "(", r"\right)": ")"}, {" + ": r" \, + \: "}, {r"\tanh": r"\operatorname{tanh}"},
)  # fmt: skip

Rule = Callable[[Expr, "Writer", frozenset[str]], "Expr | None"]


def number(value: Fraction | int) -> Num:
    """A constant."""
    return Num(Fraction(value))


class Writer:
    """Draws formulas about a subject, and changes them by rules; `steps` are the rules that one went through."""

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

    # changing

    def somewhere(self, expr: Expr, rule: Rule) -> Expr | None:
        """The formula with a rule followed at a random place; None if it fits none of a dozen."""
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

    # what its form shows, and writing it down

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


@cache
def _pattern(written: str) -> Expr:
    return parse(written)
