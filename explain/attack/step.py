"""One step of the attack: the gradient of the loss, and a move along it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from explain.attack.settings import BALL, LEVEL, Settings, step_sizes
from explain.classifiers import Classifier
from explain.errors import ModelError
from explain.types import Logits

_SURE = 1e-6


def gradient(
    classifier: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    wanted: Callable[[Logits], bool] = lambda _logits: True,
) -> tuple[Logits, Tensor]:
    """Logits of images, and the gradient of each one's cross-entropy with respect to its pixels.

    float32 [B, 3, S, S] in [0, 1] and int64 [B] -> float32 [B, C] and float32 [B, 3, S, S]. Where
    `wanted` says of the logits that nobody needs the gradient it is not computed, and is zero.

    Raises ModelError if the logits cannot be differentiated with respect to the image.
    """
    # A caller's inference mode would leave no trace to go back along.
    with torch.inference_mode(False), torch.enable_grad():
        pixels = images.detach().requires_grad_()
        logits = classifier.module(pixels)
        found: Logits = logits.detach().float().cpu().numpy()
        if not wanted(found):
            return found, torch.zeros_like(images)
        try:
            # A sum: the gradient of an image must not shrink with the number of its neighbours.
            (slope,) = torch.autograd.grad(_losses(logits, labels).sum(), pixels)
        except RuntimeError as error:
            if "does not require grad" not in str(error) and "unused" not in str(error):
                raise
            raise ModelError(
                "its logits cannot be differentiated with respect to the image",
                item=f"model {classifier.name!r}",
                remedy="Take torch.no_grad, detach and numpy out of its forward pass",
            ) from error
    return found, slope


def move(
    images: Tensor, slope: Tensor, *, start: Tensor, scale: Tensor, settings: Settings
) -> Tensor:
    """The images one step further along their gradients, within [0, 1].

    All float32 [B, 3, S, S] but `scale`, [1, 3, 1, 1]: see `settings.channel_scale`. `start` is
    where the images were before the first step, which bounds a quantised attack. The sign of zero
    is zero: where the gradient is, nothing moves.
    """
    if settings.norm == "linf":
        moved = images + step_sizes(scale, settings=settings) * slope.sign()
    else:
        moved = images + settings.step * scale * _unit(slope * scale)
    if settings.quantised:
        nearby = torch.minimum(torch.maximum(moved, start - BALL * LEVEL), start + BALL * LEVEL)
        # On the very numbers that 8-bit pixels become, so that no flip is lost when it is stored.
        return (nearby.clamp(0, 1) * 255).round() / 255
    return moved.clamp_(0, 1)


def _unit(slope: Tensor) -> Tensor:
    """Each image's gradient at Euclidean length 1, or 0 where it is zero."""
    # By its largest value first: the squares of small gradients would not exist in float32.
    largest = slope.abs().amax((1, 2, 3), keepdim=True)
    scaled = slope / torch.where(largest > 0, largest, 1.0)
    length = scaled.square().sum((1, 2, 3), keepdim=True).sqrt()
    return scaled / torch.where(length > 0, length, 1.0)


def _losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each image, so that its gradient has bits left however sure the network is.

    In float32 alone as everybody computes it, down to the sign of every slope, but where 1 - p
    would keep fewer than four bits.
    """
    narrow = cross_entropy(logits, labels, reduction="none")
    if logits.device.type == "mps":  # has no float64
        return narrow
    wide = cross_entropy(logits.double(), labels, reduction="none")
    return torch.where(narrow.detach() < _SURE, wide, narrow.double())
