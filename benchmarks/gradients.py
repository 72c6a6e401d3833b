"""Who refutes wrong LSTM gradients: Refute, ``torch.autograd.gradcheck`` and ``jax.test_util.check_grads``?

Run: python benchmarks/gradients.py [--cases 25]. Each looks at the same backward passes, written by hand, at the same
cases of three steps; libraries that are not installed have a row that says so. A wrong pass has one wrong line. A kill
rate is that of single cases, not of many together. The libraries check the gradients of the eight weights; Refute does
so too, and judges the adjoints of the states and gates besides, in a row of its own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from time import process_time
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the homework is a folder of the checkout

from impl import lstm
from impl.lstm import WEIGHTS
from properties import textbook
from properties.textbook import Functions
from refute.cases import Draw
from refute.claims import Claim, Sizes
from refute.deciding.bench import Case, Show, run
from refute.deciding.meeting import balls_of, formal_difference, meetings
from refute.numbers.balls import Balls
from refute.numbers.floats import Floats, is_explained_by_rounding
from refute.numbers.pairs import Pairs
from refute.numbers.residues import Residues
from specs.lstm import QUESTION

ADJOINTS, WEIGHTS_ONLY = ([claim for claim in QUESTION.claims if claim.id.startswith(part)] for part in ("1a.", "1b."))
SCENE = WEIGHTS_ONLY[0]  # all of these claims look at one scene
STEPS = 3
SIZES: Sizes = {"T": STEPS, "loss": "all"}

# The power of two that a variable of a case is multiplied by: each is a few sixteenths, up to 2, before.
REGIMES: Mapping[str, Callable[[str, Random], int]] = {
    "moderate": lambda label, random: 0,
    "saturated": lambda label, random: 4 if label.startswith("x") else 0,
    "extreme": lambda label, random: random.randint(-16, 4),
    "tiny": lambda label, random: -12,
}


def _through_h(v: Any, t: int, slope: Callable[[Any], Any] = lambda c: 1 - np.tanh(c) ** 2) -> Any:
    return v.h_bar[t] * v.o[t] * slope(v.c[t])


def _with_slope(slope: Callable[[Any], Any]) -> Callable[[Any, int], Any]:
    return lambda v, t: _through_h(v, t, slope) + v.c_bar[t + 1] * v.f[t + 1]


MISTAKES: Mapping[str, Functions] = {
    "truncated after one step": {"h_bar": lambda v, t: v.h_direct[t]},
    "no path through h to one gate": {
        "h_bar": lambda v, t: v.h_direct[t] + sum(v.z_bar[gate][t + 1] * vars(v)[f"w_{gate}h"] for gate in "ifo")
    },
    "no path through the next c": {"c_bar": _through_h},
    "f[t] for f[t+1]": {"c_bar": lambda v, t: _through_h(v, t) + v.c_bar[t + 1] * v.f[t]},
    "tanh^2 for 1 - tanh^2": {"c_bar": _with_slope(lambda c: np.tanh(c) ** 2)},
    "1 - tanh for 1 - tanh^2": {"c_bar": _with_slope(lambda c: 1 - np.tanh(c))},
    "no slope of tanh": {"c_bar": _with_slope(lambda c: 1)},
    "no output gate": {"c_bar": lambda v, t: v.h_bar[t] * (1 - np.tanh(v.c[t]) ** 2) + v.c_bar[t + 1] * v.f[t + 1]},
    "c for tanh(c)": {"o_bar": lambda v, t: v.h_bar[t] * v.c[t]},
    "c[t] for c[t-1]": {"f_bar": lambda v, t: v.c_bar[t] * v.c[t]},
    "the other factor of i g": {"g_bar": lambda v, t: v.c_bar[t] * v.g[t]},
    "h_bar for c_bar": {"i_bar": lambda v, t: v.h_bar[t] * v.g[t]},
    "1 - g for 1 - g^2": {"slope_g": lambda y: 1 - y},
    "no slope of one sigmoid": {"slope_i": lambda y: 1},
    "slope of one sigmoid squared": {"slope_f": lambda y: (y * (1 - y)) ** 2},
    "wrong sign of one slope": {"slope_o": lambda y: y * (y - 1)},
    "x of the next step": {"read_x": lambda v, t: v.x[t + 1]},
    "h of the same step": {"read_h": lambda v, t: v.h[t]},
}
RIGHT = {"textbook": textbook.lstm(), "impl.lstm": {name: vars(lstm)[name] for name in SCENE.functions}}

Decide = Callable[[Functions, Case], bool]  # whether a backward pass is refuted at a case


# --- Who decides ------------------------------------------------------------------------------------------------------


def refute_in_residues(claims: Sequence[Claim]) -> Decide:
    """Refute, by the formulas of the claims in residues: any one that differs refutes."""

    def decide(functions: Functions, case: Case) -> bool:
        show = gradients(functions, case, Pairs(Residues(int(case.seed), relations=False)))
        return not all(formal_difference(meeting)[0] for claim in claims for meeting in meetings(claim, show))

    return decide


def refute_in_floats(claims: Sequence[Claim]) -> Decide:
    """Refute, in binary64 alone, as it judges compiled code: by the radii of the claims' formulas in balls at 53
    bits."""

    def decide(functions: Functions, case: Case) -> bool:
        balls, floats = gradients(RIGHT["impl.lstm"], case, Balls(53)), gradients(functions, case, Floats())
        return any(
            is_explained_by_rounding(result.observed, balls_of(expected, balls)[0]) is False
            for claim in claims
            for expected, result in zip(meetings(claim, balls), meetings(claim, floats), strict=True)
        )

    return decide


def gradients(functions: Functions, case: Case, system: Any) -> Show:
    """What the claims' scene shows of `lstm_backward`."""
    show = run(SCENE, SimpleNamespace(**functions), case, system)
    return replace(show, seen=tuple(seen for seen in show.seen if seen.seen == "lstm_backward"))


