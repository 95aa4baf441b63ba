from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from explain.classifiers import Classifier
from explain.errors import ImageError, ParameterError
from explain.saliency import grad_cam_pp, noise, smooth_grad_cam_pp
from tests.explain.saliency.networks import classifier, pictures

CLASSES = [3, 0, 1]


@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_without_noise_it_is_grad_cam_pp(name: str) -> None:
    model, images = classifier(name), pictures(3)
    found = smooth_grad_cam_pp(model, images, CLASSES, n_samples=4, spread=0)
    expected = grad_cam_pp(model, images, CLASSES)
    assert np.abs(found.maps - expected.maps).max() < 1e-5
    assert found.grid.shape == expected.grid.shape


def gradients_of(model: Classifier, pixels: torch.Tensor, index: int, layer: Any) -> np.ndarray:
    """Features and gradient of one image, float64 [2, C, h, w], through the whole graph."""
    kept: list[torch.Tensor] = []
    handle = layer.register_forward_hook(lambda _m, _i, output: kept.append(output))
    logits = model.module(pixels.clone().requires_grad_())
    handle.remove()
    index = int(logits.argmax()) if index < 0 else index
    (gradient,) = torch.autograd.grad(logits[0, index], kept)
    return torch.stack([kept[0].detach()[0], gradient[0]]).double().numpy()


def stretched(sums: np.ndarray) -> np.ndarray:
    sums = np.maximum(sums, 0) - np.maximum(sums, 0).min()
    return sums / (sums.max() or 1)


@pytest.mark.parametrize("name", ["small", "deep_head"])
def test_the_formula_takes_means_of_the_terms_over_noisy_copies(name: str) -> None:
    model, images = classifier(name), pictures(3)
    found = smooth_grad_cam_pp(model, images, CLASSES, n_samples=6, spread=0.3, seed=5)
    drawn = noise.draw(n_samples=6, size=32, seed=5)
    for at, index in enumerate(CLASSES):
        pixels = model.tensor(images[at : at + 1])
        extent = float(pixels.max() - pixels.min())
        clean, _ = gradients_of(model, pixels, index, model.last_conv)
        g = np.stack(
            [
                gradients_of(model, pixels + 0.3 * extent * sample, index, model.last_conv)[1]
                for sample in drawn
            ]
        )
        first, second, third = g.mean(0), (g**2).mean(0), (g**3).mean(0)
        denominator = 2 * second + clean.sum((1, 2), keepdims=True) * third
        alpha = np.where(second > 0, second / np.where(second > 0, denominator, 1), 0)
        weights = (alpha * np.maximum(first, 0)).sum((1, 2))
        expected = stretched((weights[:, None, None] * clean).sum(0))
        assert np.abs(found.grid[at] - expected).max() < 1e-4


def test_compat_szyc_is_the_mean_of_maps_of_the_predicted_classes() -> None:
    """What the code of Szyc et al. does, written down again from its description."""
    model, images = classifier("deep_head"), pictures(3)
    found = smooth_grad_cam_pp(model, images, CLASSES, n_samples=5, seed=2, compat="szyc")
    mean = torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1)
    std = torch.tensor([0.2023, 0.1994, 0.2010]).view(3, 1, 1)
    layer: Any = model.last_conv
    for at in range(3):
        standard = (model.tensor(images[at : at + 1]) - mean) / std
        deviation = 0.15 / (standard.max() - standard.min())
        total = np.zeros((8, 8))
        for sample in noise.draw(n_samples=5, size=32, seed=2):
            copy = (standard + deviation * sample) * std + mean
            features, g = gradients_of(model, copy, -1, layer[0])
            denominator = 2 * g**2 + (features * g**3).sum((1, 2), keepdims=True)
            alpha = g**2 / (np.where(denominator != 0, denominator, 1) + 1e-7)
            weights = (alpha * np.maximum(g, 0)).sum((1, 2))
            total += stretched((weights[:, None, None] * features).sum(0))
        assert np.abs(found.grid[at] - total / 5).max() < 1e-3
    assert found.provenance.layer == "last_conv.0"
    assert found.provenance.parameters["explained"] == "the class predicted per copy"


