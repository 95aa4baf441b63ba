from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
from numpy.typing import NDArray

from demo.world import drawings_home as home
from demo.world.pen import Pen, Style

MAIN, SECOND = (210, 40, 40), (40, 40, 210)


def drawn(
    draw: Callable[[Pen, Random], None], *, seed: int = 0, striped: bool = False
) -> NDArray[np.uint8]:
    style = Style(main=MAIN, second=SECOND, dark=(9, 9, 9), light=(0, 255, 0), striped=striped)
    pen = Pen(100, turn=0.0, mirrored=False, style=style)
    draw(pen, Random(seed))
    return np.asarray(pen.finish())


def runs(line: NDArray[np.bool_]) -> int:
    return int((line & ~np.roll(line, 1)).sum())


def test_a_ladder_has_two_rails_and_five_to_seven_rungs() -> None:
    counts = set()
    for seed in range(12):
        solid = drawn(home.ladder, seed=seed)[..., 3] >= 128
        counts.add(runs(solid[:, 155 // 2]))
    assert counts == {5, 6, 7}


def test_a_key_has_a_ring_one_can_see_through() -> None:
    for seed in range(6):
        solid = drawn(home.key, seed=seed)[..., 3] >= 128
        assert max(runs(row) for row in solid[20:80]) >= 2


def test_the_hands_of_a_clock_differ_from_clock_to_clock() -> None:
    faces = {drawn(home.clock, seed=seed).tobytes() for seed in range(5)}
    assert len(faces) == 5


def test_a_striped_cup_has_a_plain_handle() -> None:
    pixels = drawn(home.cup, striped=True)
    green = (pixels[..., :3] == (0, 255, 0)).all(axis=-1)
    assert green[:, :105].sum() > 300
    assert not green[:, 108:].any()


def test_an_ice_cream_narrows_to_its_tip() -> None:
    solid = drawn(home.ice_cream)[..., 3] >= 128
    widths = [int(solid[row].sum()) for row in (80, 95, 110, 122)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 25 > widths[-1]


def test_a_lamp_stands_on_a_foot_and_a_bell_flares() -> None:
    lamp = drawn(home.lamp)[..., 3] >= 128
    assert lamp[70].sum() > 4 * lamp[85].sum()
    assert lamp[122].sum() > 3 * lamp[108].sum()
    bell = drawn(home.bell)[..., 3] >= 128
    assert bell[108].sum() > bell[80].sum() > bell[50].sum()


def test_houses_have_their_door_left_or_in_the_middle() -> None:
    shapes = {drawn(home.house, seed=seed).tobytes() for seed in range(10)}
    assert len(shapes) == 2
