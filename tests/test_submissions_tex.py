r"""LaTeX: answers by label and by left-hand side, over lines, through macros, at their places; false twins beside."""

from __future__ import annotations

import pytest

from tests.reading import answers, blanks, needs_person, places, problems, read, strays

G_BAR = r"\overline{g^{(t)}} = \overline{c^{(t)}} i^{(t)}"

FOUND = {
    "label": (r"\answer{1a.g_bar}{\overline{c^{(t)}} i^{(t)}}", r"\overline{c^{(t)}} i^{(t)}"),
    "label, escaped": (r"\answer{ 1A.g\_bar } { x_t }", "x_t"),
    "label, over lines": ("\\answer{1a.g_bar}{\n a\n + b}", "a + b"),
    "label, a formula in it": (r"\answer{1a.g_bar}{$x_t$}", "x_t"),
    "label, an equation in it": (rf"\answer{{1a.g_bar}}{{\[ {G_BAR} \]}}", G_BAR),
    "environment": (r"\begin{answer}{1a.g_bar} x_t \end{answer}", "x_t"),
    "environment, prose": (rf"\begin{{answer}}{{1a.g_bar}} Since $c$ is, \[{G_BAR}\] so. \end{{answer}}", G_BAR),
    "dollars": (f"$${G_BAR}$$", G_BAR),
    "bracket": (rf"\[ {G_BAR} \]", G_BAR),
    "inline": (f"so ${G_BAR}$ holds", G_BAR),
    "inline bracket": (rf"so \({G_BAR}\) holds", G_BAR),
    **{
        name: (rf"\begin{{{name}}} {G_BAR} \end{{{name}}}", G_BAR)
        for name in ("equation", "equation*", "align", "align*", "gather", "multline", "eqnarray*", "displaymath")
    },
    "aligned": (rf"\begin{{equation}}\begin{{aligned}}[t] {G_BAR} \end{{aligned}}\end{{equation}}", G_BAR),
    "split": (r"\[ \begin{split} \bar g_t &= a \\ &\quad + b \end{split} \]", r"\bar g_t = a \\ \quad + b"),
    "chain": (r"\begin{align} \overline{g^{(t)}} &= a \\ &= b \end{align}", r"\overline{g^{(t)}} = a \\ = b"),
    "relation on the next line": (
        r"\begin{multline} \overline{g^{(t)}} \\ = a \\ + b \end{multline}",
        r"\overline{g^{(t)}} \\ = a \\ + b",
    ),
    "second of three": (r"\begin{align} x &= 1 \\ \bar g_t &= a \\ y &= 2 \end{align}", r"\bar g_t = a"),
    "after a comma": (r"\[ x = 1, \quad \bar g_t = a \]", r"\bar g_t = a"),
    "boxed": (r"\[ \boxed{\bar g_t = a} \]", r"\bar g_t = a"),
    "boxed right side": (r"\[ \bar g_t = \boxed{a} \]", r"\bar g_t = {a}"),
    "brace": (r"\[ \left\{ \begin{array}{l} \bar g_t = a \\ y = 2 \end{array} \right. \]", r"\bar g_t = a"),
    "arrow": (r"\[ \Rightarrow \bar g_t = a \]", r"\bar g_t = a"),
    "derivative": (r"\[ \frac{\partial L}{\partial g^{(t)}} = a \]", r"\frac{\partial L}{\partial g^{(t)}} = a"),
    "loss in script": (r"\[ \frac{d\mathcal{L}}{d g_t} = a \]", r"\frac{d\mathcal{L}}{d g_t} = a"),
    "delta": (r"\[ \delta g_t \leftarrow a \]", r"\delta g_t \leftarrow a"),
    "no index": (r"\[ \overline{\mathbf{g}} := a \]", r"\overline{\mathbf{g}} := a"),
    "where": (r"\[ \bar g_t = s \text{ where } s = 2 \]", r"\bar g_t = s \text{ where } s = 2"),
    "where, on a line": (
        r"\begin{align} \bar g_t &= s \\ \text{where } s &= r \\ r &= 2 \end{align}",
        r"\bar g_t = s \\ \text{where } s = r \\ r = 2",
    ),
    "matrix": (r"\[ \bar g_t = \begin{pmatrix} a & b \\ c & d \end{pmatrix} \]", None),
    "cases": (r"\[ \bar g_t = \begin{cases} a & t = T \\ b & t < T \end{cases} \]", None),
    "after a dollar sign": (rf"It costs \$5. \[ {G_BAR} \] And \$6.", G_BAR),
    "line break that looks like a bracket": (r"a \\[2pt] \[ \bar g_t = a \]", r"\bar g_t = a"),
    "text with dollars": (r"$$ \bar g_t = a \text{ for $t > 1$} $$", r"\bar g_t = a \text{ for $t > 1$}"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_an_answer_is_found(name: str) -> None:
    text, written = FOUND[name]
    found = read(text)
    assert set(answers(found)) == {"1a.g_bar"}
    assert written is None or answers(found)["1a.g_bar"] == written
    assert problems(found) == []


STRAYS = {
    "no blank's": (r"\[ i^{(t)} = \sigma(z) \]", r"i^{(t)} = \sigma(z)"),
    "another index": (r"\[ \overline{g^{(t+1)}} = a \]", r"\overline{g^{(t+1)}} = a"),
    "the update itself": (r"\[ p^{(k+1)} = \beta p^{(k)} \]", r"p^{(k+1)} = \beta p^{(k)}"),
    "no left-hand side": (r"\[ = a \]", "= a"),
    "no relation": (r"\[ \overline{g^{(t)}} \]", r"\overline{g^{(t)}}"),
    "another relation": (r"\[ \overline{g^{(t)}} \approx a \]", r"\overline{g^{(t)}} \approx a"),
}


@pytest.mark.parametrize("name", STRAYS)
def test_a_formula_that_belongs_to_no_blank_is_listed(name: str) -> None:
    text, listed = STRAYS[name]
    found = read(text + r"\answer{3b.det}{1}")
    assert (answers(found), strays(found), problems(found)) == ({"3b.det": "1"}, [listed], [])


NOT_THERE = {
    "comment": rf"% \[ {G_BAR} \]",
    "verbatim": rf"\begin{{verbatim}} \[ {G_BAR} \] \end{{verbatim}}",
    "verb": rf"\verb|\[ {G_BAR} \]|",
    "after the end": rf"\end{{document}} \[ {G_BAR} \]",
    "preamble": rf"\[ {G_BAR} \] \begin{{document}}",
    "definition": rf"\newcommand{{\unused}}{{\[ {G_BAR} \]}}",
    "two paragraphs": "costs $5\n\nand $6",
}


@pytest.mark.parametrize("name", NOT_THERE)
def test_what_is_not_printed_is_not_read(name: str) -> None:
    found = read(
        r"\answer{3b.det}{1} " + NOT_THERE[name] if name != "preamble" else NOT_THERE[name] + r"\answer{3b.det}{1}"
    )
    assert (answers(found), strays(found), problems(found)) == ({"3b.det": "1"}, [], [])


def test_a_comment_with_a_brace_closes_nothing() -> None:
    assert answers(read("\\answer{1a.g_bar}{a % }\n + b \\% }")) == {"1a.g_bar": r"a + b \%"}


@pytest.mark.parametrize(
    "text",
    [
        r"\answer{1a.g_bar}{}",
        r"\answer{1a.g_bar}{ $$ $$ }",
        r"\answer{1a.g_bar}{\overline{g^{(t)}} = \dots}",
        r"\begin{answer}{1a.g_bar}\end{answer}",
        r"\[ \overline{g^{(t)}} = \]",
        r"\begin{align} \overline{g^{(t)}} &= \\ \overline{c^{(t)}} &= \end{align}",
    ],
)
def test_an_empty_place_is_missing_and_nothing_else(text: str) -> None:
    found = read(text)
    assert (answers(found), strays(found), problems(found)) == ({}, [], [])


CALLED = {
    r"\det \frac{\partial \mathbf{s}^{(k+1)}}{\partial \mathbf{s}^{(k)}}": "3b.det",
    r"\det\left(\frac{\partial s_{k+1}}{\partial s_k}\right)": "3b.det",
    r"\det J": "3b.det",
    r"\det \begin{pmatrix} I & 0 \\ 0 & I \end{pmatrix}": "3b.det",
    r"\left| J \right|": "3b.det",
    r"\det \partial s^{(K)} / \partial s^{(0)}": "3b.volume",
    r"\frac{\partial s^{(k+1)}}{\partial s^{(k)}}": "3b.factors",
    r"\frac{d\mathbf{s}^{(k+1)}}{d\mathbf{s}^{(k)}}": "3b.factors",
    "J": "3b.factors",
    r"\text{number of weights}": "2a.weights",
    r"\#\text{weights}": "2a.weights",
    r"N_{\text{weights}}": "2a.weights",
    r"\text{Number of operations}": "2a.operations",
    r"\text{steps}": "2b.steps",
    r"\mathbf{v}_k": "3a.p",
    r"\boldsymbol{\theta}^{(k)}": "3a.theta",
    r"\overline{W_{ix}}": "1b.w_ix_bar",
    r"\frac{\partial E}{\partial w_{gh}}": "1b.w_gh_bar",
}


@pytest.mark.parametrize("left", CALLED)
def test_a_blank_is_found_by_what_it_is_called(left: str) -> None:
    found = read(rf"\[ {left} = 7 \]")
    assert {claim: text.split()[-1] for claim, text in answers(found).items()} == {CALLED[left]: "7"}
    assert problems(found) == []


@pytest.mark.parametrize(
    "left", [r"\text{weights of } W_N", r"\nabla J", "J(\\theta)", r"\text{step}", "s^{(k)}", "H", r"\theta^{(k+1)}"]
)
def test_nothing_is_found_by_what_is_merely_like_it(left: str) -> None:
    assert answers(read(rf"\[ {left} = 7 \]")) == {}


def test_the_answers_that_are_found_are_such_as_can_be_decided() -> None:
    from refute.deciding.written import Deciders
    from refute.project import load
    from tests.reading import ROOT

    found = read(r"""
        \begin{align}
            \overline{c^{(t)}} &= \overline{h^{(t)}} \frac{\partial h^{(t)}}{\partial c^{(t)}}
                + \overline{c^{(t+1)}} f^{(t+1)} \\
              &= \overline{h^{(t)}} o^{(t)} (1 - \tanh^2(c^{(t)})) + \overline{c^{(t+1)}} f^{(t+1)} \label{c} \\
            \boxed{\overline{g^{(t)}} = \overline{c^{(t)}} i^{(t)}}
        \end{align}
        \[ \#\text{weights} = 2H^2 + DH, \qquad \text{steps} = 2G - 1. \]
        \[ \left\{ \begin{aligned} \theta^{(k)} &= \theta^{(k+1)} - p^{(k+1)} \\
            p^{(k)} &= (p^{(k+1)} + \alpha \nabla J(\theta^{(k)}))/\beta \end{aligned} \right. \]
        \[ \frac{\partial s^{(k+1)}}{\partial s^{(k)}} =
            \begin{pmatrix} I & I \\ 0 & I \end{pmatrix} \begin{pmatrix} I & 0 \\ -\alpha H & \beta I \end{pmatrix} \]
        \[ \det \frac{\partial s^{(k+1)}}{\partial s^{(k)}} = 1 \cdot \beta^D = \beta^D \]
    """)
    deciders = Deciders(load(ROOT))
    verdicts = {answer.claim: deciders.of(answer.claim).decide(answer.text) for answer in found.answers}
    assert len(verdicts) == 8
    assert {claim for claim, verdict in verdicts.items() if not verdict.accepted} == set()


# --- which answer counts --------------------------------------------------------------------------------------------


def test_of_two_answers_the_last_counts_and_it_says_so() -> None:
    found = read(r"\answer{3b.det}{\beta} \answer{3b.det}{\beta^D}")
    assert answers(found) == {"3b.det": r"\beta^D"}
    assert problems(found) == [("3b.det is answered more than once: the last answer counts, at hw.tex, line 1", False)]


def test_of_two_equal_answers_nothing_is_said() -> None:
    assert problems(read(r"\answer{3b.det}{\beta ^ D} \answer{3b.det}{ \beta ^  D}")) == []


def test_an_answer_in_the_middle_of_prose_does_not_replace_another() -> None:
    found = read(rf"\[ {G_BAR} \] If $i = 0$ then $\overline{{g^{{(t)}}}} = 0$.")
    assert (answers(found), problems(found)) == ({"1a.g_bar": G_BAR}, [])


def test_a_left_hand_side_that_two_blanks_have_is_ambiguous() -> None:
    from dataclasses import replace

    from refute.grade.blanks import Blanks
    from refute.grade.files import File
    from refute.grade.submissions import read_files

    claim = blanks().claim("1a.g_bar")
    assert claim is not None
    both = Blanks([claim, replace(claim, id="other")])
    found = read_files("hw", [File("hw.tex", rf"\[ {G_BAR} \]".encode())], both)
    assert (answers(found), strays(found)) == ({}, [G_BAR])
    assert problems(found) == [("a formula may belong to 1a.g_bar or other", True)]


def test_an_unknown_id_is_not_lost() -> None:
    found = read(r"\answer{1a.gbar}{x_t}")
    assert (answers(found), strays(found)) == ({}, ["x_t"])
    assert problems(found) == [("no blank has the id '1a.gbar'; did you mean 1a.g_bar?", True)]


def test_what_a_person_marks_is_kept_as_it_is_written() -> None:
    text = r"It takes $2G - 1$ steps: \[ \overline{g^{(t)}} = 0 \]"
    found = read(rf"\answer{{2c.depth}}{{{text}}}")
    assert (answers(found), strays(found), problems(found)) == ({"2c.depth": text}, [], [])


# --- places ---------------------------------------------------------------------------------------------------------


def where(text: str, part: str) -> tuple[int, int]:
    """Line and column, counted from 1, of a part that is there once."""
    before, _, after = text.partition(part)
    assert part not in after
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_places_are_those_of_the_file() -> None:
    text = "\n".join(
        (
            r"% one",
            r"\answer{3b.det}{  \beta}",
            r"%",
            r"$$ x = 1 $$ % \[ two",
            r"\[",
            r"  \bar g_t = a \]",
            r"\begin{align} % three",
            r"&\bar f_t = a \\ \bar i_t &= b \\",
            r" \bar o_t &= b \end{align} \[ \text{steps} =   5 \]",
        )
    )
    assert places(read(text)) == {
        "3b.det": where(text, r"\beta"),
        "1a.g_bar": where(text, r"\bar g_t"),
        "1a.f_bar": where(text, r"\bar f_t"),
        "1a.i_bar": where(text, r"\bar i_t"),
        "1a.o_bar": where(text, r"\bar o_t"),
        "2b.steps": where(text, "5"),
    }


def test_places_are_those_of_the_file_after_macros() -> None:
    text = "\n".join(
        (
            r"\newcommand{\long}[1]{\overline{#1} \quad \quad}",
            r"\long{x} \answer{3b.det}{\beta}",
            r"\[ \long{x} \] \[ \long{g_t} = \long{y} \]",
            r"\answer{2b.steps}{G} \long{\answer{2a.weights}{D}}",
        )
    )
    assert places(read(text)) == {
        "3b.det": where(text, r"\beta"),
        "1a.g_bar": where(text, r"\long{g_t}"),
        "2b.steps": where(text, "G"),
        "2a.weights": where(text, "D"),
    }


# --- macros ---------------------------------------------------------------------------------------------------------

USE = r"\[ \ad g = \ad{c} i^{(t)} \]"
MACROS = {
    "newcommand": rf"\newcommand{{\ad}}[1]{{\overline{{#1^{{(t)}}}}}} {USE}",
    "starred": rf"\newcommand*\ad[1]{{\overline{{#1^{{(t)}}}}}} {USE}",
    "default": r"\newcommand{\ad}[2][t]{\overline{#2^{(#1)}}} \[ \ad g = \ad[t]{c} i^{(t)} \]",
    "def": rf"\def\ad#1{{\overline{{#1^{{(t)}}}}}} {USE}",
    "in one another": rf"\newcommand{{\at}}[1]{{#1^{{(t)}}}}\newcommand{{\ad}}[1]{{\overline{{\at{{#1}}}}}} {USE}",
    "given on": rf"\newcommand{{\ad}}{{\adj}}\newcommand{{\adj}}[1]{{\overline{{#1^{{(t)}}}}}} {USE}",
    "renewed": rf"\newcommand{{\ad}}{{x}}\renewcommand{{\ad}}[1]{{\overline{{#1^{{(t)}}}}}} {USE}",
    "provided": rf"\newcommand{{\ad}}[1]{{\overline{{#1^{{(t)}}}}}}\providecommand{{\ad}}{{x}} {USE}",
    "the answer itself": rf"\newcommand{{\mine}}{{\answer{{1a.g_bar}}}} \mine{{{G_BAR}}}",
    "its own command for answers": rf"\newcommand{{\answer}}[2]{{#2}} \answer{{1a.g_bar}}{{{G_BAR}}}",
    "an environment": r"\newenvironment{box}[1][x]{\begin{center}}{\end{center}}"
    rf" \begin{{box}} \[{G_BAR}\] \end{{box}}",
}


@pytest.mark.parametrize("name", MACROS)
def test_macros_are_expanded(name: str) -> None:
    found = read(MACROS[name])
    assert {claim: "".join(text.split()) for claim, text in answers(found).items()} == {
        "1a.g_bar": "".join(G_BAR.split())
    }
    assert problems(found) == []


def test_an_operator_of_ones_own_is_expanded() -> None:
    assert answers(read(r"\DeclareMathOperator{\Det}{det} \[ \Det J = \beta^D \]")) == {"3b.det": r"\beta^D"}


@pytest.mark.parametrize(
    "definitions",
    [r"\def\a{\a}", r"\def\a{x\b}\def\b{\a}", r"\newcommand{\a}[1]{\a{#1#1}}", r"\renewcommand{\beta}{\beta}",
     r"\def\a{\def\a{\a}\a}", r"\def\a#1{\def\b{#1}}\def\b{\a{\b}}"],
)  # fmt: skip
def test_a_macro_that_stands_for_itself_is_not_expanded(definitions: str) -> None:
    found = read(definitions + r"\a{} \answer{3b.det}{1}")
    assert answers(found) == {"3b.det": "1"}
    assert [message for message, _ in problems(found) if "it stands for itself" in message]


def test_macros_that_give_too_much_are_expanded_no_further() -> None:
    doubling = "".join(
        rf"\newcommand{{\{a}}}{{\{b}\{b}\{b}\{b}}}" for a, b in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
    )
    found = read(doubling + r"\answer{3b.det}{1} \a")
    assert answers(found) == {"3b.det": "1"}
    assert [needs for message, needs in problems(found) if "macros give too much" in message] == [True]
    assert needs_person(read(r"\newcommand{\d}[1]{#1#1}" + r"\d{" * 50 + "x" + "}" * 50))


REFUSED = {
    r"\input{/etc/passwd}": (r"\input is not followed: what it brings in is not read", True),
    r"\include{a}": (r"\include is not followed: what it brings in is not read", True),
    r"\immediate\write18{rm -rf /}": (r"\write18 is not followed", True),
    r"\openin5=secret": (r"\openin is not followed: what it brings in is not read", True),
    r"\catcode`\%=12": (r"\catcode is not followed", True),
    r"\csname answer\endcsname": (r"\csname is not followed", True),
    r"\loop\iftrue\repeat": (r"\loop is not followed", True),
    r"\includegraphics{scan.jpg}": ("a picture is not read", True),
}


@pytest.mark.parametrize("command", REFUSED)
def test_commands_that_are_not_followed_are_named(command: str) -> None:
    found = read(command + r"\answer{3b.det}{1}")
    assert answers(found) == {"3b.det": "1"}
    assert problems(found)[0] == REFUSED[command]


def test_a_preamble_may_have_its_tricks() -> None:
    text = r"\makeatletter\catcode`\%=12 \begin{document} \answer{3b.det}{1}"
    assert problems(read(text.replace("`\\%", "`\\?"))) == [(r"\catcode is not followed", False)]


@pytest.mark.parametrize(
    "text", [r"\answer{3b.det}{1", r"\answer{3b.det", r"\begin{answer}{3b.det} 1", r"\[ x", "$$ x", r"\begin{align} x"]
)
def test_what_is_not_closed_goes_to_a_person(text: str) -> None:
    found = read(text)
    assert answers(found) == {}
    assert needs_person(found)
    assert "is not closed" in problems(found)[0][0]


def test_a_document_without_answers_goes_to_a_person() -> None:
    found = read("There are $2H^2 + DH$ weights.")
    assert answers(found) == {}
    assert needs_person(found)
