"""The chart of a slice: an answer beside what is right, along a line through the counterexample."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from refute.deciding.slice import Slice
from refute.pictures import Curve, Picture, Point, Window

EVIDENT = 0.01  # of the chart's height: a difference that one sees
TAIL = 0.1  # of the values, at either end, may be left out when they lie far from the others
LONGEST = 10  # characters of the variable's value, if it is shown exactly
FAR = 2.0  # times the spread of the others


def chart(found: Slice, name: str) -> Picture | None:
    """The chart, on which `name` is the variable; None when nobody would see a difference."""
    answers, rights = ([(float(x), sides[i]) for x, sides in found.points.items()] for i in (0, 1))
    middle, answer, right = float(found.middle), found.answer, found.right
    window = _window([y for _, y in (*answers, *rights) if y is not None], (answer, right), found)
    apart = (sides.apart for sides in found.points.values())
    if max(abs(distance) for distance in apart if distance is not None) < EVIDENT * (window.top - window.bottom):
        return None
    exact = str(found.middle)
    here = f"at {name} = {exact if len(exact) < LONGEST else f'{middle:.6g}'}"
    return Picture(
        title=f"Your formula and the right value as {name} changes",
        description="All else is as in the example, which is marked: "
        f"{here} yours is {answer:.6g}, right is {right:.6g}. "
        f"Yours {_course(answers)}; the right value {_course(rights)}.",
        window=window,
        curves=(
            Curve(f"yours, {answer:.6g} {here}", _pieces(answers), is_dashed=True, mark=(middle, answer)),
            Curve(f"right, {right:.6g} {here}", _pieces(rights), mark=(middle, right)),
        ),
        axes=(name, "value"),
    )


def _window(values: list[float], shown: tuple[float, float], found: Slice) -> Window:
    """All values but for those few that lie far away, the shown ones among them."""
    ordered = sorted(values)
    cut = int(TAIL * len(ordered))
    low, high = ordered[cut], ordered[-1 - cut]
    room = FAR * (high - low)
    bottom = min(max(ordered[0], low - room), *shown)
    top = max(min(ordered[-1], high + room), *shown)
    margin = 0.06 * (top - bottom) or abs(top) or 1.0
    left, right = (float(end(found.points)) for end in (min, max))
    return Window(left, right, bottom - margin, top + margin)


def _pieces(points: Sequence[tuple[float, float | None]]) -> tuple[tuple[Point, ...], ...]:
    """The runs of points that have a value."""
    runs = groupby(points, key=lambda point: point[1] is not None)
    return tuple(tuple((x, y) for x, y in run if y is not None) for has_value, run in runs if has_value)


def _course(points: Sequence[tuple[float, float | None]]) -> str:
    """The way of a curve in words."""
    ends = ["has no value" if y is None else f"is {y:.4g}" for _, y in (points[0], points[-1])]
    return f"{ends[0]} at {points[0][0]:.4g} and {ends[1]} at {points[-1][0]:.4g}"
