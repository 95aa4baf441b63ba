"""Networks whose attack can be worked out by hand, and some that break in it one way each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from explain import classifiers
from explain.classifiers import Classifier
from explain.types import Images

SIDE = 4


class Linear(nn.Module):
    """Two classes; the first has the logit w.(x - 0.5), the second the logit 0."""

    input_size = SIDE

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(5)
        # Whole numbers, so that their sum is exact.
        weight = torch.randint(1, 9, (3, SIDE, SIDE), generator=generator)
        sign = torch.randint(0, 2, (3, SIDE, SIDE), generator=generator) * 2 - 1
        self.register_buffer("weight", (weight * sign).float())

    weight: Tensor

    def forward(self, images: Tensor) -> Tensor:
        first = ((images - 0.5) * self.weight).flatten(1).sum(1)
        return torch.stack([first, torch.zeros_like(first)], 1)


class Divided(Linear):
    """The same, and it says what it divides pixels by."""

    def __init__(self, std: object) -> None:
        super().__init__()
        self.std = std


class Flat(Linear):
    """The first class whatever the image: a gradient of zero everywhere."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images) * 0 + torch.tensor([1.0, 0.0])


class Detached(Linear):
    """Cuts the way back to the image."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images.detach())


class Breaks(Linear):
    """NaN for an image whose first value is full."""

    def forward(self, images: Tensor) -> Tensor:
        broken = images[:, 0, 0, 0] == 1
        return torch.where(broken[:, None], torch.nan, super().forward(images))


class Steep(Linear):
    """Fine logits everywhere, and an infinite slope where the first value is zero."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        return logits + images[:, :1, 0, 0].sqrt() * torch.tensor([0.0, 1.0])


class Crowded(Linear):
    """Out of memory above three images."""

    def forward(self, images: Tensor) -> Tensor:
        if len(images) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


def linear(weights: Path | None) -> nn.Module:
    return Linear()


def three_numbers(weights: Path | None) -> nn.Module:
    return Divided([0.2, 0.25, 0.5])


def negative_std(weights: Path | None) -> nn.Module:
    return Divided([0.2, -0.25, 0.5])


def text_std(weights: Path | None) -> nn.Module:
    return Divided("a quarter")


def flat(weights: Path | None) -> nn.Module:
    return Flat()


def detached(weights: Path | None) -> nn.Module:
    return Detached()


def breaks(weights: Path | None) -> nn.Module:
    return Breaks()


def steep(weights: Path | None) -> nn.Module:
    return Steep()


def crowded(weights: Path | None) -> nn.Module:
    return Crowded()


def load(name: str = "linear") -> Classifier:
    return classifiers.load(f"tests.explain.attack.linear_models:{name}", device="cpu")


def norm1(classifier: Classifier) -> float:
    """How fast a step of 1 takes the margin away."""
    weight: Tensor = classifier.module.get_buffer("weight")
    return float(weight.abs().sum())


def with_margins(classifier: Classifier, margins: Iterable[float]) -> Images:
    """Images float32 [N, 4, 4, 3] near grey, the first class's logit of each a given number."""
    weight = classifier.module.get_buffer("weight").permute(1, 2, 0).double().numpy()
    direction = weight / np.square(weight).sum()
    grey = np.full((SIDE, SIDE, 3), 0.5)
    return np.stack([grey + margin * direction for margin in margins]).astype(np.float32)


def grey(count: int, *, seed: int = 0) -> Images:
    """uint8 [N, 4, 4, 3] around the middle, so that no step is cut off at 0 or 1."""
    return np.random.default_rng(seed).integers(100, 156, (count, SIDE, SIDE, 3), dtype=np.uint8)
