from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.world.layout import ELBOW_ROOM, View, arrange


def test_the_view_is_the_centre_crop_of_the_papers() -> None:
    assert View.of(256, 256) == View(left=16, top=16, side=224)
    assert View.of(512, 256) == View(left=144, top=16, side=224)
    assert View.of(300, 600) == View(left=18.75, top=168.75, side=262.5)


@pytest.mark.slow
@given(
    sizes=st.lists(st.floats(20, 110), min_size=1, max_size=4),
    seed=st.integers(0, 10**6),
    width=st.integers(256, 400),
)
def test_objects_stay_apart_and_inside_the_view(sizes: list[float], seed: int, width: int) -> None:
    view = View.of(width, 256)
    spots = arrange(sizes, view=view, chance=Random(seed))
    scale = spots[0].size / sizes[0]
    assert 0 < scale <= 1
    for spot, size in zip(spots, sizes, strict=True):
        assert math.isclose(spot.size, size * scale)
        assert view.left < spot.x - spot.size / 2
        assert spot.x + spot.size / 2 < view.left + view.side
        assert view.top < spot.y - spot.size / 2
        assert spot.y + spot.size / 2 < view.top + view.side
    for one, first in enumerate(spots):
        for second in spots[:one]:
            distance = math.hypot(first.x - second.x, first.y - second.y)
            assert distance >= ELBOW_ROOM * (first.size + second.size) / 2


def test_what_cannot_fit_shrinks_until_it_does() -> None:
    spots = arrange([150, 150, 150], view=View.of(256, 256), chance=Random(0))
    assert len(spots) == 3
    assert spots[0].size < 120
