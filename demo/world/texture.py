"""Smooth random fields, the stuff every place is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from demo.world.pen import Colour

Field = NDArray[np.float32]
Shape = tuple[int, int]


def smooth(rng: np.random.Generator, *, shape: Shape, cells: tuple[int, int]) -> Field:
    """Return a smooth field, float32 [height, width], about -1 to 1, of `cells` bumps each way."""
    coarse = rng.uniform(-1, 1, (cells[0] + 2, cells[1] + 2)).astype(np.float32)
    image = Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(image, dtype=np.float32)


def cloudy(rng: np.random.Generator, *, shape: Shape, cells: int, octaves: int = 3) -> Field:
    """Return a field with detail at several sizes, float32 [height, width], about -1 to 1."""
    total = np.zeros(shape, dtype=np.float32)
    for octave in range(octaves):
        count = cells * 2**octave
        total += smooth(rng, shape=shape, cells=(count, count)) * np.float32(0.55**octave)
    return total / np.float32(1.5)


def grain(rng: np.random.Generator, *, shape: Shape) -> Field:
    """Return pixel noise, float32 [height, width], standard deviation 1."""
    return rng.standard_normal(shape, dtype=np.float32)


def blend(first: Colour, second: Colour, *, share: Field) -> Field:
    """Return the mix of two colours, float32 [height, width, 3]; share 0 is the first colour."""
    start = np.asarray(first, dtype=np.float32)
    step = np.asarray(second, dtype=np.float32) - start
    return start + np.clip(share, 0, 1)[..., None] * step
