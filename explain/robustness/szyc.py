"""What the code of Szyc et al. computes where ours differs, to reproduce its published tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explain.preparation import Preparation
from explain.robustness.rs import Scores
from explain.types import Boxes

PREPARATION = Preparation(resize=224, crop=224)
"""Shorter side to 224 and the middle, with nothing cut off it: the pixels its boxes belong to."""


def boxes(boxes: Boxes, *, width: int, height: int, side: int = 224) -> Boxes:
    """Boxes of a `width` x `height` image in pixels of the crop, as that code carries them.

    float64 [B, 4] -> float64 [B, 4]: edges cut to whole pixels after the resize, and moved by half
    of what is cropped, rounded down (torchvision rounds to even). It takes the file's numbers as
    they are, so give the boxes as the annotation has them, 1-based and inclusive.
    """
    given = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    new_width, new_height = Preparation(resize=side, crop=side).resized(width=width, height=height)
    moved = np.array([(new_width - side) // 2, (new_height - side) // 2] * 2)
    scaled = np.trunc(given * np.array([new_width, new_height] * 2) / np.array([width, height] * 2))
    clipped: Boxes = np.clip(scaled - moved, 0.0, float(side))
    return clipped


def class_score(scores: Scores) -> float | None:
    """Mean over the images of one class in which an undefined score counts as 0."""
    filled: npt.NDArray[np.float64] = np.nan_to_num(scores.rs, nan=0.0)
    return float(filled.mean()) if len(filled) else None
