"""Pictures show what is so: their numbers are found again by other routes, and each has words that say the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import impl.mdrnn
import impl.momentum
from refute.deciding.slice import POINTS, Slice, slice_through
from refute.deciding.written import Decider, ground_of
from refute.formula.parse import parse
from refute.formula.read import read
from refute.pictures import Curve, Picture, Polygon, Window
from refute.project import load
from refute.report.chart import chart
from refute.report.svg import TICKS, svg, ticks
from specs.pictures import BETA, FIRST_STEPS, GRADIENTS, GRID, area, patches, phase_space, wavefront, wavefront_steps

ROOT = Path(__file__).parents[1]
SVG = "{http://www.w3.org/2000/svg}"
Case = Mapping[str, Fraction]


def sliced(claim: str, answer: str) -> tuple[Slice | None, Mapping[str, str]]:
    """The slice through the counterexample of a refused answer, and the counterexample's case."""
    decider = Decider(load(ROOT).claim(claim))
    verdict = decider.decide(answer)
    assert verdict.counterexample is not None
    right = parse(decider.claim.formulas[decider.blank.right[0]])
    written = read(answer, decider.blank.vocabulary).answer
    ground = ground_of(decider.claim, decider.blank)
    return slice_through(ground, right, written, verdict.counterexample), verdict.counterexample.case


def found(claim: str, answer: str) -> Slice:
    result, _ = sliced(claim, answer)
    assert result is not None
    return result


# --- Slices ----------------------------------------------------------------------------------------------------------


def lstm_loss(case: Case, shift: Mapping[tuple[str, int], Any]) -> Any:
    """The loss L_h[1] h[1] + ... of the sheet's LSTM in mpmath, with some of its nodes shifted."""
    steps = int(case["T"])
    h, c, loss = mpmath.mpmathify(case["h[0]"]), mpmath.mpmathify(case["c[0]"]), mpmath.mpf(0)
    for t in range(1, steps + 1):

        def z(gate: str, t: int = t, h: Any = h) -> Any:
            return mpmath.mpmathify(case[f"w_{gate}x"]) * case[f"x[{t}]"] + mpmath.mpmathify(case[f"w_{gate}h"]) * h

        gates = {gate: 1 / (1 + mpmath.exp(-z(gate))) for gate in "ifo"} | {"g": mpmath.tanh(z("g"))}
        gates = {gate: value + shift.get((gate, t), 0) for gate, value in gates.items()}
        c = gates["f"] * c + gates["i"] * gates["g"] + shift.get(("c", t), 0)
        h = gates["o"] * mpmath.tanh(c) + shift.get(("h", t), 0)
        loss += mpmath.mpmathify(case[f"L_h[{t}]"]) * h
    return loss


def by_difference(case: Case, node: str, t: int) -> float:
    """The derivative of the loss by a node, by differences."""
    with mpmath.workdps(40):
        return float(mpmath.diff(lambda e: lstm_loss(case, {(node, t): e}), 0))


@pytest.mark.parametrize(
    ("claim", "answer", "node", "other"),
    [("1a.f_bar", "c_bar[t]*c[t]", "f", "o"), ("1a.c_bar", "h_bar[t]*o[t]*(1 - tanh(c[t])^2)", "c", "h")],
)
def test_along_the_line_the_right_value_is_the_derivative(
    own_imports: None, claim: str, answer: str, node: str, other: str
) -> None:
    result, shown = sliced(claim, answer)
    assert result is not None
    assert len(result.points) == POINTS
    case = {label: Fraction(value) for label, value in shown.items()}
    t = int(case["t"])
    points = [({**case, result.variable: x}, sides) for x, sides in list(result.points.items())[::8]]
    right = pytest.approx([sides.right for _, sides in points], abs=1e-9)
    assert [by_difference(here, node, t) for here, _ in points] == right
    assert [by_difference(here, other, t) for here, _ in points] != right  # the false twin: by another node


def test_along_the_line_the_answer_has_its_own_values(own_imports: None) -> None:
    result, case = sliced("3b.det", "beta")
    assert result is not None
    assert (result.variable, case["D"]) == ("beta", "2")
    for x, sides in result.points.items():
        assert 0 < x < 1
        assert sides.answer == pytest.approx(float(x))
        assert sides.right == pytest.approx(float(mpmath.mpf(x.numerator) ** 2 / mpmath.mpf(x.denominator) ** 2))


