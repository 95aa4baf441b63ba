"""Unlabelled pictures from anywhere, with what the model says as their captions."""

from __future__ import annotations

from dataclasses import replace

from explain.classifiers import Classifier
from explain.errors import ParameterError
from explain.probes.answers import Question, asker
from explain.probes.types import Probe
from explain.types import RGBImages


def probe(
    classifier: Classifier,
    images: RGBImages,
    *,
    confident: float = 0.0,
    k: int = 5,
    batch_size: int | None = None,
) -> list[Probe]:
    """What does the model say to pictures that nobody labelled? In the order of the images.

    images     uint8 [N, S, S, 3], prepared as the model's own images are
    confident  the least probability of the most probable class for a picture to be used: one that
               is sure of itself and wrong is an adversarial example that nobody made

    There is no first question: `before` is None, `after` the answer, and `Probe.caption` its words.
    Flag: "not_confident".
    Raises ParameterError, ImageError for logits that are not finite, DeviceError.
    """
    if not 0 <= confident <= 1:
        raise ParameterError(
            "is no probability", item=f"confident = {confident}", remedy="Choose one of 0 to 1"
        )
    asking = asker("captions", classifier, images, classes=None, k=k, batch_size=batch_size)
    answers = asking.ask(
        [Question(index, None) for index in range(len(images))],
        provenance=asking.record({"confident": confident}, seed=None),
    )
    return [
        replace(
            each,
            before=None,
            probability_before=None,
            flags=("not_confident",) if each.probability_after < confident else (),
        )
        for each in answers
    ]
