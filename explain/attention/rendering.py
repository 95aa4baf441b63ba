"""What of an image is shown, and on what."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from explain.attention.settings import Background
from explain.superpixels import Segments
from explain.types import RGBImage

_GRAY = 128
# Of the Gaussian, as a share of the side: 8 pixels at 224, wider than most details.
_BLUR = 1 / 28


def strongest(weights: npt.NDArray[np.float64], *, k: int) -> npt.NDArray[np.int32]:
    """Ids of at most k superpixels of positive weight, the largest first, equal ones by id."""
    order = np.argsort(-weights, kind="stable")
    return order[weights[order] > 0][:k].astype(np.int32)


def background_of(image: RGBImage, background: Background) -> RGBImage:
    """uint8 [S, S, 3]: black (0), gray (128), or the image blurred.

    Blurred: per channel, in float64, a Gaussian of sigma S / 28 pixels cut at 4 sigma, border
    pixels repeated beyond the border, rounded half to even. A blurred background lets colours of
    the surroundings through; black lets nothing through.
    """
    if background == "blurred":
        sigma = image.shape[0] * _BLUR
        soft = ndimage.gaussian_filter(
            image.astype(np.float64), sigma=(sigma, sigma, 0.0), mode="nearest", truncate=4.0
        )
        blurred: RGBImage = np.rint(soft).astype(np.uint8)
        return blurred
    return np.full_like(image, _GRAY if background == "gray" else 0)


def render(
    image: RGBImage, segments: Segments, shown: npt.NDArray[np.int32], *, background: Background
) -> RGBImage:
    """uint8 [S, S, 3]: the image within the superpixels `shown`, the background elsewhere."""
    kept = np.isin(segments, shown)[..., None]
    return np.where(kept, image, background_of(image, background))
