"""Artefacts as the compute steps leave them, without torch: small pictures with known pixels."""

from __future__ import annotations

import io
from typing import Any, TypeVar

import factory
import numpy as np
from factory.django import DjangoModelFactory
from PIL import Image as PILImage

from studyapp import storage
from studyapp.imaging import encode_png
from studyapp.models import (
    AdversarialImage,
    Artefact,
    AttentionImage,
    Example,
    ExampleSet,
    ProbeResult,
    SaliencyMap,
)
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, VisionModelFactory

SIDE = 16
A = TypeVar("A", bound=Artefact)


def stored_picture(colour: tuple[int, int, int], *, width: int = SIDE) -> str:
    picture = PILImage.new("RGB", (width, SIDE), colour)
    return storage.store(encode_png(picture), folder="artefacts", suffix=".png")[0]


def stored_segments() -> str:
    """Four columns of pixels: superpixels 0 to 3."""
    numbers = np.repeat(np.arange(4, dtype=np.uint8), SIDE // 4)[None].repeat(SIDE, 0)
    content = encode_png(PILImage.fromarray(numbers))
    return storage.store(content, folder="artefacts", suffix=".png")[0]


def stored_map() -> str:
    """0 on the left half, 1 on the right."""
    values = np.zeros((SIDE, SIDE), dtype=np.float32)
    values[:, SIDE // 2 :] = 1
    out = io.BytesIO()
    np.savez_compressed(out, map=values)
    return storage.store(out.getvalue(), folder="artefacts", suffix=".npz")[0]


class ArtefactFactory(DjangoModelFactory[A]):
    class Meta:
        abstract = True

    image = factory.SubFactory(ShownImageFactory)
    vision_model = factory.SubFactory(
        VisionModelFactory, class_list=factory.SelfAttribute("..image.image_set.class_list")
    )
    label_class = factory.SelfAttribute("image.label")
    parameters_hash = factory.Sequence(lambda n: f"{n:064d}")
    input_file = factory.LazyFunction(lambda: stored_picture((100, 120, 140)))


class AttentionImageFactory(ArtefactFactory[AttentionImage]):
    class Meta:
        model = AttentionImage

    method = "lime_v1"
    file = factory.LazyFunction(lambda: stored_picture((0, 0, 0)))
    segments_file = factory.LazyFunction(stored_segments)
    path_file = factory.LazyFunction(lambda: stored_picture((9, 9, 9), width=2 * SIDE))
    path_probabilities = factory.LazyFunction(lambda: [0.25, 0.75])
    weights = factory.LazyFunction(lambda: [0.5, -0.25, 0.125, 0.0])
    shown = factory.LazyFunction(lambda: [0, 2])
    n_positive = 2
    intercept = 0.1
    r2 = 0.9
    local_prediction = 0.7
    probability = 0.8


class AdversarialImageFactory(ArtefactFactory[AdversarialImage]):
    class Meta:
        model = AdversarialImage

    method = "ifgsm"
    admitted = True
    probability = 0.9
    label_probability = 0.2
    steps_to_flip = 3
    flip_file = factory.LazyFunction(lambda: stored_picture((102, 118, 140)))
    flip_class = factory.LazyAttribute(lambda o: o.image.image_set.class_list.classes.get(index=1))
    flip_survives = True


class SaliencyMapFactory(ArtefactFactory[SaliencyMap]):
    class Meta:
        model = SaliencyMap

    method = "grad_cam_pp"
    file = factory.LazyFunction(stored_map)
    grid = factory.LazyFunction(lambda: [[0.0, 1.0], [0.0, 1.0]])


class ProbeResultFactory(DjangoModelFactory[ProbeResult]):
    class Meta:
        model = ProbeResult

    image = factory.SubFactory(ShownImageFactory)
    vision_model = factory.SubFactory(
        VisionModelFactory, class_list=factory.SelfAttribute("..image.image_set.class_list")
    )
    kind = "tiles"
    parameters_hash = "p"
    input_file = factory.LazyFunction(lambda: stored_picture((100, 120, 140)))
    file = factory.LazyFunction(lambda: stored_picture((1, 2, 3)))
    before = factory.LazyFunction(lambda: {"classes": [0, 1], "probabilities": [0.75, 0.25]})
    after = factory.LazyFunction(lambda: {"classes": [1, 0], "probabilities": [0.625, 0.375]})
    label_class = factory.SelfAttribute("image.label")
    probability_before = 0.75
    probability_after = 0.375
    box = factory.LazyFunction(lambda: [0, 0, 8, 8])


class ExampleSetFactory(DjangoModelFactory[ExampleSet]):
    """A set with one prototype and one criticism, the second a fall-back."""

    class Meta:
        model = ExampleSet
        skip_postgeneration_save = True

    image_set = factory.SubFactory(ImageSetFactory)
    label_class = factory.LazyAttribute(lambda o: o.image_set.class_list.classes.get(index=0))
    method = "confidence"
    parameters_hash = "p"
    candidates_hash = "c"
    n_candidates = 2

    @factory.post_generation
    def examples(self: ExampleSet, create: bool, extracted: object, **kwargs: Any) -> None:
        for role, strict in (("prototype", True), ("criticism", False)) if create else ():
            Example.objects.create(
                example_set=self,
                image=ShownImageFactory.create(image_set=self.image_set),
                role=role,
                rank=0,
                strict=strict,
                scores={"probability": 0.5},
            )
