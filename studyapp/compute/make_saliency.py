"""Saliency maps of pictures, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal, cast

import numpy as np

from explain import device as devices
from explain import saliency
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.saliency import SaliencyMaps
from explain.types import Failure, Images
from studyapp.compute.artefact_files import store_map
from studyapp.compute.kinds import Work
from studyapp.compute.read_images import Picture, Target
from studyapp.explanation import SaliencySettings
from studyapp.models import SaliencyMap


def make_saliency(
    work: Work, pictures: Iterable[Picture]
) -> Iterator[SaliencyMap | Failure[Target]]:
    """A map per picture, computed in batches of what suits the device."""
    classifier = work.classifier
    size = devices.batch_size(classifier.device, input_size=classifier.input_size)
    source = iter(pictures)
    while batch := list(islice(source, size)):
        yield from _rows(work, batch)


def _rows(work: Work, batch: list[Picture]) -> Iterator[SaliencyMap | Failure[Target]]:
    """Rows of a batch; where an image spoils it, of its halves, down to that image alone."""
    try:
        maps = _maps(work, batch)
    except ImageError as error:
        if len(batch) == 1:
            target = batch[0].target
            named = ImageError(error.what, item=target.image_id, remedy=error.remedy)
            yield Failure(key=target, error=named)
            return
        middle = len(batch) // 2
        yield from _rows(work, batch[:middle])
        yield from _rows(work, batch[middle:])
        return
    for index, picture in enumerate(batch):
        constant = bool(maps.constant[index])
        yield SaliencyMap(
            **work.common(picture, provenance=maps.provenance),
            file=store_map(maps.maps[index]),
            grid=[[round(float(value), 6) for value in row] for row in maps.grid[index]],
            constant=constant,
            flags=["constant"] if constant else [],
        )


def _maps(work: Work, batch: list[Picture]) -> SaliencyMaps:
    images = cast(Images, np.stack([picture.pixels for picture in batch]))
    classes = [picture.target.class_index for picture in batch]
    settings = cast(SaliencySettings, work.settings)
    return _METHODS[settings.method](work.classifier, images, classes, settings)


def _grad_cam_pp(
    classifier: Classifier, images: Images, classes: list[int], settings: SaliencySettings
) -> SaliencyMaps:
    return saliency.grad_cam_pp(classifier, images, classes, compat=settings.compat)


def _smooth_grad_cam_pp(
    classifier: Classifier, images: Images, classes: list[int], settings: SaliencySettings
) -> SaliencyMaps:
    return saliency.smooth_grad_cam_pp(
        classifier,
        images,
        classes,
        n_samples=settings.n_samples,
        spread=settings.spread,
        seed=settings.seed,
        # Refused there if it is another one.
        compat=cast(Literal["szyc"] | None, settings.compat),
    )


def _score_cam(
    classifier: Classifier, images: Images, classes: list[int], settings: SaliencySettings
) -> SaliencyMaps:
    return saliency.score_cam(classifier, images, classes, variant=settings.variant)


_METHODS = {
    "grad_cam_pp": _grad_cam_pp,
    "smooth_grad_cam_pp": _smooth_grad_cam_pp,
    "score_cam": _score_cam,
}
