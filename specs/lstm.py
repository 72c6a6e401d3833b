"""Question 1, LSTM Gradient. Claims: 1a.h_bar 1a.c_bar 1a.g_bar 1a.o_bar 1a.f_bar 1a.i_bar; 1b.w_ix_bar and the seven
other weights; 1c.bounded"""

from __future__ import annotations

from fractions import Fraction

from refute.claims import Blank, Bound, Choice, Claim, Grid, Natural, Question, Real
from refute.formula.model import Model
from refute.formula.vocabulary import Vocabulary
from specs.scenes import BEYOND_OWN_TERM, GATES, WEIGHTS, backpropagation, backward_step, in_time

SHEET = "CSC421/2516 Winter 2019, homework 4, question 1"

lstm = Model(
    ranges={"t": ("1", "T")},
    equations="""
        i[t] = sigmoid(w_ix*x[t] + w_ih*h[t-1])
        f[t] = sigmoid(w_fx*x[t] + w_fh*h[t-1])
        o[t] = sigmoid(w_ox*x[t] + w_oh*h[t-1])
        g[t] = tanh(w_gx*x[t] + w_gh*h[t-1])
        c[t] = f[t]*c[t-1] + i[t]*g[t]
        h[t] = o[t]*tanh(c[t])
    """,
)

# The loss: a generic function of all hidden states, or of the last only. L_h[t] is its own, direct derivative by h[t].
losses = {
    "all": "sum(a[t]*h[t] + b[t]*h[t]^2, t, 1, T) + d*h[1]*h[T]",
    "last": "a[T]*h[T] + b[T]*h[T]^2",
}

given = {name: Real() for name in ("x", "h[0]", "c[0]", "a", "b", "d", *WEIGHTS)}
sizes: Grid = {"T": Natural(2, 4), "loss": Choice(tuple(losses))}
words = {
    "i": "input gate",
    "f": "forget gate",
    "o": "output gate",
    "g": "candidate",
    "c": "cell state",
    "h": "hidden state",
    "x": "input",
    "L_h": "loss itself",
}
observe = backpropagation(lstm, losses)
functions = ("lstm_forward", "lstm_backward")

setting = in_time(lstm, lambda: backward)


def blank(own: str, *withheld: str, right: tuple[str, ...] = ("",)) -> Blank:
    """Where the formula of the node `own` is written; those `withheld` are computed from it."""
    return Blank(
        setting=setting,
        vocabulary=Vocabulary(
            names=dict.fromkeys((*WEIGHTS, "T"), 0)
            | dict.fromkeys((*GATES, "x", "L_h"), 1)
            | {f"{name}_bar": 1 for name in GATES},
            indices={"t": ("1", "T")},
            aliases={f"w_{read}{gate}": f"w_{gate}{read}" for gate in "ifog" for read in "xh"},
            losses=frozenset({"L", "J", "E", "C", "ell"}),
            own=own,
            model=lstm,
        ),
        sizes=({"T": 2}, {"T": 3}),
        right=right,
        withheld=(own, *withheld) if "[" in own else (),
        words=words,
        examples=(
            "h_bar[t]*x[t] + sigmoid(c[t-1])^2",
            r"\overline{h^{(t)}} x^{(t)} + \sigma(c^{(t-1)})^2",
            "sum(f_bar[t]*x[t], t, 1, T)",
        ),
    )


h_bar = Claim(
    "1a.h_bar",
    ask="The derivative of the loss by the hidden state at time t",
    formula={
        "": """L_h[t] + i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fh
               + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_oh + g_bar[t+1]*(1 - g[t+1]^2)*w_gh""",
        BEYOND_OWN_TERM: """i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fh
               + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_oh + g_bar[t+1]*(1 - g[t+1]^2)*w_gh""",
    },
    mistakes={
        "i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fh"
        " + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_oh + g_bar[t+1]*(1 - g[t+1]^2)*w_gh": "the loss's own term is left out",
        "L_h[t] + i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fh"
        " + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_oh": "the path through g is left out",
        "L_h[t] + i_bar[t]*i[t]*(1 - i[t])*w_ih + f_bar[t]*f[t]*(1 - f[t])*w_fh"
        " + o_bar[t]*o[t]*(1 - o[t])*w_oh + g_bar[t]*(1 - g[t]^2)*w_gh": "t for t+1",
        "L_h[t] + i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ix + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fx"
        " + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_ox + g_bar[t+1]*(1 - g[t+1]^2)*w_gx": "the weights of x for those of h",
        "L_h[t] + i_bar[t+1]*w_ih + f_bar[t+1]*w_fh + o_bar[t+1]*w_oh + g_bar[t+1]*w_gh": "the slopes are left out",
        "L_h[t] + i_bar[t+1]*i[t+1]*(1 - i[t+1])*w_ih + f_bar[t+1]*f[t+1]*(1 - f[t+1])*w_fh"
        " + o_bar[t+1]*o[t+1]*(1 - o[t+1])*w_oh + g_bar[t+1]*(1 - g[t+1])*w_gh": "1 - g for 1 - g^2",
    },
    source=f"{SHEET}(a)",
    points=Fraction(1, 2),
    given=given,
    sizes=sizes,
    observe=observe,
    functions=functions,
    by_code=True,
    blank=blank("h_bar[t]", "c_bar[t]", "g_bar[t]", "o_bar[t]", "f_bar[t]", "i_bar[t]", right=("", BEYOND_OWN_TERM)),
)

