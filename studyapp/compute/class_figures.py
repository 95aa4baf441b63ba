"""The figures that example sets are chosen by, for the images of one class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import softmax

from explain import provenance
from explain.classifiers import Classifier
from explain.selection import Candidates
from explain.types import Failure
from studyapp.compute.image_figures import image_figures
from studyapp.compute.read_images import Target
from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings, parameters_hash
from studyapp.models import AdversarialImage, Image, LabelClass, VisionModel


def by_network(
    classifier: Classifier,
    images: Sequence[Image],
    *,
    model: VisionModel,
    label: LabelClass,
    features: bool,
) -> tuple[Candidates[int], list[Failure[Target]]]:
    """The label's probability for each image, and pooled features where they are asked for.

    An image whose file cannot be read takes no part, and is among the failures. Raises InputError
    where none can.
    """
    found, failures = image_figures(classifier, images, model=model, features=features)
    if not found:
        error = failures[0].error
        raise InputError(error.what, item=error.item, remedy=error.remedy)
    logits = np.stack([each.logits for each in found.values()]).astype(np.float64)
    described = [each.features for each in found.values() if each.features is not None]
    candidates = Candidates(
        keys=list(found),
        name=label.name,
        probabilities=softmax(logits, axis=1)[:, label.index],
        features=np.stack(described) if features else None,
        provenance=provenance.combined(each.provenance for each in found.values()),
    )
    return candidates, failures


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
