from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from demo.world import drawings_nature as nature
from demo.world.pen import Pen, Style

MAIN, SECOND = (210, 40, 40), (40, 40, 210)


def drawn(draw: Callable[[Pen, Random], None], *, seed: int = 0) -> NDArray[np.uint8]:
    style = Style(main=MAIN, second=SECOND, dark=(9, 9, 9), light=(255, 255, 255), striped=False)
    pen = Pen(100, turn=0.0, mirrored=False, style=style)
    draw(pen, Random(seed))
    return np.asarray(pen.finish())


def share_of(pixels: NDArray[np.uint8], colour: tuple[int, int, int]) -> float:
    solid = pixels[..., 3] == 255
    return float((pixels[solid][:, :3] == colour).all(axis=1).mean())


def test_a_star_has_five_points() -> None:
    solid = drawn(nature.star)[..., 3] >= 128
    middle, radius = 155 / 2, 38.0
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    ring = solid[
        np.round(middle + 2 + radius * np.sin(angles)).astype(int),
        np.round(middle + radius * np.cos(angles)).astype(int),
    ]
    assert (ring & ~np.roll(ring, 1)).sum() == 5


def test_the_moon_is_a_crescent() -> None:
    for seed in range(8):
        solid = drawn(nature.moon, seed=seed)[..., 3] >= 128
        assert solid[77, 35], "the thick side"
        assert not solid[77, 77:].any(), "the hollow"


def test_trees_come_in_two_shapes() -> None:
    widths = {int((drawn(nature.tree, seed=seed)[40, :, 3] >= 128).sum() > 40) for seed in range(8)}
    assert widths == {0, 1}


@pytest.mark.parametrize("draw", [nature.fish, nature.mushroom, nature.leaf, nature.flower])
def test_the_main_colour_shows(draw: Callable[[Pen, Random], None]) -> None:
    assert share_of(drawn(draw), MAIN) > 0.25


def test_the_cactus_stands_in_a_pot_of_the_second_colour() -> None:
    pixels = drawn(nature.cactus)
    assert share_of(pixels[100:], SECOND) > 0.4
    assert share_of(pixels[:90], SECOND) == 0
