"""What a picture shows, as data: shapes in the picture's own coordinates. A report draws it."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Polygon:
    """An area, with a label at its centre. `shade` is how dark it is, from 0 to 1."""

    corners: tuple[Point, ...]
    label: str = ""
    shade: float = 0.0


@dataclass(frozen=True)
class Curve:
    """A line in one or more pieces, between which it has gaps. `mark` is a point on it that stands out."""

    name: str
    pieces: tuple[tuple[Point, ...], ...]
    is_dashed: bool = False
    mark: Point | None = None


@dataclass(frozen=True)
class Window:
    """The part of the plane that is shown. Invariant: it has a width and a height."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True)
class Picture:
    """A picture with words for those who cannot see it: `title` names it, `description` says what there is to see.
    `lesson` is what it teaches, for all.

    With `axes`, the names of the two coordinates, it is a chart with numbers at its sides. One that is `to_scale` has
    one scale for both coordinates.
    """

    title: str
    description: str
    window: Window
    polygons: tuple[Polygon, ...] = ()
    curves: tuple[Curve, ...] = ()
    axes: tuple[str, str] | None = None
    is_to_scale: bool = False
    lesson: str = ""
