"""CIE Lab, in which equal distances look about equally large."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explain.types import RGBImage

# IEC 61966-2-1 (sRGB): linear RGB -> XYZ, and the white point D65 for the observer of 2 degrees.
_XYZ_FROM_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
# CIE 1976: below this share of white the cube root is replaced by a straight line.
_DARK, _SLOPE, _OFFSET = 0.008856, 7.787, 16.0 / 116.0


def _linear_light() -> npt.NDArray[np.float64]:
    """float64 [256]: the linear light of every 8-bit value, in [0, 1]."""
    value = np.arange(256, dtype=np.float64) * (1 / 255)
    light: npt.NDArray[np.float64] = np.power((value + 0.055) / 1.055, 2.4)
    dim = value <= 0.04045
    light[dim] = value[dim] / 12.92
    return light


_LINEAR = _linear_light()


def lab_of(image: RGBImage) -> npt.NDArray[np.float64]:
    """uint8 [H, W, 3] sRGB -> float64 [H, W, 3]: L in [0, 100], a and b in about [-110, 110].

    Computed on the host whatever the device of the model is, so that a superpixel does not depend
    on the processor. The same numbers as `skimage.color.rgb2lab`; a power is looked up, not taken.
    """
    xyz = (_LINEAR[image] @ _XYZ_FROM_RGB.T) / _WHITE
    root = np.cbrt(xyz)
    dark = xyz <= _DARK
    root[dark] = _SLOPE * xyz[dark] + _OFFSET
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=-1)
