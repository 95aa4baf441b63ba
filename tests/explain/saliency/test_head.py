from __future__ import annotations

import numpy as np
import pytest
import torch

from explain.errors import ImageError, ModelError
from explain.saliency import grad_cam_pp
from explain.saliency.head import check_finite, forward, gradients
from explain.saliency.question import Question, ask
from tests.explain.saliency.networks import classifier, pictures


def question(model: str, count: int = 3) -> tuple[Question, torch.Tensor]:
    network = classifier(model)
    images = pictures(count)
    asked = ask(network, images, [0] * count, layer=None, batch_size=None)
    return asked, network.tensor(images)


@pytest.mark.parametrize("model", ["small", "deep_head", "in_place"])
def test_features_and_gradient_are_those_of_the_whole_graph(model: str) -> None:
    asked, images = question(model)
    classes = torch.tensor([2, 0, 4])
    done, found = gradients(asked, images, classes=classes)

    kept: list[torch.Tensor] = []

    def keep(_module: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        output.retain_grad()
        kept.append(output)
        return output.clone()

    handle = asked.layer.register_forward_hook(keep)
    logits = asked.classifier.module(images.clone().requires_grad_())
    handle.remove()
    logits.gather(1, classes[:, None]).sum().backward()
    assert kept[0].grad is not None
    assert torch.allclose(done.features, kept[0], atol=1e-6)
    assert torch.allclose(found, kept[0].grad, atol=1e-7)
    assert torch.allclose(done.logits, logits, atol=1e-6)


def test_without_classes_the_predicted_one_is_meant() -> None:
    asked, images = question("deep_head")
    done, found = gradients(asked, images, classes=None)
    _, expected = gradients(asked, images, classes=done.logits.argmax(1))
    assert torch.equal(found, expected)


def test_a_plain_pass_gives_the_same_features_and_keeps_no_graph() -> None:
    asked, images = question("in_place")
    plain, (with_graph, _) = forward(asked, images), gradients(asked, images, classes=None)
    assert torch.equal(plain.features, with_graph.features)
    assert plain.features.min() < 0, "what comes after overwrote the features"
    assert not plain.logits.requires_grad
    assert not with_graph.features.requires_grad


def test_nothing_is_left_on_the_model() -> None:
    asked, images = question("small")
    gradients(asked, images, classes=None)
    forward(asked, images)
    assert not asked.layer._forward_hooks
    assert all(parameter.grad is None for parameter in asked.classifier.module.parameters())


def test_it_works_where_gradients_are_switched_off() -> None:
    network, images = classifier("deep_head"), pictures(2)
    with torch.no_grad():
        off = grad_cam_pp(network, images, [0, 1]).maps
    assert np.array_equal(off, grad_cam_pp(network, images, [0, 1]).maps)


@pytest.mark.parametrize(
    ("model", "what"), [("aside", "do not depend on"), ("twice", "2 outputs in one pass")]
)
def test_a_layer_that_tells_nothing_is_an_error(model: str, what: str) -> None:
    asked, images = question(model)
    with pytest.raises(ModelError, match=what):
        gradients(asked, images, classes=None)


def test_a_layer_without_maps_is_an_error() -> None:
    network = classifier("small")
    with pytest.raises(ModelError, match=r"layer 'head' gave \(2, 5\)"):
        grad_cam_pp(network, pictures(2), [0, 0], layer="head")


def test_logits_that_are_not_finite_name_the_image() -> None:
    asked, _ = question("small")
    logits = torch.zeros(3, 5)
    check_finite(logits, question=asked, images=np.arange(7, 10))
    logits[1, 2] = torch.inf
    with pytest.raises(ImageError, match=r"image 8: the logits of .* are not finite"):
        check_finite(logits, question=asked, images=np.arange(7, 10))
