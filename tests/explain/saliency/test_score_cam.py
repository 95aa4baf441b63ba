from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from explain.classifiers import Classifier, load
from explain.errors import ImageError, ParameterError
from explain.images import decode
from explain.saliency import score_cam
from explain.types import Images
from tests.explain.saliency.networks import classifier, pictures
from tests.peers import peer

CLASSES = [3, 0, 1, 4]
BLACK = (0.0, 0.0, 0.0)
VARIANTS = ["paper", "official", "pgc", "szyc"]


def by_pytorch_grad_cam(model: Classifier, images: Images, classes: list[int]) -> np.ndarray:
    targets = peer("pytorch_grad_cam.utils.model_targets").ClassifierOutputTarget
    with peer("pytorch_grad_cam").ScoreCAM(
        model=model.module, target_layers=[model.last_conv]
    ) as cam:
        maps: np.ndarray = cam(model.tensor(images), [targets(index) for index in classes])
    return maps


@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_variant_pgc_equals_pytorch_grad_cam(name: str) -> None:
    model, images = classifier(name), pictures(4)
    # It multiplies what it is given with the mask: here that is pixels, so it hides with black.
    found = score_cam(model, images, CLASSES, variant="pgc", hidden=BLACK).maps
    assert np.abs(found - by_pytorch_grad_cam(model, images, CLASSES)).max() < 1e-4


@pytest.mark.long
def test_variant_pgc_equals_pytorch_grad_cam_on_a_photograph(shared_data: Path) -> None:
    weights = shared_data / "weights" / "mobilenet_v1_0.25_128.safetensors"
    model = load("tests.explain.shared_models:mobilenet_v1", weights=weights, device="cpu")
    paths = sorted((shared_data / "val_photos" / "images").iterdir())[3:4]
    images: Any = np.stack([model.prepare(decode(path)) for path in paths])
    classes = model.logits(images).argmax(1).tolist()
    found = score_cam(model, images, classes, variant="pgc", hidden=BLACK).maps
    assert np.abs(found - by_pytorch_grad_cam(model, images, classes)).max() < 1e-4


def features_of(model: Classifier, pixels: torch.Tensor, *, layer: Any) -> torch.Tensor:
    kept: list[torch.Tensor] = []
    handle = layer.register_forward_hook(lambda _m, _i, output: kept.append(output))
    with torch.no_grad():
        model.module(pixels)
    handle.remove()
    return kept[0]


def masked(
    model: Classifier, pixels: torch.Tensor, mask: torch.Tensor, colour: torch.Tensor
) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = model.module(pixels * mask + colour * (1 - mask))[0]
    return logits


def one_by_one(model: Classifier, image: Images, index: int, variant: str) -> np.ndarray:
    """The map of one image, a mask at a time, from the description of the variant alone."""
    pixels = model.tensor(image[None])
    layer: Any = model.last_conv
    features = features_of(model, pixels, layer=layer[0] if variant == "szyc" else layer)
    features = features.relu() if variant == "szyc" else features
    colour = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    scores, summands = [], []
    for channel in features[0]:
        large = functional.interpolate(channel[None, None], size=32, mode="bilinear")[0, 0]
        span = large.max() - large.min()
        if span == 0:
            continue
        mask = large / span if variant == "szyc" else (large - large.min()) / span
        logits = masked(model, pixels, mask, colour)
        scores.append(logits[index] if variant == "paper" else logits.softmax(0)[index])
        summands.append({"paper": channel, "official": large, "szyc": mask}[variant])
    weights = torch.stack(scores)
    weights = weights.softmax(0) if variant == "paper" else weights
    total = (weights[:, None, None] * torch.stack(summands)).sum(0).relu().double().numpy()
    total -= total.min()
    stretched: np.ndarray = total / total.max()
    return stretched


@pytest.mark.parametrize("variant", ["paper", "official", "szyc"])
@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_each_variant_equals_its_description(name: str, variant: Any) -> None:
    model, images = classifier(name), pictures(4)
    found = score_cam(model, images, CLASSES, variant=variant)
    for at, index in enumerate(CLASSES):
        expected = one_by_one(model, images[at], index, variant)
        seen = found.grid[at] if variant == "paper" else found.maps[at]
        assert np.abs(seen - expected).max() < 1e-4
    assert found.provenance.layer == ("last_conv.0" if variant == "szyc" else "last_conv")


def test_the_paper_s_softmax_and_the_code_s_probabilities_give_other_maps() -> None:
    model, images = classifier("small"), pictures(4)
    paper = score_cam(model, images, CLASSES, variant="paper").maps
    official = score_cam(model, images, CLASSES, variant="official").maps
    assert np.abs(paper - official).max() > 0.01


