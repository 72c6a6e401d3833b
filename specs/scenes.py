"""The scenes: how an implementation is run so that a claim can look at it. No formula of any claim is in here.

A scene gets an implementation, the sizes of a case and a `Draw` that makes the case's variables in some number system,
and yields what it saw. Derivatives come from dual numbers, dependencies from traces, operation counts from tallies.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from refute.cases import Draw
from refute.claims import Agreement, Seen, Sighting, Sizes
from refute.formula.model import Model, Run, Sequence
from refute.numbers.duals import Dual, jacobian, partial, seed
from refute.numbers.linear import determinant
from refute.numbers.tallies import Tallies
from refute.numbers.traces import Traces, longest_chain, sources

# --- Question 1: a univariate LSTM ---------------------------------------------------------------------------------

GATES = ("i", "f", "o", "g", "c", "h")
BEYOND_OWN_TERM = "without the loss's own term"
WEIGHTS = ("w_ix", "w_ih", "w_fx", "w_fh", "w_ox", "w_oh", "w_gx", "w_gh")


def backpropagation(model: Model, losses: Mapping[str, str]) -> Callable[[Any, Sizes, Draw], Iterator[Seen]]:
    """Total derivatives of a loss by every activation, gate and weight, in the model's equations and in the code.

    `losses` are formulas of the hidden states h[1..T], by name; the size "loss" picks one.
    """

    def scene(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        steps = int(sizes["T"])
        x, h_0, c_0 = draw("x", steps), draw("h[0]"), draw("c[0]")
        weights = {name: draw(name) for name in WEIGHTS}
        drawn = {name: _steps(draw(name, steps), draw) for name in ("a", "b")} | {"d": draw("d")}
        inputs = {"x": _steps(x, draw), "h": _steps([h_0], draw, 0), "c": _steps([c_0], draw, 0)}

        def loss(hidden: Sequence) -> Any:
            return Model(f"L[n] = {losses[str(sizes['loss'])]}", {"n": ("1", "1")}).unroll(
                {**drawn, "h": hidden}, {"T": steps}, number=draw.number
            ).at("L", 1)  # fmt: skip

        def perturb(name: str, index: tuple[int, ...], value: Any) -> Any:
            return value if index == (0,) else value + Dual(0, {(name, *index): 1})

        perturbed = {name: Dual(value, {(name,): 1}) for name, value in weights.items()}
        run = model.unroll({**inputs, **perturbed}, {"T": steps}, number=draw.number, tap=perturb)
        total = loss(Sequence({(t,): run.at("h", t) for t in range(1, steps + 1)}))
        plain = model.unroll({**inputs, **weights}, {"T": steps}, number=draw.number)
        direct = loss(Sequence({(t,): Dual(plain.at("h", t), {t: 1}) for t in range(1, steps + 1)}))
        h_direct = _array([partial(direct, t) for t in range(1, steps + 1)], draw)

        bars = {f"{name}_bar": _steps([partial(total, (name, t)) for t in range(1, steps + 1)], draw) for name in GATES}
        environment = {**plain.names, **bars, "L_h": _steps(h_direct, draw)}
        yield from _by_model(bars, total, environment, steps)
        yield from _by_forward(implementation, (x, h_0, c_0, weights), plain, loss, environment, steps)
        yield from _by_backward(implementation, (x, h_0, c_0, weights), h_direct, environment, steps)

    return scene


def _by_model(bars: Mapping[str, Sequence], total: Any, environment: Mapping[str, Any], steps: int) -> Iterator[Seen]:
    seen = "the derivative of the unrolled equations"
    for bar, sequence in bars.items():
        for t in range(1, steps + 1):
            here = {**environment, "t": t}
            yield Sighting(f"1a.{bar}", sequence.at(t), here, seen, {"t": t})
            if bar == "h_bar":
                later = sequence.at(t) - environment["L_h"].at(t)
                yield Sighting("1a.h_bar", later, here, f"{seen}, less the loss's own", {"t": t}, BEYOND_OWN_TERM)
    for name in WEIGHTS:
        yield Sighting(f"1b.{name}_bar", partial(total, (name,)), environment, seen)


def _by_forward(
    implementation: Any,
    case: tuple[Any, ...],
    plain: Any,
    loss: Callable[[Sequence], Any],
    environment: Mapping[str, Any],
    steps: int,
) -> Iterator[Seen]:
    x, h_0, c_0, weights = case
    perturbed = {name: Dual(value, {(name,): 1}) for name, value in weights.items()}
    forward = implementation.lstm_forward(x, h_0, c_0, weights)
    for t in range(1, steps + 1):
        for name in GATES:
            yield Agreement(forward[name][t - 1], plain.at(name, t), "lstm_forward", {"t": t}, output=name)
    hidden = implementation.lstm_forward(x, h_0, c_0, perturbed)["h"]
    total = loss(Sequence({(t,): hidden[t - 1] for t in range(1, steps + 1)}))
    for name in WEIGHTS:
        yield Sighting(f"1b.{name}_bar", partial(total, (name,)), environment, "the derivative of lstm_forward")


def _by_backward(
    implementation: Any, case: tuple[Any, ...], h_direct: Any, environment: Mapping[str, Any], steps: int
) -> Iterator[Seen]:
    backward = implementation.lstm_backward(*case, h_direct)
    for name in GATES:
        for t in range(1, steps + 1):
            output, here = f"{name}_bar", {**environment, "t": t}
            yield Sighting(f"1a.{output}", backward[output][t - 1], here, "lstm_backward", {"t": t}, output=output)
    for output in (f"{name}_bar" for name in WEIGHTS):
        yield Sighting(f"1b.{output}", backward[output], environment, "lstm_backward", output=output)


def _steps(values: Any, draw: Draw, first: int = 1) -> Sequence:
    return Sequence({(t,): value for t, value in enumerate(values, first)}, outside=draw.number(0))


def _array(values: list[Any], draw: Draw) -> Any:
    array = np.empty(len(values), dtype=getattr(draw.system, "dtype", object))
    array[:] = values
    return array


def in_time(forward: Model, backward: Callable[[], Model]) -> Callable[[Sizes, Draw], Mapping[str, Any]]:
    """What a written answer may speak of: every node of the forward and of the backward equations, over T steps.

    The loss is any function of the hidden states: its own derivatives by them, L_h[t], are drawn.
    """

    @cache
    def both() -> Model:
        return Model(f"{forward.equations}\n{backward().equations}", forward.ranges)

    def setting(sizes: Sizes, draw: Draw) -> Mapping[str, Any]:
        steps = int(sizes["T"])
        inputs = {
            "x": _steps(draw("x", steps), draw),
            "h": _steps([draw("h[0]")], draw, 0),
            "c": _steps([draw("c[0]")], draw, 0),
            "L_h": _steps(draw("L_h", steps), draw),
        }
        weights = {name: draw(name) for name in WEIGHTS}
        return _names(both().unroll({**inputs, **weights}, {"T": steps}, number=draw.number), draw)

    return setting


def _names(run: Run, draw: Draw) -> Mapping[str, Any]:
    """A run's names. Formal systems see all nodes at once, so that no answer is the first to bring an exponential."""
    if draw.system.is_formal:
        for name, index in run.nodes():
            run.at(name, *index)
    return run.names