c_bar = Claim(
    "1a.c_bar",
    ask="The derivative of the loss by the cell state at time t",
    formula="h_bar[t]*o[t]*(1 - tanh(c[t])^2) + c_bar[t+1]*f[t+1]",
    mistakes={
        "h_bar[t]*o[t]*(1 - tanh(c[t])^2)": "the path through the next cell state is left out",
        "h_bar[t]*o[t]*(1 - tanh(c[t])^2) + c_bar[t+1]*f[t]": "t for t+1 in the forget gate",
        "h_bar[t]*o[t]*tanh(c[t])^2 + c_bar[t+1]*f[t+1]": "tanh^2 for its complement",
        "h_bar[t]*o[t]*(1 - tanh(c[t])) + c_bar[t+1]*f[t+1]": "1 - tanh for 1 - tanh^2",
        "h_bar[t]*(1 - tanh(c[t])^2) + c_bar[t+1]*f[t+1]": "the output gate is left out",
        "h_bar[t]*o[t]*(1 - c[t]^2) + c_bar[t+1]*f[t+1]": "c for tanh(c)",
        "h_bar[t]*o[t] + c_bar[t+1]*f[t+1]": "the slope of tanh is left out",
    },
    source=f"{SHEET}(a)",
    points=Fraction(1, 2),
    given=given,
    sizes=sizes,
    observe=observe,
    functions=functions,
    by_code=True,
    blank=blank("c_bar[t]", "g_bar[t]", "f_bar[t]", "i_bar[t]"),
)

g_bar = Claim(
    "1a.g_bar",
    ask="The derivative of the loss by the candidate g at time t",
    formula="c_bar[t]*i[t]",
    mistakes={
        "c_bar[t]*g[t]": "the other factor",
        "c[t]*i[t]": "the bar is lost",
        "c_bar[t+1]*i[t]": "t+1 for t",
        "c_bar[t]*i[t]*(1 - g[t]^2)": "the slope of tanh belongs to the argument, not to g",
        "h_bar[t]*i[t]": "h_bar for c_bar",
        "c_bar[t]*f[t]": "the wrong gate",
    },
    source=f"{SHEET}(a)",
    points=Fraction(1, 2),
    given=given,
    sizes=sizes,
    observe=observe,
    functions=functions,
    by_code=True,
    blank=blank("g_bar[t]"),
)

o_bar = Claim(
    "1a.o_bar",
    ask="The derivative of the loss by the output gate at time t",
    formula="h_bar[t]*tanh(c[t])",
    mistakes={
        "h_bar[t]*c[t]": "the tanh is lost",
        "h_bar[t]*(1 - tanh(c[t])^2)": "the slope of tanh for tanh",
        "c_bar[t]*tanh(c[t])": "c_bar for h_bar",
        "h[t]*tanh(c[t])": "the bar is lost",
        "h_bar[t]*tanh(c[t-1])": "t-1 for t",
        "h_bar[t]*h[t]": "h for tanh(c): the gate itself is left in",
        "h_bar[t]*tanh(c[t])*o[t]*(1 - o[t])": "the slope of the sigmoid belongs to the argument, not to o",
    },
    source=f"{SHEET}(a)",
    points=Fraction(1, 2),
    given=given,
    sizes=sizes,
    observe=observe,
    functions=functions,
    by_code=True,
    blank=blank("o_bar[t]"),
)

f_bar = Claim(
    "1a.f_bar",
    ask="The derivative of the loss by the forget gate at time t",
    formula="c_bar[t]*c[t-1]",
    mistakes={
        "c_bar[t]*c[t]": "t for t-1",
        "c_bar[t+1]*c[t]": "shifted by one step",
        "c_bar[t]*h[t-1]": "h for c",
        "c_bar[t]*c[t-1]*f[t]*(1 - f[t])": "the slope of the sigmoid belongs to the argument, not to f",
        "c_bar[t-1]*c[t-1]": "t-1 for t",
        "c_bar[t]": "the factor is left out",
    },
    source=f"{SHEET}(a)",
    points=Fraction(1, 2),
    given=given,
    sizes=sizes,
    observe=observe,
    functions=functions,
    by_code=True,
    blank=blank("f_bar[t]"),
)

