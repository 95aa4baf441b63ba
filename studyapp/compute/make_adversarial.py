"""Adversarial images of pictures, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from explain import attack
from explain.attack import Attacked, Reading
from explain.attack import Settings as AttackSettings
from explain.types import Failure
from studyapp.compute.artefact_files import store_png
from studyapp.compute.kinds import Work
from studyapp.compute.read_images import Picture, Target
from studyapp.explanation import AdversarialSettings
from studyapp.models import AdversarialImage


def make_adversarial(
    work: Work, pictures: Iterable[Picture]
) -> Iterator[AdversarialImage | Failure[Target]]:
    """One row per picture, also where the model no longer sees the label before the first step."""
    settings = cast(AdversarialSettings, work.settings)
    chosen = AttackSettings(
        step=settings.step,
        max_steps=settings.max_steps,
        norm=settings.norm,
        pixel_scale=settings.pixel_scale,
        quantised=settings.quantised,
        keep_going=settings.keep_going,
    )
    given = ((picture, picture.pixels, picture.target.class_index) for picture in pictures)
    for result in attack.stream(work.classifier, given, settings=chosen):
        if isinstance(result, Failure):
            yield Failure(key=result.key.target, error=result.error)
        else:
            yield _row(work, result)


def _row(work: Work, attacked: Attacked[Picture]) -> AdversarialImage:
    row = AdversarialImage(
        **work.common(attacked.key, provenance=attacked.provenance),
        admitted=attacked.admitted,
        probability=attacked.probability,
        label_probability=attacked.label_probability,
        steps_to_flip=attacked.steps_to_flip,
        flags=["zero_gradient"] if attacked.zero_gradient else [],
    )
    if flip := attacked.first_flip:
        row.flip_file = store_png(flip.png)
        row.flip_class = work.classes[flip.stored.predicted]
        row.flip_survives = flip.survives_uint8
        row.readings["flip"] = _readings(flip)
    if final := attacked.final:
        row.final_file = store_png(final.png)
        row.final_class = work.classes[final.stored.predicted]
        row.final_survives = final.survives_uint8
        row.readings["final"] = _readings(final)
    return row


def _readings(image: attack.AdversarialImage) -> dict[str, Any]:
    return {
        "step": image.step,
        "computed": _reading(image.computed),
        "stored": _reading(image.stored),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "classes": [int(index) for index in reading.classes],
        "probabilities": [float(probability) for probability in reading.probabilities],
        "label_probability": reading.label_probability,
        "linf": reading.linf,
        "l2": reading.l2,
    }
