"""Where the objects of a scene go: apart from each other and well inside what is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

TRIES = 80
# Distance of two centres as a share of the sum of their half sizes; 1 keeps squares just apart.
ELBOW_ROOM = 0.98
SHRINK = 0.92


@dataclass(frozen=True)
class View:
    """The part of an image that is shown and classified: shorter side 256, centre crop 224."""

    left: float
    top: float
    side: float

    @classmethod
    def of(cls, width: int, height: int) -> View:
        side = min(width, height) * 224 / 256
        return cls(left=(width - side) / 2, top=(height - side) / 2, side=side)


@dataclass(frozen=True)
class Spot:
    """The centre and the size of one object, in pixels."""

    x: float
    y: float
    size: float


def arrange(sizes: list[float], *, view: View, chance: Random) -> list[Spot]:
    """Place objects of the wanted sizes in order; all shrink together until they fit."""
    scale = 1.0
    while True:
        spots = _attempt([size * scale for size in sizes], view=view, chance=chance)
        if spots is not None:
            return spots
        scale *= SHRINK


def _attempt(sizes: list[float], *, view: View, chance: Random) -> list[Spot] | None:
    spots: list[Spot] = []
    for size in sizes:
        for _ in range(TRIES):
            spot = _draw_spot(size, view=view, chance=chance)
            if all(_apart(spot, other) for other in spots):
                spots.append(spot)
                break
        else:
            return None
    return spots


def _draw_spot(size: float, *, view: View, chance: Random) -> Spot:
    margin = min(size * 0.54, view.side / 2)
    return Spot(
        x=view.left + chance.uniform(margin, view.side - margin),
        y=view.top + chance.uniform(margin, view.side - margin),
        size=size,
    )


def _apart(one: Spot, two: Spot) -> bool:
    distance = math.hypot(one.x - two.x, one.y - two.y)
    return distance >= ELBOW_ROOM * (one.size + two.size) / 2
