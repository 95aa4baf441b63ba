"""Pairs of like images, found by the figures of all images and asked about by their pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explain.probes import pairs
from explain.probes.pairs import Pair
from explain.types import Failure
from studyapp.compute.artefact_files import in_8_bits
from studyapp.compute.image_figures import image_figures
from studyapp.compute.probe_rows import ProbeWork
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.errors import InputError
from studyapp.models import Image
from studyapp.progress import Progress, silent

#: Every image is compared with every other; 20,000 take some minutes and 0.5 GB.
MOST_IMAGES = 20_000
IMAGES_AT_ONCE = 512


def prepare_pairs(work: ProbeWork, images: Sequence[Image], *, progress: Progress = silent) -> None:
    """The figures of these images: one worker's part of what pairs are found by."""
    image_figures(work.classifier, images, model=work.model, features=True, progress=progress)


def find_pairs(
    work: ProbeWork, images: Sequence[Image], *, failures: list[str], progress: Progress = silent
) -> int:
    """Find the pairs and keep them, all or none; returns how many are new.

    Images whose files cannot be read are added to `failures`. Raises InputError where there are too
    many images, ParameterError where no two are predicted differently.
    """
    if len(images) > MOST_IMAGES:
        raise InputError(
            f"{len(images)} images are too many to be compared with each other",
            item="probe pairs",
            remedy=f"Take one class with --class, or a set of {MOST_IMAGES} images",
        )
    keys: list[int] = []
    classes: list[int] = []
    features: list[np.ndarray] = []
    for start in range(0, len(images), IMAGES_AT_ONCE):
        piece = images[start : start + IMAGES_AT_ONCE]
        found, failed = image_figures(work.classifier, piece, model=work.model, features=True)
        failures += [str(failure.error) for failure in failed]
        for pk, figures in found.items():
            if figures.features is not None:
                keys.append(pk)
                classes.append(int(figures.logits.argmax()))
                features.append(figures.features)
        progress(start + len(piece), len(images))
    if not keys:
        raise InputError(
            f"none of {len(images)} images can be compared",
            item=failures[0].rstrip(".") if failures else "probe pairs",
            remedy="Look at the first image's error",
        )
    options = work.request.given()
    chosen = pairs.find(np.array(classes, np.int64), np.stack(features), **options)
    return _asked(work, chosen, images={image.pk: image for image in images}, keys=keys)


def _asked(
    work: ProbeWork, chosen: Sequence[Pair], *, images: dict[int, Image], keys: list[int]
) -> int:
    """Ask about the images of the pairs alone, whose places become those among themselves."""
    places = sorted({place for pair in chosen for place in (pair.first, pair.second)})
    rows = [images[keys[place]] for place in places]
    targets = [Target(each.pk, each.image_id, str(each.file), 0) for each in rows]
    pictures: list[Picture] = []
    for result in read_images(work.classifier, targets):
        if isinstance(result, Failure):
            raise result.error
        pictures.append(result)
    now_at = {place: number for number, place in enumerate(places)}
    probes = pairs.ask_about(
        work.classifier,
        np.stack([in_8_bits(picture.pixels) for picture in pictures]),
        [Pair(pair.distance, now_at[pair.first], now_at[pair.second]) for pair in chosen],
        **work.request.given(),
    )
    return work.save_first(probes, pictures=pictures)
