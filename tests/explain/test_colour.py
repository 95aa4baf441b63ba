from __future__ import annotations

import numpy as np
import pytest
from skimage.color import rgb2lab

from explain.colour import lab_of


def test_the_corners_of_the_cube_have_their_published_coordinates() -> None:
    corners = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255]]], dtype=np.uint8)
    black, white, red, blue = lab_of(corners)[0]
    assert black == pytest.approx([0, 0, 0], abs=1e-9)
    assert white == pytest.approx([100, 0, 0], abs=0.02)
    assert red == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert blue == pytest.approx([32.30, 79.19, -107.86], abs=0.02)


def test_every_grey_and_random_colours_equal_scikit_image() -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    colours = np.random.default_rng(0).integers(0, 256, (64, 256, 3), dtype=np.uint8)
    image = np.concatenate([greys, colours])
    found = lab_of(image)
    assert found.dtype == np.float64
    # Equal to the last bit where numpy multiplies matrices alike; elsewhere within a few of them.
    assert found == pytest.approx(rgb2lab(image), abs=1e-12)
