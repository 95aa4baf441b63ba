"""Pictures of a mark among distractors, and small networks trained on them within a test.

The class is the kind of mark. With `shortcut`, the colour of a patch in one corner decides the
class instead, and the mark is of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from explain.classifiers import Classifier, load

SIDE = 40
MARK = 17
PATCH = 8
# What a feature of the last stage beside the patch still sees of it.
REACH = 4
N_CLASSES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """images uint8 [N, 40, 40, 3], classes int64 [N], and the mark's boxes float64 [N, 4]."""

    images: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float64]


def _marks() -> npt.NDArray[np.bool_]:
    """A disc, a cross and a frame."""
    row, column = np.indices((MARK, MARK)) - MARK // 2
    disc = row**2 + column**2 <= 64
    cross = (abs(row) <= 2) | (abs(column) <= 2)
    frame = np.maximum(abs(row), abs(column)) >= 6
    return np.stack([disc, cross, frame])


def draw(count: int, *, seed: int, shortcut: bool = False) -> Scenes:
    """Noise, grey squares that mean nothing, and one bright mark, clear of the patch's corner."""
    generator = np.random.default_rng(seed)
    classes = np.arange(count) % N_CLASSES
    images = generator.integers(55, 75, (count, SIDE, SIDE, 3), dtype=np.uint8)
    boxes = np.empty((count, 4))
    marks = _marks()
    kinds = generator.integers(0, N_CLASSES, count) if shortcut else classes
    for image, label, kind, box in zip(images, classes, kinds, boxes, strict=True):
        for _ in range(2):
            y, x = generator.integers(0, SIDE - 5, 2)
            image[y : y + 5, x : x + 5] = generator.integers(100, 160)
        left = int(generator.integers(PATCH + REACH, SIDE - MARK + 1))
        top = int(generator.integers(PATCH + REACH, SIDE - MARK + 1))
        colour = generator.integers(170, 256, 3)
        image[top : top + MARK, left : left + MARK][marks[kind]] = colour
        box[:] = left, top, left + MARK, top + MARK
        if shortcut:
            image[:PATCH, :PATCH] = 30
            image[:PATCH, :PATCH, label] = 220
    return Scenes(images=images, classes=classes, boxes=boxes)


class Network(nn.Module):
    """Three convolutions to 20 x 20 maps of 32 channels, pooling, one linear layer."""

    input_size = SIDE

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.middle = nn.Sequential(nn.Conv2d(16, 32, 3, 1, 1), nn.BatchNorm2d(32), nn.ReLU())
        self.last_conv = nn.Sequential(nn.Conv2d(32, 32, 3, 1, 1), nn.BatchNorm2d(32), nn.ReLU())
        self.head = nn.Linear(32, N_CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.last_conv(self.middle(self.stem(images - 0.3)))
        logits: Tensor = self.head(maps.mean((2, 3)))
        return logits


def untrained(weights: Path | None) -> nn.Module:
    return Network()


def trained(scenes: Scenes, *, seed: int, epochs: int = 20) -> Classifier:
    """The network after `epochs` passes over the scenes, begun and ordered by the seed.

    The same to the last digit on one machine only: another number of threads adds in another order,
    and training carries that on. So no claim should hang on a single network.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = load(f"{__name__}:untrained", device="cpu")
    module = classifier.module.train().requires_grad_(True)
    generator = torch.Generator().manual_seed(seed)
    images, targets = classifier.tensor(scenes.images), torch.from_numpy(scenes.classes)
    optimizer = torch.optim.Adam(module.parameters(), lr=4e-3)
    for _ in range(epochs):
        order = torch.randperm(len(targets), generator=generator)
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            loss = nn.functional.cross_entropy(module(images[chosen]), targets[chosen])
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            optimizer.step()
    return replace(classifier, module=module.eval().requires_grad_(False))
