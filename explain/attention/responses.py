"""Probabilities of a batch, in parts as small as the device's memory asks for."""

from __future__ import annotations

import torch
from torch import Tensor

from explain.batches import Batches
from explain.classifiers import Classifier
from explain.errors import ImageError


class Responder:
    """Asks a classifier; halves what it asks at once when the device's memory is full."""

    def __init__(self, classifier: Classifier, *, limit: int) -> None:
        self._classifier = classifier
        self._batches = Batches(classifier.device, limit)

    def probabilities(self, images: Tensor) -> Tensor:
        """float32 [b, 3, S, S] in [0, 1] -> float64 [b, C], softmax; NaN where a logit is none."""
        parts = self._batches.run(lambda part: self._softmax(images[part]), count=len(images))
        return torch.cat(list(parts))

    def _softmax(self, images: Tensor) -> Tensor:
        with torch.inference_mode():
            logits = self._classifier.module(images).double()
            # One infinity makes a probability of 1 or 0 of what is no answer at all.
            finite = torch.isfinite(logits).all(dim=1, keepdim=True)
            return torch.where(finite, logits.softmax(1), torch.nan)


def not_finite(classifier: Classifier, key: object) -> ImageError:
    """The error of an image for which the model gives no numbers."""
    return ImageError(
        f"the logits of {classifier.name} for its perturbations are not finite numbers",
        item=str(key),
        remedy="Leave the image out, or check the model's weights",
    )
