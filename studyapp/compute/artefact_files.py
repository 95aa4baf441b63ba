"""Arrays as files of the default storage, under the hash of their content, whole or not at all."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from explain.types import PreparedImage, RGBImage
from studyapp import storage
from studyapp.imaging import encode_png

FOLDER = "artefacts"


def in_8_bits(pixels: PreparedImage) -> RGBImage:
    """uint8 as it is; float32 in [0, 1], of a model with a preparation of its own, rounded."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    return np.rint(pixels * 255).astype(np.uint8)


def store_picture(pixels: PreparedImage) -> str:
    """uint8 [H, W, 3], or float32 in [0, 1] rounded to 8 bits -> name of a PNG."""
    return _store(encode_png(Image.fromarray(in_8_bits(pixels))), suffix=".png")


def store_png(content: bytes) -> str:
    """A PNG that is encoded already, since its bytes were looked at."""
    return _store(content, suffix=".png")


def store_strip(frames: npt.NDArray[np.uint8]) -> str | None:
    """uint8 [K, S, S, 3] -> name of one PNG with the frames side by side; None for no frame."""
    if not len(frames):
        return None
    strip: RGBImage = np.concatenate(list(frames), axis=1)
    return store_picture(strip)


def store_segments(segments: npt.NDArray[np.integer]) -> str:
    """Numbers of superpixels [S, S], from 0 -> name of a grey PNG whose levels are the numbers."""
    wide = np.uint8 if segments.max() < 256 else np.uint16
    return _store(encode_png(Image.fromarray(segments.astype(wide))), suffix=".png")


def store_map(values: npt.NDArray[np.float32]) -> str:
    """float32 [S, S] -> name of an .npz with the array `map`, exact."""
    out = io.BytesIO()
    np.savez_compressed(out, map=values)
    return _store(out.getvalue(), suffix=".npz")


def _store(content: bytes, *, suffix: str) -> str:
    name, _ = storage.store(content, folder=FOLDER, suffix=suffix)
    return name