def torch_gradcheck(fast: bool) -> Decide:
    """PyTorch's check, with its default tolerances, of the backward pass as an autograd function."""
    import torch

    class Hidden(torch.autograd.Function):  # type: ignore[misc]  # torch is not looked into
        @staticmethod
        def forward(ctx: Any, functions: Functions, inputs: Any, *weights: Any) -> Any:
            ctx.functions, ctx.inputs, ctx.weights = functions, inputs, numbers(weights)
            return torch.from_numpy(functions["lstm_forward"](*inputs, ctx.weights)["h"])

        @staticmethod
        def backward(ctx: Any, h_direct: Any) -> Any:
            bars = ctx.functions["lstm_backward"](*ctx.inputs, ctx.weights, h_direct.numpy())
            return None, None, *(torch.tensor(bars[f"{name}_bar"]) for name in WEIGHTS)

    def decide(functions: Functions, case: Case) -> bool:
        *inputs, values = drawn(case)
        weights = tuple(torch.tensor(values[name], requires_grad=True) for name in WEIGHTS)
        return not torch.autograd.gradcheck(
            lambda *weights: Hidden.apply(functions, inputs, *weights), weights, fast_mode=fast, raise_exception=False
        )

    return decide


def jax_check_grads() -> Decide:
    """JAX's check, with its default tolerances in binary64, of the backward pass as a custom gradient."""
    import jax
    from jax.test_util import check_grads

    def decide(functions: Functions, case: Case) -> bool:
        *inputs, values = drawn(case)

        def forwards(*weights: Any) -> Any:
            return np.asarray(functions["lstm_forward"](*map(np.asarray, inputs), numbers(weights))["h"])

        def backwards(h_direct: Any, *weights: Any) -> Any:
            bars = functions["lstm_backward"](*inputs, numbers(weights), np.asarray(h_direct))
            return tuple(np.asarray(bars[f"{name}_bar"]) for name in WEIGHTS)

        number, sequence = (jax.ShapeDtypeStruct(shape, np.float64) for shape in ((), inputs[0].shape))

        @jax.custom_vjp  # type: ignore[untyped-decorator]  # JAX is not looked into
        def hidden(*weights: Any) -> Any:
            return jax.pure_callback(forwards, sequence, *weights)

        hidden.defvjp(
            lambda *weights: (hidden(*weights), weights),
            lambda weights, h_direct: jax.pure_callback(backwards, (number,) * len(WEIGHTS), h_direct, *weights),
        )
        try:
            check_grads(hidden, tuple(values[name] for name in WEIGHTS), order=1, modes=["rev"])
        except AssertionError:
            return True
        return False

    def in_binary64(functions: Functions, case: Case) -> bool:
        with jax.enable_x64(True):
            return decide(functions, case)

    return in_binary64


