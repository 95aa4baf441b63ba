from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explain.classifiers import Classifier, load
from explain.errors import DeviceError, ImageError, ParameterError
from explain.images import decode
from explain.saliency import SaliencyMaps, grad_cam_pp
from explain.types import Images
from tests.explain.saliency.networks import classifier, pictures
from tests.peers import peer

CLASSES = [3, 0, 1, 4]


@pytest.fixture(scope="module")
def real(shared_data: Path) -> tuple[Classifier, Images, list[int]]:
    """A real network, and three photographs with the classes it sees in them."""
    weights = shared_data / "weights" / "mobilenet_v1_0.25_128.safetensors"
    model = load("tests.explain.shared_models:mobilenet_v1", weights=weights, device="cpu")
    paths = sorted((shared_data / "val_photos" / "images").iterdir())[:3]
    images: Any = np.stack([model.prepare(decode(path)) for path in paths])
    return model, images, model.logits(images).argmax(1).tolist()


def by_pytorch_grad_cam(model: Classifier, images: Images, classes: list[int]) -> np.ndarray:
    targets = peer("pytorch_grad_cam.utils.model_targets").ClassifierOutputTarget
    method = peer("pytorch_grad_cam").GradCAMPlusPlus
    with method(model=model.module, target_layers=[model.last_conv]) as cam:
        # Its graph goes through the whole network, which without this has nothing to begin with.
        pixels = model.tensor(images).requires_grad_()
        maps: np.ndarray = cam(pixels, [targets(index) for index in classes])
    return maps


@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_compat_pgc_equals_pytorch_grad_cam(name: str) -> None:
    model, images = classifier(name), pictures(4)
    found = grad_cam_pp(model, images, CLASSES, compat="pgc").maps
    assert np.abs(found - by_pytorch_grad_cam(model, images, CLASSES)).max() < 1e-5


def test_compat_pgc_equals_pytorch_grad_cam_on_photographs(
    real: tuple[Classifier, Images, list[int]],
) -> None:
    found = grad_cam_pp(*real, compat="pgc").maps
    assert np.abs(found - by_pytorch_grad_cam(*real)).max() < 1e-5


def whole_graph(model: Classifier, images: Images, classes: list[int]) -> tuple[np.ndarray, ...]:
    """Features and gradients, float64 [N, C, h, w], without any code of the package's."""
    kept: list[torch.Tensor] = []
    assert model.last_conv is not None
    handle = model.last_conv.register_forward_hook(lambda _m, _i, output: kept.append(output))
    logits = model.module(model.tensor(images).requires_grad_())
    handle.remove()
    total = logits[range(len(images)), classes].sum()
    (gradient,) = torch.autograd.grad(total, kept)
    return kept[0].detach().double().numpy(), gradient.double().numpy()


