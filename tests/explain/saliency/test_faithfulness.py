"""Do the maps say what the network goes by? On networks trained here, on pictures we drew."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from explain.classifiers import Classifier
from explain.robustness import scores
from explain.saliency import SaliencyMaps, grad_cam_pp, score_cam
from tests.explain.saliency.scenes import PATCH, REACH, SIDE, Scenes, draw, trained

pytestmark = pytest.mark.long

Method = Callable[..., SaliencyMaps]
METHODS = [grad_cam_pp, score_cam]
TILE = 4


@pytest.fixture(scope="module")
def honest() -> Classifier:
    return trained(draw(480, seed=0))


@pytest.fixture(scope="module")
def misled() -> Classifier:
    return trained(draw(480, seed=0, shortcut=True))


@pytest.mark.parametrize("method", METHODS)
def test_a_network_that_goes_by_the_object_scores_above_0_6(
    honest: Classifier, method: Method
) -> None:
    scenes = draw(36, seed=1)
    assert (honest.logits(scenes.images).argmax(1) == scenes.classes).mean() > 0.95
    found = scores(method(honest, scenes.images, scenes.classes), list(scenes.boxes[:, None]))
    assert found.undefined == (None,) * 36
    assert found.rs.mean() > 0.6 > 3 * found.area.mean()


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_shortcut_comes_first_and_the_score_falls_below_0_2(
    misled: Classifier, method: Method
) -> None:
    scenes = draw(36, seed=1, shortcut=True)
    assert (misled.logits(scenes.images).argmax(1) == scenes.classes).mean() > 0.95
    maps = method(misled, scenes.images, scenes.classes)
    assert scores(maps, list(scenes.boxes[:, None])).rs.mean() < 0.2
    corner = np.array([[0, 0, PATCH + REACH, PATCH + REACH]], float)
    assert scores(maps, [corner] * 36).rs.mean() > 0.6
    peaks = [np.unravel_index(one.argmax(), one.shape) for one in maps.maps]
    assert all(max(peak) < PATCH + REACH for peak in peaks)


def area_under_curve(
    model: Classifier, image: np.ndarray, index: int, order: np.ndarray, *, insert: bool
) -> float:
    """Mean probability of a class while the tiles of an image are shown, or hidden, in an order."""
    tiles = SIDE // TILE
    rank = np.empty(tiles**2, np.int64)
    rank[order] = np.arange(tiles**2)
    steps = np.linspace(0, tiles**2, 21)
    touched = rank.reshape(tiles, tiles)[None] < steps[:, None, None]
    shown = (touched if insert else ~touched).repeat(TILE, 1).repeat(TILE, 2)[..., None]
    frames = np.where(shown, image, np.uint8(65))  # the ground the scenes are drawn on
    logits = torch.from_numpy(model.logits(frames))
    return float(logits.softmax(1)[:, index].mean())


@pytest.mark.parametrize("method", METHODS)
def test_showing_and_hiding_by_the_map_beats_a_random_order(
    honest: Classifier, method: Method
) -> None:
    scenes = draw(30, seed=2)
    maps = method(honest, scenes.images, scenes.classes).maps
    tiles = maps.reshape(30, SIDE // TILE, TILE, SIDE // TILE, TILE).mean((2, 4)).reshape(30, -1)
    generator = np.random.default_rng(0)
    better = {True: 0, False: 0}
    for image, index, values in zip(scenes.images, scenes.classes, tiles, strict=True):
        for insert in (True, False):
            ours = area_under_curve(honest, image, index, (-values).argsort(), insert=insert)
            chance = np.mean(
                [
                    area_under_curve(
                        honest, image, index, generator.permutation(len(values)), insert=insert
                    )
                    for _ in range(5)
                ]
            )
            better[insert] += int(ours > chance if insert else ours < chance)
    assert better[True] >= 27, "insertion"
    assert better[False] >= 27, "deletion"


def similarity(first: SaliencyMaps, second: SaliencyMaps) -> float:
    """Mean rank correlation of two sets of maps; 0 where one of them is constant."""
    pairs = zip(first.grid, second.grid, strict=True)
    found = [
        0.0
        if np.ptp(one) == 0 or np.ptp(other) == 0
        else stats.spearmanr(one.ravel(), other.ravel()).statistic
        for one, other in pairs
    ]
    return float(np.mean(found))


def randomised(model: Classifier, stages: list[str]) -> Classifier:
    """The network with these stages as they are before any training, from another seed."""
    module: Any = copy.deepcopy(model.module)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        for stage in stages:
            for part in getattr(module, stage).modules():
                if hasattr(part, "reset_parameters"):
                    part.reset_parameters()
    return replace(model, module=module, last_conv=module.last_conv)


@pytest.mark.parametrize("method", METHODS)
def test_maps_are_lost_when_the_weights_are_from_top_to_bottom(
    honest: Classifier, method: Method
) -> None:
    scenes = draw(24, seed=3)
    original = method(honest, scenes.images, scenes.classes)
    stages = ["head", "last_conv", "middle", "stem"]
    found = [
        similarity(
            original,
            method(randomised(honest, stages[: n + 1]), scenes.images, scenes.classes),
        )
        for n in range(len(stages))
    ]
    untouched = randomised(honest, [])
    assert similarity(original, method(untouched, scenes.images, scenes.classes)) > 0.99
    assert found[-1] < 0.5, found


@pytest.mark.parametrize("method", METHODS)
def test_maps_are_lost_when_the_labels_are_random(honest: Classifier, method: Method) -> None:
    scenes = draw(480, seed=0)
    shuffled = Scenes(
        images=scenes.images,
        classes=np.random.default_rng(5).permutation(scenes.classes),
        boxes=scenes.boxes,
    )
    other = trained(shuffled)
    test = draw(24, seed=3)
    original = method(honest, test.images, test.classes)
    assert similarity(original, method(other, test.images, test.classes)) < 0.5
