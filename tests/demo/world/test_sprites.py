from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demo.world.kinds import NAMES
from demo.world.sprites import SOLID, Thing, draw_sprite

HEART = Thing(
    kind=NAMES.index("heart"),
    x=100,
    y=80,
    size=60,
    turn=0.0,
    mirrored=False,
    main=(200, 46, 66),
    second=(250, 241, 222),
    outline="none",
    striped=False,
    seed=5,
)


def test_the_same_thing_is_drawn_the_same() -> None:
    first, second = draw_sprite(HEART), draw_sprite(HEART)
    assert (first.rgba == second.rgba).all()
    assert (first.left, first.top) == (second.left, second.top)


def test_the_sprite_is_cut_tight_and_lies_round_its_centre() -> None:
    sprite = draw_sprite(HEART)
    alpha = sprite.rgba[..., 3]
    assert all(edge.any() for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
    height, width = alpha.shape
    assert sprite.left + width / 2 == pytest.approx(HEART.x, abs=2)
    assert sprite.top + height / 2 == pytest.approx(HEART.y, abs=4)
    assert max(height, width) == pytest.approx(HEART.size, abs=6)


def test_it_moves_with_its_place_pixel_for_pixel() -> None:
    here, there = draw_sprite(HEART), draw_sprite(replace(HEART, x=137, y=60))
    assert (there.left - here.left, there.top - here.top) == (37, -20)
    assert (here.rgba == there.rgba).all()


def test_solid_means_at_least_half_covered() -> None:
    sprite = draw_sprite(HEART)
    assert (sprite.solid == (sprite.rgba[..., 3] >= SOLID)).all()
    assert 0 < (~sprite.solid & (sprite.rgba[..., 3] > 0)).sum() < sprite.solid.sum()


def test_an_outline_makes_it_larger_and_shows_at_the_rim() -> None:
    plain, dark = draw_sprite(HEART), draw_sprite(replace(HEART, outline="dark"))
    light = draw_sprite(replace(HEART, outline="light"))
    assert dark.solid.sum() > plain.solid.sum()
    assert (dark.solid == light.solid).all()
    assert light.rgba[light.solid].mean() > dark.rgba[dark.solid].mean()


def test_stripes_change_the_colours_and_not_the_outline() -> None:
    plain, striped = draw_sprite(HEART), draw_sprite(replace(HEART, striped=True))
    assert (plain.solid == striped.solid).all()
    changed = (plain.rgba[..., :3].astype(int) - striped.rgba[..., :3]).max(axis=-1)
    assert 0.2 < (np.abs(changed)[plain.solid] > 40).mean() < 0.8


def test_stripes_are_visible_in_every_pair_of_colours() -> None:
    pale = replace(HEART, main=(250, 241, 222), second=(236, 124, 154), striped=True)
    paler = replace(pale, second=(244, 186, 62))
    for thing in (pale, paler):
        sprite = draw_sprite(thing)
        assert sprite.rgba[..., :3][sprite.solid].std(axis=0).max() > 25


def test_it_is_lit_from_the_upper_left() -> None:
    sprite = draw_sprite(replace(HEART, kind=NAMES.index("balloon"), size=120))
    rows, columns = np.nonzero(sprite.solid)
    red = sprite.rgba[..., 0].astype(float)
    upper = red[rows, columns][(rows < 45) & (columns < 35)].mean()
    lower = red[rows, columns][(rows > 50) & (rows < 80) & (columns > 45)].mean()
    assert upper > lower