def grids(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    sums = np.maximum((features * weights[..., None, None]).sum(1), 0)
    above = sums - sums.min((1, 2), keepdims=True)
    stretched: np.ndarray = above / above.max((1, 2), keepdims=True)
    return stretched


@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_compat_torchcam_is_torch_cam_s_formula(name: str) -> None:
    model, images = classifier(name), pictures(4)
    features, g = whole_graph(model, images, CLASSES)
    cubes = (features * g**3).sum((2, 3), keepdims=True)
    alpha = np.where(g**2 > 0, g**2 / (2 * g**2 + cubes + 1e-8), 0)
    expected = grids(features, (alpha * np.maximum(g, 0)).sum((2, 3)))
    found = grad_cam_pp(model, images, CLASSES, compat="torchcam").grid
    assert np.abs(found - expected).max() < 1e-4


def test_the_closed_form_of_global_average_pooling(
    real: tuple[Classifier, Images, list[int]],
) -> None:
    """With g the class's weight over h w, a channel weighs h w relu(g) / (2 + g sum A)."""
    model, images = classifier("small"), pictures(4)
    features, _ = whole_graph(model, images, CLASSES)
    head: Any = model.module.head
    g = head.weight.double().numpy()[CLASSES] / 64
    weights = 64 * np.maximum(g, 0) / (2 + g * features.sum((2, 3)))
    found = grad_cam_pp(model, images, CLASSES)
    assert np.abs(found.grid - grids(features, weights)).max() < 1e-6

    model, photographs, classes = real
    features, gradient = whole_graph(model, photographs, classes)
    g, cells = gradient[:, :, 0, 0], gradient[0, 0].size
    assert np.allclose(gradient, g[..., None, None]), "the head is a pooling and one layer"
    weights = cells * np.maximum(g, 0) / (2 + g * features.sum((2, 3)))
    assert np.abs(grad_cam_pp(*real).grid - grids(features, weights)).max() < 1e-6


def test_compat_szyc_looks_before_the_activation() -> None:
    model, images = classifier("small"), pictures(4)
    found = grad_cam_pp(model, images, CLASSES, compat="szyc")
    assert found.provenance.layer == "last_conv.0"
    rectified, g = whole_graph(model, images, CLASSES)
    module: Any = model.module
    with torch.no_grad():
        hidden = module.first(model.tensor(images)).relu()
        before = module.last_conv[0](hidden).double().numpy()
    g = g * (before > 0)
    assert np.allclose(np.maximum(before, 0), rectified)
    denominator = 2 * g**2 + (before * g**3).sum((2, 3), keepdims=True)
    alpha = g**2 / (np.where(denominator == 0, 1, denominator) + 1e-7)
    expected = grids(before, (alpha * np.maximum(g, 0)).sum((2, 3)))
    assert np.abs(found.grid - expected).max() < 1e-5


def test_shapes_types_and_what_is_recorded() -> None:
    result = grad_cam_pp(classifier("small"), pictures(4), CLASSES)
    assert result.maps.shape == (4, 32, 32)
    assert result.maps.dtype == np.float32
    assert result.grid.shape == (4, 8, 8)
    assert 0 <= result.maps.min() <= result.maps.max() <= 1
    assert result.grid.max((1, 2)).tolist() == [1, 1, 1, 1]
    assert result.classes.tolist() == CLASSES
    assert not result.constant.any()
    record = json.loads(json.dumps(asdict(result.provenance)))
    assert record["method"] == "grad_cam_pp"
    assert record["parameters"] == {"compat": None, "eps": 0}
    assert (record["layer"], record["seed"]) == ("last_conv", None)


@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_an_image_s_map_does_not_depend_on_its_company(name: str) -> None:
    model, images = classifier(name), pictures(4)
    together = grad_cam_pp(model, images, CLASSES).maps
    for size in (1, 2, 3):
        again = grad_cam_pp(model, images, CLASSES, batch_size=size).maps
        assert np.allclose(again, together, atol=1e-5)
    alone = grad_cam_pp(model, images[2:3], CLASSES[2:3]).maps
    assert np.allclose(alone[0], together[2], atol=1e-5)
    # The same call gives the same bytes.
    assert np.array_equal(grad_cam_pp(model, images, CLASSES).maps, together)


def test_bytes_and_floats_are_the_same_images() -> None:
    model, images = classifier("small"), pictures(2)
    floats = (images / 255).astype(np.float32)
    found = grad_cam_pp(model, images, [0, 1]).maps
    assert np.allclose(grad_cam_pp(model, floats, [0, 1]).maps, found, atol=1e-6)


def test_a_mirrored_image_has_the_mirrored_map() -> None:
    model, images = classifier("mirrored"), pictures(4)
    there = grad_cam_pp(model, images, CLASSES).maps
    back = grad_cam_pp(model, np.ascontiguousarray(images[:, :, ::-1]), CLASSES).maps
    assert there.std() > 0.1
    assert np.allclose(back[:, :, ::-1], there, atol=1e-4)


@pytest.mark.parametrize("name", ["dead", "against"])
@pytest.mark.parametrize("compat", [None, "pgc", "torchcam", "szyc"])
def test_no_evidence_is_a_zero_map_and_flagged(name: str, compat: Any) -> None:
    result = grad_cam_pp(classifier(name), pictures(2), [0, 1], compat=compat)
    assert result.constant.tolist() == [True, True]
    assert result.maps.max() == 0


def test_a_constant_image_has_no_nan() -> None:
    images = np.full((2, 32, 32, 3), 128, np.uint8)
    assert np.isfinite(grad_cam_pp(classifier("deep_head"), images, [0, 1]).maps).all()


def test_no_images_have_no_maps() -> None:
    result = grad_cam_pp(classifier("small"), pictures(0), [])
    assert (len(result), result.maps.shape) == (0, (0, 32, 32))


def test_logits_that_are_not_finite_are_an_error_that_names_the_image() -> None:
    images = pictures(5)
    images[3, 0, 0, 0] = 255
    with pytest.raises(ImageError, match="image 3: the logits"):
        grad_cam_pp(classifier("not_finite"), images, [0] * 5, batch_size=2)


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"compat 'gradcam'.*'pgc'"):
        grad_cam_pp(classifier("small"), pictures(1), [0], compat="gradcam")  # type: ignore[arg-type]


def test_out_of_memory_goes_on_with_less(caplog: pytest.LogCaptureFixture) -> None:
    images, classes = pictures(8), [0, 1, 2, 3] * 2
    with caplog.at_level(logging.WARNING, logger="explain"):
        found = grad_cam_pp(classifier("crowded"), images, classes, batch_size=8)
    assert "2 images at once from now on" in caplog.text
    assert np.allclose(
        found.maps, grad_cam_pp(classifier("small"), images, classes).maps, atol=1e-5
    )
    with pytest.raises(DeviceError, match="single image"):
        grad_cam_pp(classifier("full"), images, classes)


def test_the_result_is_a_record_of_all_images() -> None:
    assert isinstance(grad_cam_pp(classifier("small"), pictures(1), [0]), SaliencyMaps)
