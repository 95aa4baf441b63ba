"""The robustness score of each image, or why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import torch

from explain.errors import ParameterError
from explain.robustness.coverage import coverage
from explain.saliency.upsampling import Upsampling
from explain.types import Boxes


class Undefined(StrEnum):
    """Why an image has no robustness score."""

    NO_BOX = "no box"
    OUTSIDE = "every box lies outside the crop"
    ZERO_MAP = "the saliency map is zero"


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The robustness score of each image.

    rs         float64 [N] in [0, 1], the share of the saliency inside the boxes; NaN where it is
               undefined
    undefined  N times why, or None where there is a score
    area       float64 [N] in [0, 1], the share of the picture inside the boxes: the score of a map
               that is the same everywhere
    """

    rs: npt.NDArray[np.float64]
    undefined: tuple[Undefined | None, ...]
    area: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rs)


def scores(maps: npt.ArrayLike, boxes: Sequence[Boxes], *, input_size: int | None = None) -> Scores:
    """rs = sum(box * map) / sum(map) over the pixels (Szyc et al. 2021, eq. 1).

    maps        [N, H, W], not negative; SaliencyMaps are such an array
    boxes       N arrays float64 [B, 4] of the object, one per image, in pixels of the map:
                what `Preparation.boxes` makes of the boxes of the original image
    input_size  S, where `maps` are grids h x w still to be enlarged to S x S, and the boxes are in
                pixels of S: the same scores without the large maps, since enlarging is linear

    Boxes keep the fractions of their edges, and areas where they overlap count once.

    Raises ParameterError for maps of another shape, negative or not finite, or another number of
    boxes.
    """
    values = _checked(np.asarray(maps), n_boxes=len(boxes))
    found = [
        _score(one, given, input_size=input_size) for one, given in zip(values, boxes, strict=True)
    ]
    return Scores(
        rs=np.array([rs for rs, _, _ in found], dtype=np.float64),
        undefined=tuple(reason for _, reason, _ in found),
        area=np.array([area for _, _, area in found], dtype=np.float64),
    )


def _score(
    saliency: npt.NDArray[np.float64], boxes: Boxes, *, input_size: int | None
) -> tuple[float, Undefined | None, float]:
    height, width = saliency.shape if input_size is None else (input_size, input_size)
    inside = coverage(boxes, height=height, width=width)
    area = float(inside.mean())
    weights = np.ones_like(inside)
    if input_size is not None:
        inside, weights = (
            _on_grid(inside, shape=saliency.shape),
            _on_grid(weights, shape=saliency.shape),
        )
    total = float((weights * saliency).sum())
    if np.asarray(boxes).size == 0:
        return np.nan, Undefined.NO_BOX, area
    if area == 0:
        return np.nan, Undefined.OUTSIDE, area
    if total == 0:
        return np.nan, Undefined.ZERO_MAP, area
    # Rounding can take the sum over a box that holds everything past the whole sum.
    return min(float((inside * saliency).sum()) / total, 1.0), None, area


def _on_grid(
    weights: npt.NDArray[np.float64], *, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    """The weights of the cells of a grid that give the same sum as these of its enlargement."""
    height, width = shape
    upsampling = Upsampling.between((height, width), size=len(weights))
    adjoint: npt.NDArray[np.float64] = upsampling.adjoint(torch.from_numpy(weights)).numpy()
    return adjoint


def _checked(maps: npt.NDArray[np.generic], *, n_boxes: int) -> npt.NDArray[np.float64]:
    if maps.ndim != 3 or not np.issubdtype(maps.dtype, np.floating):
        raise ParameterError(
            "not a floating point array [N, H, W]",
            item=f"maps {maps.shape} of {maps.dtype}",
            remedy="Give saliency maps, one per image",
        )
    if len(maps) != n_boxes:
        raise ParameterError(
            f"{len(maps)} maps need as many arrays of boxes",
            item=f"boxes of {n_boxes} images",
            remedy="Give an array [B, 4] per image, an empty one where there is no box",
        )
    values = maps.astype(np.float64)
    # Written so that NaN is refused as well.
    good = ((values >= 0) & (values < np.inf)).all(axis=(1, 2))
    if not good.all():
        raise ParameterError(
            "its values are negative or not finite",
            item=f"map {int(np.flatnonzero(~good)[0])}",
            remedy="Give maps in [0, 1]",
        )
    return values
