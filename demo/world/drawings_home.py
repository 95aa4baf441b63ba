"""Kinds of object found in and about a house."""

from __future__ import annotations

import math
from random import Random

from demo.world.palette import BRASS, BRICK, CREAM, INK, WAFER, darker, lighter
from demo.world.pen import Pen, curve, mirror, oval, rounded


def bell(pen: Pen, chance: Random) -> None:
    pen.line(oval(0.5, 0.09, 0.07, 0.07), width=0.035, fill=pen.style.dark)
    pen.polygon(oval(0.5, 0.88, 0.09, 0.09), fill=pen.style.dark)
    flare = chance.uniform(0.05, 0.1)
    side = [*curve((0.5, 0.12), (0.2, 0.12), (0.3, 0.6), (flare + 0.05, 0.8)), (flare + 0.05, 0.86)]
    pen.polygon([*side, *mirror(side)], fill=pen.style.main)
    rim = rounded(flare, 0.77, 1 - flare, 0.87, radius=0.045)
    pen.polygon(rim, fill=darker(pen.style.main))
    pen.line([(0.29, 0.6), (0.71, 0.6)], width=0.03, fill=darker(pen.style.main, by=0.15))


def clock(pen: Pen, chance: Random) -> None:
    for x in (0.2, 0.8):
        pen.line([(0.5, 0.5), (x, 0.95)], width=0.07, fill=pen.style.dark)
        pen.polygon(oval(x, 0.14, 0.14, 0.12), fill=pen.style.second)
    pen.polygon(oval(0.5, 0.52, 0.42, 0.42), fill=pen.style.main)
    pen.polygon(oval(0.5, 0.52, 0.33, 0.33), fill=CREAM)
    for hour in range(12):
        angle = math.pi * hour / 6
        x, y = math.cos(angle), math.sin(angle)
        inner = 0.24 if hour % 3 == 0 else 0.27
        pen.line(
            [(0.5 + inner * x, 0.52 + inner * y), (0.5 + 0.29 * x, 0.52 + 0.29 * y)],
            width=0.022,
            fill=INK,
        )
    for length, width in ((0.16, 0.045), (0.23, 0.03)):
        angle = chance.uniform(0, 2 * math.pi)
        tip = (0.5 + length * math.cos(angle), 0.52 + length * math.sin(angle))
        pen.line([(0.5, 0.52), tip], width=width, fill=INK)


def cup(pen: Pen, chance: Random) -> None:
    low = chance.uniform(0.08, 0.16)
    pen.line(oval(0.76, 0.48, 0.17, 0.17, start=-100, stop=100), width=0.07, fill=pen.style.second)
    wall = [
        (0.08, 0.24),
        *curve((0.08, 0.24), (0.08, 0.7), (0.08 + low, 0.9), (0.3, 0.9)),
        *curve((0.54, 0.9), (0.76 - low, 0.9), (0.76, 0.7), (0.76, 0.24)),
    ]
    pen.body(wall, fill=pen.style.main)
    pen.polygon(oval(0.42, 0.24, 0.34, 0.09), fill=lighter(pen.style.main))
    pen.polygon(oval(0.42, 0.25, 0.28, 0.06), fill=(92, 58, 40))
    pen.polygon(rounded(0.22, 0.87, 0.62, 0.94, radius=0.03), fill=pen.style.second)


def house(pen: Pen, chance: Random) -> None:
    pen.polygon([(0.68, 0.06), (0.8, 0.06), (0.8, 0.4), (0.68, 0.4)], fill=BRICK)
    pen.polygon([(0.14, 0.42), (0.86, 0.42), (0.86, 0.96), (0.14, 0.96)], fill=pen.style.main)
    pen.polygon([(0.5, 0.04), (0.98, 0.48), (0.02, 0.48)], fill=pen.style.second)
    door = 0.2 if chance.random() < 0.5 else 0.42
    pen.polygon(rounded(door, 0.62, door + 0.18, 0.96, radius=0.02), fill=pen.style.dark)
    pen.polygon(oval(door + 0.14, 0.8, 0.018, 0.018), fill=BRASS)
    window = 0.52 if door < 0.3 else 0.2
    panes = [(window, 0.6)] if door < 0.3 else [(window - 0.03, 0.6), (0.65, 0.6)]
    width = 0.24 if door < 0.3 else 0.16
    for x, y in panes:
        pen.polygon(rounded(x - 0.02, y - 0.02, x + width + 0.02, y + 0.2, radius=0.01), fill=CREAM)
        pen.polygon(
            [(x, y), (x + width, y), (x + width, y + 0.18), (x, y + 0.18)], fill=(150, 200, 222)
        )
        pen.line([(x + width / 2, y), (x + width / 2, y + 0.18)], width=0.02, fill=CREAM)
        pen.line([(x, y + 0.09), (x + width, y + 0.09)], width=0.02, fill=CREAM)


