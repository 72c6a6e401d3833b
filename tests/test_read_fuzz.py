"""Whatever is given to the reader, only FormulaError comes out, soon, and within bounded memory: random bytes, answers
with a few characters changed, and texts of 100 kB made to be hard."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refute.formula.read import OPEN, FormulaError, Vocabulary, read
from refute.project import load

SIZE = 100_000
SECONDS, MEMORY = 10, 2**30  # of processor time for each text, ten times what is promised; address space of them all

LINES = load().claims
BLANKS = {claim.id: claim.blank for claim in LINES if claim.blank is not None}
VOCABULARIES = [OPEN, *(BLANKS[name].vocabulary for name in ("1a.h_bar", "1b.w_ix_bar", "2a.operations", "3b.factors"))]
ANSWERS = [
    *(formula for claim in LINES if claim.id in BLANKS for formula in claim.formulas.values()),
    *(example for blank in BLANKS.values() for example in blank.examples),
    r"\overline{h^{(t)}} o^{(t)} (1-\tanh^2(c^{(t)})) + \overline{c^{(t+1)}} f^{(t+1)}",
    r"\frac{\partial L}{\partial w_{ix}} = \sum_{t=1}^{T} \bar{i}_t \, \sigma'(a) x_t \text{ where } a = w_{ix} x_t",
    r"\begin{pmatrix} I & I \\ 0 & I \end{pmatrix} \begin{bmatrix} I & 0 \\ -\alpha \nabla^2 J(\theta^{(k)}) & \beta I",
    r"\left[\frac12 p^{(k+1)} + \dfrac{\alpha}{\beta} \nabla J\left(\theta^{(k+1)} - p^{(k+1)}\right)\right] % why",
]  # fmt: skip
COMMANDS = r"""\ \\ ^{ _{ \frac \left( \right) \sum_{ \overline{ \begin{pmatrix} \end{pmatrix} \text{ \operatorname{
    \partial sum( exp( [[ ]] ** − h̄ ⁽ᵗ⁾ 1e999999999 $ %"""
PIECES = (*"()[]{}^_+-*/=,;&|'.0123456789tTxhw \n\0", *COMMANDS.split(), " where ", "9" * 400)
BEGINNINGS = r"""x+ x- x* x/ x^ x_ x= 2^ 9^9^ DH -- ** 1e9 0. sum( exp( tanh(x)^ [[ [[x, x[t] x[ h[t- e^{ {x} x^{(t)} h̄
    ⁽ᵗ⁾ \frac \frac{ \frac{x}{ \frac12 \left( \right) \left| \sqrt{ \sum_t \overline{ \bar \text{ \mathrm{ \\ x\\ x\cdot
    \begin{pmatrix} \begin{pmatrix}x& \nabla \nabla^2J( \partial \frac{\partial \sigma' \tanh^2 \cdot"""
PHRASES = (
    "x ",
    "where ",
    " where a = ",
    ", ",
    "a = b where b = c, ",
    r"\sum_{t=1}^{T} ",
    r"\bar h ",
    r"\operatorname{x} ",
)
REPEATED = (*"()[]{}^_-x9|&'$%\\ \n\0é", *BEGINNINGS.split(), *PHRASES)


def doubling(definitions: int) -> str:
    """Definitions each of which uses the next one twice: written out, they are exponentially long."""
    names = [f"a_{i}" for i in range(definitions)]
    lines = [f"{name} = {after} + {after}" for name, after in pairwise(names)]
    return f"a_0 where {', '.join(lines)}, {names[-1]} = x"


def hard_texts() -> list[str]:
    """Texts of up to 100 kB: something said over and over, or nested, or random; and definitions that explode."""
    random = Random(0)
    bytes_ = random.randbytes(SIZE // 3).decode("latin-1")
    repeated = [(piece * SIZE)[:SIZE] for piece in REPEATED]
    closed = [f"{'(' * n}x{')' * n}" for n in (150, SIZE // 2 - 1)] + [r"\overline{" * 5000 + "h" + "}" * 5000]
    powers = ["(" * n + "x" + "+1)^2" * n for n in (8, 40, 5000)] + ["9" * 90 + "^" + "9" * 90]
    many = ["x where " + ", ".join(f"a{i} = {value}" for i in range(6000)) for value in ("1", "a1")]
    random_pieces = ["".join(random.choices(PIECES[:-1], k=n)) for n in (300, 3000, 20000)]
    mixed = [*random_pieces, " ".join(ANSWERS * 30), bytes_, *map(doubling, (5, 30, 400)), *many, *powers, *closed]
    return [text[:SIZE] for text in (*repeated, *mixed)] + ["x" * (SIZE + 1)]


vocabularies = st.sampled_from(VOCABULARIES)


def is_read_or_refused(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text gives a reading, or an error that says what is wrong and where; any other error is raised."""
    try:
        return read(text, vocabulary).answer is not None
    except FormulaError as error:
        return bool(str(error)) and (error.line is None) == (error.column is None)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An answer with a few pieces put in, or taken out."""
    text = draw(st.sampled_from(ANSWERS))
    for _ in range(draw(st.integers(1, 6))):
        first = draw(st.integers(0, len(text)))
        last = draw(st.integers(first, min(len(text), first + 8)))
        text = text[:first] + draw(st.sampled_from(("", *PIECES))) + text[last:]
    return text


@settings(max_examples=600)
@given(st.binary(max_size=200).map(lambda data: data.decode("utf-8", "replace")), vocabularies)
def test_random_bytes_are_read_or_refused(text: str, vocabulary: Vocabulary) -> None:
    assert is_read_or_refused(text, vocabulary)


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), vocabularies)
def test_random_pieces_are_read_or_refused(text: str, vocabulary: Vocabulary) -> None:
    assert is_read_or_refused(text, vocabulary)


@settings(max_examples=1000)
@given(damaged(), vocabularies)
def test_damaged_answers_are_read_or_refused(text: str, vocabulary: Vocabulary) -> None:
    assert is_read_or_refused(text, vocabulary)


CHILD = """
import json, resource, signal, sys
from refute.formula.read import OPEN, FormulaError, read
from refute.project import load

def late(*_): raise TimeoutError
signal.signal(signal.SIGVTALRM, late)
texts, seconds, memory, reader = json.load(sys.stdin)
claims = {claim.id: claim for claim in load().claims}
vocabularies = [OPEN] if reader else [OPEN, *(claims[name].blank.vocabulary for name in ("1b.w_ix_bar", "2a.weights"))]
read("x + 1", OPEN)  # what is built once does not count
read = eval(reader) if reader else read
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
for number, text in enumerate(texts):
    for vocabulary in vocabularies:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            read(text, vocabulary)
        except FormulaError:
            pass
        except BaseException as error:
            print(number, type(error).__name__, text[:40].encode("unicode_escape").decode())
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
"""


def faults(texts: list[str], seconds: float, memory: int, reader: str = "") -> list[str]:
    """The texts at which a reader, in a process of its own, raises something else, or needs more."""
    run = subprocess.run(
        [sys.executable, "-c", CHILD], input=json.dumps([texts, seconds, memory, reader]), text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    return run.stdout.splitlines()


def test_hard_texts_are_read_or_refused_in_bounded_time_and_memory() -> None:
    assert faults(hard_texts(), SECONDS, MEMORY) == []


@pytest.mark.parametrize(
    ("reader", "fault"),
    [
        ("lambda text, vocabulary: next(n for n in iter(int, 1) if n)", "TimeoutError"),
        ("lambda text, vocabulary: bytearray(2**31)", "MemoryError"),
        ("lambda text, vocabulary: 1 / (text != 'x')", "ZeroDivisionError"),
    ],
)
def test_a_reader_without_bounds_is_caught(reader: str, fault: str) -> None:
    assert [line.split()[1] for line in faults(["x"], 0.5, MEMORY, reader)] == [fault]
