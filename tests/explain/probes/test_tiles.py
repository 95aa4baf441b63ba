from __future__ import annotations

import numpy as np
import pytest

from explain.errors import ParameterError
from explain.probes import tiles
from tests.explain.probes.models import BLUE, GREEN, RED, SIDE, filled, load, random_images


def test_each_tile_is_predicted_by_itself_row_by_row() -> None:
    images = filled(RED, RED)
    images[1, :8, 8:], images[1, 8:, :8], images[1, 8:, 8:] = GREEN, BLUE, (0, 0, 0)
    found = tiles.probe(load(), images)
    assert [probe.index for probe in found] == [0] * 4 + [1] * 4
    assert [int(probe.after.classes[0]) for probe in found] == [0, 0, 0, 0, 0, 1, 2, 3]
    assert [probe.box for probe in found[4:]] == [
        (0, 0, 8, 8),
        (8, 0, 16, 8),
        (0, 8, 8, 16),
        (8, 8, 16, 16),
    ]
    assert found[5].image.shape == (SIDE, SIDE, 3)
    assert np.array_equal(found[5].image, filled(GREEN)[0])


@pytest.mark.parametrize(("size", "rows", "columns"), [(16, 3, 5), (7, 7, 1), (224, 3, 3)])
def test_every_pixel_is_in_exactly_one_tile(size: int, rows: int, columns: int) -> None:
    count = np.zeros((size, size), int)
    for left, top, right, bottom in tiles.boxes(size, rows=rows, columns=columns):
        count[top:bottom, left:right] += 1
    assert (count == 1).all()
    assert len(tiles.boxes(size, rows=rows, columns=columns)) == rows * columns


def test_a_tile_of_the_image_s_own_width_is_only_stretched() -> None:
    (image,) = random_images(1)
    top, _ = tiles.probe(load(), image[None], rows=2, columns=1)
    assert top.image.mean() == pytest.approx(image[:8].mean(), abs=2)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (0, 2), (2, -1), (17, 1)])
def test_tiles_that_cannot_be_are_refused(rows: int, columns: int) -> None:
    with pytest.raises(ParameterError, match=f"cannot be broken into {rows} x {columns} tiles"):
        tiles.probe(load(), filled(RED), rows=rows, columns=columns)
