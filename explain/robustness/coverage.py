"""How much of each pixel lies inside at least one of several boxes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explain.types import Boxes


def coverage(boxes: Boxes, *, height: int, width: int) -> npt.NDArray[np.float64]:
    """float64 [B, 4] in pixels -> float64 [height, width] in [0, 1], exact for any edges.

    Where boxes overlap an area counts once. What lies outside the picture is not counted.
    """
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    left, right = np.clip(boxes[:, [0, 2]], 0, width).T
    top, bottom = np.clip(boxes[:, [1, 3]], 0, height).T
    # Cut both axes at every edge and every pixel: each cell lies wholly in a box, or in none.
    across, down = _Cuts.of(left, right, side=width), _Cuts.of(top, bottom, side=height)
    inside = down.within(top, bottom).T.astype(np.float64) @ across.within(left, right) > 0
    return down.shares @ inside @ across.shares.T


class _Cuts:
    """The cells of one axis. shares float64 [pixels, cells]: the part of a pixel a cell is."""

    def __init__(self, edges: npt.NDArray[np.float64], *, side: int) -> None:
        self.middles = (edges[:-1] + edges[1:]) / 2
        self.shares = np.zeros((side, len(self.middles)))
        self.shares[self.middles.astype(np.int64), np.arange(len(self.middles))] = np.diff(edges)

    @classmethod
    def of(
        cls, lower: npt.NDArray[np.float64], upper: npt.NDArray[np.float64], *, side: int
    ) -> _Cuts:
        return cls(np.unique(np.concatenate([np.arange(side + 1.0), lower, upper])), side=side)

    def within(
        self, lower: npt.NDArray[np.float64], upper: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        """bool [boxes, cells]: which cells lie between the edges of which box."""
        return (self.middles > lower[:, None]) & (self.middles < upper[:, None])
