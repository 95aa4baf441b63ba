"""From an image of any size to the square a model sees, and boxes by the very same arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from PIL import Image

from explain.errors import ImageError, ParameterError
from explain.images import MAX_PIXELS
from explain.types import Boxes, RGBImage

Interpolation: TypeAlias = Literal["bilinear", "bicubic"]
_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


@dataclass(frozen=True, slots=True)
class Preparation:
    """Shorter side to `resize` pixels (antialiased), then the `crop` x `crop` pixels of the centre.

    Pixel for pixel what torchvision's Resize and CenterCrop make of the same image. The default is
    that of the papers (ImageNet classifiers of 224 px).
    """

    resize: int = 256
    crop: int = 224
    interpolation: Interpolation = "bilinear"

    def __post_init__(self) -> None:
        if not 1 <= self.crop <= self.resize:
            raise ParameterError(
                "the crop must be at least 1 pixel and no larger than the resized shorter side",
                item=f"preparation {self.resize} -> {self.crop}",
                remedy="Choose a smaller crop or a larger resize",
            )
        if self.interpolation not in _FILTERS:
            raise ParameterError(
                "unknown interpolation",
                item=f"preparation {self.interpolation!r}",
                remedy=f"Choose one of {', '.join(_FILTERS)}",
            )

    @classmethod
    def of_input_size(cls, input_size: int) -> Preparation:
        """The papers' proportions, 256 to 224, for a model whose input has another size."""
        return cls(resize=round(input_size * 256 / 224), crop=input_size)

    def resized(self, *, width: int, height: int) -> tuple[int, int]:
        """Width and height in pixels after the shorter side has become `resize`."""
        longer = int(self.resize * max(width, height) / min(width, height))
        return (self.resize, longer) if width <= height else (longer, self.resize)

    def corner(self, *, width: int, height: int) -> tuple[int, int]:
        """Left and top of the crop, in pixels of the resized image."""
        new_width, new_height = self.resized(width=width, height=height)
        # Half to even, as torchvision rounds: floor division is a pixel off for 1 size in 4.
        return round((new_width - self.crop) / 2), round((new_height - self.crop) / 2)

    def apply(self, image: Image.Image, *, name: str = "the image") -> RGBImage:
        """An RGB image of any size -> uint8 [crop, crop, 3].

        Raises ImageError for an image so narrow that resizing it would take a quarter of a GiB.
        """
        size = self.resized(width=image.width, height=image.height)
        if size[0] * size[1] > MAX_PIXELS:
            raise ImageError(
                f"{image.width} x {image.height} pixels is too narrow a strip to be resized",
                item=name,
                remedy="Cut the image to a less extreme shape, or leave it out",
            )
        left, top = self.corner(width=image.width, height=image.height)
        resized = image if image.size == size else image.resize(size, _FILTERS[self.interpolation])
        square = resized.crop((left, top, left + self.crop, top + self.crop))
        return np.array(square, dtype=np.uint8)

    def boxes(self, boxes: Boxes, *, width: int, height: int) -> Boxes:
        """Boxes of a `width` x `height` image, in pixels of the crop.

        float64 [B, 4] (left, top, right, bottom; 0-based, half-open) -> float64 [B, 4] in
        [0, crop]. Edges keep their fractions. What lies outside the crop is cut off; a box wholly
        outside has no area left (right == left or bottom == top).
        """
        boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        new_width, new_height = self.resized(width=width, height=height)
        left, top = self.corner(width=width, height=height)
        scale = np.array([new_width / width, new_height / height] * 2)
        mapped: Boxes = np.clip(boxes * scale - np.array([left, top] * 2), 0.0, float(self.crop))
        return mapped