def test_the_counterexample_is_on_the_line(own_imports: None) -> None:
    result, case = sliced("1b.w_ix_bar", "i_bar[t]*i[t]*(1 - i[t])*x[t]")
    assert result is not None
    assert str(result.middle) == case[result.variable]
    assert result.points[result.middle] == (result.answer, result.right)
    assert result.answer != result.right


@pytest.mark.parametrize(
    ("claim", "answer"),
    [("2b.steps", "2*G"), ("3b.det", "1/0"), ("2a.weights", "H^2 + D*H")],
    ids=["whole numbers", "no value", "whole numbers of two names"],
)
def test_there_is_no_line_without_real_variables_or_values(own_imports: None, claim: str, answer: str) -> None:
    assert sliced(claim, answer)[0] is None


def test_where_an_answer_has_no_value_its_curve_has_a_gap(own_imports: None) -> None:
    result = found("1a.o_bar", "h_bar[t]*sqrt(c[t])")
    picture = chart(result, "x")
    assert picture is not None
    yours, right = picture.curves
    missing = sum(sides.answer is None for sides in result.points.values())
    assert missing
    assert sum(map(len, yours.pieces)) == POINTS - missing
    assert sum(map(len, right.pieces)) == POINTS


def test_a_difference_that_nobody_sees_is_not_drawn(own_imports: None) -> None:
    assert chart(found("3b.det", "beta^D + 1e-30"), "beta") is None
    assert chart(found("3b.det", "beta^D + 1/3"), "beta") is not None


# --- Drawing ---------------------------------------------------------------------------------------------------------


def drawn(picture: Picture) -> Element:
    return ElementTree.fromstring(svg(picture))


def numbers(text: str | None) -> list[float]:
    return [float(number) for number in re.split(r"[ ,]+", text or "")]


def scale(root: Element, side: str) -> Callable[[float], float]:
    """From the drawing's coordinate to the data's, by what stands at an axis. The text of each line comes after it."""
    children = list(root)
    at, other = ("x1", "x2") if side == "x" else ("y1", "y2")
    marks = [
        (float(line.get(at, "")), float(str(label.text)))
        for line, label in pairwise(children)
        if line.get("class") == "grid" and line.get(at) == line.get(other)
    ]
    (low, first), (high, last) = marks[0], marks[-1]
    return lambda value: first + (value - low) * (last - first) / (high - low)


def test_what_is_drawn_is_what_was_computed(own_imports: None) -> None:
    result = found("1a.f_bar", "c_bar[t]*c[t]")
    picture = chart(result, "c")
    assert picture is not None
    root = drawn(picture)
    across, up = scale(root, "x"), scale(root, "y")
    frame = root.find(f"{SVG}svg")
    assert frame is not None
    left, top = float(frame.get("x", "")), float(frame.get("y", ""))
    for index, line in enumerate(frame.findall(f"{SVG}polyline")):
        flat = numbers(line.get("points"))
        for x, y, (value, sides) in zip(flat[::2], flat[1::2], result.points.items(), strict=True):
            assert across(x + left) == pytest.approx(float(value), abs=0.01)
            assert up(y + top) == pytest.approx(sides[index], abs=0.002)
    marks = [(float(dot.get("cx", "")) + left, float(dot.get("cy", "")) + top) for dot in frame.iter(f"{SVG}circle")]
    assert [across(x) for x, _ in marks] == pytest.approx([float(result.middle)] * 2, abs=0.01)
    assert [up(y) for _, y in marks] == pytest.approx([result.answer, result.right], abs=0.002)


def test_curves_are_told_apart_without_colours(own_imports: None) -> None:
    picture = chart(found("1a.f_bar", "c_bar[t]*c[t]"), "c")
    assert picture is not None
    classes = [line.get("class") for line in drawn(picture).iter(f"{SVG}polyline")]
    assert classes == ["curve dashed", "curve solid"]


WINDOW = Window(0, 1, 0, 1)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20))
def test_a_picture_says_in_words_what_it_is_and_no_word_is_markup(words: str) -> None:
    assume(not {"\ufffe", "\uffff"} & set(words))
    shapes = (Polygon(((0, 0), (1, 0), (1, 1)), words or "1", 0.5),)
    root = drawn(Picture(words, words, WINDOW, shapes, (Curve(words, (((0, 0), (1, 1)),)),), axes=(words, words)))
    assert root.get("role") == "img"
    assert [(child.tag.removeprefix(SVG), child.text or "") for child in root[:2]] == [
        ("title", words),
        ("desc", words),
    ]
    kinds = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert kinds <= {"svg", "title", "desc", "line", "text", "rect", "polygon", "polyline"}


