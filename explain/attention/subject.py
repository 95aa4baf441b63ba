"""One image to be explained, divided into superpixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np

from explain import superpixels
from explain.attention.perturbation import hidden_image
from explain.attention.settings import Settings
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.superpixels import Segments
from explain.types import Failure, K, RGBImage


@dataclass(frozen=True, slots=True, eq=False)
class Subject(Generic[K]):
    """An image, the class it is asked about, and its parts.

    key          what the caller named the image
    image        uint8 [S, S, 3]
    class_index  of the model's classes
    segments     int32 [S, S], ids 0..F-1
    hidden       uint8 [S, S, 3]: the image with every superpixel hidden
    """

    key: K
    image: RGBImage
    class_index: int
    segments: Segments
    hidden: RGBImage

    @property
    def n_superpixels(self) -> int:
        return superpixels.count(self.segments)

    @property
    def is_flat(self) -> bool:
        """Whether hiding changes no pixel, so that every perturbation is the image itself."""
        return bool(np.array_equal(self.image, self.hidden))


def subjects_of(
    classifier: Classifier, group: Sequence[tuple[K, RGBImage, int]], *, settings: Settings
) -> list[Subject[K] | Failure[K]]:
    """Images with their classes -> subjects in the same order, segmented together."""
    found: list[Subject[K] | Failure[K]] = []
    errors = [_refusal(classifier, key, image, wanted) for key, image, wanted in group]
    good = [image for (_, image, _), error in zip(group, errors, strict=True) if error is None]
    maps = iter(settings.segmentation.segment(good, device=classifier.device))
    for (key, image, wanted), error in zip(group, errors, strict=True):
        if error is None:
            found.append(_subject(key, image, int(wanted), next(maps), top_k=settings.top_k))
        else:
            found.append(Failure(key=key, error=error))
    return found


def _refusal(classifier: Classifier, key: K, image: RGBImage, wanted: int) -> ImageError | None:
    shape = (classifier.input_size, classifier.input_size, 3)
    if image.dtype != np.uint8 or image.shape != shape:
        return ImageError(
            f"{image.dtype} {image.shape} is not what {classifier.name} takes, uint8 {shape}",
            item=str(key),
            remedy="Pass it through classifier.prepare, or choose another model",
        )
    if not 0 <= wanted < classifier.n_classes:
        return ImageError(
            f"class {wanted} is out of range, {classifier.name} has 0..{classifier.n_classes - 1}",
            item=str(key),
            remedy="Check that the class list is the model's",
        )
    return None


def _subject(
    key: K, image: RGBImage, class_index: int, segments: Segments, *, top_k: int
) -> Subject[K] | Failure[K]:
    subject = Subject(
        key=key,
        image=image,
        class_index=class_index,
        segments=segments,
        hidden=hidden_image(image, segments),
    )
    if subject.n_superpixels > top_k or subject.is_flat:
        return subject
    error = ImageError(
        f"it has {subject.n_superpixels} superpixels, the best {top_k} would be all of it",
        item=str(key),
        remedy="Choose a smaller top_k, or leave the image out",
    )
    return Failure(key=key, error=error)
