"""A tiny model whose input is large enough to paste into, and images whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explain import classifiers
from explain.classifiers import Classifier
from tests.explain.tiny_models import Channels

SIDE = 16
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


class Colours(Channels):
    """Ten times the means of red, green and blue, and 5 as a fourth logit."""

    input_size = SIDE

    def __init__(self) -> None:
        super().__init__()
        with torch.no_grad():
            for parameter in self.conv.parameters():
                parameter.mul_(10)


class Broken(Colours):
    """No number for an image with a pixel of full green."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        green = images[:, 1].amax((1, 2), keepdim=False)[:, None]
        return super().forward(images) + torch.where(green > 0.9999, torch.nan, 0.0)


def colours(weights: Path | None) -> nn.Module:
    return Colours()


def broken(weights: Path | None) -> nn.Module:
    model = Broken()
    model.input_size = 3  # the noise it is checked with has no full green in so few pixels
    return model


def load(name: str = "colours") -> Classifier:
    return classifiers.load(f"tests.explain.probes.models:{name}", device="cpu")


def filled(*colours: tuple[int, int, int], side: int = SIDE) -> npt.NDArray[np.uint8]:
    """uint8 [len(colours), side, side, 3]."""
    images = np.empty((len(colours), side, side, 3), np.uint8)
    images[:] = np.array(colours, np.uint8)[:, None, None]
    return images


def random_images(count: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
