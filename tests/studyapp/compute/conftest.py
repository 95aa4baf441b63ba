from __future__ import annotations

import io

import pytest
from PIL import Image as PILImage

from explain.preparation import Preparation
from explain.types import RGBImage
from studyapp import storage
from studyapp.compute.predict import predict
from studyapp.models import Image, ImageSet, LabelClass
from tests.factories.dataset import ImageFactory, ImageSetFactory
from tests.studyapp.compute.channel_model import ChannelModel

CHANNELS = "tests.studyapp.compute.channel_model:six_classes"
#: Colours of the classes: red, green, blue.
CORNERS = {0: (200, 10, 20), 1: (20, 180, 10), 2: (10, 20, 190)}


def corner_picture(strong: int, *, number: int = 0) -> PILImage.Image:
    """Half of the picture has the colour of class `strong`, a quarter that of the next class."""
    picture = PILImage.new("RGB", (32, 32), (30 + number % 8, 30, 30 + number // 8))
    picture.paste(CORNERS[strong], (0, 0, 16, 32))
    picture.paste(CORNERS[(strong + 1) % 3], (16, 0, 32, 16))
    return picture


def seen(strong: int, *, number: int = 0) -> RGBImage:
    """The picture as the model sees it, uint8 [32, 32, 3]."""
    picture = corner_picture(strong, number=number)
    return Preparation.of_input_size(ChannelModel.input_size).apply(picture)


def add_image(
    image_set: ImageSet, *, strong: int, label: int | None, name: str, number: int = 0
) -> Image:
    out = io.BytesIO()
    corner_picture(strong, number=number).save(out, format="PNG")
    file, content_hash = storage.store(out.getvalue(), folder="images", suffix=".png")
    classes = LabelClass.objects.filter(class_list=image_set.class_list)
    return ImageFactory.create(
        image_set=image_set,
        image_id=name,
        label=None if label is None else classes.get(index=label),
        file=file,
        content_hash=content_hash,
        width=32,
        height=32,
    )


@pytest.fixture
def corners(transactional_db: None) -> ImageSet:
    """Five pictures that model "channels" predicted: two right, two mistakes, one unlabelled."""
    image_set = ImageSetFactory.create(name="corners")
    for number, (strong, label) in enumerate([(0, 0), (1, 1), (2, 0), (0, 1), (1, None)]):
        add_image(image_set, strong=strong, label=label, name=f"image-{number}", number=number)
    predict(image_set, model=CHANNELS, name="channels")
    return image_set
