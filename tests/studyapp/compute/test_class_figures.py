from __future__ import annotations

import numpy as np
import pytest

from explain import classifiers
from studyapp.compute.class_figures import by_attack, by_network
from studyapp.compute.explain import explain
from studyapp.errors import InputError
from studyapp.explanation import AdversarialSettings
from studyapp.models import ImageSet, VisionModel
from tests.studyapp.compute.conftest import CHANNELS, seen
from tests.studyapp.compute.test_explain import break_file, request_of


def model() -> VisionModel:
    return VisionModel.objects.get(name="channels")


def test_probabilities_are_of_the_label_also_where_the_model_is_wrong(corners: ImageSet) -> None:
    images = list(corners.images.filter(label__index=0).order_by("image_id"))
    label = corners.class_list.classes.get(index=0)
    found, failures = by_network(
        classifiers.load(CHANNELS), images, model=model(), label=label, features=True
    )
    assert failures == []
    assert [image.image_id for image in images] == ["image-0", "image-2"]
    logits = [10 * seen(strong, number=n).mean((0, 1)) / 255 for strong, n in ((0, 0), (2, 2))]
    expected = [np.exp(each)[0] / (np.exp(each).sum() + 3) for each in logits]
    assert found.probabilities is not None
    assert found.features is not None
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-5)
    np.testing.assert_allclose(found.features[:, :3] * 10, logits, rtol=1e-5)


def test_an_image_that_cannot_be_read_takes_no_part(corners: ImageSet) -> None:
    break_file("image-0")
    images = list(corners.images.filter(label__index=0))
    label = corners.class_list.classes.get(index=0)
    network = classifiers.load(CHANNELS)
    found, failures = by_network(network, images, model=model(), label=label, features=False)
    assert [corners.images.get(pk=key).image_id for key in found.keys] == ["image-2"]
    assert [failure.key.image_id for failure in failures] == ["image-0"]
    break_file("image-2")
    with pytest.raises(InputError, match="image-0: not an image"):
        by_network(network, images, model=model(), label=label, features=True)


def test_steps_come_from_the_attack_with_the_same_settings(corners: ImageSet) -> None:
    explain(request_of("adversarial", step=0.02, max_steps=5))
    images = list(corners.images.filter(label__index=0))
    label = corners.class_list.classes.get(index=0)
    settings = AdversarialSettings(step=0.02, max_steps=5)
    found = by_attack(images, label=label, model=model(), settings=settings)
    assert found.max_steps == 5
    assert found.flip_steps is not None
    assert found.flip_steps.tolist() == [6]
    with pytest.raises(InputError, match="Run explain --kind adversarial"):
        by_attack(images, label=label, model=model(), settings=AdversarialSettings())
