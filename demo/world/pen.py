"""A small vector pen: unit coordinates in, supersampled pixels out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLING = 3
# The unit square turned by 45 degrees needs sqrt(2) of its side; the rest is room for wide lines.
CANVAS_FACTOR = 1.55
CURVE_STEPS = 40


@dataclass(frozen=True)
class Style:
    """The colours of one object: the body, what is attached to it, small dark and light marks."""

    main: Colour
    second: Colour
    dark: Colour
    light: Colour
    striped: bool


class Pen:
    """Draws in a unit square (x to the right, y down) that is turned about its centre."""

    def __init__(self, size: float, *, turn: float, mirrored: bool, style: Style) -> None:
        self.style = style
        self._side = round(size * CANVAS_FACTOR) * SUPERSAMPLING
        self._scale = size * SUPERSAMPLING
        self._cos, self._sin = math.cos(turn), math.sin(turn)
        self._flip = -1.0 if mirrored else 1.0
        self._canvas = Image.new("RGBA", (self._side, self._side))
        self._draw = ImageDraw.Draw(self._canvas)
        self._stripes = self._striped_cloth() if style.striped else None

    def finish(self) -> Image.Image:
        """Return the drawing at its real size, RGBA with smooth edges."""
        return self._canvas.reduce(SUPERSAMPLING)

    def polygon(self, points: Sequence[Point], *, fill: Colour) -> None:
        self._draw.polygon(self._to_pixels(points), fill=(*fill, 255))

    def body(self, points: Sequence[Point], *, fill: Colour) -> None:
        """Fill the part of the object that carries the stripes when there are any."""
        if self._stripes is None:
            self.polygon(points, fill=fill)
            return
        mask = Image.new("L", self._canvas.size)
        ImageDraw.Draw(mask).polygon(self._to_pixels(points), fill=255)
        self._canvas.paste(self._stripes, mask=mask)

    def hole(self, points: Sequence[Point]) -> None:
        self._draw.polygon(self._to_pixels(points), fill=(0, 0, 0, 0))

    def line(self, points: Sequence[Point], *, width: float, fill: Colour) -> None:
        """Draw a line with round ends and joints; `width` in units of the square."""
        pixels = self._to_pixels(points)
        thickness = max(1, round(width * self._scale))
        self._draw.line(pixels, fill=(*fill, 255), width=thickness)
        radius = thickness / 2
        for x, y in pixels:
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*fill, 255))

    def _to_pixels(self, points: Sequence[Point]) -> list[Point]:
        middle = self._side / 2
        pixels = []
        for x, y in points:
            dx, dy = (x - 0.5) * self._flip * self._scale, (y - 0.5) * self._scale
            pixels.append(
                (middle + dx * self._cos - dy * self._sin, middle + dx * self._sin + dy * self._cos)
            )
        return pixels

    def _striped_cloth(self) -> Image.Image:
        cloth = Image.new("RGBA", self._canvas.size, (*self.style.main, 255))
        draw = ImageDraw.Draw(cloth)
        for step in range(-3, 10):
            left = step * 0.2 - 0.35
            band = [(left, -0.3), (left + 0.1, -0.3), (left + 0.5, 1.3), (left + 0.4, 1.3)]
            draw.polygon(self._to_pixels(band), fill=(*self.style.light, 255))
        return cloth


def oval(
    x: float, y: float, rx: float, ry: float, *, start: float = 0.0, stop: float = 360.0
) -> list[Point]:
    """Return the outline of an ellipse, or of its part from `start` to `stop` degrees clockwise."""
    first, last = math.radians(start), math.radians(stop)
    angles = (first + (last - first) * step / CURVE_STEPS for step in range(CURVE_STEPS + 1))
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


def curve(start: Point, pull_one: Point, pull_two: Point, stop: Point) -> list[Point]:
    """Return a cubic Bezier curve as points."""
    points = []
    for step in range(CURVE_STEPS // 2 + 1):
        t = step / (CURVE_STEPS // 2)
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points.append(
            (
                a * start[0] + b * pull_one[0] + c * pull_two[0] + d * stop[0],
                a * start[1] + b * pull_one[1] + c * pull_two[1] + d * stop[1],
            )
        )
    return points


def rounded(left: float, top: float, right: float, bottom: float, *, radius: float) -> list[Point]:
    """Return a rectangle with round corners."""
    return [
        *oval(right - radius, bottom - radius, radius, radius, start=0, stop=90),
        *oval(left + radius, bottom - radius, radius, radius, start=90, stop=180),
        *oval(left + radius, top + radius, radius, radius, start=180, stop=270),
        *oval(right - radius, top + radius, radius, radius, start=270, stop=360),
    ]


def mirror(points: Sequence[Point]) -> list[Point]:
    """Return the points reflected in the square's upright middle line, in reverse order."""
    return [(1 - x, y) for x, y in reversed(points)]
