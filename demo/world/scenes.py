"""A scene: what is in a picture, decided before anything is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from demo.world.kinds import KINDS
from demo.world.layout import Spot, View, arrange
from demo.world.palette import ANY_PAIRS, brightness
from demo.world.pen import Colour
from demo.world.places import BRIGHTNESS, PLACES
from demo.world.splits import (
    BIASED_CLASS,
    BIASED_CLASS_SIZE,
    BIASED_PLACE,
    STRIPED_CLASS,
    STRIPED_GROUP,
    Split,
    find_split,
)
from demo.world.sprites import Outline, Thing

# Part of every seed: a change of the recipe is a new world, never a silently mixed one.
RECIPE = 1

SHAPES = ((256, 256), (288, 256), (256, 288), (320, 256), (256, 320), (300, 300), (400, 256))
AMBIGUOUS_SHARE = 0.22
ANY_COLOUR_SHARE = 0.35
ASIDE_SHARE = 0.35


@dataclass(frozen=True)
class Scene:
    """The whole content of one picture. `label` is a class index; `things` are drawn in order."""

    image_id: str
    split: str
    label: int
    place: str
    place_seed: int
    width: int
    height: int
    ambiguous: bool
    things: tuple[Thing, ...]

    @property
    def view(self) -> View:
        return View.of(self.width, self.height)


def plan_scene(index: int, *, seed: int, split: str) -> Scene:
    """Decide the content of scene number `index`; labels take turns, everything else is drawn."""
    shares = find_split(split)
    chance = Random(f"{RECIPE}/{seed}/{split}/{index}")
    label = index % len(KINDS)
    width, height = chance.choice(SHAPES)
    place = _choose_place(label, split=shares, chance=chance)
    ambiguous = chance.random() < AMBIGUOUS_SHARE
    at_home = label == BIASED_CLASS and place == BIASED_PLACE
    spots = _choose_spots(
        width,
        height,
        label_size=BIASED_CLASS_SIZE if at_home else 1.0,
        ambiguous=ambiguous,
        chance=chance,
    )
    kinds = [label, *_other_kinds(label, count=len(spots) - 1, chance=chance)]
    things = [
        _choose_thing(kind, spot, place=place, split=shares, chance=chance)
        for kind, spot in zip(kinds, spots, strict=True)
    ]
    chance.shuffle(things)
    return Scene(
        image_id=f"{split}-{index:05d}",
        split=split,
        label=label,
        place=place,
        place_seed=chance.getrandbits(32),
        width=width,
        height=height,
        ambiguous=ambiguous,
        things=tuple(things),
    )


def plan_thing(kind: int, *, size: float, seed: int, place: str = "sand") -> Thing:
    """Decide on one object alone, to be drawn by `draw_sprite` and laid into another picture.

    `size` is in pixels; `place` decides whether it needs an outline to stand out.
    """
    chance = Random(f"{RECIPE}/thing/{kind}/{seed}")
    spot = Spot(x=size / 2, y=size / 2, size=size)
    return _choose_thing(kind, spot, place=place, split=find_split("test"), chance=chance)


def _choose_place(label: int, *, split: Split, chance: Random) -> str:
    biased = label == BIASED_CLASS
    share = split.biased_class_on_place if biased else split.others_on_place
    if chance.random() < share:
        return BIASED_PLACE
    return chance.choice([place for place in PLACES if place != BIASED_PLACE])


def _choose_spots(
    width: int, height: int, *, label_size: float, ambiguous: bool, chance: Random
) -> list[Spot]:
    """Return the label's spot first; in an ambiguous scene a second object is just as large."""
    view = View.of(width, height)
    unit = view.side
    if ambiguous:
        main = chance.uniform(0.36, 0.42)
        sizes = [main, main * chance.uniform(0.94, 1.12)]
    else:
        main = chance.uniform(0.42, 0.56)
        sizes = [main, main * chance.uniform(0.5, 0.72)]
    sizes += [main * chance.uniform(0.48, 0.62) for _ in range(chance.choice((0, 1, 1, 2)))]
    sizes[0] *= label_size
    spots = arrange([size * unit for size in sizes], view=view, chance=chance)
    margin = (width - unit) / 2
    if margin > 0.3 * unit and chance.random() < ASIDE_SHARE:
        size = chance.uniform(0.78, 0.88) * margin
        x = margin / 2 if chance.random() < 0.5 else width - margin / 2
        spots.append(Spot(x=x, y=chance.uniform(size, height - size), size=size))
    return spots


def _other_kinds(label: int, *, count: int, chance: Random) -> list[int]:
    return chance.sample([kind for kind in range(len(KINDS)) if kind != label], count)


def _choose_thing(kind: int, spot: Spot, *, place: str, split: Split, chance: Random) -> Thing:
    usual = KINDS[kind].pairs
    pairs = ANY_PAIRS if chance.random() < ANY_COLOUR_SHARE else usual
    main, second = chance.choice(pairs)
    max_turn = math.radians(KINDS[kind].max_turn)
    return Thing(
        kind=kind,
        x=spot.x,
        y=spot.y,
        size=spot.size,
        turn=chance.uniform(-max_turn, max_turn),
        mirrored=chance.random() < 0.5,
        main=main,
        second=second,
        outline=_choose_outline(main, place=place, chance=chance),
        striped=_choose_striped(kind, split=split, chance=chance),
        seed=chance.getrandbits(32),
    )


def _choose_outline(main: Colour, *, place: str, chance: Random) -> Outline:
    around = BRIGHTNESS[place]
    if abs(brightness(main) - around) < 45:
        return "light" if around < 150 else "dark"
    return chance.choice(("none", "none", "dark", "light"))


def _choose_striped(kind: int, *, split: Split, chance: Random) -> bool:
    if kind not in STRIPED_GROUP:
        return False
    share = split.biased_class_striped if kind == STRIPED_CLASS else split.others_striped
    return chance.random() < share