def backward_step(backward: Model) -> Callable[..., Mapping[str, list[Any]]]:
    """One step of the backward recursion as a linear map of (h_bar, c_bar), its gates between the bounds.

    The gates are f = 1 - eps*u, i = eps*v, o = eps*y (and eps*y_0 one step earlier), the weights W times numbers in
    [-1, 1], the earlier cell state C times a number in [-1, 1].
    """

    def quantities(v: Mapping[str, Any], number: Callable[[Any], Any]) -> Mapping[str, list[Any]]:
        gates = {
            "f": {(2,): 1 - v["eps"] * v["u"]},
            "i": {(2,): v["eps"] * v["v"]},
            "o": {(1,): v["eps"] * v["y_0"], (2,): v["eps"] * v["y"]},
            "g": {(2,): v["g"]},
            "c": {(1,): v["C"] * v["r"], (2,): v["c"]},
            "h_bar": {(2,): Dual(number(0), {"h": 1})},
            "c_bar": {(2,): Dual(number(0), {"c": 1})},
            "L_h": {(1,): number(0)},
        }
        weights = {f"w_{gate}h": v["W"] * v[f"r_{gate}"] for gate in "ifog"}
        sequences = {name: Sequence(values, outside=number(0)) for name, values in gates.items()}
        run = backward.unroll({**sequences, **weights}, {"T": 2}, number=number)
        h, c = run.at("h_bar", 1), run.at("c_bar", 1)
        h_by_h, h_by_c, c_by_h, c_by_c = (partial(bar, d) for bar in (h, c) for d in "hc")
        beyond = c_by_c - gates["f"][2,]
        return {
            "c_bar by c_bar, beyond f": [beyond, -beyond],
            "norm": [
                sign * left + other_sign * right
                for left, right in ((h_by_h, h_by_c), (c_by_h, c_by_c))
                for sign in (1, -1)
                for other_sign in (1, -1)
            ],
        }

    return quantities


