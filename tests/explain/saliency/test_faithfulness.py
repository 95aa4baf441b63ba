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
#: A map tells of one network, and two trained alike differ: what is claimed holds for their mean.
SEEDS = range(4)

Networks = list[Classifier]


@pytest.fixture(scope="module")
def honest() -> Networks:
    scenes = draw(480, seed=0)
    return [trained(scenes, seed=seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def misled() -> Networks:
    scenes = draw(480, seed=0, shortcut=True)
    return [trained(scenes, seed=seed) for seed in SEEDS]


# The maps of Score-CAM are wider: a channel's weight there does not say where in the channel.
@pytest.mark.parametrize(("method", "least"), [(grad_cam_pp, 0.6), (score_cam, 0.45)])
def test_a_network_that_goes_by_the_object_has_a_high_score(
    honest: Networks, method: Method, least: float
) -> None:
    scenes = draw(36, seed=1)
    found = []
    for network in honest:
        assert (network.logits(scenes.images).argmax(1) == scenes.classes).mean() > 0.95
        one = scores(method(network, scenes.images, scenes.classes), list(scenes.boxes[:, None]))
        assert one.undefined == (None,) * 36
        found.append(one.rs.mean())
    assert np.mean(found) > least > 2 * one.area.mean(), found


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_shortcut_comes_first_and_the_score_falls_below_0_2(
    misled: Networks, method: Method
) -> None:
    scenes = draw(36, seed=1, shortcut=True)
    corner = np.array([[0, 0, PATCH + REACH, PATCH + REACH]], float)
    of_mark, of_corner, first = [], [], []
    for network in misled:
        assert (network.logits(scenes.images).argmax(1) == scenes.classes).mean() > 0.95
        maps = method(network, scenes.images, scenes.classes)
        of_mark.append(scores(maps, list(scenes.boxes[:, None])).rs.mean())
        of_corner.append(scores(maps, [corner] * 36).rs.mean())
        peaks = np.array([np.unravel_index(one.argmax(), one.shape) for one in maps.maps])
        first.append((peaks.max(axis=1) < PATCH + REACH).mean())
    # A network that knows two of the colours can tell the third class by neither being there, and
    # has no place to point at then.
    assert np.mean(first) > 2 / 3, first
    assert np.mean(of_mark) < 0.2, of_mark
    # The corner is a twelfth of the picture.
    assert np.mean(of_corner) > 0.55, of_corner


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
    honest: Networks, method: Method
) -> None:
    network = honest[0]
    scenes = draw(30, seed=2)
    maps = method(network, scenes.images, scenes.classes).maps
    tiles = maps.reshape(30, SIDE // TILE, TILE, SIDE // TILE, TILE).mean((2, 4)).reshape(30, -1)
    generator = np.random.default_rng(0)
    better = {True: 0, False: 0}
    for image, index, values in zip(scenes.images, scenes.classes, tiles, strict=True):
        for insert in (True, False):
            ours = area_under_curve(network, image, index, (-values).argsort(), insert=insert)
            chance = np.mean(
                [
                    area_under_curve(
                        network, image, index, generator.permutation(len(values)), insert=insert
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
    honest: Networks, method: Method
) -> None:
    scenes = draw(24, seed=3)
    stages = ["head", "last_conv", "middle", "stem"]
    found = []
    for network in honest:
        original = method(network, scenes.images, scenes.classes)
        untouched = randomised(network, [])
        assert similarity(original, method(untouched, scenes.images, scenes.classes)) > 0.99
        undone = [randomised(network, stages[: n + 1]) for n in range(len(stages))]
        found.append(
            [similarity(original, method(one, scenes.images, scenes.classes)) for one in undone]
        )
    lost = np.mean(found, axis=0)
    assert lost[-1] < 0.5, found
    assert lost[-1] < lost[0], found


@pytest.mark.parametrize("method", METHODS)
def test_maps_are_lost_when_the_labels_are_random(honest: Networks, method: Method) -> None:
    scenes = draw(480, seed=0)
    shuffled = Scenes(
        images=scenes.images,
        classes=np.random.default_rng(5).permutation(scenes.classes),
        boxes=scenes.boxes,
    )
    test = draw(24, seed=3)
    found = []
    for seed, network in zip(SEEDS, honest, strict=True):
        other = trained(shuffled, seed=seed)
        original = method(network, test.images, test.classes)
        found.append(similarity(original, method(other, test.images, test.classes)))
    assert np.mean(found) < 0.5, found
