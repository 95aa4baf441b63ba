"""The kinds of object: the classes of the toy world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from demo.world import drawings_home, drawings_nature, drawings_outing, palette
from demo.world.pen import Colour, Pen

Pair = tuple[Colour, Colour]


@dataclass(frozen=True)
class Kind:
    """One class: how it is called, how it is drawn, the colours it usually has."""

    name: str
    all_names: str
    draw: Callable[[Pen, Random], None]
    pairs: tuple[Pair, ...]
    max_turn: float = 20.0


_GREENS: tuple[Pair, ...] = (
    (palette.FOREST, palette.BRICK),
    (palette.LEAF, palette.CORAL),
    ((70, 140, 90), palette.MUSTARD),
)
_GOLDS: tuple[Pair, ...] = (
    (palette.MUSTARD, palette.CRIMSON),
    (palette.BRASS, palette.NAVY),
    ((236, 200, 98), palette.PLUM),
)
_METALS: tuple[Pair, ...] = (
    (palette.SLATE, palette.CREAM),
    (palette.BRASS, palette.BARK),
    (palette.SILVER, palette.NAVY),
)

KINDS: tuple[Kind, ...] = (
    Kind(
        "anchor",
        "anchor, ship's anchor",
        drawings_outing.anchor,
        (*_METALS, (palette.NAVY, palette.CREAM)),
        30,
    ),
    Kind(
        "balloon",
        "balloon, party balloon",
        drawings_outing.balloon,
        (
            (palette.CRIMSON, palette.CREAM),
            (palette.SKY, palette.CREAM),
            (palette.ROSE, palette.CREAM),
            (palette.MUSTARD, palette.CREAM),
        ),
    ),
    Kind("bell", "bell, hand bell", drawings_home.bell, _GOLDS, 25),
    Kind(
        "boat",
        "boat, sailing boat, sailboat",
        drawings_outing.boat,
        (
            (palette.BRICK, palette.CREAM),
            (palette.NAVY, palette.CREAM),
            (palette.TEAL, palette.MUSTARD),
            (palette.BARK, palette.CORAL),
        ),
        12,
    ),
    Kind("cactus", "cactus, potted cactus", drawings_nature.cactus, _GREENS, 12),
    Kind(
        "clock",
        "clock, alarm clock",
        drawings_home.clock,
        (
            (palette.CRIMSON, palette.BRASS),
            (palette.TEAL, palette.BRASS),
            (palette.NAVY, palette.SILVER),
        ),
    ),
    Kind("crown", "crown, royal crown", drawings_outing.crown, _GOLDS, 20),
    Kind(
        "cup",
        "cup, coffee cup, mug",
        drawings_home.cup,
        (
            (palette.CREAM, palette.CRIMSON),
            (palette.SKY, palette.NAVY),
            (palette.CORAL, palette.BRICK),
            (palette.MINT, palette.TEAL),
        ),
    ),
    Kind(
        "fish",
        "fish",
        drawings_nature.fish,
        (
            (palette.ORANGE, palette.CORAL),
            (palette.SKY, palette.NAVY),
            (palette.ROSE, palette.PLUM),
            (palette.MUSTARD, palette.TEAL),
        ),
        25,
    ),
    Kind(
        "flower",
        "flower, blossom",
        drawings_nature.flower,
        (
            (palette.ROSE, palette.MUSTARD),
            (palette.CREAM, palette.MUSTARD),
            (palette.LILAC, palette.MUSTARD),
            (palette.CRIMSON, palette.MUSTARD),
        ),
    ),
    Kind(
        "heart",
        "heart",
        drawings_outing.heart,
        (
            (palette.CRIMSON, palette.CREAM),
            (palette.ROSE, palette.CREAM),
            (palette.PLUM, palette.CREAM),
        ),
        25,
    ),
    Kind(
        "house",
        "house, cottage",
        drawings_home.house,
        (
            (palette.CREAM, palette.CRIMSON),
            (palette.MUSTARD, palette.BARK),
            (palette.SKY, palette.NAVY),
            (palette.ROSE, palette.PLUM),
        ),
        8,
    ),
    Kind(
        "ice cream",
        "ice cream, ice cream cone",
        drawings_home.ice_cream,
        (
            (palette.ROSE, palette.CREAM),
            (palette.MINT, palette.BARK),
            (palette.CREAM, palette.ROSE),
        ),
    ),
    Kind("key", "key, door key", drawings_home.key, _METALS, 60),
    Kind(
        "kite",
        "kite",
        drawings_outing.kite,
        (
            (palette.CRIMSON, palette.MUSTARD),
            (palette.SKY, palette.CORAL),
            (palette.TEAL, palette.CREAM),
            (palette.PLUM, palette.ROSE),
        ),
        30,
    ),
    Kind(
        "ladder",
        "ladder",
        drawings_home.ladder,
        (
            (palette.WAFER, palette.BARK),
            (palette.BARK, palette.BARK),
            (palette.SILVER, palette.SLATE),
            (palette.CRIMSON, palette.CREAM),
        ),
        25,
    ),
    Kind(
        "lamp",
        "lamp, table lamp",
        drawings_home.lamp,
        (
            (palette.MUSTARD, palette.BARK),
            (palette.CREAM, palette.TEAL),
            (palette.CORAL, palette.NAVY),
        ),
        10,
    ),
    Kind(
        "leaf",
        "leaf",
        drawings_nature.leaf,
        (
            (palette.LEAF, palette.FOREST),
            (palette.ORANGE, palette.BARK),
            (palette.CRIMSON, palette.BARK),
            (palette.FOREST, palette.BARK),
        ),
        60,
    ),
    Kind(
        "moon",
        "moon, crescent moon",
        drawings_nature.moon,
        (
            (palette.MUSTARD, palette.CREAM),
            (palette.CREAM, palette.SILVER),
            (palette.SILVER, palette.CREAM),
        ),
        30,
    ),
    Kind(
        "mushroom",
        "mushroom, toadstool",
        drawings_nature.mushroom,
        (
            (palette.CRIMSON, palette.CREAM),
            (palette.BRICK, palette.CREAM),
            (palette.PLUM, palette.CREAM),
            (palette.ORANGE, palette.CREAM),
        ),
    ),
    Kind(
        "rocket",
        "rocket, space rocket",
        drawings_outing.rocket,
        (
            (palette.CREAM, palette.CRIMSON),
            (palette.SILVER, palette.NAVY),
            (palette.SKY, palette.CORAL),
        ),
        40,
    ),
    Kind(
        "star",
        "star, five-pointed star",
        drawings_nature.star,
        (
            (palette.MUSTARD, palette.CREAM),
            (palette.CORAL, palette.CREAM),
            (palette.SKY, palette.CREAM),
        ),
        30,
    ),
    Kind("tree", "tree", drawings_nature.tree, _GREENS, 8),
    Kind(
        "umbrella",
        "umbrella",
        drawings_outing.umbrella,
        (
            (palette.CRIMSON, palette.INK),
            (palette.TEAL, palette.INK),
            (palette.PLUM, palette.INK),
            (palette.NAVY, palette.INK),
        ),
        25,
    ),
)

NAMES: tuple[str, ...] = tuple(kind.name for kind in KINDS)


def wnid(class_index: int) -> str:
    """Return the class's id in the style of WordNet's: `t0000001` for the first class."""
    return f"t{class_index + 1:07d}"
