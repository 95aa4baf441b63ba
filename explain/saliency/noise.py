"""Noise that an image gets whoever else is in its batch, the same on every device."""

from __future__ import annotations

import torch
from torch import Tensor

# By what the code of Szyc et al. standardises pixels: CIFAR-10's constants.
_SZYC_MEAN = (0.4914, 0.4822, 0.4465)
_SZYC_STD = (0.2023, 0.1994, 0.2010)


def draw(*, n_samples: int, size: int, seed: int) -> Tensor:
    """float32 [n_samples, 3, size, size], standard normal, on the processor.

    A sample depends on the seed and on its own number, not on how many are drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    # One by one: what a generator gives for two shapes at once is not what it gives for each.
    return torch.stack([torch.randn(3, size, size, generator=generator) for _ in range(n_samples)])


def deviation(images: Tensor, *, spread: float) -> Tensor:
    """float32 [n, 3, S, S] -> [n, 1, 1, 1]: `spread` of the largest minus the smallest value."""
    return spread * _extent(images)


def szyc_deviation(images: Tensor, *, spread: float) -> Tensor:
    """[n, 3, S, S] in [0, 1] -> [n, 3, 1, 1]: what the code of Szyc et al. gives each channel.

    It divides by the range instead of multiplying with it, on standardised pixels; an image
    without a range gets no noise.
    """
    mean, std = (
        torch.tensor(values, device=images.device).view(1, 3, 1, 1)
        for values in (_SZYC_MEAN, _SZYC_STD)
    )
    extent = _extent((images - mean) / std)
    return torch.where(_extent(images) > 0, spread / extent, 0.0) * std


def _extent(images: Tensor) -> Tensor:
    return images.amax((1, 2, 3), keepdim=True) - images.amin((1, 2, 3), keepdim=True)
