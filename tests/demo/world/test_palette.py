from __future__ import annotations

import pytest

from demo.world.palette import ANY_PAIRS, CREAM, INK, brightness, darker, lighter


def test_darker_and_lighter_move_towards_black_and_white() -> None:
    assert darker((100, 200, 40), by=0.25) == (75, 150, 30)
    assert lighter((100, 200, 40), by=0.2) == (131, 211, 83)
    assert darker(CREAM, by=1) == (0, 0, 0)
    assert lighter(INK, by=1) == (255, 255, 255)


def test_brightness_runs_from_black_to_white() -> None:
    assert brightness((0, 0, 0)) == 0
    assert brightness((255, 255, 255)) == pytest.approx(255)
    assert brightness((0, 255, 0)) > brightness((255, 0, 0)) > brightness((0, 0, 255))


def test_the_two_colours_of_a_pair_can_be_told_apart() -> None:
    for main, second in ANY_PAIRS:
        assert max(abs(a - b) for a, b in zip(main, second, strict=True)) > 40
