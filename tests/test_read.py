"""Answers read within a vocabulary: chains, definitions, errors and their places, limits; printing and reading back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from refute.errors import UsageError
from refute.formula.convert import from_sympy, to_sympy
from refute.formula.evaluate import ARITY, FUNCTIONS, compile_expr, evaluate
from refute.formula.expr import Expr
from refute.formula.parse import parse
from refute.formula.read import OPEN, FormulaError, Reading, Vocabulary, read
from refute.formula.show import latex, text, unicode
from refute.formula.surface import MAX_DEPTH, MAX_LENGTH
from refute.formula.vocabulary import BUILT_IN
from specs.lstm import lstm
from specs.momentum import momentum
from tests.expressions import smooth

GATES, WEIGHTS = "ifogch", ("w_ix", "w_ih", "w_fx", "w_fh", "w_ox", "w_oh", "w_gx", "w_gh")


def of_lstm(own: str) -> Vocabulary:
    return Vocabulary(
        names=dict.fromkeys((*WEIGHTS, *(f"{w}_bar" for w in WEIGHTS), "T"), 0)
        | dict.fromkeys((*GATES, *(f"{g}_bar" for g in GATES), "x", "L_h"), 1),
        indices={"t": ("1", "T")},
        losses=frozenset({"L", "E", "J"}),
        own=own,
        model=lstm,
    )


C_BAR, H_BAR, W_IX = of_lstm("c_bar[t]"), of_lstm("h_bar[t]"), of_lstm("w_ix_bar")
COUNTS = Vocabulary(dict.fromkeys("GDH", 0))
COUNTED = Vocabulary(dict.fromkeys("GDH", 0), units=frozenset({"steps", "weights"}))
MOMENTUM = Vocabulary(
    names={"theta": 1, "p": 1} | dict.fromkeys(("alpha", "beta", "I", "H", "D"), 0),
    indices={"k": ("0", "0")},
    functions=frozenset({"grad_J", "hess_J"}),
    aliases={"v": "p", "mu": "beta", "gamma": "beta", "eta": "alpha", "lambda": "alpha", "lr": "alpha"},
    own="p[k]",
    model=momentum,
)


def answer(formula: str, vocabulary: Vocabulary) -> str:
    return text(read(formula, vocabulary).answer)


def outcome(formula: str, vocabulary: Vocabulary) -> Expr | FormulaError:
    """What is read, or why it is not."""
    try:
        return read(formula, vocabulary).answer
    except FormulaError as error:
        return error


def refusal(formula: str, vocabulary: Vocabulary) -> FormulaError:
    with pytest.raises(FormulaError) as error:
        read(formula, vocabulary)
    return error.value


# --- Plain text ------------------------------------------------------------------------------------------------------

SAME = [
    (COUNTS, "2H^2 + DH", "2*H^2 + D*H", "2*H^2 + D + H"),
    (COUNTS, "2HH + D H", "2*H*H + D*H", "2*H + D*H"),
    (COUNTS, "DH^2", "D*H^2", "(D*H)^2"),
    (COUNTS, "H(D+2H)", "H*(D + 2*H)", "H*D + 2*H"),
    (COUNTS, "(D+2H) H", "(D + 2*H)*H", "D + 2*H*H"),
    (COUNTS, "1/2 H", "1/2*H", "1/(2*H)"),
    (COUNTS, "2·H² + D·H", "2*H^2 + D*H", "2*H*2 + D*H"),
    (COUNTS, "O(G^2(DH+H^2))", "O(G^2*(D*H + H^2))", "G^2*(D*H + H^2)"),
    (COUNTS, "N = 2H^2.", "2*H^2", "2*H"),
    (COUNTS, "D x H + (D + 2) x H", "D*H + (D + 2)*H", "D*H"),
    (OPEN, "2 x y", "2*x*y", "2*y"),
    (COUNTS, "|G - H|", "abs(G - H)", "G - H"),
    (C_BAR, "h_bar o (1-tanh(c)^2)", "h_bar[t]*o[t]*(1 - tanh(c[t])^2)", "h_bar[t]*o[t]*(1 - tanh(c[t]^2))"),
    (C_BAR, "h_t o_t", "h[t]*o[t]", "h*o"),
    (C_BAR, "h^t o^(t+1)", "h[t]*o[t + 1]", "h[t]*o[t]^(t + 1)"),
    (C_BAR, "h^2", "h[t]^2", "h[2]"),
    (C_BAR, "h(t) o(t-1)", "h[t]*o[t - 1]", "h[t]*t*o[t]*(t - 1)"),
    (C_BAR, "h(1-h)", "h[t]*(1 - h[t])", "h[1 - t]"),
    (C_BAR, "c_0 + h_T", "c[0] + h[T]", "c[t]*0 + h[t]*T"),
    (C_BAR, "e^-c_t", "exp(-c[t])", "exp(-c)"),
    (C_BAR, "2^tanh(c)h", "2^tanh(c[t])*h[t]", "2^(tanh(c[t])*h[t])"),
    (C_BAR, "tanh^2(c) + sigma'(h)", "tanh(c[t])^2 + sigmoid'(h[t])", "tanh(c[t]^2) + sigmoid(h[t])"),
    (C_BAR, "h̄⁽ᵗ⁾·o⁽ᵗ⁾ − c̄⁽ᵗ⁺¹⁾·f⁽ᵗ⁺¹⁾", "h_bar[t]*o[t] - c_bar[t + 1]*f[t + 1]", "h_bar[t]*o[t] + c_bar[t]*f[t]"),
    (W_IX, "sum(i_bar x, t)", "sum(i_bar[t]*x[t], t, 1, T)", "sum(i_bar[t], t, 1, T)*x[T]"),
    (W_IX, "sum(i_bar[s]*x[s], s, 1, T)", "sum(i_bar[s]*x[s], s, 1, T)", "sum(i_bar[t]*x[t], t, 1, T)"),
    (W_IX, "2*sum(x[t], t, 1, T)^2", "2*(sum(x[t], t, 1, T))^2", "(2*sum(x[t], t, 1, T))^2"),
    (MOMENTUM, "(v[k+1] + lr*∇J(θ⁽ᵏ⁾))/mu", "(p[k + 1] + alpha*grad_J(theta[k]))/beta", "p[k + 1]/beta"),
    (MOMENTUM, "[[I, 0], [-alpha H, beta I]]", "[[I, 0], [-alpha*H, beta*I]]", "[[I, 0], [alpha*H, beta*I]]"),
    (C_BAR, "h̄_t c̄ₜ₋₁ + cₜ²", "h_bar[t]*c_bar[t - 1] + c[t]^2", "h_bar[t]*c_bar[t] + c[t]^2"),
    (C_BAR, "hbar_t w_ixbar + dh[t]*dw_ix", "h_bar[t]*w_ix_bar + h_bar[t]*w_ix_bar", "h[t]*w_ix + h[t]*w_ix"),
    (C_BAR, "\ufeffh\u0305_t\u00a0*\u2009c\u0304_t", "h_bar[t]*c_bar[t]", "h[t]*c[t]"),
    (C_BAR, "dL/dh_t + dh_t/dc_t", "h_bar[t] + o[t]*tanh'(c[t])", "h_bar[t] + h_bar[t]/c_bar[t]"),
    (C_BAR, "dc_t/f_t @ dL/dw_ix", "c_bar[t]/f[t]*w_ix_bar", "f[t]"),
    (C_BAR, "δ_c[t] + grad_h_t + dL_do", "c_bar[t] + h_bar[t] + o_bar[t]", "c[t] + h[t] + o[t]"),
    (OPEN, "dx/dy + dx", "dx/dy + dx", "x/y + x"),
    (C_BAR, "Answer: h_t", "h[t]", "h_bar[t]"),
    (COUNTED, "2G-1 steps.", "2*G - 1", "2*G - 1*s"),
    (COUNTS, "# weights = 2H^2", "2*H^2", "2*H"),
    (OPEN, "x(y+1) + 2x", "x*(y + 1) + 2*x", "x*y + 1 + 2*x"),
    (W_IX, "sum_t i_bar[t]*x[t]", "sum(i_bar[t]*x[t], t, 1, T)", "i_bar[t]*x[t]"),
    (W_IX, "Σ_s ī_s x_s + Σₜ x", "sum(i_bar[s]*x[s], s, 1, T) + sum(x[t], t, 1, T)", "sum(x[t], t, 1, T)"),
    (W_IX, "∂L/∂c[t] x_(t+1)", "c_bar[t]*x[t + 1]", "c[t]*x[t + 1]"),
    (C_BAR, "2*[h - o][1*c]", "2*(h[t] - o[t])*(1*c[t])", "2*h[t] - o[t]*c[t]"),
    (OPEN, "log_10(x) + log10(y) + log_2(8)", "log(x)/log(10) + log(y)/log(10) + log(8)/log(2)", "log_10*x"),
    (OPEN, "½x + 2√x*y + √(x + 1)^2", "0.5*x + 2*sqrt(x)*y + sqrt(x + 1)^2", "1/2*x"),
    (OPEN, "prod(x[t], t, 2, 3)^2", "(x[2]*x[3])^2", "x[2]*x[3]^2"),
    (OPEN, "x_1(y + 1) + beta2(x) + Σ_t", "x_1*(y + 1) + beta2*x + Sigma_t", "x_1 + beta2*x"),
    (MOMENTUM, "grad J(theta[k]) + gradJ(theta[k])", "grad_J(theta[k]) + grad_J(theta[k])", "grad_J(theta[k])"),
    (MOMENTUM, "J'(theta[k])", "grad_J(theta[k])", "hess_J(theta[k])"),
    (COUNTED, "The number of weights is 2H^2 weights", "2*H^2", "H^2"),
    (COUNTED, "number of steps: 2G - 1", "2*G - 1", "2*G"),
    (COUNTS, "big-O: G^2 H", "O(G^2*H)", "G^2*H"),
    (COUNTS, "Big O: O(G)", "O(G)", "G"),
    (OPEN, "foo + e^x", "foo + exp(x)", "f*o*o + e^x"),
]


@pytest.mark.parametrize(("vocabulary", "formula", "same", "other"), SAME, ids=[row[1] for row in SAME])
def test_plain_text_reads_as_its_written_out_form(vocabulary: Vocabulary, formula: str, same: str, other: str) -> None:
    assert read(formula, vocabulary).answer == parse(same)
    assert read(formula, vocabulary).answer != parse(other)
    assert read(formula, vocabulary).language == "plain"


@pytest.mark.parametrize(
    ("vocabulary", "formula", "note"),
    [
        (C_BAR, "h o[t]", "h without an index was read as h[t]"),
        (MOMENTUM, "v[k]", "v was read as p"),
        (COUNTS, "N = G", "the left-hand side was taken as a name for the answer"),
        (COUNTS, "G/2 H", "the factor in column 5, after a quotient a/b, was read as (a/b) times it"),
        (MOMENTUM, r"\nabla J", "grad_J without an argument was read as grad_J(theta[k])"),
        (C_BAR, r"h_{t}^12", "the 2 in column 8 was read as a factor; an exponent needs braces"),
        (C_BAR, r"\tanh c_t h_t", "tanh without brackets was read as ending before column 11"),
        (COUNTED, "total: 2H^2", "the words around the formula were left out"),
        (C_BAR, "c_bar_t+1*o_t", "c_bar_t+1 was read as c_bar_t and +1; a longer index needs brackets"),
        (C_BAR, "delta_c[t]", "delta_c was read as the adjoint of c"),
        (COUNTS, "D x H", "x was read as the sign of a product"),
        (C_BAR, "h[t], o[t] = 1", "the definition of o was not used: the claim gives o a meaning"),
    ],
)
def test_a_choice_is_noted(vocabulary: Vocabulary, formula: str, note: str) -> None:
    assert note in read(formula, vocabulary).notes


def test_where_there_is_no_choice_nothing_is_noted() -> None:
    assert read("c_bar[t] = h_bar[t]*o[t]*(1 - tanh(c[t])^2)", C_BAR).notes == ()


# --- Chains and definitions -------------------------------------------------------------------------------------------


def members(reading: Reading) -> list[str]:
    return [text(member) for member in reading.members]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("h[t]", ["h[t]"]),
        ("c_bar[t] = h[t]", ["h[t]"]),
        ("c_bar[t] += h[t] = o[t]", ["h[t]", "o[t]"]),
        ("h_bar[t] = h[t]", ["h_bar[t]", "h[t]"]),
        ("= h[t] = o[t]", ["h[t]", "o[t]"]),
        (r"\bar{c}_t &= h_t \\ &= o_t \\ &\quad + f_t", ["h[t]", "o[t] + f[t]"]),
        (r"\bar{c}_t = h_t \\ \bar{c}_t = o_t", ["h[t]", "o[t]"]),
        ("c_bar[t] = h[t]\nc_bar[t] = o[t]", ["h[t]", "o[t]"]),
        (r"\frac{\partial L}{\partial c_t} = \bar{c}_t = h_t", ["c_bar[t]", "h[t]"]),
    ],
)
def test_a_chain_is_its_members_without_what_is_asked_for(formula: str, expected: list[str]) -> None:
    assert members(read(formula, C_BAR)) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sigmoid(a) where a = w_ix x + w_ih h[t-1]", "sigmoid(w_ix*x[t] + w_ih*h[t - 1])"),
        ("a[t+1] where a[t] = h[t-1]*b[t]; b[t] = x[t]", "h[t]*x[t + 1]"),
        ("a*b, where a = 1 - b\nb = c[t]", "(1 - c[t])*c[t]"),
        (r"\sigma'(z_{t+1}) \text{ where } z_t = w_{ix} x_t", "sigmoid'(w_ix*x[t + 1])"),
        (r"$u o_t$ where $u = \bar{h}_t$", "h_bar[t]*o[t]"),
        (r"a^{(t)} \text{ where } a^{(s)} = x^{(s)} \text{ and } b = 1", "x[t]"),
        (r"\bar{c}_t = u o_t, \quad u = \bar{h}_t", "h_bar[t]*o[t]"),
        (r"u = h_t \\ \bar{c}_t = u o_t", "h[t]*o[t]"),
        (r"\bar f_t = x_t \\ \bar{c}_t = h_t", "h[t]"),
        (r"c_t o_t = h_t \implies \bar{c}_t = h_t", "h[t]"),
        (r"o_t \text{ with } \bar{c}_{T+1} = 0", "o[t]"),
        (r"f_{t+1} \bar{c}_{t+1}, \quad \bar{c}_{T+1} = 0", "f[t + 1]*c_bar[t + 1]"),
    ],
)
def test_a_definition_is_put_in_place_of_its_name(formula: str, expected: str) -> None:
    assert answer(formula, C_BAR) == expected


@pytest.mark.parametrize(
    "formula",
    ["The number of weights is $2H^2$.", "There are $2H^2$ weights in total", "$2H^2$, because there are two",
     "It takes $2H^2$ steps, since H is large", r"\text{Weights: } 2H^2", r"\text{The total is } 2H^2"],
)  # fmt: skip
def test_the_words_of_a_sentence_that_say_nothing_else_are_left_out(formula: str) -> None:
    assert answer(formula, COUNTED) == "2*H^2"
    if "weights" in formula.lower() or "steps" in formula:
        assert isinstance(outcome(formula, COUNTS), FormulaError)  # what is counted is not known
    for word in ("not", "half", "minus 1 plus"):
        wrong = formula.replace("$2H", f"{word} $2H").replace("} 2H", f"}} {word} 2H").replace("total is", f"{word} is")
        assert isinstance(outcome(wrong, COUNTED), FormulaError)


@pytest.mark.parametrize("end", ["steps", " weights.", r" \text{ steps.}", r"\mathrm{steps}$", r"\text{ steps} \]."])
def test_the_word_for_what_is_counted_is_no_part_of_the_formula(end: str) -> None:
    assert answer(f"2G - 1 {end}", COUNTED) == "2*G - 1"
    assert isinstance(outcome(f"2G - 1 more{end}", COUNTED), FormulaError)
    assert isinstance(outcome(f"2G - 1 {end} + 1", COUNTED), FormulaError)


@pytest.mark.parametrize(
    ("formula", "vocabulary"),
    [
        (r"\frac{1}{\beta} p_{k+1} \text{ from } \theta_k = \theta_{k+1} - p_{k+1}", MOMENTUM),
        ("beta p[k+1] by theta[k] = theta[k+1]", MOMENTUM),
        (r"-\beta p_{k+1} \text{ as } \theta_k = 0", MOMENTUM),
        (r"h_t i_t \text{ as } c_t = f_t", C_BAR),
        ("DH + 2H^2 in words = 3", COUNTS),
    ],
)
def test_an_answer_with_words_after_it_is_not_taken_for_a_left_hand_side(formula: str, vocabulary: Vocabulary) -> None:
    assert "the claim has no such name" in refusal(formula, vocabulary).message


@pytest.mark.parametrize(
    "left",
    ["N", "number of weights", "W-in", "Depth", r"\text{Depth}", r"\# W", r"|W| + |V|", r"G \cdots G", r"\det(J + 1)"],
)
def test_a_left_hand_side_may_be_a_name_of_the_writers_own(left: str) -> None:
    assert members(read(f"{left} = 2H", COUNTS)) == ["2*H"]


def test_a_definition_of_the_claims_own_name_is_not_used() -> None:
    reading = read("h[t] where h = 0", C_BAR)
    assert members(reading) == ["h[t]"]
    assert "the definition of h was not used: the claim gives h a meaning" in reading.notes


# --- Errors -----------------------------------------------------------------------------------------------------------

UNREADABLE = [
    (C_BAR, "hh_bar[t]", 1, 1, "'hh_bar'", "did you mean h_bar?"),
    (C_BAR, r"\overline{q}", 1, 1, "'q_bar'", "one of L_h, T, c, "),
    (C_BAR, "o[t] +\n  h[beta]", 2, 5, "'beta'", "an index made of T, t, whole numbers"),
    (C_BAR, "h^{(x)}", 1, 5, "'x'", "an index made of T, t, whole numbers"),
    (C_BAR, r"h_t \cdott o_t", 1, 5, r"\cdott", r"did you mean \cdot?"),
    (C_BAR, r"\frac{1}{2", 1, 11, "the end of the formula", "} for what line 1, column 9 opens"),
    (C_BAR, "(h[t)", 1, 5, "')'", "] for what line 1, column 3 opens"),
    (C_BAR, r"h_t)", 1, 4, "')'", "an opening bracket"),
    (C_BAR, r"\left(h_t\right]", 1, 16, "']'", ") for what line 1, column 6 opens"),
    (C_BAR, r"\begin{pmatrix} 1 \end{bmatrix}", 1, 19, "'bmatrix'", r"\end{pmatrix}"),
    (C_BAR, r"h_{t}_t", 1, 7, "one after a bracket", "a subscript"),
    (C_BAR, "2 3", 1, 3, "'3'", "an operator between two numbers"),
    (C_BAR, "w_ix[t]", 1, 1, "one", "w_ix without an index"),
    (C_BAR, "h[t, t]", 1, 1, "2", "1 indices of h"),
    (C_BAR, "tanh", 1, 1, "none", "an argument of tanh"),
    (C_BAR, "max(h)", 1, 1, "1", "2 arguments of max"),
    (OPEN, r"\binom{n}{k}", 1, 1, "'binom'", "a whole number up to 20 below"),
    (OPEN, "n!", 1, 2, "'!'", "a factorial of a whole number"),
    (OPEN, "3!!", 1, 2, "'!'", "a factorial of a whole number"),
    (OPEN, r"{x}^5!", 1, 6, "'!'", "braces around a number and its factorial"),
    (OPEN, r"{x \over y \over z}", 1, 12, r"\over", "one in a pair of braces of its own"),
    (OPEN, r"x \over y", 1, 3, r"\over", "one in a pair of braces of its own"),
    (OPEN, r"\hat{x^2}", 1, 1, "one over a power", "a bar over a name"),
    (OPEN, r"\overline{x^2}", 1, 1, "one over a power", "a bar over a name"),
    (OPEN, r"\hat{x y}", 1, 1, "'\\\\'", "a bar over a name"),
    (OPEN, r"\sin xy", 1, 7, "a name beside it", "brackets around the argument of sin"),
    (OPEN, r"A^\top B", 1, 3, "the transpose of a number", "a matrix by its entries"),
    (OPEN, "transpose(A) B", 1, 1, "the transpose of a number", "a matrix by its entries"),
    (C_BAR, r"\sqrt[n]{h}", 1, 6, "'['", "a number as the order"),
    (C_BAR, r"\log_1(h)", 1, 1, "1", "a number from 2 on"),
    (C_BAR, r"\log10(h)", 1, 5, "'1'", "a bracket around the argument of log, or a base"),
    (C_BAR, r"\tanh^{-1}(h)", 1, 7, "one", "1/tanh(...), or atanh(...)"),
    (C_BAR, r"\underbrace h_{t}", 1, 1, "'\\\\'", "a brace around what is labelled"),
    (C_BAR, "√h[t]", 1, 2, "'h'", "a bracket around"),
    (C_BAR, "(h; o)", 1, 3, "';'", ") for what line 1, column 1 opens"),
    (C_BAR, "[h, o]", 1, 1, "'['", "a matrix by rows, or round brackets"),
    (C_BAR, "2[t - 1]", 1, 2, "'['", "a matrix by rows, or round brackets"),  # of what?
    (COUNTED, "is + DH", 1, 1, "'is'", "one of D, G, H"),
    (C_BAR, "h[t][o - 1]", 1, 5, "'['", "one bracket with all indices"),
    (C_BAR, "h[t+1-1][t]", 1, 9, "'['", "one bracket with all indices"),
    (C_BAR, r"\nabla_{h_t} L (o_t - 1)", 1, 14, "'L'", "a sign before a bracket"),
    (C_BAR, "prod(h[t], t, 1, T)", 1, 1, "another end", "numbers for both ends of a product"),
    (C_BAR, "prod(h[s], s, 1, 9999)", 1, 1, "more", "at most 5000 parts"),
    (W_IX, "sum_t=2^T i_bar_t x_t", 1, 1, "nothing", "what is summed"),
    (OPEN, "log1p(x)", 1, 1, "'log1p'", "one of the functions"),
    (COUNTED, "The number of weights is not 2H", 1, 26, "'not'", "one of D, G, H"),
    (COUNTED, "There are $2H$ plus $DH$ weights", 1, 14, "'$'", "a letter, a number"),
    (COUNTED, "Twice the number of weights is H", 1, 1, "'Twice'", "one of D, G, H"),
    (C_BAR, r"\int h", 1, 1, r"\int", "a command that is known"),
    (C_BAR, "h ? o", 1, 3, "'?'", "a name, a number"),
    (C_BAR, "h[t] o[t]\nf[t]", 2, 1, "another line", "one formula"),
    (C_BAR, "h[t]; u = o[t]", 1, 7, "another line", "one formula"),  # which u is for is not said
    (C_BAR, "h[t]; c_bar[t] = o[t]", 1, 7, "another line", "one formula"),
    (C_BAR, "y = u; u = o[t]", 1, 8, "another line", "one formula"),
    (COUNTS, "N = 2H^2, M = 5", 1, 11, "another line", "one formula"),
    (C_BAR, "a[t] where a[t] = b[t]; b[t] = a[t]", 1, 32, "'a'", "in a circle"),
    (C_BAR, r"\frac{\partial q}{\partial h_t}", 1, 16, "'q'", "one of L_h, T, c, "),
    (C_BAR, r"\nabla J(h_t)", 1, 8, "a gradient", "it has no gradient"),
    (W_IX, r"\bar i x", 1, 1, "none", "an index of i_bar"),
    (W_IX, r"\sum_{t=1}^{Q} x_t", 1, 13, "'Q'", "an index made of"),
    (W_IX, r"\sum_{t=3}^{1} x_t", 1, 1, "3 to 1", "from a smaller to a larger"),
    (W_IX, "sum(x[t], t, 1)", 1, 1, "3 arguments", "sum(EXPRESSION, INDEX, LOW, HIGH)"),
    (MOMENTUM, r"\sum \beta", 1, 1, "none", "an index variable below the sum"),  # k is of one step only
    (MOMENTUM, r"\prod_k \beta", 1, 1, "a sum over k without", "both ends of the sum"),
    (COUNTS, "DHX", 1, 1, "'DHX'", "one of D, G, H"),
    (COUNTS, "2 x^2 H", 1, 3, "'x'", "one of D, G, H"),
    (COUNTS, "D + x H", 1, 5, "'x'", "one of D, G, H"),
    (COUNTS, "D x", 1, 3, "'x'", "one of D, G, H"),
    (COUNTS, "1 + O(H)", 1, 5, "'O'", "as the whole answer only"),
    (COUNTS, "", 1, 1, "the end of the formula", "a name, a number"),
]


@pytest.mark.parametrize(
    ("vocabulary", "formula", "line", "column", "got", "expected"), UNREADABLE, ids=[row[1] for row in UNREADABLE]
)
def test_what_cannot_be_read_is_refused_with_its_place(
    vocabulary: Vocabulary, formula: str, line: int, column: int, got: str, expected: str
) -> None:
    error = refusal(formula, vocabulary)
    assert (error.line, error.column, error.got) == (line, column, got)
    assert expected in (error.expected or "")
    lines = (error.where or "").splitlines()
    assert lines[-1].index("^") == 4 + column - 1
    assert lines[1].strip() in formula


def test_a_caret_counts_no_combining_bar() -> None:
    assert (refusal("h̄⁽ᵗ⁾ ? 1", C_BAR).where or "").splitlines()[-1].index("^") == 4 + len("h⁽ᵗ⁾ ")


# --- Limits -----------------------------------------------------------------------------------------------------------

PAST_A_LIMIT = [
    ("x" * (MAX_LENGTH + 1), "the formula is too long"),
    ("x+" * 20_000 + "x", "the formula is too long"),
    ("(" * (MAX_DEPTH + 1), "brackets are nested too deep"),
    ("-" * 1_000 + "x", "the formula is nested too deep"),
    ("x/" * 1_000 + "x", "the formula is nested too deep"),
    (r"\tanh" * 1_000 + " x", "the formula is nested too deep"),
    ("x+" * 6_000 + "x", "the formula has too many parts"),
    ("9" * 2_001, "a number is too long"),
    ("1e401", "a number is too large or too small"),
    ("x^1001", "a power is too large"),
    ("x^(2^10)", "a power is too large"),
    ("9^9^9^9", "a power is too large"),
    ("(x^100)^100", "a power is too large"),
    ("a where " + "; ".join(f"{a} = {b}*{b}" for a, b in zip("abcdfghijklmn", "bcdfghijklmno", strict=True)),
     "the formula has too many parts"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "message"), PAST_A_LIMIT, ids=[row[0][:12] for row in PAST_A_LIMIT])
def test_each_limit_has_its_own_error(formula: str, message: str) -> None:
    assert refusal(formula, OPEN).message == message


def test_where_names_may_be_sizes_no_exponent_has_a_power_of_unknown_height_in_it() -> None:
    assert refusal("2^(beta^D)", MOMENTUM).message == "a power is too large"
    assert read("2^(beta^2)", MOMENTUM).members


@pytest.mark.parametrize(
    "formula", ["x^1000", "(x^10)^100", "2^(x^2)", "2^(x^x)", "1e400", "9" * 2_000, "x+" * 2_000 + "x"]
)
def test_within_the_limits_a_formula_is_read(formula: str) -> None:
    assert read(formula, OPEN).members


DEEP = {
    **{f"{a}...{b}": a * n + "x" + b * n for a, b, n in (("(", ")", 50), ("1/(2+", ")", 49), ("sin(-", ")", 50))},
    "fractions": r"\frac{1}{2+" * 49 + "x" + "}" * 49,
    "signs": "-" * 150 + "x",
    "quotients": "x/" * 150 + "x",
    "squares": r"\tanh^2(" * 9 + "x" + ")" * 9,
    "functions": r"\tanh " * 38 + "x",
    "decimals": "0." + "3" * 1_998,
}


@pytest.mark.parametrize("formula", DEEP.values(), ids=DEEP)
def test_the_deepest_formula_that_is_read_can_be_printed_and_compiled(formula: str) -> None:
    expr = read(formula, OPEN).answer
    assert all(show(expr) for show in (text, unicode, latex))
    assert callable(compile_expr(expr))


HUGE = ["(", "^", "-", "{", "$", "|", "'", ".", "\\", "&", "²", "h", "h_", "h^t", "DH", "h=", "h/", "h[", "h\n",
        "a where ", r"\frac{", r"\frac12", r"\bar ", r"\tanh ", r"\sum_t ", r"\\", r"\begin{pmatrix}", r"\text{",
        r"\nabla J", ". ", r"\partial ", "$ ,;", r"\hspace{", "%", "1e", "_bar", "h.;, "]  # fmt: skip


def test_anything_100_kilobytes_long_is_read_or_refused_for_a_stated_reason() -> None:
    script = f"""
