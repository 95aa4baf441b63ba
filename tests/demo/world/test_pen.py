from __future__ import annotations

import math

import numpy as np
import pytest

from demo.world.pen import CANVAS_FACTOR, Pen, Style, curve, mirror, oval, rounded

RED, WHITE = (200, 30, 30), (255, 255, 255)
PLAIN = Style(main=RED, second=RED, dark=(0, 0, 0), light=WHITE, striped=False)
STRIPED = Style(main=RED, second=RED, dark=(0, 0, 0), light=WHITE, striped=True)
SQUARE = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]


def alpha_of(pen: Pen) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(pen.finish().getchannel("A"), dtype=np.float64) / 255


def make_pen(*, turn: float = 0.0, mirrored: bool = False, style: Style = PLAIN) -> Pen:
    return Pen(100, turn=turn, mirrored=mirrored, style=style)


@pytest.mark.parametrize("turn", [0.0, 0.3, math.pi / 4])
def test_a_square_keeps_its_area_whatever_its_turn(turn: float) -> None:
    pen = make_pen(turn=turn)
    pen.polygon(SQUARE, fill=RED)
    assert alpha_of(pen).sum() == pytest.approx(50 * 50, rel=0.03)


def test_the_canvas_has_room_for_the_turned_unit_square() -> None:
    pen = make_pen(turn=math.pi / 4)
    pen.polygon([(0, 0), (1, 0), (1, 1), (0, 1)], fill=RED)
    alpha = alpha_of(pen)
    assert alpha.shape == (round(100 * CANVAS_FACTOR),) * 2
    assert not alpha[[0, -1]].any()
    assert not alpha[:, [0, -1]].any()


def test_mirroring_swaps_left_and_right() -> None:
    plain, mirrored = make_pen(), make_pen(mirrored=True)
    for pen in (plain, mirrored):
        pen.polygon([(0.0, 0.2), (0.3, 0.2), (0.3, 0.8)], fill=RED)
    difference = np.abs(alpha_of(plain)[:, ::-1] - alpha_of(mirrored))
    assert difference.mean() < 0.01
    assert alpha_of(plain)[:, :77].sum() > 10 * alpha_of(plain)[:, 78:].sum()


def test_a_hole_is_see_through() -> None:
    pen = make_pen()
    pen.polygon(SQUARE, fill=RED)
    pen.hole(oval(0.5, 0.5, 0.1, 0.1))
    middle = round(50 * CANVAS_FACTOR)
    assert alpha_of(pen)[middle, middle] == 0


def test_only_the_body_of_a_striped_object_is_striped() -> None:
    for draw_body, colours in ((True, {RED, WHITE}), (False, {RED})):
        pen = make_pen(style=STRIPED)
        (pen.body if draw_body else pen.polygon)(SQUARE, fill=RED)
        pixels = np.asarray(pen.finish()).reshape(-1, 4)
        opaque = {tuple(int(part) for part in row[:3]) for row in pixels if row[3] == 255}
        assert colours <= opaque
        assert (WHITE in opaque) == draw_body


def test_edges_are_smooth() -> None:
    pen = make_pen()
    pen.polygon(oval(0.5, 0.5, 0.4, 0.4), fill=RED)
    alpha = alpha_of(pen)
    assert ((alpha > 0) & (alpha < 1)).sum() > 50
    assert alpha.sum() == pytest.approx(math.pi * 40 * 40, rel=0.03)


def test_a_line_has_its_width_and_round_ends() -> None:
    pen = make_pen()
    pen.line([(0.2, 0.5), (0.8, 0.5)], width=0.1, fill=RED)
    assert alpha_of(pen).sum() == pytest.approx(60 * 10 + math.pi * 25, rel=0.05)


def test_outlines_pass_where_they_should() -> None:
    for x, y in oval(0.5, 0.4, 0.3, 0.2):
        assert ((x - 0.5) / 0.3) ** 2 + ((y - 0.4) / 0.2) ** 2 == pytest.approx(1)
    bent = curve((0, 0), (0, 1), (1, 1), (1, 0))
    assert [bent[0], bent[-1]] == [(0, 0), (1, 0)]
    assert bent[len(bent) // 2] == pytest.approx((0.5, 0.75))
    corners = rounded(0.1, 0.2, 0.9, 0.8, radius=0.1)
    assert min(x for x, _ in corners) == pytest.approx(0.1)
    assert max(y for _, y in corners) == pytest.approx(0.8)
    assert mirror([(0.1, 0.2), (0.3, 0.4)]) == [(0.7, 0.4), (0.9, 0.2)]
