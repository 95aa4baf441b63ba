"""The result of every method, and the way from a weighted sum of features to a map in [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from explain.provenance import Provenance
from explain.saliency.upsampling import Upsampling

Scaling: TypeAlias = Literal["grid", "pixels", "pgc"]
"""Where a map is stretched to [0, 1]: before it is enlarged, after it, or as pytorch-grad-cam."""

# What pytorch-grad-cam adds to the largest value before it divides by it.
_PGC_EPSILON = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class SaliencyMaps:
    """One map per image, and what it was made from. numpy takes it for its `maps`.

    maps        float32 [N, S, S] in [0, 1] at the model's input size; 1 is the strongest evidence
    grid        float32 [N, h, w] in [0, 1], before the enlargement
    constant    bool [N]: the weighted sum of features has the same value everywhere (most often 0),
                so it points nowhere, and the map is all zero
    classes     int64 [N], the class asked for
    provenance  how the maps were made; its layer is the one whose features they weigh
    """

    maps: npt.NDArray[np.float32]
    grid: npt.NDArray[np.float32]
    constant: npt.NDArray[np.bool_]
    classes: npt.NDArray[np.int64]
    provenance: Provenance

    def __len__(self) -> int:
        return len(self.maps)

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[np.float32]:
        return np.array(self.maps, dtype=dtype, copy=copy)


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """Maps of some images on the processor: [n, S, S], their grids [n, h, w], constant or not."""

    maps: npt.NDArray[np.float32]
    grid: npt.NDArray[np.float32]
    constant: npt.NDArray[np.bool_]


def finish(sums: Tensor, *, upsampling: Upsampling, scaling: Scaling = "grid") -> Finished:
    """float64 [n, h, w], weighted sums of features -> maps.

    Negative sums speak against the class and become 0. A map is then stretched: its smallest value
    to 0, its largest to 1. A sum without a range gives zeros, never NaN.
    """
    positive = sums.relu()
    constant = positive.amax((1, 2)) == positive.amin((1, 2))
    epsilon = _PGC_EPSILON if scaling == "pgc" else 0.0
    grid = stretched(positive, epsilon=epsilon)
    if scaling == "pixels":
        maps = stretched(upsampling.enlarge(sums).relu())
    elif scaling == "pgc":
        maps = stretched(upsampling.enlarge(grid), epsilon=epsilon)
    else:
        maps = upsampling.enlarge(grid)
    # Sums whose range is lost in rounding while they are enlarged are constant as well.
    maps = torch.where(constant[:, None, None], 0.0, maps).clamp(0, 1)
    return Finished(
        maps=maps.float().cpu().numpy(),
        grid=grid.float().cpu().numpy(),
        constant=constant.cpu().numpy(),
    )


def unstretched(grid: Tensor, *, upsampling: Upsampling) -> Finished:
    """float64 [n, h, w] in [0, 1], a mean of maps -> that mean as it is, enlarged."""
    return Finished(
        maps=upsampling.enlarge(grid).clamp(0, 1).float().cpu().numpy(),
        grid=grid.float().cpu().numpy(),
        constant=(grid.amax((1, 2)) == grid.amin((1, 2))).cpu().numpy(),
    )


def stretched(maps: Tensor, *, epsilon: float = 0.0) -> Tensor:
    """[n, h, w] -> the same with 0 as the smallest value of each and 1 as the largest."""
    above = maps - maps.amin((1, 2), keepdim=True)
    largest = above.amax((1, 2), keepdim=True)
    return above / torch.where(largest > 0, largest + epsilon, 1.0)


def joined(
    parts: list[Finished], *, classes: npt.NDArray[np.int64], size: int, provenance: Provenance
) -> SaliencyMaps:
    """The maps of all images in their order; none of them for no images."""
    return SaliencyMaps(
        maps=np.concatenate([p.maps for p in parts] or [np.zeros((0, size, size), np.float32)]),
        grid=np.concatenate([p.grid for p in parts] or [np.zeros((0, 0, 0), np.float32)]),
        constant=np.concatenate([p.constant for p in parts] or [np.zeros(0, np.bool_)]),
        classes=classes,
        provenance=provenance,
    )
