from __future__ import annotations

import pytest

from studyapp.explanation import make_request, parameters_hash, settings_of
from studyapp.selectors.explanation_facts import explanation_facts
from tests.factories.artefacts import AdversarialImageFactory, AttentionImageFactory
from tests.factories.dataset import ImageSetFactory, ShownImageFactory, VisionModelFactory

pytestmark = pytest.mark.django_db


def test_flips_are_counted_among_those_attacked() -> None:
    request = make_request("s", model="m", settings=settings_of("adversarial", options={}))
    image_set = ImageSetFactory.create(name="s")
    model = VisionModelFactory.create(name="m", class_list=image_set.class_list)
    survived = {"steps_to_flip": None, "flip_file": None, "flip_class": None, "flip_survives": None}
    for changes in (
        {"steps_to_flip": 1, "flip_survives": False},
        {"steps_to_flip": 4},
        survived,
        {**survived, "admitted": False},
    ):
        AdversarialImageFactory.create(
            image=ShownImageFactory.create(image_set=image_set),
            vision_model=model,
            parameters_hash=parameters_hash(request.settings),
            **changes,
        )
    AdversarialImageFactory.create()  # of another set and model
    assert explanation_facts(request) == [
        "Of 3 attacked, 1 keep their label and 1 lose it at step 1.",
        "1 of 2 first flips are still wrong as files of 8 bits.",
    ]


def test_the_fit_of_the_surrogate_is_told() -> None:
    request = make_request("s", model="m", settings=settings_of("attention", options={}))
    assert explanation_facts(request) == []
    image_set = ImageSetFactory.create(name="s")
    model = VisionModelFactory.create(name="m", class_list=image_set.class_list)
    for r2, flags in ((0.2, ["fewer_positives"]), (0.5, []), (0.9, [])):
        AttentionImageFactory.create(
            image=ShownImageFactory.create(image_set=image_set),
            vision_model=model,
            parameters_hash=parameters_hash(request.settings),
            r2=r2,
            flags=flags,
        )
    assert explanation_facts(request) == [
        "The surrogate's R2 is 0.50 in the median; 1 of 3 are flagged."
    ]
