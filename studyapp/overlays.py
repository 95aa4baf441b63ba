"""Pictures of what explain made: superpixels outlined, a map laid over its image, a box drawn in.

Pillow and numpy alone, since pages draw them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Pixels: TypeAlias = npt.NDArray[np.uint8]
#: Dark violet, blue, green, yellow: lighter is more, also in grey and to colour-blind eyes.
_SCALE = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)])
_OUTLINE, _KEPT = (255, 255, 255), (255, 210, 0)


def outlined(
    square: Pixels, *, segments: npt.NDArray[np.integer], shown: Collection[int], scale: int = 2
) -> Pixels:
    """uint8 [S, S, 3] with the borders of its superpixels, enlarged `scale` times.

    Those that are `shown` keep their light and have a yellow border; the others are dimmed, with a
    white one.
    """
    large = square.repeat(scale, 0).repeat(scale, 1)
    numbers = segments.repeat(scale, 0).repeat(scale, 1)
    kept = np.isin(numbers, list(shown))
    drawn = np.where(kept[..., None], large, (large * 0.55).astype(np.uint8))
    border = np.zeros(numbers.shape, dtype=np.bool_)
    border[:, 1:] |= numbers[:, 1:] != numbers[:, :-1]
    border[1:] |= numbers[1:] != numbers[:-1]
    drawn[border] = _OUTLINE
    drawn[border & _beside(kept)] = _KEPT
    return drawn


def _beside(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The mask and the pixels right of it and below it, where borders are drawn."""
    grown = mask.copy()
    grown[:, 1:] |= mask[:, :-1]
    grown[1:] |= mask[:-1]
    return grown


def heat(square: Pixels, *, saliency: npt.NDArray[np.float32], share: float = 0.6) -> Pixels:
    """uint8 [S, S, 3] in grey under the colours of a map [S, S] in [0, 1]."""
    grey = np.asarray(Image.fromarray(square).convert("L"), dtype=np.float64)[..., None]
    levels = np.linspace(0, 1, len(_SCALE))
    colours = np.stack([np.interp(saliency, levels, _SCALE[:, c]) for c in range(3)], axis=-1)
    return np.rint((1 - share) * grey + share * colours).astype(np.uint8)


def boxed(square: Pixels, *, boxes: Sequence[Sequence[float]]) -> Pixels:
    """The picture with a frame, yellow on black, around each box."""
    picture = Image.fromarray(square).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        if right - left < 1 or bottom - top < 1:
            continue
        corners = (left, top, right - 1, bottom - 1)
        pen.rectangle(corners, outline=(0, 0, 0), width=3)
        pen.rectangle(corners, outline=_KEPT, width=1)
    return np.asarray(picture)


def framed(square: Pixels, *, boxes: Sequence[Sequence[float]]) -> Pixels:
    """The picture with a broad frame around each box, to be seen on a phone and not to be missed:
    yellow between black lines, just outside the box where there is room."""
    picture = Image.fromarray(square).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        for away, colour, width in ((4, (0, 0, 0), 5), (3, _KEPT, 3)):
            corners = (
                max(0, round(left) - away),
                max(0, round(top) - away),
                min(picture.width, round(right) + away) - 1,
                min(picture.height, round(bottom) + away) - 1,
            )
            pen.rectangle(corners, outline=colour, width=width)
    return np.asarray(picture)


def difference(before: Pixels, after: Pixels) -> Pixels:
    """What was added, around grey, enlarged until its largest value is black or white."""
    change = after.astype(np.int64) - before.astype(np.int64)
    largest = int(np.abs(change).max())
    return (128 + change * (127 / max(largest, 1))).round().clip(0, 255).astype(np.uint8)
