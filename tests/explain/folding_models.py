"""Networks of batch norms, each with one thing that may or may not be folded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn


def settled(module: nn.Module, *, seed: int = 0) -> nn.Module:
    """The module in evaluation mode, each batch norm with statistics and weights of its own."""
    generator = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            tensors = [part.running_mean, part.running_var, part.weight, part.bias]
            for tensor in tensors:
                if tensor is not None:
                    with torch.no_grad():
                        tensor.copy_(torch.rand(len(tensor), generator=generator) + 0.5)
    return module.eval()


class Normed(nn.Module):
    """Convolution, batch norm, ReLU, mean: what folds."""

    input_size = 8

    def __init__(self, **options: object) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.conv = nn.Conv2d(3, 4, 3, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(4, **options)  # type: ignore[arg-type]
        settled(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.norm(self.conv(images)).relu().mean((2, 3))  # type: ignore[no-any-return]


class Shared(Normed):
    """The same norm after two calls of the convolution."""

    def forward(self, images: Tensor) -> Tensor:
        again = self.norm(self.conv(images.flip(3))).relu().mean((2, 3))
        return super().forward(images) - 2 * again  # type: ignore[no-any-return]


class TwoReaders(Normed):
    """The convolution's own output is used beside its norm's."""

    def forward(self, images: Tensor) -> Tensor:
        maps = self.conv(images)
        return (self.norm(maps) + maps).mean((2, 3))  # type: ignore[no-any-return]


class ReadsWeights(Normed):
    """Uses the norm's weights past its forward."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images) * self.norm.weight


class NormFirst(Normed):
    """The norm comes before the convolution, as in a DenseNet."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        settled(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.conv(self.norm(images)).mean((2, 3))  # type: ignore[no-any-return]


class Branches(Normed):
    """Looks at the pixels to decide: no trace."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        return logits if bool(images.mean() > 2) else -logits


class Listed(Normed):
    """Keeps its norm in a plain list too, and takes it from there when it sees real numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = [self.norm]

    def forward(self, images: Tensor) -> Tensor:
        norm = self.kept[0] if type(images) is Tensor else self.norm
        return norm(self.conv(images)).relu().mean((2, 3))  # type: ignore[no-any-return]


class Aliased(Normed):
    """Names its norm as its last stage too."""

    def __init__(self) -> None:
        super().__init__()
        self.last_conv = self.norm


def _model(build: Callable[[], nn.Module]) -> Callable[[Path | None], nn.Module]:
    return lambda _weights: build()


normed = _model(Normed)
branches = _model(Branches)
listed = _model(Listed)
aliased = _model(Aliased)