def drawn(case: Case) -> Any:
    """x, h_0, c_0 and the weights of a case in binary64, as the claims' scene draws them."""
    draw = Draw(Floats(), SCENE.given, seed=case.seed, fixed=case.fixed)
    return _inputs(draw)


def _inputs(draw: Draw) -> Any:
    return draw("x", STEPS), draw("h[0]"), draw("c[0]"), {name: draw(name) for name in WEIGHTS}


def numbers(weights: Any) -> dict[str, Any]:
    """Weights in the order of their names as NumPy numbers."""
    return {name: np.float64(weight) for name, weight in zip(WEIGHTS, weights, strict=True)}


DECIDERS: Mapping[str, Callable[[], Decide]] = {
    "Refute, residues": lambda: refute_in_residues(WEIGHTS_ONLY),
    "Refute, binary64": lambda: refute_in_floats(WEIGHTS_ONLY),
    "Refute, binary64, adjoints too": lambda: refute_in_floats([*ADJOINTS, *WEIGHTS_ONLY]),
    "torch gradcheck": lambda: torch_gradcheck(fast=False),
    "torch gradcheck, fast_mode": lambda: torch_gradcheck(fast=True),
    "jax check_grads": jax_check_grads,
}


# --- One table --------------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """How a decider did: the share of wrong gradients refuted by regime, right ones refuted, and seconds a decision."""

    killed: Mapping[str, float]
    false_alarms: int
    seconds: float


def row(decide: Decide, cases: int) -> Row:
    """Let a decider look at every backward pass at so many cases in each regime."""
    killed, false_alarms = {}, 0
    decide(RIGHT["textbook"], next(cases_in("moderate", 1)))  # what is done once
    start = process_time()
    with np.errstate(all="ignore"):
        for regime in REGIMES:
            wrong = [
                decide(textbook.lstm(**lines), case) for lines in MISTAKES.values() for case in cases_in(regime, cases)
            ]
            killed[regime] = sum(wrong) / len(wrong)
            false_alarms += sum(decide(right, case) for right in RIGHT.values() for case in cases_in(regime, cases))
    decisions = cases * len(REGIMES) * (len(MISTAKES) + len(RIGHT))
    return Row(killed, false_alarms, (process_time() - start) / decisions)


def cases_in(regime: str, count: int) -> Iterator[Case]:
    """The cases that every decider sees."""
    for seed in map(str, range(count)):
        draw = Draw(Floats(), SCENE.given, seed=seed)
        _inputs(draw)
        random = Random(f"{regime}/{seed}")
        powers = {label: REGIMES[regime](label, random) for label in draw.used}
        yield Case(SIZES, seed, {label: value * Fraction(2) ** powers[label] for label, value in draw.used.items()})


def main() -> None:
    """Print the table."""
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=25, help="cases of each regime (default: 25)")
    cases = parser.parse_args().cases
    right = cases * len(REGIMES) * len(RIGHT)
    table = Table(title=f"{len(MISTAKES)} wrong LSTM gradients refuted, by single cases, {cases} in each regime")
    for heading in ("", *REGIMES, f"false alarms of {right}", "ms"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, prepare in DECIDERS.items():
        try:
            decide = prepare()
        except ModuleNotFoundError:
            table.add_row(name, "not installed")
            continue
        found = row(decide, cases)
        rates = [f"{100 * rate:.1f}%" for rate in found.killed.values()]
        table.add_row(name, *rates, str(found.false_alarms), f"{1000 * found.seconds:.2f}")
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
