from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explain.robustness.coverage import coverage


def of(*boxes: list[float], height: int = 4, width: int = 5) -> np.ndarray:
    return coverage(np.array(boxes, float).reshape(-1, 4), height=height, width=width)


def test_fractions_of_pixels_by_hand() -> None:
    found = of([1.25, 0.5, 3, 2])
    assert found.shape == (4, 5)
    assert found[0].tolist() == [0, 0.375, 0.5, 0, 0]
    assert found[1].tolist() == [0, 0.75, 1, 0, 0]
    assert found[2:].sum() == 0


def test_where_boxes_overlap_counts_once() -> None:
    assert of([0, 0, 2, 2], [1, 1, 3, 3]).sum() == 7
    assert of([0, 0, 2, 2], [0, 0, 2, 2]).sum() == 4
    assert of([0, 0, 0.5, 1], [0.25, 0, 0.75, 1])[0, 0] == 0.75
    # Two boxes within one pixel that meet at a corner alone.
    assert of([0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1])[0, 0] == 0.5


def test_what_lies_outside_is_not_counted() -> None:
    assert of([-3, -3, 1, 1]).sum() == 1
    assert of([4, 3, 9, 9]).sum() == 1
    assert of([6, 0, 9, 4]).sum() == 0
    assert of([0, 0, 99, 99]).min() == 1


@pytest.mark.parametrize("boxes", [[], [[2, 2, 2, 4]], [[3, 1, 2, 2]]])
def test_no_box_and_boxes_without_area_cover_nothing(boxes: list[list[float]]) -> None:
    assert of(*boxes).sum() == 0


EDGES = st.integers(-8, 48).map(lambda n: n / 8)


@pytest.mark.slow
@given(st.lists(st.tuples(EDGES, EDGES, EDGES, EDGES), max_size=4))
def test_it_is_the_count_of_small_squares(boxes: list[tuple[float, ...]]) -> None:
    fine = np.zeros((32, 40), bool)
    for left, top, right, bottom in boxes:
        x0, y0, x1, y1 = (int(max(edge, 0) * 8) for edge in (left, top, right, bottom))
        fine[y0 : max(y1, y0), x0 : max(x1, x0)] = True
    expected = fine.reshape(4, 8, 5, 8).mean((1, 3))
    assert np.allclose(of(*(list(box) for box in boxes)), expected, atol=1e-12)
