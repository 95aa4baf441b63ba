"""The weights of Grad-CAM++, and what other implementations make of the same formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from explain.saliency.maps import Scaling

Compat: TypeAlias = Literal["pgc", "szyc", "torchcam"]


@dataclass(frozen=True, slots=True)
class Formula:
    """One reading of Grad-CAM++ (Chattopadhay et al. 2018, eq. 10 and 19).

    epsilon     added to the denominator of alpha; 0 guards an exactly zero denominator alone
    cube_first  sum A g^3 over the map instead of (sum A) g^3 at each place; the same where the
                gradient does not depend on the place, as before global average pooling
    inner       look at the last convolution of the stage, not at the stage's output
    scaling     how the map is stretched to [0, 1]
    """

    epsilon: float = 0.0
    cube_first: bool = False
    inner: bool = False
    scaling: Scaling = "grid"

    def weights(self, features: Tensor, *, first: Tensor, second: Tensor, third: Tensor) -> Tensor:
        """Features and the terms g, g^2, g^3, float64 [n, C, h, w] each -> weights [n, C].

        The class score of the paper is exp(S). Its derivatives are exp(S) g, exp(S) g^2, ...: the
        factor cancels in alpha, and in front of the whole map the stretching takes it out.
        """
        if self.cube_first:
            cubes = (features * third).sum((2, 3), keepdim=True)
        else:
            cubes = features.sum((2, 3), keepdim=True) * third
        denominator = 2 * second + cubes + self.epsilon
        defined = denominator != 0
        alpha = torch.where(defined, second / torch.where(defined, denominator, 1.0), 0.0)
        return (alpha * first.relu()).sum((2, 3))


EXACT = Formula()
FORMULAS: Mapping[Compat | None, Formula] = {
    None: EXACT,
    "pgc": Formula(epsilon=1e-6, scaling="pgc"),
    "szyc": Formula(epsilon=1e-7, cube_first=True, inner=True),
    "torchcam": Formula(epsilon=1e-8, cube_first=True),
}


def exact(values: Tensor) -> Tensor:
    """The same numbers as float64, where cubes of gradients near 1e-4 keep their digits."""
    # Apple's GPUs know no float64.
    return (values.cpu() if values.device.type == "mps" else values).double()


def weighted(features: Tensor, weights: Tensor) -> Tensor:
    """[n, C, h, w] and [n, C] -> [n, h, w]."""
    return torch.einsum("nchw,nc->nhw", features, weights)
