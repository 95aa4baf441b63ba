"""The explanation path: superpixels revealed one by one (Stock and Cisse, figure 10b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from explain import device as devices
from explain.attention.rendering import render
from explain.attention.responses import Responder, not_finite
from explain.attention.results import Attention
from explain.attention.settings import Background
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.types import RGBImage


@dataclass(frozen=True, slots=True, eq=False)
class AttentionPath:
    """How the model's belief grows with what it is shown.

    frames         uint8 [K, S, S, 3]; frame j shows the j + 1 strongest superpixels, the last one
                   is the attention image; K = 0 where nothing is positive
    probabilities  float64 [K] in [0, 1], of the explained class at each frame: an insertion curve
    """

    frames: npt.NDArray[np.uint8]
    probabilities: npt.NDArray[np.float64]


def path(classifier: Classifier, image: RGBImage, attention: Attention) -> AttentionPath:
    """Frames 1..K of the attention image of `image`, uint8 [S, S, 3], and the model's answers.

    Raises ImageError if the image is not the one that was explained, or a frame has logits that
    are not finite; DeviceError where not even one frame fits.
    """
    background = cast(Background, attention.provenance.parameters["background"])
    frames = np.empty((len(attention.shown), *attention.image.shape), dtype=np.uint8)
    for j in range(len(frames)):
        frames[j] = render(
            image, attention.segments, attention.shown[: j + 1], background=background
        )
    if len(frames) == 0:
        return AttentionPath(frames=frames, probabilities=np.empty(0))
    if not np.array_equal(frames[-1], attention.image):
        raise ImageError(
            "it is not the image that was explained",
            item="the path's image",
            remedy="Give the very pixels that the explanation was made of",
        )
    size = devices.batch_size(classifier.device, input_size=classifier.input_size)
    responder = Responder(classifier, limit=size)
    found = responder.probabilities(classifier.tensor(frames))[:, attention.class_index]
    probabilities = found.cpu().numpy()
    if not np.isfinite(probabilities).all():
        raise not_finite(classifier, "the path's image")
    return AttentionPath(frames=frames, probabilities=probabilities)
