"""Draw pictures as SVG to stand in a page: text stays text, colours are the page's, and no number is a machine's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import count
from math import ceil, floor, log10

from refute.pictures import Curve, Picture, Point, Polygon, Window

WIDTH = 360.0
TALLEST = 320.0  # of the part inside the margins
FLAT = 0.55  # height by width of a picture that is not to scale
MARGIN = 8.0
LEFT, BELOW = 46.0, 38.0  # room for the numbers at the axes
LINE = 20.0  # height of a line of the legend
TICKS = 5  # about so many numbers at an axis


def svg(picture: Picture) -> str:
    """The picture as an ``<svg>`` element, with its title and description. Its classes are for the page to style."""
    frame = _Frame.around(picture)
    parts = [
        f"<title>{escape(picture.title)}</title>",
        f"<desc>{escape(picture.description)}</desc>",
        *_legend(picture.curves),
        *(_axes(frame, *picture.axes) if picture.axes else ()),
        # A nested element shows nothing beyond its own edges.
        f"<svg {frame.box}>",
        *(_polygon(polygon, frame) for polygon in picture.polygons),
        *(part for curve in picture.curves for part in _curve(curve, frame)),
        "</svg>",
    ]
    box = f"0 0 {_n(WIDTH)} {_n(frame.bottom)}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" viewBox="{box}">{"".join(parts)}</svg>'


@dataclass(frozen=True)
class _Frame:
    """Where on the drawing the window lies."""

    window: Window
    x: float
    y: float
    width: float
    height: float
    bottom: float  # of the whole drawing

    @classmethod
    def around(cls, picture: Picture) -> _Frame:
        left, below = (LEFT, BELOW) if picture.axes else (MARGIN, MARGIN)
        window, width = picture.window, WIDTH - left - MARGIN
        height = width * FLAT
        if picture.is_to_scale:
            shape = (window.top - window.bottom) / (window.right - window.left)
            width = min(width, TALLEST / shape)
            height = width * shape
        y = MARGIN + LINE * (len(picture.curves) + bool(picture.axes))
        return cls(window, left, y, width, height, y + height + below)

    @property
    def box(self) -> str:
        """Its place, as attributes of an element."""
        return f'x="{_n(self.x)}" y="{_n(self.y)}" width="{_n(self.width)}" height="{_n(self.height)}"'

    def across(self, x: float) -> float:
        """A horizontal coordinate, from the frame's left."""
        return (x - self.window.left) / (self.window.right - self.window.left) * self.width

    def down(self, y: float) -> float:
        """A vertical coordinate, from the frame's top."""
        return (self.window.top - y) / (self.window.top - self.window.bottom) * self.height

    def path(self, points: Iterable[Point]) -> str:
        """Points, as an element's `points`. Those far outside are moved to where no one sees them either."""
        return " ".join(f"{_n(self.across(x))},{_n(min(max(self.down(y), -1e4), 1e4))}" for x, y in points)


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten, about TICKS of them."""
    rough = (high - low) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = ceil(low / step - 1e-9)
    return [n * step for n in range(first, floor(high / step + 1e-9) + 1)]


def _axes(frame: _Frame, across: str, up: str) -> Iterator[str]:
    window, right, bottom = frame.window, frame.x + frame.width, frame.y + frame.height
    for value in ticks(window.left, window.right):
        x = frame.x + frame.across(value)
        yield _line("grid", x, frame.y, x, bottom)
        yield _text(x, bottom + 14, f"{value:.6g}", "middle")
    for value in ticks(window.bottom, window.top):
        y = frame.y + frame.down(value)
        yield _line("grid", frame.x, y, right, y)
        yield _text(frame.x - 5, y + 4, f"{value:.6g}", "end")
    yield f'<rect class="frame" {frame.box}/>'
    yield _text(right, bottom + 30, across, "end")
    yield _text(frame.x, frame.y - 6, up, "middle")


def _legend(curves: tuple[Curve, ...]) -> Iterator[str]:
    for curve, number in zip(curves, count()):
        y = MARGIN + LINE * number + 6
        yield _line(_class(curve), MARGIN, y, MARGIN + 38, y)
        if curve.mark is not None:
            yield _dot(curve, MARGIN + 19, y)
        yield _text(MARGIN + 46, y + 4, curve.name, "start")


def _curve(curve: Curve, frame: _Frame) -> Iterator[str]:
    for piece in curve.pieces:
        yield f'<polyline class="{_class(curve)}" points="{frame.path(piece)}"/>'
    if curve.mark is not None:
        yield _dot(curve, frame.across(curve.mark[0]), frame.down(curve.mark[1]))


def _polygon(polygon: Polygon, frame: _Frame) -> str:
    shape = f'<polygon class="area" fill-opacity="{_n(polygon.shade)}" points="{frame.path(polygon.corners)}"/>'
    if not polygon.label:
        return shape
    n = len(polygon.corners)
    x, y = (sum(corner[i] for corner in polygon.corners) / n for i in (0, 1))
    return shape + _text(frame.across(x), frame.down(y) + 4, polygon.label, "middle")


def _class(curve: Curve) -> str:
    return "curve dashed" if curve.is_dashed else "curve solid"


def _dot(curve: Curve, x: float, y: float) -> str:
    return f'<circle class="{"hollow" if curve.is_dashed else "full"}" cx="{_n(x)}" cy="{_n(y)}" r="4.5"/>'


def _line(kind: str, x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<line class="{kind}" x1="{_n(x)}" y1="{_n(y)}" x2="{_n(to_x)}" y2="{_n(to_y)}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def _n(value: float) -> str:
    """A number of the drawing: at most two decimals, and no negative zero."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
