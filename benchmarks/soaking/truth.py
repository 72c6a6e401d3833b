"""The truth, by mpmath: whether two formulas differ at random points, at more digits than rounding can reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import numpy as np
from mpmath.ctx_mp import MPContext

from benchmarks.soaking.subjects import VARIABLES
from refute.cases import Draw
from refute.claims import Blank, Claim
from refute.deciding.ground import entries, fitted
from refute.deciding.written import ground_of
from refute.formula.evaluate import evaluate
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, names
from refute.formula.parse import parse
from refute.numbers.reals import Reals

DIGITS = (60, 160, 700, 1400)  # at which mpmath is asked, one after the other
POINTS = 3  # at which an edit is tried that seems to change nothing
NEARER = (1, 1, 16)  # how much nearer to 0 each point of variables is: far out tanh(exp(x)) is 1, whatever x is
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
    for nearer in NEARER:
        variables = sorted((names(left) | names(right)) - set(VARIABLES.functions))
        point = {name: Fraction(random.choice([*range(-31, 0), *range(1, 32)]), 32) for name in variables}
        point["a"] = Fraction(random.randrange(8, 64), 32)
        point = {name: value / nearer for name, value in point.items()}

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
        written = self._ground.formula(answer)

        def values(digits: int, seed: int) -> tuple[Values, Values]:
            system = Reals(digits)
            pairs: list[tuple[Any, Any]] = []
            for environment, names_of_answer in self._names(digits, seed):
                expected = evaluate(right, environment, system.number)
                try:
                    got = fitted(written.value(names_of_answer, system.number), np.shape(expected))
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
