"""The toy network: a small residual network that tells the kinds of object apart."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from demo.errors import NetworkError
from demo.world.kinds import KINDS

INPUT_SIZE = 112
# Width of the four stages; the stem halves the side once, every stage after the first once more.
WIDTHS = {"normal": (24, 48, 96, 128), "small": (12, 24, 40, 64)}

# Of the training pictures' pixels, per channel, in [0, 1].
_MEAN = (0.60, 0.56, 0.52)
_SPREAD = (0.25, 0.23, 0.25)


class Block(nn.Module):
    """Two 3x3 convolutions and a way round them; the first may halve the side."""

    def __init__(self, channels_in: int, channels_out: int, *, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels_out)
        self.second = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels_out)
        self.around = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 1, stride, bias=False),
            nn.BatchNorm2d(channels_out),
        )
        self.relu = nn.ReLU()

    def forward(self, maps: Tensor) -> Tensor:
        """Map float32 [N, channels_in, h, w] to [N, channels_out, h / stride, w / stride]."""
        inner = self.relu(self.first_norm(self.first(maps)))
        inner = self.second_norm(self.second(inner))
        out: Tensor = self.relu(inner + self.around(maps))
        return out


class ToyNetwork(nn.Module):
    """A classifier of float32 [N, 3, 112, 112] RGB in [0, 1] into [N, classes] logits.

    `input_size` and `last_conv` are what the platform reads: the side of the square it takes, and
    the module whose output feeds the pooling.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, *, widths: tuple[int, int, int, int], n_classes: int) -> None:
        super().__init__()
        self.input_size = INPUT_SIZE
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(_SPREAD).view(1, 3, 1, 1), persistent=False)
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, 2, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        self.stages = nn.Sequential(
            *(Block(widths[i], widths[i + 1], stride=2) for i in range(len(widths) - 1))
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(widths[-1], n_classes)

    @property
    def last_conv(self) -> nn.Module:
        return self.stages[-1]

    def forward(self, images: Tensor) -> Tensor:
        maps = self.stages(self.stem((images - self.mean) / self.spread))
        logits: Tensor = self.head(self.pool(maps).flatten(1))
        return logits


def build(size: str) -> ToyNetwork:
    """Return an untrained network; `size` is one of WIDTHS."""
    return ToyNetwork(widths=WIDTHS[size], n_classes=len(KINDS))


def load(weights: Path | str | None) -> ToyNetwork:
    """Return the trained network in eval mode; which size it is, the weights themselves tell."""
    if weights is None:
        raise NetworkError("The toy network needs its weights: give demo/weights.safetensors.")
    try:
        state = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise NetworkError(
            f"The weights {weights} cannot be read ({error}); give demo/weights.safetensors."
        ) from error
    network = build(_size_of(state, weights=weights))
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise NetworkError(
            f"The weights {weights} belong to another network ({error}); train with demo.train."
        ) from error
    return network.eval()


def _size_of(state: dict[str, Tensor], *, weights: Path | str) -> str:
    head = state.get("head.weight")
    for size, widths in WIDTHS.items():
        if head is not None and head.shape == (len(KINDS), widths[-1]):
            return size
    raise NetworkError(
        f"The weights {weights} are not those of a toy network of {len(KINDS)} classes; "
        "give demo/weights.safetensors."
    )
