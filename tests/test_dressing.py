"""What is around a formula: sentences, Markdown, code, ways to copy it. Beside each a twin that must not be read so."""

from __future__ import annotations

import time

import pytest

from refute.formula.dressing import LONGEST
from refute.formula.parse import parse
from refute.formula.read import FormulaError, Vocabulary, read
from tests.test_read import C_BAR, COUNTED, MOMENTUM, W_IX, outcome

SENTENCES = [
    (C_BAR, "Therefore, $$c_t x_t.$$", "c[t]*x[t]", "Therefore, not $$c_t x_t.$$"),
    (C_BAR, r"So \(c_t x_t\)", "c[t]*x[t]", r"So minus \(c_t x_t\)"),
    (C_BAR, "By the chain rule, $\\bar c_t = c_t x_t$.", "c[t]*x[t]",
     "By the chain rule, half of $\\bar c_t = c_t x_t$."),
    (C_BAR, "Since $h_t = o_t x_t$, we have\n\\[ \\bar c_t = x_t. \\]", "x[t]",
     "We have not $h_t = o_t x_t$\n\\[ \\bar c_t = x_t. \\]"),
    (C_BAR, "Since $h_t = o_t$ and $o_t = f_t$:\n$$\\bar c_t = x_t$$", "x[t]",
     "Since $h_t = o_t$ and $o_t = f_t$:\n$$c_t = x_t$$"),
    (W_IX, "It is shared, so we sum over $t$:\n\n$$\\overline{w_{ix}} = \\sum_t x_t$$", "sum(x[t], t, 1, T)",
     "It is shared, so we sum over $t$:\n\n$$\\overline{w_{ih}} = \\sum_t x_t$$"),
    (C_BAR, r"\bar{c}_t x_t by the chain rule", "c_bar[t]*x[t]", r"\bar{c}_t x_t divided by the chain rule"),
    (C_BAR, "The answer is c[t]*x[t]", "c[t]*x[t]", "The answer is twice c[t]*x[t]"),
    (COUNTED, "There are $2G-1$ diagonals, so $2G$ steps.", "2*G",
     "There are $2G-1$ diagonals, so $2G$ steps or more."),
    (COUNTED, "There are 2G-1 diagonals, so 2G steps", "2*G", "If there were 2G-1 diagonals, so 2G steps"),
    (COUNTED, "2G - 1 steps are required", "2*G - 1", "more than 2G - 1 steps are required"),
    (COUNTED, "$2G$: all squares with the same $i+j$ can be done at once", "2*G", "$2G$: but for a square it is $3G$"),
    (COUNTED, "2*G, 3*G, total: 5*G", "5*G", "2*G, 3*G, sub: 5*G"),
    (COUNTED, r"$$\text{Total weights} = DH + 2H = H(D + 2)$$", "H*(D + 2)", r"$$\text{Half the weights} + DH$$"),
    (C_BAR, r"c_t x_t \text{ by the chain rule}", "c[t]*x[t]", r"c_t x_t \text{ by the chain rule} + 1"),
    (C_BAR, r"c_t x_t \quad \text{for } t < T", "c[t]*x[t]", r"c_t x_t \quad \text{for } t = T"),
    (C_BAR, r"c_t x_t, \quad t = 1, \dots, T", "c[t]*x[t]", r"c_t x_t, \quad t = 2, \dots, T"),
    (COUNTED, r"2G \neq 0", "2*G", r"2G \neq 1"),
    (C_BAR, "Here is it: $\\bar c_t = x_t$", "x[t]", "Here is it: $\\bar c_t = x_t$ + 1"),
    (C_BAR, "$c_t$ + $x_t$", "c[t] + x[t]", "$c_t$ $x_t$"),
    (C_BAR, "$\\bar c_t$ $= x_t$", "x[t]", "$= x_t$ $c_t$"),
    (C_BAR, "First $\\bar c_t = x_t$, then $\\bar f_t = o_t$.", "x[t]",
     "First $\\bar c_t = x_t$, then $\\bar c_t = o_t$."),
    (COUNTED, "2G because there are 2G of them", "2*G", "half of 2G because there are 2G"),
    (COUNTED, r"2G, \text{ since each takes two}", "2*G", r"2G, \text{ since each takes half}"),
    (COUNTED, "($2G$)", "2*G", "-$2G$"),
    (COUNTED, "2*G (G is the size of the grid)", "2*G", "2*G (G is twice the size)"),
    (COUNTED, "2*G (where G denotes the side)", "2*G", "2*G (G is added)"),
    (COUNTED, "*$2G$*", "2*G", "$2G$!"),
    (C_BAR, r"c_t x_t, \forall t", "c[t]*x[t]", r"c_t x_t, \exists t"),
    (C_BAR, r"\text{Let } u = x_t. \text{ Then } \bar c_t = c_t u", "c[t]*x[t]",
     r"\text{Let } u = x_t. \text{ Then } c_t u"),
]  # fmt: skip
MARKUP = [
    (C_BAR, "`c[t]*x[t]`", "c[t]*x[t]", "`c[t]*x[t]` - `h[t]`"),
    (C_BAR, "```\nc[t]*x[t]\n```", "c[t]*x[t]", "```\nc[t]*x[t]\n``` 2"),
    (C_BAR, "$`c_t x_t`$", "c[t]*x[t]", "$`c_t x_t$"),
    (COUNTED, "**2G - 1**", "2*G - 1", "**2G - 1"),
    (C_BAR, "**Answer:** $c_t x_t$", "c[t]*x[t]", "**Wrong:** $c_t x_t$"),
]
CODE = [
    (C_BAR, "h[t]*(1 - np.tanh(c[t])**2)", "h[t]*(1 - tanh(c[t])^2)", "h[t]*(1 - no.tanh(c[t])**2)"),
    (C_BAR, "h[t]*(1 - np.square(np.tanh(c[t])))", "h[t]*(1 - tanh(c[t])^2)", "h[t]*(1 - np.cube(np.tanh(c[t])))"),
    (C_BAR, "pow(x[t], 3)", "x[t]^3", "pow(x[t])"),
    (C_BAR, "h[t]*x[t]  # the chain rule", "h[t]*x[t]", "h[t]*x[t]  / the chain rule"),
    (W_IX, "sum(x[t] for t in range(1, T+1))", "sum(x[t], t, 1, T)", "sum(x[t] for t in range(T))"),
    (W_IX, "sum(x[t] for t in range(1, T))", "sum(x[t], t, 1, T - 1)", "sum(x[t] for t in range(1, T, 2))"),
    (W_IX, "sum(x[t] for t in range(2, T+1))", "sum(x[t], t, 2, T)", "sum(x[t] for t in range(0, T))"),
    (W_IX, "Sum(x[t], (t, 1, T))", "sum(x[t], t, 1, T)", "Sum(x[t], (t, 1))"),
    (W_IX, "sum(x[t], t=1..T)", "sum(x[t], t, 1, T)", "sum(x[t], t=1)"),
    (MOMENTUM, "np.block([[I, I], [0, I]]) @ Matrix([[I, 0], [H, I]])", "[[I, I], [0, I]]*[[I, 0], [H, I]]",
     "np.block([[I, I], [0, I]]) @ list([[I, 0], [H, I]])"),
    (MOMENTUM, "[I I; 0 I]*[I, 0; -alpha*H, beta*I]", "[[I, I], [0, I]]*[[I, 0], [-alpha*H, beta*I]]",
     "[I I; 0]*[I, 0; H, I]"),
    (MOMENTUM, "A*B where A = [[I]] and B = [[H]]", "[[I]]*[[H]]", "A*B where A = [[I]] and C = [[H]]"),
]  # fmt: skip
COPIED = [
    (C_BAR, r"c\_bar[t] \cdot x[t]", "c_bar[t]*x[t]", r"c\_bat[t] \cdot x[t]"),
    (W_IX, r"\sum_{t=1}^{t=T} x_t", "sum(x[t], t, 1, T)", r"\sum_{t=1}^{t-T} x_t"),
    (W_IX, "sum_{t=1..T} x[t]", "sum(x[t], t, 1, T)", "sum_{t=2..T} x[t]"),
    (W_IX, "Σ(t=1 to T) x[t]", "sum(x[t], t, 1, T)", "Σ(t=2 to T) x[t]"),
    (W_IX, "sum([x[t] for t in range(1, T+1)])", "sum(x[t], t, 1, T)", "sum([x[t] for t in range(1, T+2)])"),
    (C_BAR, "bar(c)_t * overline(h)_t", "c_bar[t]*h_bar[t]", "bar(c)_t * foo(h)_t"),
    (C_BAR, "bar{c}_t", "c_bar[t]", "bat{c}_t"),
    (W_IX, "sum over t of x[t]", "sum(x[t], t, 1, T)", "half over t of x[t]"),
    (W_IX, "sum from t=1 to T of x[t]", "sum(x[t], t, 1, T)", "sum from t=2 to T of x[t]"),
    (W_IX, "sum_t=1^T x[t]", "sum(x[t], t, 1, T)", "sum_t=0^T x[t]"),
    (C_BAR, "wᵢₓ hₜ", "w_ix*h[t]", "wₓᵢ hₜ"),
    (W_IX, "∑ₜ₌₁ᵀ xₜ", "sum(x[t], t, 1, T)", "∑ₜ₌₂ᵀ xₜ"),
    (C_BAR, r"z^i_{t+1} \text{ where } z^i_t = x_t, z^f_t = h_t", "x[t + 1]",
     r"z^o_t \text{ where } z^i_t = x_t, z^f_t = h_t"),
    (C_BAR, "c ̅_t x_t", "c_bar[t]*x[t]", "c _t ̅ x_t"),
    (W_IX, "∑_(t=1)^T▒〖i ̅^((t)) x^((t)) 〗", "sum(i_bar[t]*x[t], t, 1, T)", "∑_(t=2)^T▒〖i ̅^((t)) x^((t)) 〗"),
    (MOMENTUM, "(■(I&I@0&I))", "[[I, I], [0, I]]", "(■(I&I@0))"),
    (MOMENTUM, "α∇𝒥(𝛉⁽ᵏ⁾)", "alpha*grad_J(theta[k])", "α∇𝒦(𝛉⁽ᵏ⁾)"),  # noqa: RUF001  # letters of formulas
    (C_BAR, "∂ℒ/∂h_t ⊙ x_t", "h_bar[t]*x[t]", "∂ℬ/∂h_t ⊙ x_t"),  # noqa: RUF001  # letters of formulas
    (C_BAR, "∂L/(∂h_t ) x_t", "h_bar[t]*x[t]", "∂L/(∂h_t + 1) x_t"),
    (C_BAR, r"\left.\frac{\partial L}{\partial h_t}\right|_{\text{direct}}", "L_h[t]",
     r"\left.\frac{\partial L}{\partial h_t}\right|_{\text{total}}"),
    (C_BAR, r"c^{<t>} x^{<t+1>}", "c[t]*x[t + 1]", r"c^{<t} x^{t>}"),
    (W_IX, r"\sum_{1 \le t \le T} x_t", "sum(x[t], t, 1, T)", r"\sum_{1 < t \le T} x_t"),
    (W_IX, r"\sum_{t \in \{1, \dots, T\}} x_t", "sum(x[t], t, 1, T)", r"\sum_{t \in \{2, \dots, T\}} x_t"),
    (MOMENTUM, r"\left.\nabla J(\theta)\right|_{\theta = \theta^{(k+1)}}", "grad_J(theta[k + 1])",
     r"\left.p(\theta)\right|_{\theta = \theta^{(k+1)}}"),
    (MOMENTUM, r"\left.\frac{\partial J}{\partial\theta}\right|_{\theta^{(k)}}", "grad_J(theta[k])",
     r"\left.\frac{\partial J}{\partial\theta}\right|_{\theta^{(k}}"),
    (C_BAR, r"\begin{cases} \bar c_t = x_t \\ \bar f_t = 1 \end{cases}", "x[t]",
     r"\begin{cases} x_t & t < T \\ 0 & t = T \end{cases}"),
]  # fmt: skip
MACROS = [
    (C_BAR, r"\sum_{z \in \{i, f\}} \overline{z_t} w_{zh} + x_t", "(i_bar[t]*w_ih + f_bar[t]*w_fh) + x[t]",
     r"\sum_{z \in \{i, f\}} (\overline{z_t} w_{zh} + x_t)"),
    (C_BAR, r"x_t + \sum_{a\in\{i,f,o\}} a_t\,(1 - a_t)",
     "x[t] + (i[t]*(1 - i[t]) + f[t]*(1 - f[t]) + o[t]*(1 - o[t]))",
     r"x_t + \sum_{a\in\{i,f,q\}} a_t(1 - a_t)"),
    (C_BAR, r"\pdv{L}{h_t} \dv{L}{c_t}", "h_bar[t]*c_bar[t]", r"\pdv{L}{h_t} \dvi{L}{c_t}"),
    (C_BAR, "\\newcommand{\\ad}[1]{\\overline{#1}}\n\\ad{h_t} x_t", "h_bar[t]*x[t]",
     "\\newcommand{\\ad}[1]{#1}\n\\ad{h_t} x_t"),
    (C_BAR, r"\def\hb{\bar{h}_t}\hb x_t", "h_bar[t]*x[t]", r"\def\hb{\hb_t}\hb x_t"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("vocabulary", "dressed", "same", "twin"),
    [*SENTENCES, *MARKUP, *CODE, *COPIED, *MACROS],
    ids=[row[1] for row in (*SENTENCES, *MARKUP, *CODE, *COPIED, *MACROS)],
)
def test_what_is_around_a_formula_is_left_out_if_it_says_nothing(
    vocabulary: Vocabulary, dressed: str, same: str, twin: str
) -> None:
    reading = read(dressed, vocabulary)
    assert reading.answer == parse(same)
    assert outcome(twin, vocabulary) != reading.answer


def test_an_error_shows_the_text_as_it_was_written() -> None:
    with pytest.raises(FormulaError) as caught:
        read("Therefore\n$c_t q_t$.", C_BAR)
    assert (caught.value.line, caught.value.column, caught.value.got) == (2, 6, "'q_t'")
    assert "$c_t q_t$." in str(caught.value)
    with pytest.raises(FormulaError) as caught:
        read("\\def\\x{x_t}\n\\x + \\x q_t", C_BAR)
    assert (caught.value.line, caught.value.column, caught.value.got) == (2, 9, "'q_t'")


@pytest.mark.parametrize(
    "part",
    ["so ", "\\[", "$a", "`", "(", "for t ", "\\text{", "\\text{so ", "**", "[a;", "square(", "a, ", "|_{", "\\sum_{1"],
)
def test_a_text_is_looked_through_in_bounded_time(part: str) -> None:
    begin = time.perf_counter()
    assert isinstance(outcome(part * (LONGEST // len(part)), C_BAR), FormulaError)
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize(
    "short",
    [r"\newcommand{\a}{" + "x so " * 200 + r"}\newcommand{\b}{" + r"\a " * 40 + "}" + r"\b " * 300,
     r"\sum_{z \in \{" + ",".join("ifog" * 200) + r"\}} " + "z_t " * 500],
)  # fmt: skip
def test_so_is_what_a_short_text_stands_for(short: str) -> None:
    begin = time.perf_counter()
    assert isinstance(outcome(short, C_BAR), FormulaError)
    assert time.perf_counter() - begin < 1
