"""MathML shows a formula: what it shows, taken by itself, reads back as the formula."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from refute.formula import mathml as module
from refute.formula.expr import Call, Div, Expr, Matrix, Mul, Name, Pow, Sum, children, walk
from refute.formula.mathml import mathml
from refute.formula.parse import parse
from refute.formula.show import text
from refute.project import load
from tests.expressions import canonical

ROOT = Path(__file__).parents[1]
LETTERS = {"β": "beta", "φ": "phi", "σ": "sigmoid", "θ": "theta", "α": "alpha"}
SIGNS = {"·": "*", "−": "-", "¯": "", "\u2061": ""}
CORE = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "msub", "msup", "msubsup", "mover", "munderover"),
    *("mtable", "mtr", "mtd"),
}


def tree(markup: str) -> Element:
    """The element, without namespaces in its names."""
    root = ElementTree.fromstring(markup)
    for element in root.iter():
        element.tag = element.tag.partition("}")[2] or element.tag
    return root


def read_back(markup: str) -> Expr:
    return parse(linear(tree(markup)))


def linear(element: Element) -> str:
    """What an element shows, as plain text with every group in brackets."""
    parts = list(element)
    match element.tag:
        case "math" | "mrow" | "mtr" | "mtd":
            return row(parts)
        case "mtable":
            cells = ("[" + ", ".join(linear(cell) for cell in line) + "]" for line in parts)
            return "".join(map(linear, parts)) if element.get("class") == "rows" else f"[{', '.join(cells)}]"
        case "mfrac":
            return f"(({linear(parts[0])})/({linear(parts[1])}))"
        case "msup" | "msubsup" | "msub" | "mover":
            return scripted(element.tag, parts)
        case "mo":
            return SIGNS.get(str(element.text), str(element.text))
    return LETTERS.get(str(element.text), str(element.text))


def scripted(tag: str, parts: list[Element]) -> str:
    if tag == "mover":
        return f"{linear(parts[0])}_bar"
    base, scripts = linear(parts[0]), [linear(part) for part in parts[1:]]
    if tag != "msup":
        head, _, bar = base.partition("_")
        base = f"{head}_{scripts.pop(0)}" + (f"_{bar}" if bar else "")
    if not scripts:
        return base.replace("log_", "log")
    first = next(iter(parts[-1]), None)
    is_index = first is not None and first.tag == "mo" and first.text == "("
    return f"{base}[{scripts[0][1:-1]}]" if is_index else f"({base})^({scripts[0]})"


def row(parts: list[Element]) -> str:
    """Elements side by side. A sum goes up to the next term."""
    shown = ""
    for place, part in enumerate(parts):
        if part.tag == "munderover":
            ahead = parts[place + 1 :]
            end = next((n for n, other in enumerate(ahead) if ends_a_term(other)), len(ahead))
            index, low = linear(part[1]).split("=")
            body, high = row(ahead[:end]), linear(part[2])
            return f"{shown}sum({body}, {index}, {low}, {high}){row(ahead[end:])}"
        shown += linear(part)
    if [part.text for part in parts[:1]] == ["∇"]:
        return "grad_J"
    is_matrix = len(parts) == 3 and parts[1].tag == "mtable"
    return shown[1:-1] if is_matrix else shown


def ends_a_term(element: Element) -> bool:
    return element.get("form") == "infix" or element.get("separator") == "true" or element.text == ")"


@given(canonical())
def test_what_mathml_shows_reads_back_as_the_same_tree(expr: Expr) -> None:
    assert read_back(mathml(expr)) == expr


def test_without_its_brackets_it_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The false twin: of the smallest formulas there is one that needs its brackets."""
    monkeypatch.setattr(module._MathML, "bracketed", lambda self, shown: f"<mrow>{shown}</mrow>")
    products = st.builds(lambda a, b: Mul((a, b)), *[canonical(sums=False)] * 2)

    def is_misread(expr: Expr) -> bool:
        if any(isinstance(node, (Call, Matrix)) or (isinstance(node, Name) and node.indices) for node in walk(expr)):
            return False  # those have brackets of their own
        return read_back(mathml(expr)) != expr

    assert is_misread(find(products, is_misread))


