"""Checks 23, 24 and 25, LIME's share: do the weights follow what the network does?"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from demo.network import ToyNetwork
from demo.training_set import draw_square
from explain import attention, classifiers
from explain.attention import Attention, Settings
from explain.attention.perturbation import hidden_image
from explain.classifiers import Classifier
from tests.explain.attention.networks import blobs

DEMO = Path(__file__).resolve().parents[3] / "demo"
TOY_SIDE = 112
GRID = np.mgrid[:96, :96]  # rows, columns
DISC = (GRID[0] - 60) ** 2 + (GRID[1] - 60) ** 2 < 16**2
CORNER = (GRID[0] < 20) & (GRID[1] < 20)


@cache
def toy() -> Classifier:
    return classifiers.load(
        "demo.network:load", weights=DEMO / "weights_small.safetensors", device="cpu"
    )


@cache
def pictures(n: int) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [n, 112, 112, 3] of the toy world's test split, and what the toy network sees."""
    found = np.stack(
        [draw_square(index, seed=4, split="test", side=TOY_SIDE) for index in range(n)]
    )
    return found, toy().logits(found).argmax(1)


def weights_of(
    classifier: Classifier, image: np.ndarray, wanted: int, **options: int
) -> np.ndarray:
    settings = {"n_samples": 120, "top_k": 4}
    (found,) = attention.explain(classifier, image[None], [wanted], **settings)  # type: ignore[arg-type]
    return found.weights


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(spearmanr(one, other).statistic)


@pytest.mark.long
def test_weights_are_of_their_class_and_no_other() -> None:
    """Check 23, the random-logit test: another class has other weights."""
    images, classes = pictures(4)
    found = [
        likeness(weights_of(toy(), image, wanted), weights_of(toy(), image, (wanted + 7) % 24))
        for image, wanted in zip(images, classes, strict=True)
    ]
    assert np.mean(found) < 0.5


@pytest.mark.long
def test_weights_forget_the_network_as_it_is_undone_from_the_top() -> None:
    """Check 23: layers are drawn anew from the head downwards; by the stem nothing is left."""
    images, classes = pictures(4)
    network = copy.deepcopy(toy().module)
    assert isinstance(network, ToyNetwork)
    undone = replace(toy(), module=network)
    before = [weights_of(toy(), *pair) for pair in zip(images, classes, strict=True)]
    likenesses = []
    parts: list[nn.Module] = [network.head, *reversed(network.stages), network.stem]
    for seed, part in enumerate(parts):
        _draw_anew(part, seed=seed)
        after = [weights_of(undone, *pair) for pair in zip(images, classes, strict=True)]
        likenesses.append(np.mean([likeness(*pair) for pair in zip(before, after, strict=True)]))
    assert likenesses[-1] < 0.5


def _draw_anew(part: nn.Module, *, seed: int) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for layer in part.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear | nn.BatchNorm2d):
                layer.reset_parameters()


def _curve(found: Attention, image: np.ndarray, order: np.ndarray) -> float:
    """Mean probability while superpixels are hidden one by one in this order (IROF)."""
    hidden = hidden_image(image, found.segments)
    frames = [
        np.where(np.isin(found.segments, order[:j])[..., None], hidden, image)
        for j in range(len(order) + 1)
    ]
    logits = torch.from_numpy(toy().logits(np.stack(frames))).double()
    return float(logits.softmax(1)[:, found.class_index].mean())


@pytest.mark.long
def test_hiding_the_strongest_superpixels_first_hurts_most() -> None:
    """Check 24: deletion below and insertion above random order, on 9 images of 10."""
    images, classes = pictures(10)
    generator = np.random.default_rng(0)
    deletions, insertions = [], []
    found = attention.explain(toy(), images, classes, n_samples=200, top_k=4)
    for image, one in zip(images, found, strict=True):
        order = np.argsort(-one.weights)
        chance = np.mean([_curve(one, image, generator.permutation(order)) for _ in range(2)])
        deletions.append(_curve(one, image, order) < chance)
        # Read backwards, hiding the weakest first is inserting the strongest first.
        insertions.append(_curve(one, image, order[::-1]) > chance)
    assert np.mean(deletions) >= 0.9
    assert np.mean(insertions) >= 0.9


class _Eye(nn.Module):
    """Three convolutions that keep where things are."""

    input_size = 96

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
            nn.Conv2d(16, 16, 3, 2, 1), nn.ReLU(), nn.AdaptiveMaxPool2d(4), nn.Flatten(),
            nn.Linear(256, 3),
        )  # fmt: skip

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images - 0.5)
        return logits


_TRAINED: dict[bool, _Eye] = {}


def eye(weights: Path | None, *, shortcut: bool = False) -> nn.Module:
    if shortcut not in _TRAINED:
        _TRAINED[shortcut] = _trained(shortcut=shortcut)
    return _TRAINED[shortcut]


def cheating_eye(weights: Path | None) -> nn.Module:
    return eye(weights, shortcut=True)


def _picture(seed: int, *, label: int, corner: int) -> np.ndarray:
    """A disc in the middle and a corner, each with vertical (0), horizontal (1) or no stripes (2).

    Stripes and no other colour: a superpixel is hidden in its mean colour, and one of a single
    colour would look the same hidden or seen.
    """
    image = blobs(seed, side=96).astype(np.int16) // 2 + 60
    waves = np.where(GRID % 6 < 3, 25, -25)
    marks = {0: waves[1], 1: waves[0], 2: np.zeros_like(waves[0])}
    for place, colour, mark in ((DISC, (150, 60, 130), label), (CORNER, (190, 170, 40), corner)):
        image[place] = np.array(colour) + marks[mark][place][:, None]
    return np.clip(image, 0, 255).astype(np.uint8)


def _trained(*, shortcut: bool) -> _Eye:
    """With a shortcut the corner decides and the disc is drawn at random, else the other way."""
    chance = np.random.default_rng(1)
    labels, others = chance.integers(0, 3, 300), chance.integers(0, 3, 300)
    discs, corners = (others, labels) if shortcut else (labels, others)
    images = np.stack([_picture(i, label=discs[i], corner=corners[i]) for i in range(300)])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = _Eye()
        optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        targets = torch.from_numpy(labels)
        for step in range(150):
            rows = torch.arange(step * 20, step * 20 + 20) % 300
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(network(pixels[rows]), targets[rows])
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
    return network.eval()


@pytest.mark.long
@pytest.mark.parametrize("name", ["cheating_eye", "eye"])
def test_what_decides_comes_first_be_it_a_shortcut_or_the_object(name: str) -> None:
    """Check 25: the corner where it was the label's mark in training, else the disc."""
    is_cheating = name == "cheating_eye"
    classifier = classifiers.load(f"{__name__}:{name}", device="cpu")
    labels = [0, 1, 0, 1]
    images = np.stack(
        [_picture(900 + i, label=label, corner=label) for i, label in enumerate(labels)]
    )
    assert classifier.logits(images).argmax(1).tolist() == labels
    settings = Settings(n_samples=200, top_k=1)
    source = ((i, image, labels[i]) for i, image in enumerate(images))
    for _, found in attention.stream(classifier, source, settings=settings):
        assert isinstance(found, Attention)
        # A superpixel may reach a little beyond what was drawn, so pixels are counted within.
        place = CORNER if is_cheating else DISC
        parts = np.bincount(found.segments[place], minlength=len(found.weights))
        assert parts[found.shown[0]] > 0.25 * place.sum()
        other = DISC if is_cheating else CORNER
        assert parts[found.shown[0]] > np.count_nonzero(found.segments[other] == found.shown[0])
