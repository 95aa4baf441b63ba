"""Training pictures, drawn straight into memory as the network sees them."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from demo.world.kinds import KINDS
from demo.world.render import draw_scene
from demo.world.scenes import plan_scene

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]


def draw_examples(
    *,
    per_class: int,
    seed: int,
    side: int,
    split: str = "train",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Pixels, Labels]:
    """Return uint8 [N, side, side, 3] pictures and int64 [N] labels of one split.

    Every picture is resized to a shorter side of `side` pixels and cut square in the middle.
    """
    total = per_class * len(KINDS)
    pictures = np.empty((total, side, side, 3), dtype=np.uint8)
    draw = partial(draw_square, seed=seed, split=split, side=side)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=context) as pool:
        for index, square in enumerate(pool.map(draw, range(total), chunksize=32)):
            pictures[index] = square
            if progress is not None:
                progress(index + 1, total)
    return pictures, np.arange(total, dtype=np.int64) % len(KINDS)


def draw_square(index: int, *, seed: int, split: str, side: int) -> Pixels:
    """Return one scene as uint8 [side, side, 3]."""
    pixels = draw_scene(plan_scene(index, seed=seed, split=split)).pixels
    height, width = pixels.shape[:2]
    scale = side / min(height, width)
    size = (round(width * scale), round(height * scale))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return np.asarray(image.crop((left, top, left + side, top + side)))
