"""The image broken into tiles, each shown to the model by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.probes.answers import Question, asker
from explain.probes.types import Box, Probe
from explain.types import RGBImage, RGBImages


def probe(
    classifier: Classifier,
    images: RGBImages,
    *,
    rows: int = 2,
    columns: int = 2,
    classes: Sequence[int] | None = None,
    k: int = 5,
    batch_size: int | None = None,
) -> list[Probe]:
    """Which part of the image speaks for the class? rows x columns results per image.

    The tiles of one image follow each other row by row, from the upper left. Their edges lie at
    round(i * S / rows) and round(j * S / columns) (half to even), so every pixel is in exactly one
    tile; each is resized to S x S (bilinear) and predicted. `box` says where it was cut out.

    images   uint8 [N, S, S, 3]
    classes  the class to follow for each image; None for the most probable one before

    Raises ParameterError, ImageError for logits that are not finite, DeviceError.
    """
    size = classifier.input_size
    if min(rows, columns) < 1 or max(rows, columns) > size or rows * columns < 2:
        raise ParameterError(
            f"an image of {size} x {size} cannot be broken into {rows} x {columns} tiles",
            item="probe tiles",
            remedy=f"Choose 2 tiles or more, and 1 to {size} rows and columns",
        )
    asking = asker("tiles", classifier, images, classes=classes, k=k, batch_size=batch_size)
    return asking.ask(
        [
            Question(index, _cut(image, box), box=box)
            for index, image in enumerate(images)
            for box in boxes(size, rows=rows, columns=columns)
        ],
        provenance=asking.record({"rows": rows, "columns": columns}, seed=None),
    )


def boxes(size: int, *, rows: int, columns: int) -> list[Box]:
    """The tiles of a square of `size` pixels, row by row."""
    tops = [round(row * size / rows) for row in range(rows + 1)]
    lefts = [round(column * size / columns) for column in range(columns + 1)]
    return [
        (lefts[column], tops[row], lefts[column + 1], tops[row + 1])
        for row in range(rows)
        for column in range(columns)
    ]


def _cut(image: RGBImage, box: Box) -> RGBImage:
    tile = Image.fromarray(image).crop(box)
    side = len(image)
    return np.array(tile.resize((side, side), Image.Resampling.BILINEAR), dtype=np.uint8)
