"""An attacked image in 8 bits: written as a PNG file, read again, and compared."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from explain.attack.results import AdversarialImage, Reading
from explain.images import decode
from explain.predict import top_k
from explain.types import Logits, PreparedImage, RGBImage

_K = 5
# The noise of an attack does not compress: level 6 takes three times as long for 4 % less.
_COMPRESSION = 1

Distances = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The file of an attacked image, and how far it and the image it was made of have moved.

    png       the bytes of the file
    pixels    uint8 [S, S, 3], read from them
    computed  L-inf and L2 of the attacked image, in units of [0, 1]
    stored    L-inf and L2 of `pixels`
    """

    png: bytes
    pixels: RGBImage
    computed: Distances
    stored: Distances


def store(attacked: npt.NDArray[np.float32], *, original: PreparedImage) -> Stored:
    """float32 [S, S, 3] in [0, 1] -> the PNG file of its nearest 8-bit image, read again.

    `original` is the image before the attack, uint8 or float32.
    """
    levels = np.rint(attacked * np.float32(255)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(levels).save(stream, "PNG", compress_level=_COMPRESSION)
    png = stream.getvalue()
    pixels: RGBImage = np.array(decode(png, name="an attacked image"), dtype=np.uint8)
    start = unit(original)
    return Stored(
        png=png,
        pixels=pixels,
        computed=_distances(attacked, start),
        stored=_distances(unit(pixels), start),
    )


def unit(image: PreparedImage) -> npt.NDArray[np.float32]:
    """uint8 or float32 [S, S, 3] -> float32 in [0, 1], the very numbers a classifier is given."""
    scaled: npt.NDArray[np.float32] = (
        image.astype(np.float32) / np.float32(255)
        if image.dtype == np.uint8
        else image.astype(np.float32)
    )
    return scaled


def label_probability(logits: Logits, *, label: int) -> float:
    """float32 [C] -> softmax probability of one class, in [0, 1]."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max())
    return float(exponentials[label] / exponentials.sum())


def adversarial_image(
    file: Stored, *, step: int, label: int, computed: Logits, stored: Logits
) -> AdversarialImage:
    """The image with its two readings, from the logits float32 [C] of each."""
    floats = _reading(computed, label=label, distances=file.computed)
    eight_bits = _reading(stored, label=label, distances=file.stored)
    return AdversarialImage(
        step=step,
        pixels=file.pixels,
        png=file.png,
        computed=floats,
        stored=eight_bits,
        survives_uint8=(floats.predicted == label) == (eight_bits.predicted == label),
    )


def _reading(logits: Logits, *, label: int, distances: Distances) -> Reading:
    classes, probabilities = top_k(logits, k=_K)
    linf, l2 = distances
    return Reading(
        classes=classes,
        probabilities=probabilities,
        label_probability=label_probability(logits, label=label),
        linf=linf,
        l2=l2,
    )


def _distances(image: npt.NDArray[np.float32], start: npt.NDArray[np.float32]) -> Distances:
    difference = image.astype(np.float64) - start
    return float(np.abs(difference).max()), float(np.sqrt(np.square(difference).sum()))
