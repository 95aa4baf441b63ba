from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from demo.world import drawings_outing as outing
from demo.world.pen import Pen, Style

MAIN, SECOND, BAND = (210, 40, 40), (40, 40, 210), (0, 255, 0)


def drawn(
    draw: Callable[[Pen, Random], None], *, seed: int = 0, striped: bool = False
) -> NDArray[np.uint8]:
    style = Style(main=MAIN, second=SECOND, dark=(9, 9, 9), light=BAND, striped=striped)
    pen = Pen(100, turn=0.0, mirrored=False, style=style)
    draw(pen, Random(seed))
    return np.asarray(pen.finish())


def solid(draw: Callable[[Pen, Random], None], *, seed: int = 0) -> NDArray[np.bool_]:
    return drawn(draw, seed=seed)[..., 3] >= 128


@pytest.mark.parametrize(
    "draw", [outing.balloon, outing.heart, outing.kite, outing.rocket, outing.umbrella]
)
def test_what_may_be_striped_shows_its_stripes(draw: Callable[[Pen, Random], None]) -> None:
    plain, striped = drawn(draw), drawn(draw, striped=True)
    band = (striped[..., :3] == BAND).all(axis=-1)
    assert band.sum() > 0.1 * (striped[..., 3] >= 128).sum()
    assert not (plain[..., :3] == BAND).all(axis=-1).any()
    assert (plain[..., 3] == striped[..., 3]).all()


@pytest.mark.parametrize("draw", [outing.anchor, outing.heart])
def test_what_is_symmetrical_is_drawn_so(draw: Callable[[Pen, Random], None]) -> None:
    mask = solid(draw)
    assert (mask != mask[:, ::-1]).mean() < 0.02


def test_a_crown_has_three_peaks() -> None:
    row = solid(outing.crown)[round(27.5 + 38)]
    assert (row & ~np.roll(row, 1)).sum() == 3


def test_a_boat_has_its_sails_above_a_wide_hull() -> None:
    pixels = drawn(outing.boat)
    hull = (pixels[..., :3] == MAIN).all(axis=-1)
    sail = (pixels[..., :3] == SECOND).all(axis=-1)
    assert np.flatnonzero(hull.any(axis=1)).min() > np.flatnonzero(sail.any(axis=1)).max()
    assert hull.any(axis=0).sum() > 90


def test_a_balloon_hangs_on_a_thin_string() -> None:
    mask = solid(outing.balloon)
    assert mask[:95].sum(axis=1).max() > 60
    assert 1 <= mask[118].sum() <= 5


def test_an_umbrella_is_wide_above_its_stick() -> None:
    mask = solid(outing.umbrella)
    assert mask[68].sum() > 80
    assert mask[95].sum() <= 6


def test_a_rocket_and_a_kite_are_pointed_at_the_top() -> None:
    for draw in (outing.rocket, outing.kite):
        mask = solid(draw)
        top = int(np.flatnonzero(mask.any(axis=1))[0])
        assert mask[top + 2].sum() < 12 < mask[top + 25].sum()
