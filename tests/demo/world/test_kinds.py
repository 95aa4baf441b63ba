from __future__ import annotations

from random import Random

import numpy as np
import pytest

from demo.world.kinds import KINDS, NAMES, Kind, wnid
from demo.world.pen import Pen, Style

SIZE = 100
STYLE = Style(
    main=(200, 60, 60),
    second=(60, 60, 200),
    dark=(20, 20, 20),
    light=(255, 255, 255),
    striped=False,
)


def drawn(kind: Kind, *, seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    pen = Pen(SIZE, turn=0.0, mirrored=False, style=STYLE)
    kind.draw(pen, Random(seed))
    return np.asarray(pen.finish())


def test_there_are_enough_kinds_and_no_name_twice() -> None:
    assert len(KINDS) >= 24
    assert len(set(NAMES)) == len(NAMES)
    assert list(NAMES) == sorted(NAMES)
    assert all(kind.all_names.split(", ")[0] == kind.name for kind in KINDS)


def test_ids_look_like_wordnet_ids() -> None:
    assert wnid(0) == "t0000001"
    assert len({wnid(index) for index in range(len(KINDS))}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_a_drawing_fills_a_fair_part_of_its_square_and_is_not_cut(kind: Kind) -> None:
    for seed in range(6):
        alpha = drawn(kind, seed=seed)[..., 3]
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) > 0.8 * SIZE
        assert (alpha >= 128).sum() > 0.08 * SIZE * SIZE
        assert not alpha[[0, -1]].any()
        assert not alpha[:, [0, -1]].any()


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_no_two_drawings_of_a_kind_need_be_alike(kind: Kind) -> None:
    first = drawn(kind, seed=0)
    assert any((drawn(kind, seed=seed) != first).any() for seed in range(1, 6))


def test_no_two_kinds_have_nearly_the_same_outline() -> None:
    masks = [drawn(kind, seed=0)[..., 3] >= 128 for kind in KINDS]
    for one, first in enumerate(masks):
        for two in range(one):
            shared = (first & masks[two]).sum() / (first | masks[two]).sum()
            assert shared < 0.9, (NAMES[one], NAMES[two])
