from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demo.world.kinds import NAMES
from demo.world.layout import View
from demo.world.places import draw_place
from demo.world.render import Picture, draw_scene, solid_mask, view_window
from demo.world.scenes import Scene, plan_scene
from demo.world.sprites import Thing, draw_sprite

HEART = Thing(
    kind=NAMES.index("heart"),
    x=128,
    y=128,
    size=80,
    turn=0.0,
    mirrored=False,
    main=(200, 46, 66),
    second=(250, 241, 222),
    outline="none",
    striped=False,
    seed=5,
)
MOON = replace(HEART, kind=NAMES.index("moon"), x=60, y=60, size=50)


def scene_of(*things: Thing, width: int = 256, height: int = 256) -> Scene:
    return Scene(
        image_id="made-up",
        split="test",
        label=things[0].kind,
        place="sand",
        place_seed=9,
        width=width,
        height=height,
        ambiguous=False,
        things=things,
    )


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    return [draw_scene(plan_scene(index, seed=1, split="test")) for index in range(72)]


def test_a_picture_is_drawn_the_same_every_time(pictures: list[Picture]) -> None:
    again = draw_scene(pictures[3].scene)
    assert (again.pixels == pictures[3].pixels).all()
    assert again.sightings == pictures[3].sightings


@pytest.mark.slow
def test_boxes_are_the_bounds_of_the_alpha_masks(pictures: list[Picture]) -> None:
    for picture in pictures:
        for sighting in picture.sightings:
            mask = solid_mask(draw_sprite(sighting.thing), shape=picture.pixels.shape[:2])
            x0, y0, x1, y1 = sighting.box
            assert mask[y0:y1, x0:x1].sum() == mask.sum() > 0
            inside = mask[y0:y1, x0:x1]
            assert all(e.any() for e in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))


def test_object_pixels_are_the_sprites_and_far_ones_are_the_place() -> None:
    picture = draw_scene(scene_of(HEART))
    empty = draw_place("sand", shape=(256, 256), seed=9)
    sprite = draw_sprite(HEART)
    rows, columns = np.nonzero(sprite.rgba[..., 3] == 255)
    found = picture.pixels[rows + sprite.top, columns + sprite.left]
    assert np.abs(found.astype(int) - sprite.rgba[rows, columns, :3]).max() <= 1
    assert np.abs(picture.pixels[:60].astype(float) - empty[:60]).max() <= 1


def test_an_object_casts_a_soft_shadow_below_it() -> None:
    picture = draw_scene(scene_of(HEART))
    empty = draw_place("sand", shape=(256, 256), seed=9)
    _, _, _, bottom = picture.sightings[0].box
    loss = (empty - picture.pixels)[bottom + 1, 120:138].mean()
    assert loss > 15
    assert np.abs((empty - picture.pixels)[bottom + 25, 120:138]).max() <= 1


def test_whole_objects_in_the_middle_are_seen_wholly() -> None:
    picture = draw_scene(scene_of(HEART, MOON))
    assert [sighting.seen for sighting in picture.sightings] == [1.0, 1.0]
    assert all(sighting.in_view for sighting in picture.sightings)


def test_a_covered_object_is_not_in_view() -> None:
    over = replace(HEART, size=120)
    below = replace(MOON, x=128, y=128, size=40)
    covered, cover = draw_scene(scene_of(below, over)).sightings
    assert covered.seen < 0.05
    assert not covered.in_view
    assert cover.seen == 1
    cover, covered = draw_scene(scene_of(over, below)).sightings
    assert covered.seen == 1, "what is drawn later lies on top"
    assert 0.8 < cover.seen < 1


def test_an_object_beside_the_centre_crop_is_not_in_view() -> None:
    aside = replace(MOON, x=44, y=128)
    picture = draw_scene(scene_of(HEART, aside, width=400))
    assert picture.sightings[1].seen == 0
    assert not picture.sightings[1].in_view
    assert picture.sightings[1].box[2] <= 88


def test_the_seen_share_of_a_cut_object_is_counted_by_hand() -> None:
    half = replace(HEART, x=88, y=128)
    picture = draw_scene(scene_of(MOON, half, width=400))
    mask = solid_mask(draw_sprite(half), shape=(256, 400))
    assert picture.sightings[1].seen == pytest.approx(mask[16:240, 88:312].sum() / mask.sum())
    assert 0.4 < picture.sightings[1].seen < 0.6
    assert picture.sightings[1].in_view


def test_an_object_outside_the_image_has_no_box_and_breaks_nothing() -> None:
    picture = draw_scene(scene_of(HEART, replace(MOON, x=-90, y=-90)))
    assert picture.sightings[1].box == (0, 0, 0, 0)
    assert picture.sightings[1].seen == 0


@pytest.mark.slow
def test_borderline_objects_are_rare(pictures: list[Picture]) -> None:
    seen = [sighting.seen for picture in pictures for sighting in picture.sightings]
    assert sum(0.15 < share < 0.8 for share in seen) <= 0.01 * len(seen)
    labels = [
        sighting
        for picture in pictures
        for sighting in picture.sightings
        if sighting.thing.kind == picture.scene.label
    ]
    assert len(labels) == len(pictures)
    assert all(sighting.in_view for sighting in labels)


def test_the_view_window_is_whole_pixels() -> None:
    assert view_window(View.of(256, 256)) == (slice(16, 240), slice(16, 240))
    assert view_window(View.of(400, 256)) == (slice(16, 240), slice(88, 312))
