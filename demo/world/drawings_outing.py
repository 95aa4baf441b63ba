"""Kinds of object that fly, sail, or are worn and carried."""

from __future__ import annotations

from random import Random

from demo.world.palette import BARK, BRASS, CREAM, INK, darker, lighter
from demo.world.pen import Pen, Point, curve, mirror, oval, rounded


def anchor(pen: Pen, chance: Random) -> None:
    iron = pen.style.main
    width = chance.uniform(0.075, 0.095)
    pen.line(oval(0.5, 0.13, 0.09, 0.09), width=0.055, fill=iron)
    pen.line([(0.5, 0.22), (0.5, 0.9)], width=width, fill=iron)
    pen.line([(0.28, 0.34), (0.72, 0.34)], width=width, fill=iron)
    pen.line(oval(0.5, 0.52, 0.37, 0.38, start=12, stop=168), width=width, fill=iron)
    for tip in ([(0.05, 0.72), (0.12, 0.48), (0.3, 0.64)],):
        pen.polygon(tip, fill=iron)
        pen.polygon(mirror(tip), fill=iron)


def balloon(pen: Pen, chance: Random) -> None:
    sway = chance.uniform(-0.08, 0.08)
    string = curve((0.5, 0.72), (0.5 + sway, 0.8), (0.5 - sway, 0.9), (0.5 + sway, 1.05))
    pen.line(string, width=0.018, fill=pen.style.dark)
    pen.polygon([(0.5, 0.66), (0.56, 0.76), (0.44, 0.76)], fill=darker(pen.style.main))
    side = curve((0.5, -0.02), (0.06, -0.02), (0.08, 0.5), (0.5, 0.7))
    pen.body([*side, *mirror(side)], fill=pen.style.main)
    shine = oval(0.35, 0.2, 0.05, 0.09)
    pen.polygon([(x + (0.2 - y) * 0.5, y) for x, y in shine], fill=lighter(pen.style.main, by=0.6))


def boat(pen: Pen, chance: Random) -> None:
    pen.line([(0.5, 0.04), (0.5, 0.74)], width=0.035, fill=BARK)
    tall = chance.uniform(0.06, 0.12)
    main = [
        (0.54, tall),
        *curve((0.54, tall), (0.74, 0.26), (0.86, 0.5), (0.88, 0.64)),
        (0.54, 0.64),
    ]
    pen.polygon(main, fill=pen.style.second)
    pen.polygon([(0.46, 0.16), (0.46, 0.64), (0.14, 0.64)], fill=lighter(pen.style.second, by=0.35))
    hull = [
        (0.02, 0.7),
        (0.98, 0.7),
        *curve((0.98, 0.7), (0.9, 0.9), (0.8, 0.93), (0.74, 0.94)),
        *curve((0.26, 0.94), (0.18, 0.93), (0.1, 0.88), (0.02, 0.7)),
    ]
    pen.polygon(hull, fill=pen.style.main)
    pen.line([(0.07, 0.77), (0.93, 0.77)], width=0.03, fill=lighter(pen.style.main, by=0.5))


def crown(pen: Pen, chance: Random) -> None:
    peak = chance.uniform(0.16, 0.24)
    zigzag: list[Point] = [(0.06, 0.3), (0.27, 0.56), (0.5, peak), (0.73, 0.56), (0.94, 0.3)]
    pen.polygon([*zigzag, (0.88, 0.86), (0.12, 0.86)], fill=pen.style.main)
    pen.polygon(rounded(0.11, 0.74, 0.89, 0.88, radius=0.03), fill=darker(pen.style.main, by=0.15))
    for x, y in (zigzag[0], zigzag[2], zigzag[4]):
        pen.polygon(oval(x, y, 0.055, 0.055), fill=pen.style.second)
    for x in (0.28, 0.5, 0.72):
        pen.polygon(
            [(x, 0.75), (x + 0.05, 0.81), (x, 0.87), (x - 0.05, 0.81)], fill=pen.style.second
        )


