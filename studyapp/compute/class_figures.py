"""The figures that example sets are chosen by, for the images of one class."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import cast

import numpy as np
from scipy.special import softmax

from explain import device as devices
from explain import provenance
from explain.classifiers import Classifier
from explain.errors import ImageError
from explain.selection import Candidates
from explain.types import Failure, Images
from studyapp.compute.input_errors import as_input_error
from studyapp.compute.read_images import Picture, Target, read_images
from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings, parameters_hash
from studyapp.models import AdversarialImage, Image, LabelClass, VisionModel


def by_network(
    classifier: Classifier, images: Sequence[Image], *, label: LabelClass, features: bool
) -> Candidates[int]:
    """The label's probability for each image, and pooled features where they are asked for.

    An image whose file cannot be read takes no part. Raises InputError where none can.
    """
    targets = [Target(each.pk, each.image_id, str(each.file), label.index) for each in images]
    size = devices.batch_size(classifier.device, input_size=classifier.input_size)
    keys: list[int] = []
    columns: list[tuple[np.ndarray, np.ndarray | None]] = []
    failed: ImageError | None = None
    source = read_images(classifier, targets)
    with as_input_error():
        while results := list(islice(source, size)):
            good = [each for each in results if isinstance(each, Picture)]
            failed = next((each.error for each in results if isinstance(each, Failure)), failed)
            if not good:
                continue
            pixels = cast(Images, np.stack([picture.pixels for picture in good]))
            logits = classifier.logits(pixels).astype(np.float64)
            keys += [picture.target.pk for picture in good]
            columns.append(
                (
                    softmax(logits, axis=1)[:, label.index],
                    classifier.features(pixels) if features else None,
                )
            )
    if failed is not None and not keys:
        raise InputError(failed.what, item=failed.item, remedy=failed.remedy)
    return Candidates(
        keys=keys,
        name=label.name,
        probabilities=np.concatenate([each for each, _ in columns]),
        features=np.concatenate([each for _, each in columns if each is not None])
        if features
        else None,
        provenance=provenance.record(
            classifier,
            method="class_figures_v1",
            parameters={"features": features, "probability": "softmax"},
            layer=provenance.layer_name(classifier) if features else None,
        ),
    )


def by_attack(
    images: Sequence[Image],
    *,
    label: LabelClass,
    model: VisionModel,
    settings: AdversarialSettings,
) -> Candidates[int]:
    """How many steps each image withstood, from the adversarial images there are.

    Raises InputError where the images of the class were not attacked with these settings.
    """
    rows = AdversarialImage.objects.filter(
        vision_model=model,
        label_class=label,
        image__in=[each.pk for each in images],
        parameters_hash=parameters_hash(settings),
    ).order_by("image")
    figures = [
        (row.image_id, _flip_step(row, max_steps=settings.max_steps), row.label_probability)
        for row in rows
    ]
    if not figures:
        raise InputError(
            f"no image of {label.name} was attacked with {settings.max_steps} steps of "
            f"{settings.step:g}",
            item=f"model {model.name!r}",
            remedy="Run explain --kind adversarial with the same settings first",
        )
    return Candidates(
        keys=[key for key, _, _ in figures],
        name=label.name,
        flip_steps=np.array([step for _, step, _ in figures], dtype=np.int64),
        label_probabilities=np.array([probability for *_, probability in figures]),
        max_steps=settings.max_steps,
    )


def _flip_step(row: AdversarialImage, *, max_steps: int) -> int:
    if not row.admitted:
        return 0
    return max_steps + 1 if row.steps_to_flip is None else row.steps_to_flip
