"""Probabilities of a batch, in parts as small as the device's memory asks for."""

from __future__ import annotations

import logging

import torch
from torch import Tensor

from explain import device as devices
from explain.classifiers import Classifier
from explain.errors import DeviceError, ImageError

logger = logging.getLogger(__name__)


class Responder:
    """Asks a classifier; halves what it asks at once when the device's memory is full."""

    def __init__(self, classifier: Classifier, *, limit: int) -> None:
        self._classifier, self._limit = classifier, limit

    def probabilities(self, images: Tensor) -> Tensor:
        """float32 [b, 3, S, S] in [0, 1] -> float64 [b, C], softmax; NaN where a logit is none."""
        while True:
            try:
                parts = [self._softmax(part) for part in torch.split(images, self._limit)]
            except torch.OutOfMemoryError as error:
                self._halve(len(images), error)
            else:
                return torch.cat(parts)
            if self._classifier.device.type == "cuda":
                torch.cuda.empty_cache()

    def _softmax(self, images: Tensor) -> Tensor:
        with torch.inference_mode():
            logits = self._classifier.module(images).double()
            # One infinity makes a probability of 1 or 0 of what is no answer at all.
            finite = torch.isfinite(logits).all(dim=1, keepdim=True)
            return torch.where(finite, logits.softmax(1), torch.nan)

    def _halve(self, images: int, error: torch.OutOfMemoryError) -> None:
        half = min(self._limit, images) // 2
        device = self._classifier.device
        if half == 0:
            raise DeviceError(
                "its memory does not hold a single image",
                item=devices.describe(device),
                remedy="Free its memory, or choose another device",
            ) from error
        logger.warning("Out of memory on %s: %d images at once from now on", device, half)
        self._limit = half


def not_finite(classifier: Classifier, key: object) -> ImageError:
    """The error of an image for which the model gives no numbers."""
    return ImageError(
        f"the logits of {classifier.name} for its perturbations are not finite numbers",
        item=str(key),
        remedy="Leave the image out, or check the model's weights",
    )
