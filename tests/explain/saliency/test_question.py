from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision import models

from explain.classifiers import Classifier
from explain.errors import ImageError, ModelError, ParameterError
from explain.saliency.question import Question, ask
from tests.explain.saliency.networks import classifier, pictures


def question(
    images: np.ndarray, classes: object, *, model: str = "small", **options: object
) -> Question:
    settings = {"layer": None, "batch_size": None, **options}
    return ask(classifier(model), images, classes, **settings)  # type: ignore[arg-type]


def test_a_good_question() -> None:
    asked = question(pictures(3), [4, 0, 1])
    assert asked.classes.tolist() == [4, 0, 1]
    assert asked.classes.dtype == np.int64
    assert asked.layer_name == "last_conv"
    assert asked.layer is asked.classifier.last_conv
    assert asked.batch_size >= 1


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 32, 31, 3), np.uint8),
        np.zeros((2, 3, 32, 32), np.uint8),
        np.zeros((32, 32, 3), np.uint8),
        np.zeros((2, 32, 32, 3), np.float64),
        np.zeros((2, 16, 16, 3), np.uint8),
    ],
)
def test_images_of_another_shape_or_type_are_refused(images: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"not \[N, 32, 32, 3\].*classifier\.prepare"):
        question(images, [0, 0])


@pytest.mark.parametrize("value", [-0.01, 1.01, np.nan, np.inf])
def test_pixels_outside_0_to_1_are_refused(value: float) -> None:
    images = np.full((3, 32, 32, 3), 0.5, np.float32)
    images[1, 4, 4, 1] = value
    with pytest.raises(ImageError, match="image 1: its pixels"):
        question(images, [0, 0, 0])


@pytest.mark.parametrize("classes", [[0], [0, 1, 2], 0, [[0, 1]], [0.0, 1.0], [True, False]])
def test_classes_are_one_whole_number_per_image(classes: object) -> None:
    with pytest.raises(ParameterError, match="one class index per image"):
        question(pictures(2), classes)


@pytest.mark.parametrize("wrong", [-1, 5, 1000])
def test_a_class_the_model_has_not_is_refused(wrong: int) -> None:
    with pytest.raises(ParameterError, match=rf"class {wrong}: .*0 to 4"):
        question(pictures(2), [0, wrong])


def test_no_images_are_a_question_too() -> None:
    assert question(pictures(0), []).classes.shape == (0,)


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="batch_size = 0"):
        question(pictures(1), [0], batch_size=0)


def test_a_layer_by_name() -> None:
    assert question(pictures(1), [0], layer="first").layer_name == "first"
    for wrong in ("", "nowhere"):
        with pytest.raises(ModelError, match=f"no layer '{wrong}'"):
            question(pictures(1), [0], layer=wrong)


def test_a_model_without_a_last_stage_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"no last convolutional stage.*LIME"):
        question(pictures(1), [0], model="tokens")
    assert question(pictures(1), [0], model="tokens", layer="first").layer_name == "first"


def of_torchvision(name: str, *, last_conv: str) -> Classifier:
    """A network of torchvision of which nothing is run."""
    with torch.device("meta"):
        module = models.get_model(name, weights=None)
    return replace(classifier("small"), module=module, last_conv=module.get_submodule(last_conv))


@pytest.mark.parametrize(
    ("name", "last_conv", "inner"),
    [
        ("resnet152", "layer4", "layer4.2.conv3"),
        ("resnet18", "layer4", "layer4.1.conv2"),
        ("alexnet", "avgpool", "avgpool"),
        ("efficientnet_b0", "features", "features.8.0"),
    ],
)
def test_the_inner_layer_is_the_one_that_szyc_et_al_hook(
    name: str, last_conv: str, inner: str
) -> None:
    model = of_torchvision(name, last_conv=last_conv)
    asked = ask(model, pictures(1), [0], layer=None, inner=True, batch_size=None)
    assert asked.layer_name == inner
    assert ask(model, pictures(1), [0], layer=None, batch_size=None).layer_name == last_conv
