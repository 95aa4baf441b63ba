"""One object, drawn with its own alpha mask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from demo.world.kinds import KINDS
from demo.world.palette import CREAM, INK, brightness, darker, lighter
from demo.world.pen import Colour, Pen, Style

Outline = Literal["none", "dark", "light"]
Pixels = NDArray[np.uint8]

# A pixel belongs to an object when at least half of it is covered.
SOLID = 128


@dataclass(frozen=True)
class Thing:
    """One object of a scene: everything its drawing depends on. Lengths in pixels."""

    kind: int
    x: float
    y: float
    size: float
    turn: float
    mirrored: bool
    main: Colour
    second: Colour
    outline: Outline
    striped: bool
    seed: int


@dataclass(frozen=True)
class Sprite:
    """An object's pixels, uint8 [height, width, 4] (RGBA, straight alpha), and where they go."""

    rgba: Pixels
    left: int
    top: int

    @property
    def solid(self) -> NDArray[np.bool_]:
        """Which pixels belong to the object, bool [height, width]."""
        return self.rgba[..., 3] >= SOLID


def draw_sprite(thing: Thing) -> Sprite:
    """Draw one object alone; the result is cut to its visible pixels."""
    pen = Pen(thing.size, turn=thing.turn, mirrored=thing.mirrored, style=_style(thing))
    KINDS[thing.kind].draw(pen, Random(thing.seed))
    flat = _outlined(pen.finish(), outline=thing.outline, width=max(1, round(thing.size / 45)))
    edges = flat.getbbox()
    if edges is None:
        edges = (0, 0, flat.width, flat.height)
    rgba = _lit(flat.crop(edges), depth=thing.size / 22)
    left = math.floor(thing.x - flat.width / 2 + 0.5) + edges[0]
    top = math.floor(thing.y - flat.height / 2 + 0.5) + edges[1]
    return Sprite(rgba=rgba, left=left, top=top)


def _style(thing: Thing) -> Style:
    pale = brightness(thing.main) > 185
    band = darker(thing.second, by=0.1) if pale else lighter(CREAM, by=0.3)
    if pale and brightness(thing.second) > 150:
        band = INK
    return Style(main=thing.main, second=thing.second, dark=INK, light=band, striped=thing.striped)


def _outlined(drawing: Image.Image, *, outline: Outline, width: int) -> Image.Image:
    if outline == "none":
        return drawing
    wide = drawing.getchannel("A").filter(ImageFilter.MaxFilter(2 * width + 1))
    rim = Image.new("RGBA", drawing.size, (*(INK if outline == "dark" else CREAM), 0))
    rim.putalpha(wide)
    return Image.alpha_composite(rim, drawing)


def _lit(drawing: Image.Image, *, depth: float) -> Pixels:
    """Light the object from the upper left, so that it looks cut from thick felt."""
    alpha = drawing.getchannel("A")
    room = round(depth * 2) + 1
    padded = Image.new("L", (drawing.width + 2 * room, drawing.height + 2 * room))
    padded.paste(alpha, (room, room))
    height_map = padded.filter(ImageFilter.GaussianBlur(depth))
    towards = ImageChops.offset(height_map, -2, -2)
    away = ImageChops.offset(height_map, 2, 2)
    window = (slice(room, -room), slice(room, -room))
    slope = np.asarray(towards, dtype=np.float32) - np.asarray(away, dtype=np.float32)
    light = 1.0 + np.clip(slope[window] / 255.0 * depth * 0.16, -0.24, 0.2)
    light *= np.linspace(1.05, 0.95, drawing.height, dtype=np.float32)[:, None]
    rgba = np.array(drawing)
    rgba[..., :3] = np.clip(rgba[..., :3] * light[..., None], 0, 255)
    return rgba
