from __future__ import annotations

import pytest

from studyapp.models import ImageSet, VisionModel
from studyapp.selectors.class_order import FirstPlaces, first_places, numbering, order_doubt
from tests.factories.dataset import ImageFactory, ImageSetFactory, mistakes


def test_numbering_is_shortened_where_there_are_many() -> None:
    assert numbering([]) == ""
    assert numbering(["bird", "cat"]) == "0=bird, 1=cat"
    assert numbering([f"c{n}" for n in range(8)]).endswith("6=c6, 7=c7")
    assert numbering([f"c{n}" for n in range(9)]).endswith("5=c5, ..., 8=c8")


@pytest.mark.parametrize(
    ("labelled", "wrong", "doubtful"),
    [(0, 0, False), (9, 9, False), (10, 9, True), (10, 8, False), (1000, 899, False)],
)
def test_a_model_is_doubted_from_nine_in_ten_on(labelled: int, wrong: int, doubtful: bool) -> None:
    assert FirstPlaces(labelled=labelled, wrong=wrong).doubtful == doubtful


@pytest.fixture
def images(db: None) -> ImageSet:
    """Ten images of class 0 and one without a label."""
    image_set = ImageSetFactory.create()
    for number in range(10):
        ImageFactory.create(image_set=image_set, image_id=f"i{number}")
    ImageFactory.create(image_set=image_set, image_id="unlabelled", label_index=None)
    return image_set


def test_the_doubt_names_the_order_of_the_set(images: ImageSet) -> None:
    mistakes(images, model="shifted", wrong={f"i{number}": 1 for number in range(10)})
    model = VisionModel.objects.get()
    places = first_places(model, image_set=images)
    assert places == FirstPlaces(labelled=10, wrong=10)
    told = order_doubt(model, places=places)
    assert told.startswith("Mind: shifted is wrong on 10 of 10 labelled images.")
    assert "0=cat, 1=dog, 2=crane" in told


def test_an_ordinary_model_is_not_doubted(images: ImageSet) -> None:
    mistakes(images, model="usual", wrong={"i0": 1, "i1": 2})
    model = VisionModel.objects.get()
    places = first_places(model, image_set=images)
    assert (places, order_doubt(model, places=places)) == (FirstPlaces(10, 2), "")