@given(canonical())
def test_mathml_is_core_and_its_alternative_is_the_plain_text(expr: Expr) -> None:
    root = tree(mathml(expr))
    assert {element.tag for element in root.iter()} <= CORE
    assert (root.tag, root.get("display"), root.get("alttext")) == ("math", "block", text(expr))


def formulas() -> Iterator[Expr]:
    for claim in load(ROOT).claims:
        yield from map(parse, claim.formulas.values())
        for mistake in claim.mistakes:
            if not mistake.startswith("growth"):
                yield parse(mistake.rpartition(": ")[2])


def test_every_formula_of_the_homework_has_its_structure(own_imports: None) -> None:
    seen = 0
    for expr in formulas():
        tags = [element.tag for element in tree(mathml(expr)).iter()]
        nodes = list(walk(expr))
        assert tags.count("mfrac") == sum(isinstance(node, Div) for node in nodes)
        assert tags.count("munderover") == sum(isinstance(node, Sum) for node in nodes)
        bars = [node for node in nodes if isinstance(node, Name) and node.name.endswith("_bar")]
        assert tags.count("mover") == len(bars)
        entries = sum(len(children(node)) for node in nodes if isinstance(node, Matrix))
        assert tags.count("mtd") - entries in (0, 1, len(getattr(expr, "terms", ())))  # a long one is in rows
        seen += 1
    assert seen > 200


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("grad_J(u)", "<mo>∇</mo><mi>J</mi>"),
        ("hess_J(u)", "<msup><mo>∇</mo><mn>2</mn></msup><mi>J</mi>"),
        ("transpose(W)", "<msup><mrow><mo>(</mo><mi>W</mi><mo>)</mo></mrow><mo>&#x22A4;</mo></msup>"),
        ("W_in", "<msub><mi>W</mi><mi>in</mi></msub>"),
        ("w_ix_bar", '<msub><mover accent="true"><mi>w</mi><mo stretchy="false">¯</mo></mover><mrow><mi>i</mi>'),
        ("sigmoid'(z)", "<msup><mi>σ</mi><mo>′</mo></msup>"),
        ("sqrt(x)", "<msqrt><mi>x</mi></msqrt>"),
        ("abs(x)", "<mo>|</mo><mi>x</mi><mo>|</mo>"),
        ("log2(x)", "<msub><mi>log</mi><mn>2</mn></msub>"),
    ],
)
def test_functions_and_names_are_set_as_on_paper(formula: str, shown: str) -> None:
    assert shown in mathml(parse(formula)).replace("<mrow><mi>i</mi><mi>n</mi></mrow>", "<mi>in</mi>")


def test_a_chain_is_joined_by_equals_signs_and_a_long_one_has_a_row_for_each_term() -> None:
    short, long = parse("a + b"), parse(" + ".join(f"a*b*c[t + {n}]" for n in range(9)))
    root = tree(mathml(short, Pow(short, short)))
    assert [element.text for element in root.iter("mo")].count("=") == 1
    assert not root.findall(".//mtr")
    own = Name("h", (Name("t"),))
    rows = tree(mathml(own, long, short)).findall(".//mtr")
    assert len(rows) == 9 + 2
    assert linear(rows[0]).startswith("h[t]=a*b")
    assert linear(rows[9]).startswith("=")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_no_name_is_markup(name: str) -> None:
    if any(character in name for character in ("\ufffe", "\uffff")):
        return  # not in XML at all
    expr = Call(name, (Name(name), Name("x_" + name)))
    assert {element.tag for element in tree(mathml(expr)).iter()} <= CORE
