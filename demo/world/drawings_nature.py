"""Kinds of object that grow, swim or shine."""

from __future__ import annotations

import math
from random import Random

from demo.world.palette import BARK, CREAM, FOREST, INK, LEAF, darker, lighter
from demo.world.pen import Pen, curve, mirror, oval, rounded


def cactus(pen: Pen, chance: Random) -> None:
    green = pen.style.main
    arm, drop = chance.uniform(0.3, 0.42), chance.uniform(0.5, 0.6)
    pen.line([(0.5, drop), (0.26, drop), (0.26, arm)], width=0.13, fill=green)
    pen.line([(0.5, drop + 0.08), (0.75, drop + 0.08), (0.75, arm - 0.08)], width=0.13, fill=green)
    pen.polygon(rounded(0.39, 0.04, 0.61, 0.85, radius=0.11), fill=green)
    for x in (0.45, 0.5, 0.55):
        pen.line([(x, 0.14), (x, 0.7)], width=0.012, fill=darker(green))
    pen.polygon([(0.3, 0.76), (0.7, 0.76), (0.64, 0.98), (0.36, 0.98)], fill=pen.style.second)
    pen.polygon(rounded(0.27, 0.71, 0.73, 0.8, radius=0.03), fill=darker(pen.style.second))


def fish(pen: Pen, chance: Random) -> None:
    depth = chance.uniform(0.22, 0.28)
    tail = [(0.72, 0.5), *curve((0.97, 0.24), (0.88, 0.42), (0.88, 0.58), (0.97, 0.76))]
    pen.polygon(tail, fill=pen.style.second)
    pen.polygon([(0.38, 0.35), (0.5, 0.14), (0.68, 0.38)], fill=pen.style.second)
    pen.polygon([(0.42, 0.65), (0.52, 0.82), (0.62, 0.62)], fill=pen.style.second)
    top = curve((0.03, 0.52), (0.2, 0.5 - depth * 1.45), (0.6, 0.5 - depth * 1.3), (0.84, 0.5))
    low = curve((0.84, 0.5), (0.6, 0.5 + depth * 1.3), (0.2, 0.5 + depth * 1.4), (0.03, 0.52))
    pen.body([*top, *low], fill=pen.style.main)
    pen.line(oval(0.24, 0.5, 0.09, 0.16, start=-70, stop=70), width=0.02, fill=pen.style.dark)
    pen.polygon(oval(0.18, 0.44, 0.045, 0.045), fill=CREAM)
    pen.polygon(oval(0.17, 0.44, 0.024, 0.024), fill=INK)


def flower(pen: Pen, chance: Random) -> None:
    pen.line(curve((0.5, 0.4), (0.52, 0.6), (0.46, 0.8), (0.5, 0.98)), width=0.045, fill=FOREST)
    leaf = curve((0.49, 0.8), (0.6, 0.6), (0.72, 0.62), (0.8, 0.62))
    pen.polygon([*leaf, *curve((0.8, 0.62), (0.76, 0.76), (0.64, 0.84), (0.49, 0.8))], fill=LEAF)
    pen.polygon(mirror([(x, y + 0.04) for x, y in leaf]), fill=LEAF)
    petals = chance.choice((5, 6, 7, 8))
    reach, width = 0.2, 0.62 / petals
    for petal in range(petals):
        angle = 2 * math.pi * petal / petals
        x, y = 0.5 + reach * math.cos(angle), 0.34 + reach * math.sin(angle)
        outline = oval(0, 0, 0.145, max(width, 0.085))
        cos, sin = math.cos(angle), math.sin(angle)
        pen.polygon(
            [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in outline],
            fill=pen.style.main,
        )
    pen.polygon(oval(0.5, 0.34, 0.115, 0.115), fill=pen.style.second)


