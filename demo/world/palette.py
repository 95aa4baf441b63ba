"""The colours of the toy world."""

from __future__ import annotations

from demo.world.pen import Colour

CREAM: Colour = (250, 241, 222)
INK: Colour = (44, 44, 58)
BARK: Colour = (122, 82, 54)
BRICK: Colour = (176, 84, 66)
BRASS: Colour = (222, 176, 74)
WAFER: Colour = (222, 168, 98)
FOREST: Colour = (47, 107, 71)
LEAF: Colour = (98, 158, 82)
CORAL: Colour = (235, 104, 80)
CRIMSON: Colour = (200, 46, 66)
MUSTARD: Colour = (244, 186, 62)
ORANGE: Colour = (242, 142, 54)
TEAL: Colour = (38, 152, 142)
NAVY: Colour = (44, 66, 110)
SKY: Colour = (92, 168, 226)
PLUM: Colour = (122, 66, 124)
LILAC: Colour = (172, 146, 214)
ROSE: Colour = (236, 124, 154)
MINT: Colour = (140, 210, 180)
SLATE: Colour = (92, 104, 124)
SILVER: Colour = (188, 196, 206)

# Any object may come in any of these pairs; its own usual pairs are listed with its kind.
ANY_PAIRS: tuple[tuple[Colour, Colour], ...] = (
    (CORAL, CREAM),
    (CRIMSON, MUSTARD),
    (MUSTARD, TEAL),
    (ORANGE, NAVY),
    (TEAL, CORAL),
    (NAVY, MUSTARD),
    (SKY, CREAM),
    (PLUM, MINT),
    (LILAC, PLUM),
    (ROSE, CREAM),
    (MINT, NAVY),
    (CREAM, CRIMSON),
)


def darker(colour: Colour, *, by: float = 0.25) -> Colour:
    red, green, blue = (round(part * (1 - by)) for part in colour)
    return red, green, blue


def lighter(colour: Colour, *, by: float = 0.2) -> Colour:
    red, green, blue = (round(part + (255 - part) * by) for part in colour)
    return red, green, blue


def brightness(colour: Colour) -> float:
    """Return the perceived brightness, 0 to 255 (ITU-R BT.601 weights)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