def heart(pen: Pen, chance: Random) -> None:
    dip = chance.uniform(0.22, 0.28)
    side = [
        *curve((0.5, dip), (0.44, 0.02), (0.02, -0.02), (0.03, 0.34)),
        *curve((0.03, 0.34), (0.06, 0.6), (0.34, 0.78), (0.5, 0.96)),
    ]
    pen.body([*side, *mirror(side)], fill=pen.style.main)
    pen.line(
        oval(0.27, 0.32, 0.13, 0.13, start=185, stop=255),
        width=0.045,
        fill=lighter(pen.style.main, by=0.55),
    )


def kite(pen: Pen, chance: Random) -> None:
    sway = chance.uniform(0.06, 0.12)
    tail = curve((0.5, 0.72), (0.5 + sway * 2, 0.8), (0.5 - sway * 2, 0.9), (0.5 + sway, 1.08))
    pen.line(tail, width=0.018, fill=pen.style.dark)
    for at in (7, 14):
        x, y = tail[at]
        pen.polygon([(x, y), (x - 0.08, y - 0.04), (x - 0.08, y + 0.04)], fill=pen.style.second)
        pen.polygon([(x, y), (x + 0.08, y - 0.04), (x + 0.08, y + 0.04)], fill=pen.style.second)
    top, right, low, left = (0.5, -0.06), (0.84, 0.28), (0.5, 0.74), (0.16, 0.28)
    pen.body([top, right, low, left], fill=pen.style.main)
    if not pen.style.striped:
        pen.polygon([top, right, (0.5, 0.28)], fill=pen.style.second)
        pen.polygon([low, left, (0.5, 0.28)], fill=pen.style.second)
    pen.line([top, low], width=0.02, fill=pen.style.dark)
    pen.line([left, right], width=0.02, fill=pen.style.dark)


def rocket(pen: Pen, chance: Random) -> None:
    flame = chance.uniform(0.95, 1.02)
    pen.polygon([(0.4, 0.76), (0.5, flame), (0.6, 0.76)], fill=(245, 166, 35))
    pen.polygon([(0.45, 0.76), (0.5, flame - 0.09), (0.55, 0.76)], fill=(255, 224, 130))
    fin = [(0.36, 0.5), *curve((0.32, 0.56), (0.2, 0.62), (0.18, 0.74), (0.18, 0.84)), (0.38, 0.74)]
    pen.polygon(fin, fill=pen.style.second)
    pen.polygon(mirror(fin), fill=pen.style.second)
    side = curve((0.5, -0.02), (0.24, 0.18), (0.28, 0.56), (0.38, 0.78))
    pen.body([*side, *mirror(side)], fill=pen.style.main)
    nose = [point for point in side if point[1] < 0.2]
    pen.polygon([*nose, *mirror(nose)], fill=pen.style.second)
    pen.polygon(oval(0.5, 0.36, 0.1, 0.1), fill=CREAM)
    pen.polygon(oval(0.5, 0.36, 0.07, 0.07), fill=(120, 190, 220))


def umbrella(pen: Pen, chance: Random) -> None:
    hook = oval(0.42, 0.86, 0.08, 0.1, start=0, stop=180)
    pen.line([(0.5, 0.06), (0.5, 0.86), *hook], width=0.04, fill=pen.style.dark)
    ribs = chance.choice((4, 5))
    edge: list[Point] = []
    for rib in range(ribs):
        right = 0.98 - 0.96 * rib / ribs
        left = 0.98 - 0.96 * (rib + 1) / ribs
        edge += oval((left + right) / 2, 0.52, (right - left) / 2, 0.07, start=0, stop=-180)
    pen.body([*oval(0.5, 0.52, 0.48, 0.44, start=180, stop=360), *edge], fill=pen.style.main)
    for rib in range(1, ribs):
        low = 0.02 + 0.96 * rib / ribs
        bend = 0.5 + (low - 0.5) * 0.8
        pen.line(
            curve((0.5, 0.09), (bend, 0.16), (low, 0.36), (low, 0.51)),
            width=0.012,
            fill=darker(pen.style.main),
        )
    pen.polygon(oval(0.5, 0.07, 0.025, 0.04), fill=BRASS if chance.random() < 0.5 else INK)
