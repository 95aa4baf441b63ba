"""Bilinear enlargement as two matrix products: exact, differentiable, and with an adjoint."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True, eq=False)
class Upsampling:
    """What torch's bilinear interpolation does to a grid, as a matrix for each axis.

    rows     float32 [S, h]
    columns  float32 [S, w]
    """

    rows: Tensor
    columns: Tensor

    @classmethod
    def between(
        cls,
        grid: tuple[int, int],
        *,
        size: int,
        device: torch.device | None = None,
        align_corners: bool = False,
    ) -> Upsampling:
        """From h x w to size x size. align_corners as in torch; False is what papers and we use."""
        rows, columns = (_matrix(n, size=size, align_corners=align_corners) for n in grid)
        return cls(rows=rows.to(device), columns=columns.to(device))

    def enlarge(self, grids: Tensor) -> Tensor:
        """[n, h, w] of any floating type -> [n, S, S] of the same."""
        rows, columns = self._like(grids)
        return rows @ grids @ columns.T

    def adjoint(self, maps: Tensor) -> Tensor:
        """[n, S, S] -> [n, h, w], so that <enlarge(a), b> = <a, adjoint(b)>."""
        rows, columns = self._like(maps)
        return rows.T @ maps @ columns

    def _like(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        return self.rows.to(maps), self.columns.to(maps)


def _matrix(cells: int, *, size: int, align_corners: bool) -> Tensor:
    """float32 [size, cells]: each unit vector of an axis, enlarged by torch itself."""
    unit = torch.eye(cells)[None]  # [1, cells, cells]: a batch of one, a unit vector per channel
    enlarged = functional.interpolate(unit, size=size, mode="linear", align_corners=align_corners)
    return enlarged[0].T.contiguous()
