"""Networks whose answer to every perturbation is known, and images for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from explain import classifiers
from explain.attention.perturbation import hidden_image
from explain.classifiers import Classifier
from explain.superpixels import Quickshift, Segments, count
from explain.types import RGBImage

SIDE = 96


def blobs(seed: int, *, side: int = SIDE) -> RGBImage:
    """A soft random pattern of a few dozen superpixels, with some noise in each."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(40, 216, (12, 12, 3), dtype=np.uint8))
    soft = np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).astype(np.int16)
    noise = generator.integers(-20, 21, (side, side, 3))
    image: RGBImage = np.clip(soft + noise, 0, 255).astype(np.uint8)
    return image


def segments_of(image: RGBImage) -> Segments:
    return Quickshift().segment([image], device=torch.device("cpu"))[0]


def planted_weights(n: int) -> np.ndarray:
    """float64 [n], of both signs, no two alike, with a sum of absolute values of 0.4."""
    weights = np.random.default_rng(5).permutation(np.linspace(-1, 1.5, n))
    return np.asarray(0.4 * weights / np.abs(weights).sum())


class Additive(nn.Module):
    """P(class 1) = base + the planted weights of those superpixels of one image that are seen.

    Each superpixel is recognised by its deviation from its own mean colour.
    """

    input_size = SIDE

    def __init__(self, image: RGBImage) -> None:
        super().__init__()
        segments = segments_of(image)
        seen = torch.from_numpy(image).float().div(255).double()
        unseen = torch.from_numpy(hidden_image(image, segments)).float().div(255).double()
        deviation = seen - unseen
        energy = torch.zeros(count(segments), dtype=torch.float64)
        ids = torch.from_numpy(segments.astype(np.int64))
        energy.index_add_(0, ids.flatten(), deviation.square().sum(2).flatten())
        weights = torch.from_numpy(planted_weights(len(energy)))
        self.register_buffer("coefficients", deviation * (weights / energy)[ids][..., None])
        self.register_buffer("unseen", unseen)

    def forward(self, images: Tensor) -> Tensor:
        coefficients, unseen = self.get_buffer("coefficients"), self.get_buffer("unseen")
        moved = images.double().permute(0, 2, 3, 1) - unseen
        # Any other image, such as the noise of the check, is brought into range.
        p = (0.5 + (moved * coefficients).sum((1, 2, 3))).clamp(0.01, 0.99)
        return torch.stack([torch.log(1 - p), torch.log(p)], dim=1)


def additive(weights: Path | None) -> nn.Module:
    return Additive(blobs(1))


class Small(nn.Module):
    """A random network of two convolutions, five classes."""

    input_size = SIDE

    def __init__(self) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.convolutions = nn.Sequential(
                nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU(), nn.Conv2d(8, 16, 5, 2, 2), nn.ReLU()
            )
            self.head = nn.Linear(16, 5)
        with torch.no_grad():
            self.head.weight.mul_(30)

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.convolutions(images - 0.5)
        # Read row by row, so that the network is not blind to where something is.
        pooled = maps.amax(3).mean(2)
        logits: Tensor = self.head(pooled)
        return logits


def small(weights: Path | None) -> nn.Module:
    return Small()


class RowMajor(Small):
    """Counts on rows of pixels in memory, as code written without channels_last does."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images.view(len(images), -1).view(images.shape))


def row_major(weights: Path | None) -> nn.Module:
    return RowMajor()


class Indifferent(Small):
    """The same logits for every image."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.arange(5.0).repeat(len(images), 1) + 0 * images.sum()


def indifferent(weights: Path | None) -> nn.Module:
    return Indifferent()


class Fragile(Small):
    """NaN for images of a white corner pixel."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        white = images[:, :, 0, 0].amin(1) == 1
        return torch.where(white[:, None], torch.nan, logits)


def fragile(weights: Path | None) -> nn.Module:
    return Fragile()


class Crowded(Small):
    """Out of memory above three images."""

    def forward(self, images: Tensor) -> Tensor:
        if len(images) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


def crowded(weights: Path | None) -> nn.Module:
    return Crowded()


class Full(Small):
    """Fits the two images of the check and then no image any more."""

    calls = 0

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        if self.calls > 1:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


def full(weights: Path | None) -> nn.Module:
    return Full()


def network(name: str) -> Classifier:
    return classifiers.load(f"tests.explain.attention.networks:{name}", device="cpu")