i_bar = Claim(
    "1a.i_bar",
    ask="The derivative of the loss by the input gate at time t",
    formula="c_bar[t]*g[t]",
    mistakes={
        "c_bar[t]*i[t]": "the other factor",
        "c[t]*g[t]": "the bar is lost",
        "c_bar[t]*g[t]*i[t]*(1 - i[t])": "the slope of the sigmoid belongs to the argument, not to i",
        "c_bar[t]*(1 - g[t]^2)": "the slope of tanh for g",
        "c_bar[t+1]*g[t]": "t+1 for t",
        "c_bar[t]*x[t]": "x for g",
    },
    source=f"{SHEET}(a)",
    points=Fraction(1, 2),
    given=given,
    sizes=sizes,
    observe=observe,
    functions=functions,
    by_code=True,
    blank=blank("i_bar[t]"),
)


def weight(gate: str, source: str) -> Claim:
    """The claim on one weight: of the four gates, and of x[t] or h[t-1], which are "basically the same"."""
    read, other = ("x[t]", "h[t-1]") if source == "x" else ("h[t-1]", "x[t]")
    shifted = "x[t+1]" if source == "x" else "h[t]"
    slope = "(1 - g[t]^2)" if gate == "g" else f"{gate}[t]*(1 - {gate}[t])"
    wrong = "(1 - g[t])" if gate == "g" else f"{gate}[t]^2*(1 - {gate}[t])"
    name = f"w_{gate}{source}"
    return Claim(
        f"1b.{name}_bar",
        ask=f"The derivative of the loss by the weight {name}",
        formula=f"sum({gate}_bar[t]*{slope}*{read}, t, 1, T)",
        mistakes={
            f"{gate}_bar[T]*{slope.replace('[t]', '[T]')}*{read.replace('t', 'T')}": "the sum over time is forgotten",
            f"sum({gate}_bar[t]*{read}, t, 1, T)": "the gate's slope is left out",
            f"sum({gate}_bar[t]*{slope}*{other}, t, 1, T)": "the gate's other input",
            f"sum({gate}_bar[t]*{slope}*{shifted}, t, 1, T)": "shifted by one step",
            f"sum({gate}_bar[t]*{wrong}*{read}, t, 1, T)": "the gate's slope is wrong",
            f"sum({gate}[t]*{slope}*{read}, t, 1, T)": "the bar is lost",
            f"sum({gate}_bar[t]*{slope}*{read}, t, 2, T)": "the first step is left out",
        },
        source=f"{SHEET}(b)",
        points=Fraction(1 if name == "w_ix" else 0),
        given=given,
        sizes=sizes,
        observe=observe,
        functions=functions,
        by_code=True,
        blank=blank(f"{name}_bar"),
    )


# The six equations of 1a again, now as a recursion backwards in time: they are what 1c is about.
backward: Model = Model(
    ranges={"t": ("1", "T")},
    equations="\n".join(
        f"{claim.id.removeprefix('1a.')}[t] = {' '.join(claim.formulas[''].split())}"
        for claim in (h_bar, c_bar, g_bar, o_bar, f_bar, i_bar)
    ),
)

bounded = Claim(
    "1c.bounded",
    ask="Why does the gradient not explode when f is close to 1 and i, o are close to 0?",
    formula={
        "c_bar by c_bar, beyond f": "3*W*(1 + C)*eps^2",
        "norm": "1 + 3*W*(1 + C)*eps",
    },
    mistakes={
        "norm: 1": "gates at 1/2 and large weights: it explodes",
        "norm: 1 + 3*eps": "the bound cannot ignore the weights",
        "norm: 1 + 3*W*eps": "the bound cannot ignore the cell state",
        "norm: 1 + C*eps": "the bound grows with the weights too",
        "c_bar by c_bar, beyond f: 3*W*(1 + C)*eps^4": "the term beyond f is of second order in eps",
        "c_bar by c_bar, beyond f: 3*C*eps^2": "the term beyond f grows with the weights",
    },
    source=f"""{SHEET}(c). Let f[t+1] lie in [1 - eps, 1], i and o in [0, eps], the recurrent weights in [-W, W]
        and c[t] in [-C, C], with eps <= 1. The map from (h_bar, c_bar) at t+1 to t is [[a, b], [d, f + e]] with
        |a| <= W eps, |b| <= (2 + C) W eps, |d| <= W eps^2, |e| <= (2 + C) W eps^2. Its largest row sum is at most
        1 + K eps with K = 3 W (1 + C), so over T steps max(|h_bar|, |c_bar|) grows at most by (1 + K eps)^T.""",
    observe=Bound(
        backward_step(backward),
        box=dict.fromkeys(("eps", "u", "v", "y", "y_0"), (0, 1))
        | dict.fromkeys(("r", "g", "r_i", "r_f", "r_o", "r_g"), (-1, 1))
        | {"c": (-20, 20)},
        unbounded=("W", "C"),
    ),
)

QUESTION = Question(
    "1",
    title="LSTM Gradient",
    text="Derive the Backprop Through Time equations for the univariate version of the LSTM.",
    claims=(
        *(h_bar, c_bar, g_bar, o_bar, f_bar, i_bar),
        *(weight(gate, source) for gate in "ifog" for source in "xh"),
        bounded,
    ),
)
