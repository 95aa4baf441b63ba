from __future__ import annotations

from typing import Any

import pytest

from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest, make_request, parameters_hash, settings_of
from studyapp.models import ImageSet, LabelClass, VisionModel
from studyapp.selectors.explanations import missing, model_named, wanted
from tests.factories.artefacts import SaliencyMapFactory
from tests.factories.dataset import (
    ImageFactory,
    ImageSetFactory,
    PredictionFactory,
    ShownImageFactory,
    VisionModelFactory,
    mistakes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def birds() -> ImageSet:
    """right, wrong, unlabelled, and one known by its id only."""
    image_set = ImageSetFactory.create(name="birds")
    for name, label in (("right", 0), ("wrong", 0), ("unlabelled", None)):
        ShownImageFactory.create(image_set=image_set, image_id=name, label_index=label)
    ImageFactory.create(image_set=image_set, image_id="by-id")
    mistakes(image_set, model="net", wrong={"wrong": 2, "by-id": 1, "unlabelled": 3})
    return image_set


def request_of(kind: str = "saliency", **words: Any) -> ExplainRequest:
    return make_request("birds", model="net", settings=settings_of(kind, options={}), **words)


def found(request: ExplainRequest) -> dict[str, int]:
    """Index of the class by image."""
    names = dict(LabelClass.objects.values_list("pk", "index"))
    rows = wanted(request).select_related("image")
    # The queryset annotates it, which no type tells.
    return {row.image.image_id: names[getattr(row, "target")] for row in rows}  # noqa: B009


def test_each_kind_has_its_images_and_classes(birds: ImageSet) -> None:
    assert found(request_of("attention")) == {"wrong": 2}
    assert found(request_of("attention", of="label")) == {"wrong": 0}
    assert found(request_of("adversarial")) == {"right": 0}
    assert found(request_of("saliency")) == {"right": 0, "wrong": 0}
    everything = found(request_of("saliency", of="predicted"))
    assert everything == {"right": 0, "wrong": 2, "unlabelled": 3}


def test_what_was_made_for_another_class_model_or_setting_is_still_missing(birds: ImageSet) -> None:
    image = birds.images.get(image_id="right")
    request = request_of()
    made = SaliencyMapFactory.create(
        image=image,
        vision_model=VisionModel.objects.get(name="net"),
        parameters_hash=parameters_hash(request.settings),
    )
    names = missing(request).values_list("image__image_id", flat=True)
    assert list(names) == ["wrong"]
    made.label_class = birds.class_list.classes.get(index=4)
    made.save()
    assert missing(request).count() == 2
    other = VisionModelFactory.create(class_list=birds.class_list, name="other")
    PredictionFactory.create(image=image, vision_model=other, classes=[0])
    assert missing(make_request("birds", model="other", settings=request.settings)).count() == 1


def test_a_part_is_narrowed_to_its_images(birds: ImageSet) -> None:
    image = birds.images.get(image_id="wrong")
    assert wanted(request_of(), images=[image.pk]).count() == 1


def test_a_model_that_is_not_there_is_named(birds: ImageSet) -> None:
    with pytest.raises(InputError, match=r"no model of this name.*There are: net"):
        model_named("nat")
