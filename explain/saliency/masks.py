"""Channels as masks in front of the image, composed on the device a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.saliency.upsampling import Upsampling

# Mean colour of ImageNet's training images, for models that do not say what they take off.
_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """A mask for each channel of each image: its features, enlarged and stretched to [0, 1].

    features   float32 [n, C, h, w]
    from_zero  divide by the range without taking the smallest value off; masks may exceed 1
    """

    features: Tensor
    upsampling: Upsampling
    from_zero: bool = False

    def live(self) -> Tensor:
        """int64 [pairs, 2]: image and channel of the features that are not the same everywhere."""
        return (self.features.amax((2, 3)) > self.features.amin((2, 3))).nonzero()

    def ranges(self) -> Tensor:
        """float32 [n, C]: largest minus smallest value of the enlarged features; 1 where 0."""
        flat = self.features.flatten(0, 1)
        edges = torch.empty(2, len(flat), device=flat.device)
        # A few at a time: all at once they are C times the size of an image.
        for start in range(0, len(flat), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            edges[:, some] = torch.stack(_range(self.upsampling.enlarge(flat[some])))
        low, high = edges.view(2, *self.features.shape[:2])
        return torch.where(high > low, high - low, 1.0)

    def through(self, images: Tensor, *, image: Tensor, channel: Tensor, hidden: Tensor) -> Tensor:
        """[b, 3, S, S]: images seen through masks, `hidden` [1, 3, 1, 1] where a mask is 0.

        images          float32 [n, 3, S, S]
        image, channel  int64 [b], which mask
        """
        enlarged = self.upsampling.enlarge(self.features[image, channel])
        low, high = (edge[:, None, None] for edge in _range(enlarged))
        # Features of a tiny range can lose it when they are enlarged.
        span = torch.where(high > low, high - low, 1.0)
        masks = (enlarged if self.from_zero else enlarged - low) / span
        shown = images[image].float() - hidden
        return torch.addcmul(hidden, masks[:, None], shown).to(images.dtype)


def background(
    classifier: Classifier, hidden: tuple[float, float, float] | None
) -> tuple[float, float, float]:
    """The colour to hide with: `hidden`, or what the model's normalisation makes 0.

    That is the module's buffer called mean, of three numbers; ImageNet's mean where it has none.
    Raises ParameterError for a colour outside [0, 1].
    """
    if hidden is not None:
        if not all(0 <= value <= 1 for value in hidden):
            raise ParameterError(
                "a colour is three numbers in [0, 1]",
                item=f"hidden {hidden}",
                remedy="Give red, green and blue, such as (0, 0, 0) for black",
            )
        return hidden
    for name, buffer in classifier.module.named_buffers():
        if name.rpartition(".")[2] == "mean" and buffer.numel() == 3:
            red, green, blue = buffer.flatten().tolist()
            return red, green, blue
    return _IMAGENET_MEAN


def _range(enlarged: Tensor) -> tuple[Tensor, Tensor]:
    return enlarged.amin((-2, -1)), enlarged.amax((-2, -1))