def test_no_number_of_a_drawing_has_more_than_two_decimals() -> None:
    shapes = (Polygon(((1 / 3, 2 / 3), (1e-9, -1e9), (0.1, 0.2)), "", 1 / 7),)
    markup = svg(Picture("", "", WINDOW, shapes, axes=("x", "y")))
    drawing = re.sub(r"<text.*?</text>", "", markup)
    assert re.search(r"\.\d\d\b", drawing)
    assert not re.search(r"\.\d{3}|e[+-]\d|nan|inf", drawing)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_an_axis_has_a_few_round_numbers_inside_it(low: float, length: float) -> None:
    high = low + length
    assume(length > 1e-6 * max(abs(low), abs(high)))
    marks = ticks(low, high)
    assert TICKS / 2 - 1 <= len(marks) <= TICKS + 1
    assert all(low - 1e-6 * length <= mark <= high + 1e-6 * length for mark in marks)
    step = Fraction(f"{marks[1] - marks[0]:.3g}") if len(marks) > 1 else Fraction(1)
    digits = str(step.numerator * 10**12 // step.denominator).strip("0")
    assert digits in {"1", "2", "5"}


# --- The homework's pictures -----------------------------------------------------------------------------------------


def test_the_steps_of_the_wavefront_are_those_of_the_diagonals() -> None:
    i, j = np.indices((GRID, GRID))
    assert (wavefront_steps(impl.mdrnn, GRID) == i + j + 1).all()


def test_an_implementation_without_a_wavefront_is_seen_to_have_none() -> None:
    in_raster_order = SimpleNamespace(mdrnn_wavefront=impl.mdrnn.mdrnn_forward)
    steps = wavefront_steps(in_raster_order, 3)
    assert (steps == np.arange(1, 10).reshape(3, 3)).all()


def labels(picture: Picture) -> set[str]:
    return {polygon.label for polygon in picture.polygons if polygon.label}


def test_only_who_answered_right_sees_all_steps() -> None:
    (told,), (kept,) = wavefront(impl.mdrnn, True), wavefront(impl.mdrnn, False)
    assert labels(told) == {str(n) for n in range(1, 2 * GRID)}
    assert labels(kept) == {str(n) for n in range(1, FIRST_STEPS + 1)}
    last = str(2 * GRID - 1)
    assert last in told.description
    assert last in told.lesson
    assert last not in f"{kept.title} {kept.description} {kept.lesson}"


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=list(GRADIENTS))
def test_each_step_of_momentum_multiplies_the_area_of_a_patch_by_beta(gradient: Callable[[Any], Any]) -> None:
    areas = [area(outline) for outline in patches(impl.momentum, gradient)]
    assert [b / a for a, b in pairwise(areas)] == pytest.approx([BETA] * (len(areas) - 1), rel=2e-3)


def test_steps_that_take_the_gradient_too_late_do_not() -> None:
    def late(theta: Any, p: Any, gradient: Any, alpha: Any, beta: Any) -> tuple[Any, Any]:
        p = beta * p - alpha * gradient(theta + beta * p)
        return theta + p, p

    outlines = patches(SimpleNamespace(momentum_step=late), GRADIENTS["J(θ) = θ²/2"])
    first, second, *_ = map(area, outlines)
    assert second / first != pytest.approx(BETA, rel=0.1)


def test_the_area_of_a_polygon_is_that_of_its_triangles() -> None:
    assert area([(0, 0), (3, 0), (3, 1), (0, 2)]) == pytest.approx(3 + 1.5)
    assert area([(0, 0), (0, 2), (3, 1), (3, 0)]) == pytest.approx(3 + 1.5)


def test_what_the_areas_have_to_do_with_beta_is_said_only_to_who_found_it() -> None:
    for told, kept in zip(phase_space(impl.momentum, True), phase_space(impl.momentum, False), strict=True):
        assert replace(told, lesson="") == replace(kept, lesson="")
        assert "multiplies the area by β" in told.lesson
        assert "multiplies" not in kept.lesson