@pytest.mark.parametrize("compat", [None, "szyc"])
def test_batches_and_company_do_not_matter(compat: Any) -> None:
    model, images = classifier("deep_head"), pictures(3)
    together = smooth_grad_cam_pp(model, images, CLASSES, n_samples=5, compat=compat, batch_size=64)
    for size in (1, 4, 6, 7):
        again = smooth_grad_cam_pp(
            model, images, CLASSES, n_samples=5, compat=compat, batch_size=size
        )
        assert np.allclose(again.maps, together.maps, atol=1e-5), size
    alone = smooth_grad_cam_pp(model, images[2:], CLASSES[2:], n_samples=5, compat=compat)
    assert np.allclose(alone.maps[0], together.maps[2], atol=1e-5)


def test_the_seed_decides_and_is_recorded() -> None:
    model, images = classifier("deep_head"), pictures(2)
    first, same, other = (
        smooth_grad_cam_pp(model, images, [0, 1], n_samples=3, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.maps, same.maps)
    assert not np.allclose(first.maps, other.maps, atol=1e-3)
    record = json.loads(json.dumps(asdict(first.provenance)))
    assert (record["method"], record["seed"]) == ("smooth_grad_cam_pp", 1)
    assert record["parameters"]["n_samples"] == 3
    assert record["parameters"]["spread"] == 0.15


def test_more_copies_bring_seeds_closer_together() -> None:
    model, images = classifier("deep_head"), pictures(6)

    def difference(n_samples: int) -> float:
        maps = [
            smooth_grad_cam_pp(
                model, images, [1] * 6, n_samples=n_samples, spread=0.3, seed=seed
            ).maps
            for seed in (1, 2)
        ]
        return float(np.abs(maps[0] - maps[1]).mean())

    assert difference(64) < difference(2) / 2


@pytest.mark.parametrize("compat", [None, "szyc"])
@pytest.mark.parametrize("name", ["dead", "against"])
def test_no_evidence_is_a_zero_map_and_flagged(name: str, compat: Any) -> None:
    result = smooth_grad_cam_pp(classifier(name), pictures(2), [0, 1], n_samples=2, compat=compat)
    assert result.constant.tolist() == [True, True]
    assert result.maps.max() == 0


@pytest.mark.parametrize("compat", [None, "szyc"])
def test_a_constant_image_has_no_nan(compat: Any) -> None:
    images = np.full((2, 32, 32, 3), 128, np.uint8)
    result = smooth_grad_cam_pp(classifier("deep_head"), images, [0, 1], n_samples=2, compat=compat)
    assert np.isfinite(result.maps).all()


def test_no_images_have_no_maps() -> None:
    assert len(smooth_grad_cam_pp(classifier("small"), pictures(0), [])) == 0


def test_logits_that_are_not_finite_are_an_error_that_names_the_image() -> None:
    images = pictures(3)
    images[1, 0, 0, 0] = 255
    with pytest.raises(ImageError, match="image 1: the logits"):
        smooth_grad_cam_pp(classifier("not_finite"), images, [0] * 3, spread=0, n_samples=2)


def test_out_of_memory_goes_on_with_less(caplog: pytest.LogCaptureFixture) -> None:
    images = pictures(3)
    with caplog.at_level(logging.WARNING, logger="explain"):
        found = smooth_grad_cam_pp(
            classifier("crowded"), images, CLASSES, n_samples=4, batch_size=8
        )
    assert "2 images at once from now on" in caplog.text
    expected = smooth_grad_cam_pp(classifier("small"), images, CLASSES, n_samples=4)
    assert np.allclose(found.maps, expected.maps, atol=1e-5)


@pytest.mark.parametrize(
    "options", [{"n_samples": 0}, {"spread": -0.1}, {"spread": np.nan}, {"compat": "pgc"}]
)
def test_settings_that_make_no_sense_are_refused(options: Any) -> None:
    with pytest.raises(ParameterError, match=next(iter(options))):
        smooth_grad_cam_pp(classifier("small"), pictures(1), [0], **options)