from refute.formula.read import OPEN, FormulaError, Vocabulary, read
for piece in {HUGE!r}:
    for end in ("", "x", chr(92)):
        try:
            assert read((piece * 100_000)[:99_990] + end, Vocabulary({{"h": 1, "D": 0, "H": 0}}, own="h[t]")).members
        except FormulaError as error:
            assert error.message and error.expected and len(str(error)) < 2_000
"""  # in a process of its own, so that one that never ends can be ended
    done = subprocess.run([sys.executable, "-c", script], timeout=120, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


ALPHABETS = (st.characters(), st.sampled_from("()[]{}^_\\+-*/=|&,;. 12'$%htTHJ\n"), st.sampled_from(
    (r"\frac", r"\partial ", r"\bar", r"\sum", r"\nabla ", r"\tanh", r"\begin{pmatrix}", r"\end{pmatrix}", r"\sigma",
     r"\\", *"LJhtT12^_{}()[]=+-/'&", r"\left|", r"\right|", " where ", r"\theta ", "w_ix", r"\text{in}", r"\det "))
)  # fmt: skip


@given(st.one_of([st.lists(alphabet, max_size=14).map("".join) for alphabet in ALPHABETS]), st.sampled_from(
    (C_BAR, H_BAR, W_IX, COUNTS, MOMENTUM, OPEN)))  # fmt: skip
@settings(max_examples=400)
def test_only_formula_errors_come_out(formula: str, vocabulary: Vocabulary) -> None:
    found = outcome(formula, vocabulary)
    if isinstance(found, FormulaError):
        assert found.expected
        assert found.line is not None
        assert found.line <= formula.count("\n") + 1
    else:
        assert parse(text(found)) == found


# --- One language, three notations -----------------------------------------------------------------------------------


def test_the_functions_that_are_read_are_those_that_are_computed() -> None:
    assert {name: ARITY.get(name, 1) for name in FUNCTIONS} | {"binom": 2} == dict(BUILT_IN)  # it is written out


@given(smooth())
def test_plain_text_in_an_open_vocabulary_is_what_a_spec_says(expr: Expr) -> None:
    assert text(read(text(expr), OPEN).answer) == text(parse(text(expr).replace("sigma(", "sigmoid(")))


PRINTED = [
    (C_BAR, "h_bar[t]*o[t]*(1 - tanh(c[t])^2) + c_bar[t + 1]*f[t + 1]"),
    (C_BAR, "-(x[1] - (x[2] - 3/7))/(-x[T]*0.25)^2"),
    (H_BAR, "L_h[t] + i_bar[t + 1]*sigmoid'(w_ix*x[t + 1] + w_ih*h[t])*w_ih"),
    (MOMENTUM, "(p[k + 1] + alpha*grad_J(theta[k + 1] - p[k + 1]))/beta"),
    (MOMENTUM, "[[I, I], [0, I]]*[[I, 0], [-alpha*hess_J(theta[k]), beta*transpose(H)]]"),
    (MOMENTUM, "beta^(2*D) + log2(beta) + abs(alpha) + sqrt(alpha) + max(alpha, beta)^alpha"),
    (COUNTS, "2*H^2 + D*H - G^-2*sech(D)"),
]


@pytest.mark.parametrize(("vocabulary", "formula"), PRINTED, ids=[row[1] for row in PRINTED])
@pytest.mark.parametrize("show", [text, latex, unicode])
def test_what_is_printed_reads_back(vocabulary: Vocabulary, formula: str, show: Callable[[Expr], str]) -> None:
    assert read(show(parse(formula)), vocabulary).answer == parse(formula)


def test_a_printed_sum_reads_back() -> None:
    expr = parse("sum(i_bar[t]*x[t - 1], t, 1, T)*2")
    assert read(latex(expr), W_IX).answer == expr


@given(smooth())
def test_latex_denotes_the_same_function(expr: Expr) -> None:
    point = {"x": 0.3, "y": -0.7}
    with np.errstate(over="ignore"):  # sech of a large number is 1 over a larger one
        again = evaluate(read(latex(expr), OPEN).answer, point, float)
        assert again == pytest.approx(evaluate(expr, point, float), rel=1e-12)


@given(smooth())
def test_sympy_and_back_is_the_same_function(expr: Expr) -> None:
    point = {"x": 0.3, "y": -0.7}
    with np.errstate(over="ignore"):
        again = evaluate(from_sympy(to_sympy(expr)), point, float)
        assert again == pytest.approx(evaluate(expr, point, float), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("function", sorted(FUNCTIONS.keys() - {"det", "transpose", "abs", "max", "min"}))
def test_every_function_is_the_same_in_sympy_and_in_latex(function: str) -> None:
    expr = parse(f"{function}(x + {int(function == 'acosh')})")  # which has no value below 1
    value = evaluate(expr, {"x": 0.625}, float)
    assert evaluate(from_sympy(to_sympy(expr)), {"x": 0.625}, float) == pytest.approx(value, rel=1e-12)
    assert evaluate(read(latex(expr), OPEN).answer, {"x": 0.625}, float) == pytest.approx(value, rel=1e-12)


def test_sympy_sees_indices_sums_matrices_and_functions() -> None:
    t, k, T = sympy.symbols("t k T")
    summed = sympy.Sum(sympy.IndexedBase("x")[t - 1] / 2, (t, 1, T))
    assert to_sympy(parse("sum(x[t-1]/2, t, 1, T)")) == summed
    assert to_sympy(parse("[[1, k]]")) == sympy.Matrix([[1, k]])
    assert to_sympy(parse("phi(k)")) == sympy.Function("phi")(k)
    assert from_sympy(sympy.Matrix([[1, k]])) == parse("[[1, k]]")


@pytest.mark.parametrize("name", ["", "__import__('os')", "a b", "x + y", "x["])
def test_a_sympy_name_is_never_read_as_more_than_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="a name such as w_ih"):
        from_sympy(sympy.Symbol(name) if name else sympy.Symbol(" "))


def test_what_the_language_has_no_form_for_does_not_come_from_sympy() -> None:
    x = sympy.Symbol("x")
    with pytest.raises(UsageError, match="an elementary expression"):
        from_sympy(sympy.Integral(x, x))
