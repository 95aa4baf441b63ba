"""Check 10."""

from __future__ import annotations

import numpy as np
import pytest

from explain.attention.rendering import background_of, render, strongest
from explain.attention.settings import Background
from tests.explain.attention.networks import blobs, segments_of


def test_the_largest_positive_weights_come_first_and_equal_ones_by_id() -> None:
    weights = np.array([0.1, -0.5, 0.3, 0.0, 0.3, 0.2])
    assert strongest(weights, k=3).tolist() == [2, 4, 5]
    assert strongest(weights, k=9).tolist() == [2, 4, 5, 0]
    assert strongest(-np.abs(weights), k=2).tolist() == []
    assert strongest(weights, k=1).dtype == np.int32


@pytest.mark.parametrize("background", ["black", "gray", "blurred"])
def test_shown_superpixels_keep_their_bytes_and_the_rest_is_background(
    background: Background,
) -> None:
    image = blobs(1)
    segments = segments_of(image)
    shown = np.array([5, 2], dtype=np.int32)
    found = render(image, segments, shown, background=background)
    kept = (segments == 2) | (segments == 5)
    assert kept.any()
    assert not kept.all()
    assert np.array_equal(found[kept], image[kept])
    assert np.array_equal(found[~kept], background_of(image, background)[~kept])


def test_backgrounds_by_definition() -> None:
    image = blobs(1, side=56)
    assert not background_of(image, "black").any()
    assert (background_of(image, "gray") == 128).all()
    # A Gaussian of 56 / 28 = 2 pixels, cut at 8, along both axes by its definition.
    steps = np.arange(-8, 9)
    bell = np.exp(-(steps**2) / 8) / np.exp(-(steps**2) / 8).sum()
    wide = np.pad(image.astype(np.float64), ((8, 8), (8, 8), (0, 0)), mode="edge")
    rows = sum(bell[i] * wide[i : i + 56] for i in range(17))
    both = sum(bell[i] * rows[:, i : i + 56] for i in range(17))
    assert np.abs(background_of(image, "blurred") - both).max() <= 0.5 + 1e-9