# --- Question 2: a multidimensional RNN ------------------------------------------------------------------------------


def _grid(sizes: Sizes, system: Any) -> tuple[Any, ...]:
    """x, W_in, W_W, W_N of fresh scalars, for a G by G grid."""
    g, d, h = (int(sizes.get(name, 1)) for name in "GDH")

    def fresh(name: str, *shape: int) -> Any:
        array = np.empty(shape, dtype=object)
        for index in np.ndindex(shape):
            array[index] = system.variable(f"{name}{list(index)}", 0)
        return array

    return fresh("x", g, g, d), fresh("W_in", d, h), fresh("W_W", h, h), fresh("W_N", h, h)


def agrees_with_model(model: Model) -> Callable[[Any, Sizes, Draw], Iterator[Seen]]:
    """The hidden vectors of both implementations, in raster order and by wavefront, beside the model's."""

    def scene(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        g, d, h = (int(sizes[name]) for name in "GDH")
        x, w_in, w_w, w_n = draw("x", g, g, d), draw("W_in", d, h), draw("W_W", h, h), draw("W_N", h, h)
        squares = {(i, j): x[i - 1, j - 1] for i in range(1, g + 1) for j in range(1, g + 1)}
        zero = np.array([draw.number(0)] * h)
        inputs = {
            "x": Sequence(squares),
            "h": Sequence({(k, n): zero for k in range(g + 1) for n in range(g + 1) if not k * n}),
        }
        weights = {"W_in": w_in, "W_W": w_w, "W_N": w_n, "phi": np.tanh}
        run = model.unroll({**inputs, **weights}, {"G": g}, number=draw.number)
        for name in ("mdrnn_forward", "mdrnn_wavefront"):
            hidden = getattr(implementation, name)(x, w_in, w_w, w_n)
            for i, j in squares:
                yield Sighting(
                    "2.activations", hidden[i - 1, j - 1], {**run.names, "i": i, "j": j}, name, {"i": i, "j": j}
                )

    return scene


def grid_sizes(sizes: Sizes, draw: Draw) -> Mapping[str, Any]:
    """What a written count may speak of: the grid's side and the two dimensions."""
    return {name: draw(name) for name in "GDH"}


def weights_read(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """The distinct weights that the outputs depend on."""
    for name in ("mdrnn_forward", "mdrnn_wavefront"):
        hidden = getattr(implementation, name)(*_grid(sizes, Traces()))
        weights = [label for label in sources(hidden.flat) if label.startswith("W_")]
        yield Sighting("2a.weights", len(weights), sizes, name)


CONVENTIONS = {"mdrnn_wavefront": "zero-padded border", "mdrnn_forward": "border skipped"}


def operations(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """Every arithmetic operation, counted as it is done."""
    for name, convention in CONVENTIONS.items():
        tallies = Tallies()
        getattr(implementation, name)(*_grid(sizes, tallies))
        count = tallies.count
        kinds = {"multiplications": count.multiplications, "additions": count.additions, "phi": count.nonlinear}
        sums = {
            "total": count.total,
            "total without phi": count.total - count.nonlinear,
            "total, sums from 0": count.total + count.nonlinear,  # a sum of n numbers then takes n additions
        }
        for kind, number in (kinds | sums).items():
            yield Sighting("2a.operations", number, sizes, name, part=f"{convention}: {kind}")


def _squares_chain(implementation: Any, sizes: Sizes, name: str) -> list[tuple[int, int]]:
    hidden = getattr(implementation, name)(*_grid(sizes, Traces()))
    return longest_chain({square: hidden[square] for square in np.ndindex(hidden.shape[:2])})


def rounds(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """How many times the wavefront applies phi, all squares of a round at once; and the longest chain of hidden
    vectors."""
    yield Sighting("2b.steps", _wavefront_rounds(implementation, sizes), sizes, "mdrnn_wavefront")
    chain = _squares_chain(implementation, sizes, "mdrnn_wavefront")
    yield Sighting("2b.steps", len(chain), sizes, "the longest chain in mdrnn_wavefront")


def dependent_squares(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """The longest chain of squares each of which needs the one before, in the traced graph."""
    for name in CONVENTIONS:
        chain = _squares_chain(implementation, sizes, name)
        yield Sighting("2b.optimal", len(chain), sizes, f"the longest chain in {name}")


def receptive_fields(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """The input squares that each hidden vector depends on; or those of one unit of a conv net, away from the
    border."""
    if "L" in sizes:
        side = int(sizes["L"]) * (int(sizes["k"]) - 1) + 3
        seen = _inputs(_conv_net(implementation, int(sizes["L"]), int(sizes["k"]), side)[side // 2, side // 2])
        yield Sighting("2c.receptive_field", len(seen), sizes, "conv_forward", part="conv net")
        return
    for name in CONVENTIONS:
        hidden = getattr(implementation, name)(*_grid(sizes, Traces()))
        for i, j in np.ndindex(hidden.shape[:2]):
            at = {"i": i + 1, "j": j + 1}
            inputs = _inputs(hidden[i, j])
            yield Sighting("2c.receptive_field", len(inputs), at, name, at, part="MDRNN")
            corner = {f"x[{a}, {b}, 0]" for a in range(i + 1) for b in range(j + 1)}
            yield Sighting("2c.receptive_field", len(inputs & corner), at, name, at, part="MDRNN, north-west")


def _conv_net(implementation: Any, layers: int, width: int, side: int) -> Any:
    traces = Traces()
    x = _grid({"G": side}, traces)[0]
    kernels = [np.array([[[[traces.variable(f"K[{n}]")]]] * width] * width) for n in range(layers)]
    return implementation.conv_forward(x, kernels)


def _inputs(nodes: Any) -> set[str]:
    return {label for label in sources(np.ravel(nodes)) if label.startswith("x")}


def depths(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """How many rounds of phi, one after the other, each kind of net takes."""
    for part, run in (("MDRNN", _wavefront_rounds), ("conv net", _conv_rounds)):
        name = "mdrnn_wavefront" if part == "MDRNN" else "conv_forward"
        yield Sighting("2c.depth", run(implementation, sizes), sizes, name, part=part)


def _wavefront_rounds(implementation: Any, sizes: Sizes) -> int:
    return _phi_calls(lambda phi: implementation.mdrnn_wavefront(*_grid(sizes, Traces()), phi=phi))


def _conv_rounds(implementation: Any, sizes: Sizes) -> int:
    traces = Traces()
    kernels = [np.array([[[[traces.variable("K")]]] * 3] * 3)] * int(sizes["L"])
    return _phi_calls(lambda phi: implementation.conv_forward(_grid({"G": sizes["G"]}, traces)[0], kernels, phi=phi))


def _phi_calls(run: Callable[[Callable[[Any], Any]], Any]) -> int:
    calls = []

    def phi(z: Any) -> Any:
        calls.append(z)
        return np.tanh(z)

    run(phi)
    return len(calls)


# --- Question 3: gradient descent with momentum ----------------------------------------------------------------------


def _momentum_case(sizes: Sizes, draw: Draw, gradient: Any = None) -> tuple[Any, ...]:
    d = int(sizes["D"])
    gradient = draw.gradient("grad_J", d) if gradient is None else gradient
    return draw("theta", d), draw("p", d), gradient, draw("alpha"), draw("beta")


def _states(states: list[tuple[Any, Any]]) -> dict[str, Sequence]:
    return {
        "theta": Sequence({(k,): theta for k, (theta, _) in enumerate(states)}),
        "p": Sequence({(k,): p for k, (_, p) in enumerate(states)}),
    }


def around_a_step(model: Model) -> Callable[[Sizes, Draw], Mapping[str, Any]]:
    """What a written answer may speak of: the states before and after a step, any gradient and its Hessian."""

    def setting(sizes: Sizes, draw: Draw) -> Mapping[str, Any]:
        theta, p, gradient, alpha, beta = _momentum_case(sizes, draw)
        inputs = {"grad_J": gradient, "alpha": alpha, "beta": beta}
        run = model.unroll({**inputs, **_states([(theta, p)])}, {"K": 1}, number=draw.number)
        matrices = {"I": _identity(len(theta)), "H": gradient.hessian(theta), "hess_J": gradient.hessian}
        return {**_names(run, draw), **matrices, **sizes}

    return setting


def _identity(n: int) -> Any:
    return np.array([[int(i == j) for j in range(n)] for i in range(n)], dtype=object)


def state_before(model: Model) -> Callable[[Any, Sizes, Draw], Iterator[Seen]]:
    """The state before a step, and what the inverse makes of the state after it; the gradient is uninterpreted."""

    def scene(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        theta, p, gradient, alpha, beta = _momentum_case(sizes, draw)
        after = implementation.momentum_step(theta, p, gradient, alpha, beta)
        inputs = {"grad_J": gradient, "alpha": alpha, "beta": beta}
        run = model.unroll({**inputs, **_states([(theta, p)])}, {"K": 1}, number=draw.number)
        for name, value in zip(("p", "theta"), after[::-1], strict=True):  # p is computed first
            yield Agreement(value, run.at(name, 1), "momentum_step", output=name)
        environment = {**inputs, **_states([(theta, p), after]), "k": 0}
        before = implementation.momentum_inverse(*after, gradient, alpha, beta)
        # Of p the formula is given the exact theta[k], but the code the one it found: no result to judge floats by.
        seen = ("momentum_inverse", "momentum_inverse at its own theta[k]")
        for name, was, inverted, how in zip(("theta", "p"), (theta, p), before, seen, strict=True):
            yield Sighting(f"3a.{name}", was, environment, "the state before momentum_step")
            yield Sighting(f"3a.{name}", inverted, environment, how, output=name)

    return scene


def roundtrip(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """K steps and then K inverse steps, and the other way about; the gradient is uninterpreted."""
    theta, p, *rest = _momentum_case(sizes, draw)
    functions = {
        "step then inverse": implementation.momentum_step,
        "inverse then step": implementation.momentum_inverse,
    }
    for order, (there, back) in zip(
        functions, (tuple(functions.values()), tuple(functions.values())[::-1]), strict=True
    ):
        states = [(theta, p)]
        for _ in range(int(sizes["K"])):
            states.append(there(*states[-1], *rest))
        state = states[-1]
        for _ in range(int(sizes["K"])):
            state = back(*state, *rest)
        environment = {**_states(states), "k": 0, "grad_J": rest[0], "alpha": rest[1], "beta": rest[2]}
        for name, value in zip(("theta", "p"), state, strict=True):
            seen = (
                "momentum_inverse after momentum_step"
                if order == "step then inverse"
                else "momentum_step after momentum_inverse"
            )
            yield Sighting("3a.roundtrip", value, environment, seen, part=f"{order}, {name}")


def _jacobian_of(step: Callable[[Any, Any], tuple[Any, Any]], theta: Any, p: Any) -> Any:
    outputs = step(seed(theta, "theta"), seed(p, "p"))
    directions = [(name, i) for name in ("theta", "p") for i in range(len(theta))]
    return jacobian([*outputs[0], *outputs[1]], directions)


def jacobian_factors(model: Model) -> Callable[[Any, Sizes, Draw], Iterator[Seen]]:
    """The Jacobian of a step in s = (theta, p), and that of each line of the update alone, for any symmetric
    Hessian."""

    def scene(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        theta, p, gradient, alpha, beta = _momentum_case(sizes, draw)
        environment = {"I": _identity(len(theta)), "H": gradient.hessian(theta), "alpha": alpha, "beta": beta}

        def line(name: str, theta: Any, p: Any) -> Any:
            states = {
                "theta": Sequence({(0,): theta}),
                "p": Sequence({(0,): p} | ({(1,): p} if name == "theta" else {})),
            }
            return model.unroll({**states, "grad_J": gradient, "alpha": alpha, "beta": beta}, {"K": 1}).at(name, 1)

        first = _jacobian_of(lambda theta, p: (theta, line("p", theta, p)), theta, p)
        second = _jacobian_of(lambda theta, p: (line("theta", theta, p), p), theta, p)
        whole = _jacobian_of(lambda theta, p: implementation.momentum_step(theta, p, gradient, alpha, beta), theta, p)
        seen = "the derivative of the model's line"
        yield Sighting("3b.factors", first, environment, f"{seen} for p", part="line for p")
        yield Sighting("3b.factors", second, environment, f"{seen} for theta", part="line for theta")
        yield Sighting("3b.factors", whole, environment, "the derivative of momentum_step", part="step")
        d = len(theta)
        swapped = np.roll(whole, (d, d), axis=(0, 1))  # rows and columns of p before those of theta
        yield Sighting("3b.factors", swapped, environment, "the derivative of momentum_step", part="step, (p, theta)")

    return scene


def _energy_gradient(formula: str, draw: Draw, dimension: int) -> Callable[[Any], Any]:
    """The gradient of an energy written as a formula of theta[1..D], by duals of a level of their own."""
    known = {name: _Matrix(draw(name, dimension, dimension)) for name in ("A", "B")}
    model = Model(f"J[n] = {formula}", {"n": ("1", "1")})

    def gradient(theta: Any) -> Any:
        inner = Sequence({(i + 1,): Dual(value, {i: 1}, level=1) for i, value in enumerate(theta)})
        energy = model.unroll({**known, "theta": inner}, {"D": dimension}, number=draw.number).at("J", 1)
        slopes = np.empty(dimension, dtype=object)
        slopes[:] = [partial(energy, i) for i in range(dimension)]
        return slopes

    return gradient


class _Matrix(Sequence):
    def __init__(self, entries: Any) -> None:
        super().__init__({(i + 1, j + 1): entries[i, j] for i, j in np.ndindex(entries.shape)})


def step_determinant(energies: Mapping[str, str]) -> Callable[[Any, Sizes, Draw], Iterator[Seen]]:
    """The determinant of the Jacobian of K steps, for an uninterpreted gradient or that of a named energy."""

    def scene(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
        d, steps, energy = int(sizes["D"]), int(sizes.get("K", 1)), str(sizes["J"])
        gradient = None if energy == "any" else _energy_gradient(energies[energy], draw, d)
        theta, p, gradient, alpha, beta = _momentum_case(sizes, draw, gradient)

        def run(theta: Any, p: Any) -> tuple[Any, Any]:
            for _ in range(steps):
                theta, p = implementation.momentum_step(theta, p, gradient, alpha, beta)
            return theta, p

        environment = {"alpha": alpha, "beta": beta, "D": d, "K": steps}
        value = determinant(_jacobian_of(run, theta, p), draw.system)
        claim = "3b.volume" if "K" in sizes else "3b.det"
        yield Sighting(claim, value, environment, "the Jacobian of momentum_step")

    return scene


REVERSAL = {"n": 9, "d": 10, "bits": 32, "parameters": 3}


def exact_reversal(implementation: Any, sizes: Sizes, draw: Draw) -> Iterator[Seen]:
    """K fixed-point steps and K steps back: which entries of the state are not what they were, and how long the buffers
    grew."""
    run = _known_reversal if isinstance(implementation, Hashable) else _reversal
    changed, lengths = run(implementation, int(sizes["K"]))
    beta = draw.number(Fraction(REVERSAL["n"], REVERSAL["d"]))
    environment = {"K": int(sizes["K"]), "beta": beta}
    yield Sighting("3.exact_reversal", changed, environment, "fixed_point_inverse", part="entries not restored")
    for i, bits in enumerate(lengths):
        yield Sighting(
            "3.exact_reversal", bits, environment, "fixed_point_step", {"parameter": i + 1}, "bits per parameter"
        )


def _reversal(implementation: Any, steps: int) -> tuple[int, tuple[int, ...]]:
    ratio, bits, d = (REVERSAL["n"], REVERSAL["d"]), REVERSAL["bits"], REVERSAL["parameters"]
    target = np.arange(1, d + 1) / 3  # away from the origin, where reversal would be easier than it is

    def gradient(theta: Any) -> Any:
        return theta - target

    start = implementation.to_fixed_point(np.arange(d) / 4, np.ones(d) / 8, bits)
    state = start
    for _ in range(steps):
        state = implementation.fixed_point_step(state, gradient, 0.01, ratio, bits)
    lengths = tuple(int(length) for length in implementation.buffer_bits(state))
    for _ in range(steps):
        state = implementation.fixed_point_inverse(state, gradient, 0.01, ratio, bits)
    changed = sum(
        int(was != now) for old, new in zip(start, state, strict=True) for was, now in zip(old, new, strict=True)
    )
    return changed, lengths


_known_reversal = cache(_reversal)
