from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import save_file

from demo.network import build
from studyapp.compute.load_classifier import load_classifier
from studyapp.compute.predict import predict
from studyapp.errors import InputError
from studyapp.models import VisionModel
from tests.factories.dataset import (
    ClassListFactory,
    ImageSetFactory,
    ShownImageFactory,
    VisionModelFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "toy.safetensors"
    save_file(build("small").state_dict(), path)
    return path


@pytest.fixture
def model(weights: Path) -> VisionModel:
    """The small toy network with the weights of the moment, as predict registers it."""
    n_classes = build("small").head.out_features
    image_set = ImageSetFactory.create(class_list=ClassListFactory.create(n_classes=n_classes))
    ShownImageFactory.create(image_set=image_set)
    predict(image_set, model="demo.network:load", weights=weights, name="toy")
    return VisionModel.objects.get(name="toy")


def test_it_is_found_where_predict_found_it(model: VisionModel) -> None:
    classifier = load_classifier(model)
    assert classifier.weights_sha256 == model.weights_hash
    # Kept from one part of a set to the next.
    assert load_classifier(model) is classifier


def test_a_file_that_moved_is_given_again(model: VisionModel, weights: Path) -> None:
    moved = weights.rename(weights.with_name("moved.safetensors"))
    with pytest.raises(InputError, match="no such weights file"):
        load_classifier(model)
    assert load_classifier(model, weights=str(moved)).weights_sha256 == model.weights_hash


def test_a_file_with_other_content_is_refused(model: VisionModel, weights: Path) -> None:
    load_classifier(model)
    save_file(build("small").state_dict(), weights)
    with pytest.raises(InputError, match="not the weights that its predictions were made with"):
        load_classifier(model)


def test_predictions_from_elsewhere_have_no_network() -> None:
    model = VisionModelFactory.create(name="theirs")
    with pytest.raises(InputError, match=r"made elsewhere.*Run predict"):
        load_classifier(model)
