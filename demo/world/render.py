"""From a scene to pixels, and to what can truly be seen in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from demo.world.layout import View
from demo.world.places import draw_place
from demo.world.scenes import Scene
from demo.world.sprites import Pixels, Sprite, Thing, draw_sprite
from demo.world.texture import Field

# An object is really in the picture when this share of it is seen inside the centre crop.
SEEN_SHARE = 0.4
SHADOW_STRENGTH = 0.42

Box = tuple[int, int, int, int]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sighting:
    """One object as drawn. `box` is x0, y0, x1, y1 in pixels, 0-based half-open, in the image.

    `seen` is the share of the object's own pixels that lie inside the centre crop and are not
    covered by another object.
    """

    thing: Thing
    box: Box
    seen: float

    @property
    def in_view(self) -> bool:
        return self.seen >= SEEN_SHARE


@dataclass(frozen=True)
class Picture:
    """A drawn scene: uint8 [height, width, 3] and its objects in drawing order."""

    scene: Scene
    pixels: Pixels
    sightings: tuple[Sighting, ...]


def draw_scene(scene: Scene) -> Picture:
    """Draw the place, then every object with a soft shadow; later objects cover earlier ones."""
    shape = (scene.height, scene.width)
    canvas = draw_place(scene.place, shape=shape, seed=scene.place_seed)
    sprites = [draw_sprite(thing) for thing in scene.things]
    for thing, sprite in zip(scene.things, sprites, strict=True):
        _cast_shadow(canvas, sprite, size=thing.size)
        _lay(canvas, sprite)
    pixels = np.clip(canvas + 0.5, 0, 255).astype(np.uint8)
    masks = [solid_mask(sprite, shape=shape) for sprite in sprites]
    sightings = tuple(
        Sighting(
            thing=thing,
            box=_box(masks[order]),
            seen=_seen_share(masks[order], over=masks[order + 1 :], whole=sprite, view=scene.view),
        )
        for order, (thing, sprite) in enumerate(zip(scene.things, sprites, strict=True))
    )
    return Picture(scene=scene, pixels=pixels, sightings=sightings)


def solid_mask(sprite: Sprite, *, shape: tuple[int, int]) -> Mask:
    """Return which pixels of an image of `shape` the object covers, bool [height, width]."""
    mask = np.zeros(shape, dtype=np.bool_)
    target, source = _overlap(sprite.left, sprite.top, sprite.rgba.shape[:2], shape=shape)
    mask[target] = sprite.solid[source]
    return mask


def view_window(view: View) -> tuple[slice, slice]:
    """Return the rows and columns of an image that lie in the centre crop, to the whole pixel."""
    top, left = round(view.top), round(view.left)
    return slice(top, round(view.top + view.side)), slice(left, round(view.left + view.side))


def _overlap(
    left: int, top: int, size: tuple[int, ...], *, shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return the window of the image and that of the sprite where the two meet."""
    x0, y0 = max(left, 0), max(top, 0)
    x1 = max(x0, min(left + size[1], shape[1]))
    y1 = max(y0, min(top + size[0], shape[0]))
    inner = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    return (slice(y0, y1), slice(x0, x1)), inner


def _lay(canvas: Field, sprite: Sprite) -> None:
    target, source = _overlap(sprite.left, sprite.top, sprite.rgba.shape[:2], shape=canvas.shape)
    cut = sprite.rgba[source].astype(np.float32)
    cover = cut[..., 3:] / np.float32(255)
    canvas[target] += (cut[..., :3] - canvas[target]) * cover


def _cast_shadow(canvas: Field, sprite: Sprite, *, size: float) -> None:
    blur = size / 26
    room = round(blur * 3)
    height, width = sprite.rgba.shape[:2]
    alpha = Image.new("L", (width + 2 * room, height + 2 * room))
    alpha.paste(Image.fromarray(sprite.rgba[..., 3]), (room, room))
    soft = np.asarray(alpha.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float32)
    left = sprite.left - room + round(size / 30)
    top = sprite.top - room + round(size / 18)
    target, source = _overlap(left, top, soft.shape, shape=canvas.shape)
    canvas[target] *= 1 - soft[source][..., None] * np.float32(SHADOW_STRENGTH / 255)


def _box(mask: Mask) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return (0, 0, 0, 0)
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _seen_share(mask: Mask, *, over: list[Mask], whole: Sprite, view: View) -> float:
    clear = mask.copy()
    for other in over:
        clear &= ~other
    return float(clear[view_window(view)].sum()) / max(1, int(whole.solid.sum()))