@pytest.mark.parametrize("variant", ["paper", "official"])
def test_a_constant_on_all_logits_changes_nothing(variant: Any) -> None:
    images = pictures(4)
    plain, shifted = (
        score_cam(classifier(name), images, CLASSES, variant=variant).maps
        for name in ("small", "shifted")
    )
    assert np.allclose(plain, shifted, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_order_of_the_channels_does_not_matter(variant: Any) -> None:
    model, permuted, images = classifier("small"), classifier("small"), pictures(4)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
    module: Any = permuted.module
    with torch.no_grad():
        for tensor in (module.last_conv[0].weight, module.last_conv[0].bias):
            tensor.copy_(tensor[order].clone())
        module.head.weight.copy_(module.head.weight[:, order].clone())
    expected = score_cam(model, images, CLASSES, variant=variant).maps
    found = score_cam(permuted, images, CLASSES, variant=variant).maps
    assert np.allclose(found, expected, atol=1e-5)


def test_dead_channels_cost_no_pass() -> None:
    model, images = classifier("small"), pictures(2)
    module: Any = model.module
    with torch.no_grad():
        module.last_conv[0].bias[:10] = -100
    seen: list[int] = []
    handle = module.register_forward_pre_hook(lambda _m, inputs: seen.append(len(inputs[0])))
    pixels = model.tensor(images)
    features = features_of(model, pixels, layer=model.last_conv)
    live = int((features.amax((2, 3)) > features.amin((2, 3))).sum())
    assert live <= 12
    seen.clear()
    score_cam(model, images, [0, 1], batch_size=5)
    handle.remove()
    assert sum(seen) == 2 + live
    # Passes are filled across images: only the last of them may be short.
    assert [n for n in seen if n != 5][:-1] == [2]


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_image_s_map_does_not_depend_on_its_company(variant: Any) -> None:
    model, images = classifier("deep_head"), pictures(4)
    together = score_cam(model, images, CLASSES, variant=variant).maps
    for size in (1, 3, 64):
        again = score_cam(model, images, CLASSES, variant=variant, batch_size=size).maps
        assert np.allclose(again, together, atol=1e-5)
    alone = score_cam(model, images[2:3], CLASSES[2:3], variant=variant).maps
    assert np.allclose(alone[0], together[2], atol=1e-5)


def test_a_mirrored_image_has_the_mirrored_map() -> None:
    model, images = classifier("mirrored"), pictures(2)
    there = score_cam(model, images, CLASSES[:2]).maps
    back = score_cam(model, np.ascontiguousarray(images[:, :, ::-1]), CLASSES[:2]).maps
    assert there.std() > 0.1
    assert np.allclose(back[:, :, ::-1], there, atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_evidence_is_a_zero_map_and_flagged(variant: Any) -> None:
    result = score_cam(classifier("dead"), pictures(2), [0, 1], variant=variant)
    assert result.constant.tolist() == [True, True]
    assert result.maps.max() == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_constant_image_has_no_nan(variant: Any) -> None:
    images = np.full((2, 32, 32, 3), 128, np.uint8)
    found = score_cam(classifier("small"), images, [0, 1], variant=variant).maps
    assert np.isfinite(found).all()


def test_the_colour_of_what_is_hidden_matters_and_is_recorded() -> None:
    model, images = classifier("small"), pictures(2)
    mean, black = score_cam(model, images, [0, 1]), score_cam(model, images, [0, 1], hidden=BLACK)
    assert not np.allclose(mean.maps, black.maps, atol=1e-4)
    record = json.loads(json.dumps(asdict(mean.provenance)))
    assert record["parameters"] == {"variant": "paper", "hidden": "0.485 0.456 0.406"}
    assert record["layer"] == "last_conv"


def test_no_images_have_no_maps() -> None:
    assert len(score_cam(classifier("small"), pictures(0), [])) == 0


def test_logits_that_are_not_finite_are_an_error_that_names_the_image() -> None:
    images = pictures(3)
    images[2, 0, 0, 0] = 255
    with pytest.raises(ImageError, match="image 2: the logits"):
        score_cam(classifier("not_finite"), images, [0] * 3, batch_size=1)


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"variant 'fast'.*paper, official"):
        score_cam(classifier("small"), pictures(1), [0], variant="fast")  # type: ignore[arg-type]


def test_out_of_memory_goes_on_with_less(caplog: pytest.LogCaptureFixture) -> None:
    images = pictures(4)
    with caplog.at_level(logging.WARNING, logger="explain"):
        found = score_cam(classifier("crowded"), images, CLASSES, batch_size=8)
    assert "at once from now on" in caplog.text
    expected = score_cam(classifier("small"), images, CLASSES).maps
    assert np.allclose(found.maps, expected, atol=1e-5)
