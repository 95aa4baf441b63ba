"""Networks small enough to know every logit, and models that break the contract one way each."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn


class Channels(nn.Module):
    """Logits are the means of the red, green and blue channels, and 0.5 as a fourth class."""

    input_size = 4

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.weight[:3, :, 0, 0] = torch.eye(3)
            self.conv.bias.copy_(torch.tensor([0.0, 0.0, 0.0, 0.5]))  # type: ignore[union-attr]

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.conv(images)
        return maps.mean((2, 3))


class Declared(nn.Sequential):
    """Any layer, with any word on its input size."""

    def __init__(self, layer: nn.Module, *, input_size: object) -> None:
        super().__init__(layer)
        self.input_size = input_size


class Views(Channels):
    """Counts on rows of pixels in memory, as code written without channels_last does."""

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.conv(images)
        return maps.view(len(images), 4 * 16).view(len(images), 4, 16).mean(2)


class Tokens(Channels):
    """Ends in tokens, not in maps: no last convolutional stage."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        tokens: Tensor = self.mix(self.conv(images).flatten(2))
        return tokens.mean(2)


class NotFinite(Channels):
    """The fourth logit is NaN for an image whose red channel is full."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        logits[:, 3] = torch.where(logits[:, 0] > 0.999, torch.nan, logits[:, 3])
        return logits


class Crowded(Channels):
    """Out of memory above three images."""

    def forward(self, images: Tensor) -> Tensor:
        if len(images) > 3:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


class Full(Channels):
    """Fits the two images of the check and then no image any more."""

    calls = 0

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        if self.calls > 1:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(images)


def channels(weights: Path | None) -> nn.Module:
    model = Channels()
    if weights is not None:
        model.load_state_dict(load_file(weights))
    return model


def views(weights: Path | None) -> nn.Module:
    return Views()


def tokens(weights: Path | None) -> nn.Module:
    return Tokens()


def not_finite(weights: Path | None) -> nn.Module:
    return NotFinite()


def never_finite(weights: Path | None) -> nn.Module:
    model = Channels()
    nn.init.constant_(model.conv.weight, torch.nan)
    return model


def crowded(weights: Path | None) -> nn.Module:
    return Crowded()


def full(weights: Path | None) -> nn.Module:
    return Full()


def maps(weights: Path | None) -> nn.Module:
    return Declared(Channels().conv, input_size=4)


def one_row(weights: Path | None) -> nn.Module:
    class OneRow(Channels):
        def forward(self, images: Tensor) -> Tensor:
            return super().forward(images).mean(0)

    return OneRow()


def grey_only(weights: Path | None) -> nn.Module:
    return Declared(nn.Conv2d(1, 4, 1), input_size=4)


def no_input_size(weights: Path | None) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 2))


def odd_input_size(weights: Path | None) -> nn.Module:
    return Declared(no_input_size(weights), input_size="224")


def not_a_module(weights: Path | None) -> object:
    return object()


def fails(weights: Path | None) -> nn.Module:
    raise KeyError("layer7")


class Preprocessing(Channels):
    """Brings its own way from a picture to its input."""

    def __init__(self, preprocess: object) -> None:
        super().__init__()
        self.preprocess = preprocess


def corner_pixels(weights: Path | None) -> nn.Module:
    """Its own preprocess: the 4 x 4 pixels of the upper left corner; refuses narrow images."""

    def preprocess(image: Image.Image) -> Image.Image:
        if image.width < 4:
            raise ValueError("narrower than 4 pixels")
        return image.crop((0, 0, 4, 4))

    return Preprocessing(preprocess)


def half_grey(weights: Path | None) -> nn.Module:
    """Its own preprocess: the same float tensor for any image, not on the grid of 8 bits."""
    return Preprocessing(lambda image: torch.full((3, 4, 4), 0.3))


def normalises_outside(weights: Path | None) -> nn.Module:
    return Preprocessing(lambda image: torch.full((3, 4, 4), -1.5))


def wrong_square(weights: Path | None) -> nn.Module:
    return Preprocessing(lambda image: torch.zeros(3, 5, 5))


def wrong_image(weights: Path | None) -> nn.Module:
    return Preprocessing(lambda image: image)


def returns_a_list(weights: Path | None) -> nn.Module:
    return Preprocessing(lambda image: [1, 2])


def preprocess_is_text(weights: Path | None) -> nn.Module:
    return Preprocessing("resize")
