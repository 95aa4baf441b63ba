from __future__ import annotations

import io

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image as PILImage

from studyapp.compute.artefact_files import (
    in_8_bits,
    store_map,
    store_picture,
    store_segments,
    store_strip,
)


def picture(name: str | None) -> np.ndarray:
    with default_storage.open(str(name)) as stream:
        return np.asarray(PILImage.open(stream))


@pytest.mark.parametrize("n", [5, 256, 257, 3000])
def test_every_number_of_a_superpixel_comes_back(n: int) -> None:
    segments = (np.arange(64 * 64) % n).reshape(64, 64).astype(np.int32)
    name = store_segments(segments)
    np.testing.assert_array_equal(picture(name), segments)
    assert picture(name).dtype == (np.uint8 if n <= 256 else np.uint16)


def test_a_map_comes_back_exactly_and_equal_maps_are_one_file() -> None:
    values = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    name = store_map(values)
    with default_storage.open(name) as stream:
        np.testing.assert_array_equal(np.load(io.BytesIO(stream.read()))["map"], values)
    assert store_map(values.copy()) == name


def test_pictures_and_strips() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    np.testing.assert_array_equal(picture(store_picture(frames[0])), frames[0])
    np.testing.assert_array_equal(picture(store_strip(frames))[:, 8:16], frames[1])
    assert store_strip(frames[:0]) is None


def test_floating_point_pixels_are_rounded() -> None:
    pixels = np.full((2, 2, 3), 0.5019, dtype=np.float32)
    assert (in_8_bits(pixels) == 128).all()
