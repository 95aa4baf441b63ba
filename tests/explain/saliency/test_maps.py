from __future__ import annotations

import numpy as np
import pytest
import torch

from explain.saliency import SaliencyMaps, grad_cam_pp
from explain.saliency.maps import Scaling, finish, stretched, unstretched
from explain.saliency.upsampling import Upsampling
from tests.explain.saliency.networks import classifier, pictures

UPSAMPLING = Upsampling.between((2, 2), size=6)


def sums(*rows: list[list[float]]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def test_what_speaks_against_the_class_is_zero_and_the_rest_is_stretched() -> None:
    done = finish(sums([[-3, 1], [2, 5]]), upsampling=UPSAMPLING)
    assert np.allclose(done.grid[0], [[0, 0.2], [0.4, 1]])
    assert done.grid.dtype == done.maps.dtype == np.float32
    assert np.allclose(done.maps[0, [0, 0, -1, -1], [0, -1, 0, -1]], [0, 0.2, 0.4, 1])
    assert done.constant.tolist() == [False]


def test_the_smallest_positive_sum_becomes_zero() -> None:
    done = finish(sums([[2, 3], [4, 6]]), upsampling=UPSAMPLING)
    assert np.allclose(done.grid[0], [[0, 0.25], [0.5, 1]])


@pytest.mark.parametrize("scaling", ["grid", "pixels", "pgc"])
@pytest.mark.parametrize("values", [[[0, 0], [0, 0]], [[-1, -2], [-3, 0]], [[4, 4], [4, 4]]])
def test_a_constant_map_is_zero_and_flagged(values: list[list[float]], scaling: Scaling) -> None:
    done = finish(sums(values, [[0, 1], [2, 3]]), upsampling=UPSAMPLING, scaling=scaling)
    assert done.constant.tolist() == [True, False]
    assert done.maps[0].max() == done.grid[0].max() == 0
    assert done.maps[1].max() == pytest.approx(1, abs=1e-6)


def test_after_the_enlargement_the_sums_are_cut_at_zero_there() -> None:
    done = finish(sums([[-4, 4], [-4, 4]]), upsampling=UPSAMPLING, scaling="pixels")
    line = np.maximum(UPSAMPLING.enlarge(sums([[-4, 4], [-4, 4]]))[0, 0].numpy(), 0)
    assert np.allclose(done.maps[0], line / 4)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30])
def test_the_size_of_the_sums_does_not_matter(scale: float) -> None:
    values = sums([[-3, 1], [2, 5]])
    expected = finish(values, upsampling=UPSAMPLING).maps
    assert np.allclose(finish(values * scale, upsampling=UPSAMPLING).maps, expected, atol=1e-6)


def test_a_mean_of_maps_is_not_stretched() -> None:
    done = unstretched(sums([[0.1, 0.2], [0.3, 0.6]], [[0, 0], [0, 0]]), upsampling=UPSAMPLING)
    assert np.allclose(done.maps[0, -1, -1], 0.6)
    assert done.constant.tolist() == [False, True]


def test_stretching_by_hand() -> None:
    found = stretched(sums([[1, 2], [3, 5]], [[7, 7], [7, 7]]), epsilon=1.0)
    assert found[0].flatten().tolist() == [0, 0.2, 0.4, 0.8]
    assert found[1].flatten().tolist() == [0, 0, 0, 0]


def test_numpy_takes_the_result_for_its_maps() -> None:
    result = grad_cam_pp(classifier("small"), pictures(2), [0, 1])
    assert isinstance(result, SaliencyMaps)
    assert len(result) == 2
    array = np.asarray(result)
    assert array.dtype == np.float32
    assert np.array_equal(array, result.maps)
    assert np.asarray(result, dtype=np.float64).dtype == np.float64