def leaf(pen: Pen, chance: Random) -> None:
    pen.line([(0.5, 0.75), (0.5, 0.99)], width=0.04, fill=pen.style.dark)
    belly = chance.uniform(0.02, 0.1)
    side = curve((0.5, 0.02), (belly + 0.08, 0.22), (belly, 0.7), (0.5, 0.86))
    pen.polygon([*side, *mirror(side)], fill=pen.style.main)
    vein = darker(pen.style.main)
    pen.line([(0.5, 0.1), (0.5, 0.88)], width=0.026, fill=vein)
    for y in (0.34, 0.5, 0.66):
        pen.line([(0.5, y + 0.06), (0.3, y - 0.08)], width=0.018, fill=vein)
        pen.line([(0.5, y + 0.06), (0.7, y - 0.08)], width=0.018, fill=vein)


def moon(pen: Pen, chance: Random) -> None:
    hollow = chance.uniform(0.2, 0.34)
    outer = oval(0.5, 0.5, 0.46, 0.46, start=48, stop=312)
    inner = curve(outer[-1], (hollow, 0.26), (hollow, 0.74), outer[0])
    pen.polygon([*outer, *inner], fill=pen.style.main)
    for x, y, radius in ((0.17, 0.5, 0.045), (0.3, 0.74, 0.035), (0.29, 0.27, 0.03)):
        pen.polygon(oval(x, y, radius, radius), fill=darker(pen.style.main, by=0.12))


def mushroom(pen: Pen, chance: Random) -> None:
    neck = 0.5 - chance.uniform(0.07, 0.13)
    stem = [(neck, 0.5), *curve((neck, 0.6), (neck, 0.8), (neck - 0.08, 0.9), (neck - 0.05, 0.95))]
    pen.polygon([*stem, *mirror(stem)], fill=CREAM)
    cap = [
        *oval(0.5, 0.54, 0.46, 0.48, start=180, stop=360),
        *curve((0.96, 0.54), (0.8, 0.64), (0.2, 0.64), (0.04, 0.54)),
    ]
    pen.polygon(cap, fill=pen.style.main)
    for x, y, radius in (
        (0.3, 0.38, 0.07),
        (0.55, 0.24, 0.08),
        (0.74, 0.42, 0.06),
        (0.5, 0.49, 0.045),
    ):
        pen.polygon(oval(x, y, radius, radius * 0.9), fill=CREAM)


def star(pen: Pen, chance: Random) -> None:
    depth = chance.uniform(0.19, 0.24)
    points = []
    for step in range(10):
        radius = 0.5 if step % 2 == 0 else depth
        angle = math.pi * step / 5 - math.pi / 2
        points.append((0.5 + radius * math.cos(angle), 0.52 + radius * math.sin(angle)))
    pen.polygon(points, fill=pen.style.main)
    for step in range(0, 10, 2):
        pen.polygon([points[step], points[step + 1], (0.5, 0.52)], fill=lighter(pen.style.main))


def tree(pen: Pen, chance: Random) -> None:
    if chance.random() < 0.5:
        pen.polygon([(0.45, 0.7), (0.55, 0.7), (0.57, 0.99), (0.43, 0.99)], fill=BARK)
        for top, low, half in ((0.42, 0.82, 0.36), (0.2, 0.6, 0.29), (0.01, 0.36, 0.21)):
            shade = lighter(pen.style.main, by=0.25 * (0.42 - top))
            pen.polygon([(0.5, top), (0.5 + half, low), (0.5 - half, low)], fill=shade)
        return
    pen.polygon([(0.44, 0.5), (0.56, 0.5), (0.59, 0.99), (0.41, 0.99)], fill=BARK)
    pen.line([(0.5, 0.66), (0.64, 0.52)], width=0.045, fill=BARK)
    for x, y, radius in (
        (0.28, 0.44, 0.2),
        (0.72, 0.44, 0.2),
        (0.5, 0.5, 0.18),
        (0.36, 0.24, 0.2),
        (0.64, 0.24, 0.2),
        (0.5, 0.34, 0.22),
    ):
        shade = lighter(pen.style.main, by=0.3 * (0.5 - y))
        pen.polygon(oval(x, y, radius, radius), fill=shade)