def ice_cream(pen: Pen, chance: Random) -> None:
    cone = [(0.28, 0.46), (0.72, 0.46), (0.5, 0.99)]
    pen.polygon(cone, fill=WAFER)
    for step in (0.1, 0.2, 0.3):
        left, right = 0.28 + step * 0.22 / 0.53, 0.72 - step * 0.22 / 0.53
        pen.line(
            [(left, 0.46 + step), (left + 0.44 - step * 0.75, 0.47)],
            width=0.014,
            fill=darker(WAFER),
        )
        pen.line(
            [(right, 0.46 + step), (right - 0.44 + step * 0.75, 0.47)],
            width=0.014,
            fill=darker(WAFER),
        )
    if chance.random() < 0.6:
        pen.polygon(oval(0.37, 0.34, 0.17, 0.17), fill=pen.style.second)
        pen.polygon(oval(0.63, 0.34, 0.17, 0.17), fill=lighter(pen.style.second))
        pen.polygon(oval(0.5, 0.18, 0.17, 0.17), fill=pen.style.main)
    else:
        pen.polygon(oval(0.5, 0.26, 0.25, 0.25), fill=pen.style.main)
    for x in (0.3, 0.4, 0.5, 0.6, 0.7):
        pen.polygon(oval(x, 0.46, 0.06, 0.05), fill=pen.style.main)


def key(pen: Pen, chance: Random) -> None:
    pen.line([(0.5, 0.3), (0.5, 0.96)], width=0.085, fill=pen.style.main)
    for y, length in ((0.9, 0.19), (0.76, chance.choice((0.12, 0.17)))):
        pen.polygon(
            [
                (0.5, y - 0.045),
                (0.5 + length, y - 0.045),
                (0.5 + length, y + 0.045),
                (0.5, y + 0.045),
            ],
            fill=pen.style.main,
        )
    if chance.random() < 0.5:
        pen.line(oval(0.5, 0.22, 0.16, 0.16), width=0.09, fill=pen.style.main)
        return
    for x, y in ((0.37, 0.25), (0.63, 0.25), (0.5, 0.12)):
        pen.line(oval(x, y, 0.085, 0.085), width=0.065, fill=pen.style.main)


def ladder(pen: Pen, chance: Random) -> None:
    spread = chance.uniform(0.0, 0.05)
    rungs = chance.choice((5, 6, 7))
    for rung in range(rungs):
        y = 0.1 + 0.8 * rung / (rungs - 1)
        half = 0.18 + spread * y
        pen.line(
            [(0.5 - half, y), (0.5 + half, y)], width=0.05, fill=darker(pen.style.main, by=0.12)
        )
    for sign in (-1, 1):
        pen.line(
            [(0.5 + sign * 0.18, 0.02), (0.5 + sign * (0.18 + spread), 0.98)],
            width=0.065,
            fill=pen.style.main,
        )


def lamp(pen: Pen, chance: Random) -> None:
    foot = chance.uniform(0.18, 0.24)
    pen.line([(0.5, 0.4), (0.5, 0.9)], width=0.05, fill=pen.style.second)
    pen.polygon(oval(0.5, 0.68, 0.08, 0.12), fill=pen.style.second)
    base = [(0.5 - foot, 0.97), *oval(0.5, 0.97, foot, 0.11, start=180, stop=360)]
    pen.polygon(base, fill=pen.style.second)
    top = chance.uniform(0.16, 0.24)
    shade = [(0.5 - top, 0.04), (0.5 + top, 0.04), (0.9, 0.48), (0.1, 0.48)]
    pen.polygon(shade, fill=pen.style.main)
    pen.line([(0.12, 0.465), (0.88, 0.465)], width=0.035, fill=lighter(pen.style.main, by=0.35))
