"""A classifier whose answer is known: the share of red, green and blue, as classes 0, 1 and 2."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn


class ColourModel(nn.Module):
    input_size = 8

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.n_classes = n_classes

    def forward(self, images: Tensor) -> Tensor:
        means = images.mean((2, 3))
        rest = torch.full((len(images), self.n_classes - 3), -5.0, device=images.device)
        return torch.cat([means * 10, rest], 1)


def six_classes(weights: Path | None) -> nn.Module:
    return ColourModel(6)


def seven_classes(weights: Path | None) -> nn.Module:
    return ColourModel(7)
