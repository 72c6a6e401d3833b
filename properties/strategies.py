"""Everything the properties draw: sizes beyond the grids that `refute check` enumerates, and exact values of every
size."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from impl.lstm import WEIGHTS
from refute.claims import Claim, Real
from refute.deciding.bench import Case

Sizes = Mapping[str, SearchStrategy[Any]]

REAL = Real()

# Powers of two by which the values of one case are multiplied, each by one of them: moderate, saturated beside moderate
# (arguments of a gate up to 1,000), tiny, tiny beside moderate, huge.
REGIMES = ((0,), (0, 4), (-200,), (0, -200), (40,))

# What the scenes of each question draw, and in which shapes; what is not listed here comes from the case's seed.
Variables = Mapping[str, tuple[str, ...]]
LSTM: Variables = {"x": ("T",), "a": ("T",), "b": ("T",)} | dict.fromkeys(("d", "h[0]", "c[0]", *WEIGHTS), ())
MDRNN: Variables = {"x": ("G", "G", "D"), "W_in": ("D", "H"), "W_W": ("H", "H"), "W_N": ("H", "H")}
MOMENTUM: Variables = dict.fromkeys(("theta", "p", "g"), ("D",)) | dict.fromkeys("HAB", ("D", "D"))
MOMENTUM |= {"alpha": (), "beta": ()}

# Sizes by claim. `refute check` goes to T = 4, G = 6, D = H = 8, L = 3, k = 5, D = 4 and K = 3.
STEPS: Sizes = {"T": st.integers(2, 6), "loss": st.sampled_from(["all", "last"])}
NETS: Mapping[str, Sizes] = {
    "2.activations": {"G": st.integers(2, 5), "D": st.integers(1, 3), "H": st.integers(1, 3)},
    "2a.weights": {"G": st.integers(2, 7), "D": st.integers(1, 12), "H": st.integers(1, 9)},
    "2a.operations": {"G": st.integers(1, 7), "D": st.integers(1, 12), "H": st.integers(1, 9)},
    "2b.steps": {"G": st.integers(1, 12), "D": st.integers(1, 3), "H": st.integers(1, 3)},
    "2b.optimal": {"G": st.integers(1, 12), "D": st.integers(1, 3), "H": st.integers(1, 3)},
    "2c.receptive_field": {"G": st.integers(1, 9)},
    "2c.depth": {"G": st.integers(1, 12), "L": st.integers(1, 7)},
}
CONV_NETS: Sizes = {"L": st.integers(1, 4), "k": st.sampled_from([1, 3, 5])}
DESCENTS: Mapping[str, Sizes] = {
    "3a.theta": {"D": st.integers(1, 8)},
    "3a.p": {"D": st.integers(1, 8)},
    "3a.roundtrip": {"D": st.integers(1, 5), "K": st.integers(1, 6)},
    "3b.factors": {"D": st.integers(1, 7)},
    "3b.det": {"D": st.integers(1, 6), "J": st.sampled_from(["any", "quadratic", "quartic", "tanh network"])},
    "3b.volume": {"K": st.integers(1, 4), "D": st.integers(1, 3), "J": st.sampled_from(["any", "quadratic"])},
}


def numbers(domain: Real = REAL, scale: int = 0) -> SearchStrategy[Fraction]:
    """Small whole numbers, and fractions that floats hold exactly or do not, inside a domain; times 2**scale unless
    both its ends are given."""
    if domain.low is not None and domain.high is not None:
        low, width = Fraction(domain.low), Fraction(domain.high) - Fraction(domain.low)
        return st.one_of(_parts(1, 63, 64), _parts(1, 14, 15)).map(lambda part: low + width * part)
    small = st.one_of(_parts(-4, 4, 1), _parts(-63, 63, 16), _parts(-63, 63, 15))
    return small.map(lambda value: value * Fraction(2) ** scale).filter(lambda value: value in domain)


def _parts(low: int, high: int, denominator: int) -> SearchStrategy[Fraction]:
    return st.integers(low, high).map(lambda n: Fraction(n, denominator))


@st.composite
def cases(draw: DrawFn, claim: Claim, sizes: Sizes, variables: Variables) -> Case:
    """Cases of a claim: sizes, and a value for everything that its scene draws at them.

    Along a sequence each x differs from the one before: a shift in time shows at no other.
    """
    at = {name: draw(size) for name, size in sizes.items()}
    scales = draw(st.sampled_from(REGIMES))
    fixed: dict[str, Fraction] = {}
    for name, shape in variables.items():
        for index in np.ndindex(*(at[size] for size in shape)):
            label = f"{name}[{','.join(str(i + 1) for i in index)}]" if shape else name
            fixed[label] = draw(numbers(claim.given.get(name, REAL), draw(st.sampled_from(scales))))
    for t in range(2, at.get("T", 0) + 1):
        fixed[f"x[{t}]"] += fixed[f"x[{t}]"] == fixed[f"x[{t - 1}]"]
    return Case(at, seed=str(draw(st.integers(0, 7))), fixed=fixed)


def counts(sizes: Sizes) -> SearchStrategy[Case]:
    """Cases of a claim that counts: sizes are all there is."""
    return st.fixed_dictionaries(dict(sizes)).map(Case)
