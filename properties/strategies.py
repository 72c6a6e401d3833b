"""Everything the properties draw: sizes beyond the grids that `refute check` enumerates, and exact values of every
size."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from impl.lstm import WEIGHTS
from refute.claims import Bound, Claim, Real
from refute.deciding.bench import Case
from specs.momentum import energies

Sizes = Mapping[str, SearchStrategy[Any]]
Grid = tuple[int, int, int, int]
Side = tuple[Fraction | int, Fraction | int]

REAL, TINY, HUGE = Real(), Fraction(1, 2**200), Fraction(2**40)

# Each value of a case is a whole number up to 20 times one of the units of its regime.
REGIMES: tuple[tuple[Fraction | int, ...], ...] = (
    (1,),
    (Fraction(1, 16),),  # exact in floats
    (Fraction(1, 15),),  # rounded in floats
    (Fraction(1, 15), Fraction(8, 5)),  # saturated gates, with arguments up to 1,000, beside others
    (TINY / 15,),
    (Fraction(1, 15), TINY),
    (HUGE / 15,),
)

# What the scenes of each question draw, and in which shapes; what is not listed here comes from the case's seed.
Variables = Mapping[str, tuple[str, ...]]
LSTM: Variables = {**dict.fromkeys("xab", ("T",)), **dict.fromkeys(("d", "h[0]", "c[0]", *WEIGHTS), ())}
MDRNN: Variables = {"x": ("G", "G", "D"), "W_in": ("D", "H"), "W_W": ("H", "H"), "W_N": ("H", "H")}
MOMENTUM: Variables = {
    **dict.fromkeys(("theta", "p", "g", "q"), ("D",)),
    **dict.fromkeys("HAB", ("D", "D")),
    **dict.fromkeys(("alpha", "beta"), ()),
}

# Sizes by claim. `refute check` goes to T = 4, G = 6, D = H = 8, L = 3, k = 5, D = 4 and K = 3.
STEPS: Sizes = {"T": st.integers(2, 6), "loss": st.sampled_from(["all", "last"])}
NETS: Mapping[str, Sizes] = {
    "2.activations": {"G": st.integers(2, 7), "D": st.integers(1, 3), "H": st.integers(1, 3)},
    "2a.weights": {"G": st.integers(2, 7), "D": st.integers(1, 12), "H": st.integers(1, 9)},
    "2a.operations": {"G": st.integers(1, 7), "D": st.integers(1, 12), "H": st.integers(1, 9)},
    "2b.steps": {"G": st.integers(1, 12), "D": st.integers(1, 3), "H": st.integers(1, 3)},
    "2b.optimal": {"G": st.integers(1, 12), "D": st.integers(1, 3), "H": st.integers(1, 3)},
    "2c.receptive_field": {"G": st.integers(1, 9)},
    "2c.depth": {"G": st.integers(1, 12), "L": st.integers(1, 7)},
}
CONV_NETS: Sizes = {"L": st.integers(1, 4), "k": st.sampled_from([1, 3, 5])}
ENERGIES = st.sampled_from(["any", *energies])
DESCENTS: Mapping[str, Sizes] = {
    "3a.theta": {"D": st.integers(1, 8)},
    "3a.p": {"D": st.integers(1, 8)},
    "3a.roundtrip": {"D": st.integers(1, 5), "K": st.integers(1, 6)},
    "3b.factors": {"D": st.integers(1, 7)},
    "3b.det": {"D": st.integers(1, 6), "J": ENERGIES},
    "3b.volume": {"K": st.integers(1, 4), "D": st.integers(1, 3), "J": ENERGIES},
}


@cache
def numbers(unit: Fraction | int, domain: Real = REAL) -> SearchStrategy[Fraction]:
    """Whole numbers up to 20 times the unit, inside a domain; where that has two ends, anything between them."""
    if domain.low is not None and domain.high is not None:
        low, width = Fraction(domain.low), Fraction(domain.high) - Fraction(domain.low)
        return st.sampled_from(
            [low + width * Fraction(part) for part in ("1/2", "1/4", "2/3", "9/10", "99/100", "1/100")]
        )
    if domain.low is not None:
        above = Fraction(domain.low)
        return st.integers(1, 20).map(lambda n: above + n * unit)
    return st.integers(-20, 20).map(lambda n: n * Fraction(unit))


@st.composite
def cases(draw: DrawFn, claim: Claim, sizes: Sizes, variables: Variables, regimes: Any = REGIMES) -> Case:
    """Cases of a claim: sizes, and a value for everything that its scene draws at them.

    Along a sequence each x differs from the one before: a shift in time shows at no other.
    """
    at = {name: draw(size) for name, size in sizes.items()}
    units = draw(st.sampled_from(regimes))
    fixed: dict[str, Fraction] = {}
    for name, shape in variables.items():
        for index in np.ndindex(*(at[size] for size in shape)):
            label = f"{name}[{','.join(str(i + 1) for i in index)}]" if shape else name
            unit = draw(st.sampled_from(units)) if len(units) > 1 else units[0]
            fixed[label] = draw(numbers(unit, claim.given.get(name, REAL)))
    for t in range(2, at.get("T", 0) + 1):
        fixed[f"x[{t}]"] += fixed[f"x[{t}]"] == fixed[f"x[{t - 1}]"]
    return Case(at, seed=str(draw(st.integers(0, 7))), fixed=fixed)


def counts(sizes: Sizes) -> SearchStrategy[Case]:
    """Cases of a claim that counts: sizes are all there is."""
    return st.fixed_dictionaries(dict(sizes)).map(Case)


def points(bound: Bound) -> SearchStrategy[dict[str, Fraction]]:
    """Points of a bound's box, its corners among them; what may grow without limit, up to 1,000."""
    sides: dict[str, Side] = {**bound.box, **dict.fromkeys(bound.unbounded, (0, 1000))}
    return st.fixed_dictionaries({name: _between(*side) for name, side in sides.items()})


