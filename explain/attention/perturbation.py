"""Which superpixels a sample hides, how near it is to the image, and what hidden looks like."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from explain import superpixels
from explain.superpixels import Segments
from explain.types import RGBImage

Masks: TypeAlias = npt.NDArray[np.bool_]
"""bool [n, F]: True where the superpixel is seen."""


def draw(n_samples: int, n_superpixels: int, *, seed: int) -> Masks:
    """The lime package's perturbations, bit for bit: each superpixel seen with probability 1/2.

    Row 0 is the whole image. They depend on the seed and F alone, not on the image.
    """
    state = np.random.RandomState(seed)
    state.randint(0, high=1000)  # lime draws a seed for its segmentation first, and never uses it
    bits = state.randint(0, 2, n_samples * n_superpixels).reshape(n_samples, n_superpixels)
    masks: Masks = bits.astype(np.bool_)
    masks[0] = True
    return masks


def digest(masks: Masks) -> str:
    """SHA-256 of the perturbations, one byte 0 or 1 for each superpixel, sample by sample."""
    return hashlib.sha256(np.ascontiguousarray(masks).view(np.uint8).tobytes()).hexdigest()


def proximity(masks: Masks, *, sigma: float) -> npt.NDArray[np.float64]:
    """bool [n, F] -> float64 [n] in (0, 1]: exp(-d^2 / (2 sigma^2)), d the cosine distance to 1.

    With k of F superpixels seen, d = 1 - sqrt(k / F). Equation 5 of Stock and Cisse lacks the
    minus sign; with it the weight falls with the distance, as their text says.
    """
    distance = 1.0 - np.sqrt(masks.sum(axis=1) / masks.shape[1])
    near: npt.NDArray[np.float64] = np.exp(-(distance**2) / (2.0 * sigma**2))
    return near


def hidden_image(image: RGBImage, segments: Segments) -> RGBImage:
    """uint8 [S, S, 3] with every superpixel in its mean colour, cut (not rounded) to 8 bits."""
    ids, n = segments.ravel(), superpixels.count(segments)
    area = np.bincount(ids, minlength=n)
    sums = [np.bincount(ids, weights=image[..., c].ravel(), minlength=n) for c in range(3)]
    colours = np.stack([total / area for total in sums], axis=1).astype(np.uint8)
    hidden: RGBImage = colours[segments]
    return hidden
