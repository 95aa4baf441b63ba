from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explain.errors import ParameterError
from explain.preparation import Preparation
from explain.robustness import Undefined, scores
from explain.saliency import grad_cam_pp
from tests.explain.saliency.networks import classifier, pictures


def box(*edges: float) -> np.ndarray:
    return np.array([edges], float)


def test_a_uniform_map_scores_the_share_of_the_area() -> None:
    found = scores(np.ones((2, 8, 8), np.float32), [box(0, 0, 4, 4), box(1.5, 0, 8, 8)])
    assert found.rs.tolist() == found.area.tolist() == [0.25, 6.5 / 8]
    assert found.undefined == (None, None)


def test_a_map_inside_the_box_scores_1_and_outside_0() -> None:
    maps = np.zeros((2, 8, 8), np.float32)
    maps[:, 2:4, 2:4] = 0.3
    assert scores(maps, [box(2, 2, 4, 4), box(5, 5, 8, 8)]).rs.tolist() == [1, 0]


def test_by_hand() -> None:
    maps = np.array([[[1, 2], [3, 4]]], np.float32)
    assert scores(maps, [box(0, 0, 1.5, 1)]).rs[0] == pytest.approx((1 + 0.5 * 2) / 10)


def test_the_union_of_overlapping_boxes_counts_once() -> None:
    maps = np.ones((2, 8, 8), np.float32)
    both = np.array([[0, 0, 4, 4], [2, 0, 6, 4]], float)
    found = scores(maps, [both, np.concatenate([both, both])])
    assert found.rs.tolist() == [24 / 64, 24 / 64]


def test_what_is_undefined_is_told_apart_and_never_zero() -> None:
    maps = np.ones((4, 8, 8), np.float32)
    maps[3] = 0
    outside = np.array([[8, 0, 8, 8], [0, 8, 8, 8]], float)
    found = scores(maps, [box(0, 0, 8, 8), np.empty((0, 4)), outside, box(0, 0, 8, 8)])
    assert found.undefined == (None, Undefined.NO_BOX, Undefined.OUTSIDE, Undefined.ZERO_MAP)
    assert found.rs[0] == 1
    assert np.isnan(found.rs[1:]).all()


def test_a_box_that_the_crop_cuts_away_is_undefined() -> None:
    preparation = Preparation(resize=8, crop=8)
    (inside,), outside = (
        preparation.boxes(box(*edges), width=32, height=8)
        for edges in ((14, 2, 18, 6), (0, 0, 5, 8))
    )
    found = scores(np.ones((2, 8, 8)), [inside[None], outside])
    assert found.rs[0] == 16 / 64
    assert found.undefined[1] is Undefined.OUTSIDE


def test_grids_score_as_the_maps_enlarged_from_them() -> None:
    result = grad_cam_pp(classifier("deep_head"), pictures(6), [0, 1, 2, 3, 4, 0])
    generator = np.random.default_rng(0)
    boxes = [np.sort(generator.uniform(0, 32, (2, 2, 2)), 1).reshape(2, 4) for _ in range(6)]
    large = scores(result.maps, boxes)
    small = scores(result.grid, boxes, input_size=32)
    assert np.ptp(large.rs) > 0.1
    assert np.abs(large.rs - small.rs).max() < 1e-6
    assert np.array_equal(large.area, small.area)


def test_the_maps_of_a_method_can_be_given_as_they_are() -> None:
    result = grad_cam_pp(classifier("small"), pictures(2), [0, 1])
    boxes = [box(0, 0, 16, 32)] * 2
    assert np.array_equal(scores(result, boxes).rs, scores(result.maps, boxes).rs)


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf])
def test_maps_with_impossible_values_are_refused(value: float) -> None:
    maps = np.ones((3, 4, 4))
    maps[1, 2, 2] = value
    with pytest.raises(ParameterError, match="map 1: its values"):
        scores(maps, [box(0, 0, 1, 1)] * 3)


@pytest.mark.parametrize("maps", [np.ones((4, 4)), np.ones((1, 4, 4), np.uint8)])
def test_what_is_no_map_is_refused(maps: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="not a floating point array"):
        scores(maps, [box(0, 0, 1, 1)])


def test_every_map_needs_its_boxes() -> None:
    with pytest.raises(ParameterError, match="2 maps need as many"):
        scores(np.ones((2, 4, 4)), [box(0, 0, 1, 1)])


def painted(edges: np.ndarray, *, width: int, height: int) -> np.ndarray:
    """A map that is 1 on the pixels of a box, by pushing the painted box through the transform."""
    left, top, right, bottom = (int(edge) for edge in edges)
    mask = np.zeros((height, width, 3), np.uint8)
    mask[top:bottom, left:right] = 255
    return np.asarray(Preparation().apply(Image.fromarray(mask))[..., 0] / 255.0)


@pytest.mark.parametrize("seed", range(20))
def test_saliency_on_the_object_s_own_pixels_scores_1(seed: int) -> None:
    """Image and boxes go through the same transform: what is painted in the box stays in it."""
    generator = np.random.default_rng(seed)
    width, height = (int(side) for side in generator.integers(180, 700, 2))
    edges = np.array([width // 3, height // 3, width // 3 * 2, height // 3 * 2], float)
    saliency = painted(edges, width=width, height=height)
    mapped = Preparation().boxes(edges[None], width=width, height=height)
    found = scores(saliency[None], [mapped])
    assert found.rs[0] > 0.985
    # The complement: hardly anything of what is painted outside the box is counted.
    assert scores((1 - saliency)[None], [mapped]).rs[0] < 0.01


@pytest.mark.slow
def test_real_boxes_on_real_photographs(shared_data: Path) -> None:
    """Every published box is inside its photograph, and scores what it covers of the crop."""
    folder = shared_data / "val_photos"
    with (folder / "images.csv").open(encoding="utf-8", newline="") as file:
        sizes = {row["image_id"]: row for row in csv.DictReader(file)}
    boxes: dict[str, list[list[float]]] = {name: [] for name in sizes}
    with (folder / "boxes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            boxes[row["image_id"]].append([float(row[key]) for key in ("x0", "y0", "x1", "y1")])
    mapped = [
        Preparation().boxes(
            np.array(boxes[name]), width=int(row["width"]), height=int(row["height"])
        )
        for name, row in sizes.items()
    ]
    found = scores(np.ones((len(mapped), 224, 224), np.float32), mapped)
    assert len(found) == 77
    scored = [reason is None for reason in found.undefined]
    assert sum(scored) >= 75
    assert np.allclose(found.rs[scored], found.area[scored])
    assert 0.2 < np.nanmean(found.rs) < 0.8
