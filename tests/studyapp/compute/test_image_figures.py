from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from explain import classifiers
from explain.classifiers import Classifier
from studyapp.compute.image_figures import Figures, image_figures
from studyapp.models import Image, ImageSet, VisionModel
from tests.studyapp.compute.conftest import CHANNELS, seen
from tests.studyapp.compute.test_explain import break_file


@pytest.fixture
def network() -> Classifier:
    return classifiers.load(CHANNELS)


def rows(image_set: ImageSet) -> list[Image]:
    return list(image_set.images.order_by("image_id"))


def figures(
    network: Classifier, images: list[Image], *, features: bool = True
) -> dict[int, Figures]:
    model = VisionModel.objects.get(name="channels")
    return image_figures(network, images, model=model, features=features)[0]


def kept() -> list[str]:
    if not default_storage.exists("figures"):
        return []
    folders = default_storage.listdir("figures")[0]
    return [name for folder in folders for name in default_storage.listdir(f"figures/{folder}")[1]]


def test_they_are_what_the_network_says(corners: ImageSet, network: Classifier) -> None:
    images = rows(corners)
    found = figures(network, images)
    assert list(found) == [image.pk for image in images]
    first = found[images[0].pk]
    np.testing.assert_allclose(first.logits[:3], 10 * seen(0).mean((0, 1)) / 255, rtol=1e-5)
    assert first.features is not None
    np.testing.assert_allclose(first.features * 10, first.logits, rtol=1e-5)
    assert first.provenance.layer == "last_conv"
    plain = figures(network, images, features=False)[images[0].pk]
    np.testing.assert_allclose(plain.logits, first.logits, rtol=1e-5)
    assert (plain.features, plain.provenance.layer) == (None, None)


def test_once_made_no_file_is_looked_at_again(corners: ImageSet, network: Classifier) -> None:
    images = rows(corners)
    before = figures(network, images[:3])
    for image in images[:3]:
        break_file(image.image_id)
    after = figures(network, images)
    assert list(after) == [image.pk for image in images]
    for pk, one in before.items():
        np.testing.assert_array_equal(after[pk].logits, one.logits)
        np.testing.assert_array_equal(after[pk].features, one.features)
        assert after[pk].provenance == one.provenance


def test_another_registration_of_the_model_has_figures_of_its_own(
    corners: ImageSet, network: Classifier
) -> None:
    images = rows(corners)
    n_before = len(kept())
    figures(network, images)
    assert len(kept()) == n_before + len(images)
    VisionModel.objects.update(created_at=timezone.now())
    figures(network, images)
    assert len(kept()) == n_before + 2 * len(images)


def test_a_file_that_is_no_longer_whole_is_made_again(
    corners: ImageSet, network: Classifier
) -> None:
    before = set(kept())
    (image, *_) = images = rows(corners)[:1]
    first = figures(network, images)[image.pk]
    (name,) = set(kept()) - before
    path = next(
        f"figures/{folder}/{name}"
        for folder in default_storage.listdir("figures")[0]
        if default_storage.exists(f"figures/{folder}/{name}")
    )
    with default_storage.open(path) as stream:
        content = stream.read()
    with default_storage.open(path, "wb") as stream:
        stream.write(content[:100])
    np.testing.assert_array_equal(figures(network, images)[image.pk].logits, first.logits)
    with default_storage.open(path) as stream:
        assert len(stream.read()) == len(content)


def test_an_image_without_figures_is_named(corners: ImageSet, network: Classifier) -> None:
    break_file("image-1")
    told: list[tuple[int, int | None]] = []
    found, failures = image_figures(
        network,
        rows(corners),
        model=VisionModel.objects.get(),
        features=False,
        progress=lambda done, total=None, message="": told.append((done, total)),
    )
    assert [failure.key.image_id for failure in failures] == ["image-1"]
    assert (len(found), told[-1]) == (4, (5, 5))
