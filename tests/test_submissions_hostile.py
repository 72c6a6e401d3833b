"""Hostile documents: whatever is handed in is read in bounded time, without a fault, and places stay in the file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refute.formula.macros import MAX_EXPANDED, expand
from refute.grade import blanks as blanks_module
from refute.grade.blanks import Blanks
from refute.grade.files import File
from refute.grade.gather import MAX_LISTED, MAX_LOOKUPS
from refute.grade.submissions import read_files
from tests.reading import answers, blanks, needs_person, problems, read

LENGTH = 60_000
LONGEST = 4.0  # seconds of this process; a linear pass takes a tenth of one, and a quadratic one many times as long

TEX = (
    *(
        "{",
        "}",
        "$",
        "$$",
        "{$",
        r"\[",
        r"\(",
        r"\\",
        "&",
        "=",
        " ",
        "\n",
        "\n\n",
        "%",
        "^",
        "a,b=",
        "$x=1$ ",
        r"\[x=1\]",
    ),
    *(r"\begin", r"\begin ", r"\begin{align}", r"\end{align}", r"\begin{answer}", r"\begin{answer}{1a.h_bar}"),
    *(r"\answer{", r"\answer{1a.h_bar}{", r"\answer{1a.h_bar}{x}", r"\answer{1a.zzz}{x}", r"\answer "),
    *(
        r"\verb|",
        r"\verb!a",
        r"\begin{verbatim}",
        r"\boxed{",
        r"\color{",
        r"\text{",
        r"\left\{",
        r"\quad",
        r"\intertext{",
    ),
    *(
        r"\begin{cases}",
        r"\def",
        r"\def\a",
        r"\def\a{x}",
        r"\newcommand{\a}",
        r"\newcommand{",
        r"\a",
        r"\a{",
        r"\input{",
    ),
)
MARKDOWN = (
    *(
        "$",
        "$$",
        "`",
        "```\n",
        "```math\n",
        "> ",
        "<!--",
        "# ",
        "## a\n",
        "## 1a.h_bar\n",
        "1a.h_bar: ",
        "1a.h_bar: $x$\n",
    ),
    *("1a.h_bbar: x\n", "a.b: x\n", "| ", "**", "- ", "1. ", "1) ", "[", "![", "<img ", "\n", "\n\n", " ", "a1.b_c2."),
)
LINES = (
    "1a.h_bar: x\n",
    "1a.h_bar:\n",
    "1a.h_bbar: x\n",
    "a=\n",
    "a: b\n",
    "=",
    ":",
    " ",
    "\n",
    "#",
    " #",
    "2c.depth: a\n",
)
MAPS = (
    "[",
    "{",
    "- ",
    "? ",
    "a: ",
    "a: b\n",
    "&a ",
    "!!",
    "'",
    '"',
    "|",
    "{a: ",
    '{"a":',
    "a.",
    "[a]\n",
    "\t",
    " ",
    "\n",
)
UNITS = [
    *(("hw.tex", unit) for unit in TEX),
    *(("hw.md", unit) for unit in MARKDOWN),
    *(("hw.txt", unit) for unit in LINES),
    *((name, unit) for name in ("hw.yaml", "hw.toml", "hw.json") for unit in MAPS),
]


@pytest.mark.parametrize(("name", "unit"), UNITS)
def test_the_same_again_and_again_is_read_in_time(name: str, unit: str) -> None:
    text = (unit * LENGTH)[:LENGTH]
    start = time.process_time()
    for before in ("", *([r"\newcommand{\a}[1]{#1}\begin{align}"] if name == "hw.tex" else [])):
        found = read(before + text, name)
        assert not [message for message, _ in problems(found) if "fault" in message]
        assert len(found.problems) <= MAX_LISTED + 1
        assert len(found.unassigned) <= MAX_LISTED
    assert time.process_time() - start < LONGEST


@pytest.mark.parametrize("name", ["hw.tex", "hw.md", "hw.txt"])
def test_left_hand_sides_that_all_differ_are_looked_up_a_bounded_number_of_times(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []

    def counting(left: str, vocabulary: object) -> None:
        looked_up.append(left)

    monkeypatch.setattr(blanks_module, "left_side", counting)
    own = Blanks(blanks().claims)
    text = "\n\n".join(
        f"x_{n} = 1" if name == "hw.txt" else f"$$ x_{n} = 1, y_{n} = 2 $$" for n in range(2 * MAX_LOOKUPS)
    )
    found = read_files("hw", [File(name, text.encode())], own)
    assert len(set(looked_up)) <= MAX_LOOKUPS + len(own.claims)
    assert (f"only the first {MAX_LOOKUPS:,} formulas are read", True) in problems(found)


def test_labels_are_read_even_so() -> None:
    text = "\n".join(rf"\[ x_{{{n}}} = 1 \]" for n in range(MAX_LOOKUPS + 10)) + r"\answer{3b.det}{1}"
    assert answers(read(text)) == {"3b.det": "1"}


def test_what_macros_give_is_bounded() -> None:
    for text in (
        r"\newcommand{\d}[1]{#1#1}" + r"\d{" * 60 + "x" + "}" * 60,
        r"\newcommand{\d}[2]{#1#2#1#2}" + r"\d\d" * 10_000,
        r"\newcommand{\d}[1][" + "x" * 900 + "]{#1#1#1}" + r"\d " * 50_000,
        r"\newcommand{\d}[1]{" + "#1" * 20_000 + r"}\d{" + "x" * 100_000 + "}",
        "".join(rf"\newcommand{{\m{chr(97 + n)}}}{{\m{chr(98 + n)}\m{chr(98 + n)}}}" for n in range(24)) + r"\ma",
    ):
        reported: list[tuple[str, int, bool]] = []
        expanded, _ = expand(text, lambda *report: reported.append(report))  # noqa: B023
        assert len(expanded) < MAX_EXPANDED + len(text)
        assert [needs_person for message, _, needs_person in reported if "too much" in message] == [True]


def test_a_file_that_is_too_long_is_not_begun() -> None:
    found = read("{" * 10_000_000)
    assert answers(found) == {}
    assert needs_person(found)


PIECES = st.sampled_from(
    [
        *TEX, *MARKDOWN, *LINES, *MAPS,
        "1a.h_bar", "{1a.g_bar}", "{x}", r"\overline{h^{(t)}}", " = ", r"\end{answer}", r"\]",
        r"\begin{document}", r"\end{document}", r"\end{cases}", r"\end{verbatim}", "-->", "[1]", "#1", "submitted: x\n",
        "answers:\n  ", r"\begin{array}{ll}", r"\end{array}", r"\right.", r"\text{where }", "é", "\0", "\r", "\u2028",
        r"\newcommand{\b}[1]{\a{#1}}", r"\b", r"\DeclareMathOperator{\foo}{foo}",
    ]
)  # fmt: skip


@given(
    st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["tex", "md", "txt", "yaml", "toml", "json", "ipynb"])
)
def test_any_mixture_is_read_without_a_fault(text: str, form: str) -> None:
    found = read(text.encode(), f"hw.{form}")
    assert not [message for message, _ in problems(found) if "fault" in message]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for place in [*(answer.place for answer in found.answers), *(stray.place for stray in found.unassigned)]:
        assert place.line <= len(lines)
        assert place.column <= len(lines[place.line - 1]) + 1


@given(
    st.binary(max_size=300), st.sampled_from(["tex", "md", "txt", "yaml", "toml", "json", "ipynb", "pdf", "zip", "xyz"])
)
def test_any_bytes_are_read_without_a_fault(data: bytes, form: str) -> None:
    assert not [message for message, _ in problems(read(data, f"hw.{form}")) if "fault" in message]
