from __future__ import annotations

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.errors import ImageInputError
from studyapp.rendering import render, rendered_stimulus
from tests.factories.dataset import ImageFactory, ShownImageFactory, picture

pytestmark = pytest.mark.django_db


def test_the_stimulus_is_the_centre_of_the_image_at_the_wanted_size() -> None:
    image = ShownImageFactory.create(number=5, size=(64, 48))
    shown = PILImage.open(io.BytesIO(render(image, resize=48, crop=40)))
    assert shown.size == (40, 40)
    assert shown.tobytes() == picture(number=5, size=(64, 48)).crop((12, 4, 52, 44)).tobytes()


def test_equal_content_makes_the_same_stimulus_and_another_rendering_does_not() -> None:
    one, two = (ShownImageFactory.create(number=7) for _ in range(2))
    first, again = (rendered_stimulus(image, resize=48, crop=40) for image in (one, two))
    assert (first.stimulus_hash, first.file) == (again.stimulus_hash, again.file)
    other = rendered_stimulus(one, resize=44, crop=40)
    assert other.stimulus_hash != first.stimulus_hash


def test_an_image_that_cannot_be_shown_is_named() -> None:
    with pytest.raises(ImageInputError, match=r"image known: it is known by id only"):
        render(ImageFactory.create(image_id="known"), resize=48, crop=40)
    lost = ShownImageFactory.create(image_id="lost", number=9)
    default_storage.delete(str(lost.file))
    with pytest.raises(ImageInputError, match=r"image lost: its file .* is not in the storage"):
        render(lost, resize=48, crop=40)
