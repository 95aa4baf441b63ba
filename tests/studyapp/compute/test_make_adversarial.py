from __future__ import annotations

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.compute.explain import explain
from studyapp.models import AdversarialImage, ImageSet
from tests.studyapp.compute.conftest import seen
from tests.studyapp.compute.test_explain import request_of


def pixels(name: str | None) -> np.ndarray:
    with default_storage.open(str(name)) as stream:
        return np.asarray(PILImage.open(stream).convert("RGB"), dtype=np.float64)


def margin(strong: int, *, number: int) -> float:
    """How much more the model sees of the label than of the next class, in means of [0, 1]."""
    means = np.sort(seen(strong, number=number).mean((0, 1)) / 255)
    return float(means[-1] - means[-2])


def test_images_that_the_model_gets_right_are_attacked(corners: ImageSet) -> None:
    explain(request_of("adversarial", step=0.02, max_steps=30))
    rows = AdversarialImage.objects.order_by("image")
    assert [row.image.image_id for row in rows] == ["image-0", "image-1"]
    assert all(row.admitted and row.label_class == row.image.label for row in rows)


def test_the_step_of_the_flip_is_that_of_the_margin(corners: ImageSet) -> None:
    """Each step takes `step` off the label's channel and adds it to the others: 2 steps' worth.

    Channels that reach 0 or 1 on the way move less, so the margin is a lower bound.
    """
    explain(request_of("adversarial", step=0.01, max_steps=60))
    row = AdversarialImage.objects.get(image__image_id="image-0")
    assert row.steps_to_flip is not None
    least = margin(0, number=0) / (2 * 0.01)
    assert least <= row.steps_to_flip <= 1.5 * least
    assert row.readings["flip"]["step"] == row.steps_to_flip
    assert row.flip_class is not None
    assert row.flip_class != row.label_class
    moved = np.abs(pixels(row.flip_file) - pixels(row.input_file)).max()
    assert moved == pytest.approx(255 * 0.01 * row.steps_to_flip, abs=1)


def test_an_image_that_keeps_its_class_has_no_flip(corners: ImageSet) -> None:
    explain(request_of("adversarial"))
    row = AdversarialImage.objects.get(image__image_id="image-0")
    assert (row.steps_to_flip, row.flip_file, row.flip_class) == (None, None, None)
    assert row.final_file
    assert row.final_survives is True
    assert row.label_probability < row.probability


def test_left_at_its_flip_there_is_no_last_picture(corners: ImageSet) -> None:
    explain(request_of("adversarial", step=0.02, max_steps=60, keep_going=False))
    row = AdversarialImage.objects.get(image__image_id="image-0")
    assert row.flip_file
    assert row.final_file is None
