"""The places scenes are set in: textured backgrounds without any object in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from demo.world.pen import Colour
from demo.world.texture import Field, Shape, blend, cloudy, grain, smooth


def grass(rng: np.random.Generator, shape: Shape) -> Field:
    blades = smooth(rng, shape=shape, cells=(shape[0] // 12, shape[1] // 2))
    tufts = cloudy(rng, shape=shape, cells=5)
    ground = blend((112, 160, 76), (158, 194, 104), share=0.5 + 0.5 * tufts)
    return ground + (blades * 20 + grain(rng, shape=shape) * 4)[..., None]


def sand(rng: np.random.Generator, shape: Shape) -> Field:
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    bend = cloudy(rng, shape=shape, cells=3) * 14
    ripples = np.sin((rows + bend) / np.float32(rng.uniform(3.2, 4.6)))
    ground = blend((226, 196, 148), (240, 216, 172), share=0.5 + 0.5 * ripples)
    return ground + (grain(rng, shape=shape) * 7)[..., None]


def water(rng: np.random.Generator, shape: Shape) -> Field:
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    bend = smooth(rng, shape=shape, cells=(6, 9)) * 9
    waves: Field = np.sin((rows + bend) / np.float32(rng.uniform(3.6, 5.2)))
    chop = smooth(rng, shape=shape, cells=(shape[0] // 5, shape[1] // 18))
    ground = blend((40, 120, 166), (112, 186, 212), share=0.45 + 0.3 * waves + 0.35 * chop)
    glint: Field = np.clip(waves + chop - 1.25, 0, 1) * 130
    return ground + glint[..., None]


def wall(rng: np.random.Generator, shape: Shape) -> Field:
    high, wide = int(rng.integers(17, 23)), int(rng.integers(40, 54))
    rows, columns = np.indices(shape)
    course = rows // high
    shifted = columns + (course % 2) * (wide // 2)
    tones = rng.uniform(-1, 1, (shape[0] // high + 1, shape[1] // wide + 2))
    tone = tones[course, shifted // wide].astype(np.float32)
    bricks = blend((176, 108, 88), (206, 144, 118), share=0.5 + 0.5 * tone)
    mortar = (rows % high < 2) | (shifted % wide < 2)
    bricks[mortar] = (216, 204, 188)
    rough = cloudy(rng, shape=shape, cells=20, octaves=2) * 9 + grain(rng, shape=shape) * 4
    return bricks + rough[..., None]


def night(rng: np.random.Generator, shape: Shape) -> Field:
    fall = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    clouds = cloudy(rng, shape=shape, cells=3, octaves=4)
    share: Field = fall + clouds * np.float32(0.15)
    sky = blend((26, 30, 66), (84, 72, 128), share=share)
    lit: Field = np.clip(clouds, 0, 1) * 30
    return sky + (lit + grain(rng, shape=shape) * 2)[..., None]


def wood(rng: np.random.Generator, shape: Shape) -> Field:
    plank = int(rng.integers(44, 64))
    rows = np.arange(shape[0])[:, None] + int(rng.integers(0, plank))
    tones = rng.uniform(-1, 1, shape[0] // plank + 2)
    tone: Field = np.broadcast_to(tones[rows // plank], shape).astype(np.float32)
    fibres = smooth(rng, shape=shape, cells=(shape[0] // 3, 4))
    rings: Field = np.sin(smooth(rng, shape=shape, cells=(12, 2)) * 9)
    boards = blend((158, 110, 72), (204, 156, 108), share=0.5 + 0.28 * tone + 0.2 * rings)
    boards += (fibres * 13)[..., None]
    boards[np.broadcast_to(rows % plank < 2, shape)] *= 0.62
    return boards


def snow(rng: np.random.Generator, shape: Shape) -> Field:
    drifts = cloudy(rng, shape=shape, cells=3)
    ground = blend((204, 218, 236), (248, 250, 253), share=0.55 + 0.6 * drifts)
    sparkle: Field = np.clip(grain(rng, shape=shape) - 1.6, 0, 1) * 26
    return ground + (sparkle + grain(rng, shape=shape) * 2.5)[..., None]


def cloth(rng: np.random.Generator, shape: Shape) -> Field:
    tints: tuple[Colour, ...] = ((222, 150, 150), (150, 176, 216), (158, 200, 168), (226, 196, 132))
    tint = tints[int(rng.integers(len(tints)))]
    check = int(rng.integers(15, 21))
    rows, columns = np.indices(shape)
    share: Field = ((rows // check % 2) + (columns // check % 2)).astype(np.float32) * np.float32(
        0.5
    )
    weave = ((rows + columns) % 3 - 1).astype(np.float32) * 4
    folds = cloudy(rng, shape=shape, cells=2, octaves=2) * 9
    return blend((248, 243, 234), tint, share=share * 0.8) + (weave + folds)[..., None]


PLACES: dict[str, Callable[[np.random.Generator, Shape], Field]] = {
    "grass": grass,
    "sand": sand,
    "water": water,
    "wall": wall,
    "night": night,
    "wood": wood,
    "snow": snow,
    "cloth": cloth,
}

# Perceived brightness of each place, 0 to 255: decides which objects need an outline on it.
BRIGHTNESS: dict[str, float] = {
    "grass": 158,
    "sand": 207,
    "water": 143,
    "wall": 142,
    "night": 60,
    "wood": 138,
    "snow": 232,
    "cloth": 215,
}


def draw_place(name: str, *, shape: Shape, seed: int) -> Field:
    """Draw an empty place, float32 [height, width, 3], 0 to 255, darker towards the edges."""
    rng = np.random.default_rng(seed)
    ground = PLACES[name](rng, shape)
    down = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None] - np.float32(
        rng.uniform(-0.4, 0.4)
    )
    across = np.linspace(-1, 1, shape[1], dtype=np.float32) - np.float32(rng.uniform(-0.4, 0.4))
    falloff = 1.04 - 0.07 * (down**2 + across**2)
    return np.clip(ground * falloff[..., None], 0, 255)