def _between(low: Fraction | int, high: Fraction | int) -> SearchStrategy[Fraction]:
    inside = st.integers(0, 64).map(lambda n: low + (high - low) * Fraction(n, 64))
    return st.one_of(st.sampled_from([Fraction(low), Fraction(high)]), inside)


@st.composite
def gates_in_box(draw: DrawFn, eps: Fraction) -> tuple[int, int, int, Any, Mapping[str, Fraction]]:
    """W, C, a number of steps, and within them what 1c speaks of: for every step the gates and cell states, recurrent
    weights, and the derivatives that come from later."""
    w, c, steps = draw(st.integers(0, 20)), draw(st.integers(0, 20)), draw(st.integers(1, 30))
    sides: dict[str, Side] = {"i": (0, eps), "f": (1 - eps, 1), "o": (0, eps), "g": (-1, 1), "c": (-c, c)}
    values = {name: {t: draw(_between(*side)) for t in range(steps + 2)} for name, side in sides.items()}
    values |= {name: {steps + 1: draw(_between(-1, 1))} for name in ("h_bar", "c_bar")}
    return w, c, steps, values, {f"w_{gate}h": draw(_between(-w, w)) for gate in "ifog"}


@st.composite
def remembering(draw: DrawFn) -> tuple[list[Fraction], Fraction, dict[str, Fraction]]:
    """Inputs, a first cell state and weights with which f stays close to 1, i and o close to 0, and g is anything."""
    x = draw(st.lists(_between(1, 2), min_size=2, max_size=30, unique=True))
    into = {gate: draw(_between(6, 20)) * sign for gate, sign in (("i", -1), ("f", 1), ("o", -1))}
    weights = {f"w_{gate}x": weight for gate, weight in into.items()} | {"w_gx": draw(numbers(1))}
    weights |= {f"w_{gate}h": draw(numbers(1)) for gate in "ifog"}
    return x, draw(numbers(1)), weights


def grids(least: int = 1) -> SearchStrategy[Grid]:
    """Rows, columns, and the dimensions D and H, of grids that need not be square."""
    side, dimension = st.integers(least, 7), st.integers(1, 3)
    return st.tuples(side, side, dimension, dimension)


@st.composite
def bowls(draw: DrawFn, most: int, least: int = 1) -> tuple[Any, ...]:
    """Momentum on a quadratic of at most so many parameters: its Hessian, its slope at 0, theta, p, alpha and beta, in
    fractions."""
    d, unit = draw(st.integers(least, most)), Fraction(draw(st.sampled_from(REGIMES))[0])
    random = np.random.default_rng(draw(st.integers(0, 999)))
    half, *vectors = (random.integers(-20, 21, shape).astype(object) * unit for shape in ((d, d), d, d, d))
    return half + half.T, *vectors, draw(numbers(unit, Real(low=0))), draw(numbers(unit, Real(0, 1)))
