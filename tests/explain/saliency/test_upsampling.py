from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from explain.saliency.upsampling import Upsampling


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("grid", [(7, 7), (1, 1), (5, 9), (40, 3)])
def test_it_is_torch_s_bilinear_interpolation(grid: tuple[int, int], align_corners: bool) -> None:
    grids = torch.rand(4, *grid, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    upsampling = Upsampling.between(grid, size=33, align_corners=align_corners)
    expected = functional.interpolate(
        grids[:, None], size=(33, 33), mode="bilinear", align_corners=align_corners
    )
    assert torch.allclose(upsampling.enlarge(grids), expected[:, 0], atol=1e-6)


def test_the_adjoint_moves_the_enlargement_to_the_other_side() -> None:
    generator = torch.Generator().manual_seed(0)
    grids = torch.rand(3, 5, 4, generator=generator, dtype=torch.float64)
    maps = torch.rand(3, 29, 29, generator=generator, dtype=torch.float64)
    upsampling = Upsampling.between((5, 4), size=29)
    large = (upsampling.enlarge(grids) * maps).sum((1, 2))
    small = (grids * upsampling.adjoint(maps)).sum((1, 2))
    assert torch.allclose(large, small, rtol=1e-12)
