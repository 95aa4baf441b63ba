"""Small networks with a last stage, as module:callable models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from explain.classifiers import Classifier, load

SIDE = 32


class Small(nn.Module):
    """Two convolutions to 8 x 8 maps of 16 channels, pooling, one linear layer to 5 classes."""

    input_size = SIDE

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 12, 3, 2, 1)
        self.last_conv = nn.Sequential(nn.Conv2d(12, 16, 3, 2, 1), nn.ReLU())
        self.head = nn.Linear(16, 5)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.last_conv(self.first(images).relu())
        logits: Tensor = self.head(maps.mean((2, 3)))
        return logits


class DeepHead(Small):
    """A head that looks at each place on its own: gradients differ from place to place."""

    def __init__(self) -> None:
        super().__init__()
        self.tail = nn.Conv2d(16, 16, 3, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.last_conv(self.first(images).relu())
        logits: Tensor = self.head(self.tail(maps).relu().amax((2, 3)))
        return logits


class InPlace(Small):
    """Ends its last stage before the ReLU, which then overwrites what the stage gave."""

    def __init__(self) -> None:
        super().__init__()
        self.last_conv = self.last_conv[:1]
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.relu(self.last_conv(self.first(images).relu()))
        logits: Tensor = self.head(maps.mean((2, 3)))
        return logits


class Shifted(Small):
    """Small with 7 more on every logit."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images) + 7


class Mirrored(nn.Module):
    """Kernels that are their own mirror images, so that a flip of the image flips all maps."""

    input_size = SIDE

    def __init__(self) -> None:
        super().__init__()
        first, second = nn.Conv2d(3, 12, 3, 1, 1), nn.Conv2d(12, 16, 3, 1, 1)
        with torch.no_grad():
            for part in (first, second):
                part.weight.copy_((part.weight + part.weight.flip(3)) / 2)
        self.first = nn.Sequential(first, nn.ReLU(), nn.AvgPool2d(4))
        self.last_conv = nn.Sequential(second, nn.ReLU())
        self.head = nn.Linear(16, 5)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.last_conv(self.first(images)).mean((2, 3)))
        return logits


class Dead(Small):
    """No feature ever rises above zero."""

    def __init__(self) -> None:
        super().__init__()
        nn.init.constant_(self.last_conv[0].bias, -100.0)  # type: ignore[arg-type]


class Against(Small):
    """Every feature speaks against every class."""

    def __init__(self) -> None:
        super().__init__()
        with torch.no_grad():
            self.head.weight.copy_(-self.head.weight.abs())


class NotFinite(Small):
    """NaN for an image whose first pixel is full red."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        return torch.where(images[:, 0, 0, 0, None] > 0.999, torch.nan, logits)


class Crowded(Small):
    """Out of memory above three images."""

    def forward(self, images: Tensor) -> Tensor:
        if len(images) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


class Full(Small):
    """Fits the two images of the check and then no image any more."""

    calls = 0

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        if self.calls > 1:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


class Aside(Small):
    """The logits do not depend on the stage that is declared the last."""

    def forward(self, images: Tensor) -> Tensor:
        self.last_conv(self.first(images))
        logits: Tensor = self.head(images.mean((1, 2, 3))[:, None].expand(-1, 16))
        return logits


class Twice(Small):
    """Goes through its last stage twice."""

    def forward(self, images: Tensor) -> Tensor:
        self.last_conv(self.first(images))
        return super().forward(images)


class Tokens(Small):
    """Has no stage of maps."""

    def __init__(self) -> None:
        super().__init__()
        self.last_conv = None  # type: ignore[assignment]
        self.flat = nn.Linear(3 * SIDE * SIDE, 5)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.flat(images.flatten(1))
        return logits


KINDS: dict[str, type[nn.Module]] = {
    "against": Against,
    "aside": Aside,
    "crowded": Crowded,
    "dead": Dead,
    "deep_head": DeepHead,
    "full": Full,
    "in_place": InPlace,
    "mirrored": Mirrored,
    "not_finite": NotFinite,
    "shifted": Shifted,
    "small": Small,
    "tokens": Tokens,
    "twice": Twice,
}


def __getattr__(name: str) -> Callable[[Path | None], nn.Module]:
    """A callable for each kind, as a model is named: tests.explain.saliency.networks:small."""
    if name not in KINDS:
        raise AttributeError(name)

    def build(weights: Path | None) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return KINDS[name]()

    return build


def classifier(kind: str) -> Classifier:
    """The network of this kind, with the same random weights every time."""
    return load(f"{__name__}:{kind}", device="cpu")


def pictures(count: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """uint8 [count, 32, 32, 3] of noise with some structure."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (count, 4, 4, 3)).repeat(8, 1).repeat(8, 2)
    fine = generator.integers(0, 256, (count, SIDE, SIDE, 3))
    return ((coarse + fine) // 2).astype(np.uint8)
