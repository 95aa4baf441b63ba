from __future__ import annotations

import numpy as np
import pytest

from demo.world.places import BRIGHTNESS, PLACES, draw_place


@pytest.mark.parametrize("name", PLACES)
def test_a_place_is_textured_within_range_and_the_same_every_time(name: str) -> None:
    ground = draw_place(name, shape=(120, 150), seed=4)
    assert ground.shape == (120, 150, 3)
    assert ground.min() >= 0
    assert ground.max() <= 255
    assert (ground == draw_place(name, shape=(120, 150), seed=4)).all()
    assert (ground != draw_place(name, shape=(120, 150), seed=5)).any()
    assert np.abs(np.diff(ground, axis=0)).mean() > 0.8


@pytest.mark.parametrize("name", PLACES)
def test_the_brightness_table_is_that_of_the_drawn_places(name: str) -> None:
    weights = np.array([0.299, 0.587, 0.114])
    drawn = [draw_place(name, shape=(120, 150), seed=seed) @ weights for seed in range(6)]
    assert BRIGHTNESS[name] == pytest.approx(float(np.mean(drawn)), abs=12)


def test_places_can_be_told_apart_by_colour_and_roughness() -> None:
    marks = {}
    for name in PLACES:
        ground = np.concatenate([draw_place(name, shape=(96, 96), seed=s) for s in range(4)])
        marks[name] = np.append(ground.mean(axis=(0, 1)), np.abs(np.diff(ground, axis=0)).mean())
    names = list(marks)
    for one, first in enumerate(names):
        for second in names[:one]:
            assert np.linalg.norm(marks[first] - marks[second]) > 8, (first, second)
