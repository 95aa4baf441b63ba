"""Array aliases with their shapes, and the frozen results of this package."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from explain.errors import ImageError

RGBImage: TypeAlias = npt.NDArray[np.uint8]
"""uint8 [H, W, 3], RGB, 0..255."""

RGBImages: TypeAlias = npt.NDArray[np.uint8]
"""uint8 [N, S, S, 3], RGB, 0..255."""

RGBAImage: TypeAlias = npt.NDArray[np.uint8]
"""uint8 [H, W, 4], RGB and alpha, 0..255, not premultiplied."""

PreparedImage: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.float32]
"""[S, S, 3], RGB at a model's input size: uint8 in 0..255, or float32 in [0, 1]."""

Images: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.float32]
"""[N, S, S, 3], RGB: uint8 in 0..255, or float32 in [0, 1]."""

Logits: TypeAlias = npt.NDArray[np.float32]
"""float32 [N, C], before the softmax."""

Features: TypeAlias = npt.NDArray[np.float32]
"""float32 [N, D], activations that describe an image."""

Boxes: TypeAlias = npt.NDArray[np.float64]
"""float64 [B, 4]: left, top, right, bottom in pixels, 0-based and half-open."""

ImageSource: TypeAlias = Path | str | bytes | Callable[[], bytes]
"""Where an image is: a path, the bytes of its file, or a call that fetches those bytes."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class TopK(Generic[K]):
    """The k most probable classes of one image, the most probable first.

    key            what the caller named the image
    classes        int32 [k], class indices
    probabilities  float32 [k] in [0, 1], softmax over all classes of the model, not increasing
    """

    key: K
    classes: npt.NDArray[np.int32]
    probabilities: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Failure(Generic[K]):
    """One image that has no result, and why."""

    key: K
    error: ImageError
