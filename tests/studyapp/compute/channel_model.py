"""A classifier whose evidence is known: class c sees channel c, at each place, and nothing else."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn


class ChannelModel(nn.Module):
    input_size = 32

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.last_conv = nn.Conv2d(3, n_classes, 1, bias=False)
        with torch.no_grad():
            self.last_conv.weight.zero_()
            for channel in range(3):
                self.last_conv.weight[channel, channel] = 1

    def forward(self, images: Tensor) -> Tensor:
        means: Tensor = self.last_conv(images).mean((2, 3))
        return means * 10


def six_classes(weights: Path | None) -> nn.Module:
    return ChannelModel(6)
