"""Simulated raters who look: parts of pictures, lists, and groups of pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from demo.coders import PLACES, SEVERAL, Coder
from demo.looker import Looker
from demo.matcher import best_group
from demo.oracle import Oracle
from demo.truth import Truth
from demo.world.write import WorldFiles, write_world
from marketplace.robots import StimulusFacts
from studyapp import overlays
from studyapp.questions.reason import USUAL_REASONS, parse_reason

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> WorldFiles:
    return write_world(tmp_path_factory.mktemp("world"), seed=3, per_class=1, workers=1)


def served(world: WorldFiles, image_id: str, *, truth: Truth) -> np.ndarray:
    """The picture as a study shows it."""
    with Image.open(world.images / truth.image(image_id)["file"]) as image:
        picture = image.convert("RGB")
    scale = 256 / min(picture.size)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
    left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
    return np.array(picture.crop((left, top, left + 224, top + 224)))


def as_png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return out.getvalue()


def test_a_part_is_known_and_shows_what_lies_in_it(world: WorldFiles) -> None:
    truth = Truth.load(world.truth)
    oracle = Oracle(truth, folder=world.images)
    names = truth.world["classes"]
    told = set()
    for image_id in sorted(truth.images)[:8]:
        whole = served(world, image_id, truth=truth)
        for half in (slice(0, 112), slice(112, 224)):
            part = np.zeros_like(whole)
            part[:, half] = whole[:, half]
            assert oracle.image_id(as_png(part)) == image_id
            label = names[truth.image(image_id)["label"]]
            told.add(oracle.answer(as_png(part), class_name=label))
    assert told == {"yes", "no"}


def test_lists_are_answered_once_or_word_by_word(world: WorldFiles) -> None:
    truth = Truth.load(world.truth)
    image_id = sorted(truth.images)[0]
    names = truth.world["classes"]
    there = [names[index] for index in sorted(truth.classes_in_view(image_id))][:1]
    absent = [name for name in names if truth.world["classes"].index(name)
              not in truth.classes_in_view(image_id)][:2]  # fmt: skip
    looker = Looker(Oracle(truth, folder=world.images))
    picture = as_png(served(world, image_id, truth=truth))
    listed = (absent[0], *there, absent[1])
    once = StimulusFacts("", picture, "", listed=listed)
    assert looker(once) == "yes"
    assert looker(StimulusFacts("", picture, "", listed=tuple(absent))) == "no"
    each = StimulusFacts("", picture, "", listed=listed, choices=("parts",), n_parts=3)
    assert looker(each) == "no yes no"


def test_the_most_alike_group_is_found() -> None:
    chance = np.random.default_rng(1)

    def near(colour: tuple[int, int, int]) -> bytes:
        pixels = np.full((64, 64, 3), colour, dtype=np.int64)
        pixels[:, ::8] = 255 - pixels[:, ::8]
        return as_png((pixels + chance.integers(-9, 9, pixels.shape)).clip(0, 255).astype("u1"))

    colours = {"1": (200, 30, 30), "2": (30, 200, 30), "3": (30, 30, 200)}
    groups = {value: tuple(near(colour) for _ in range(3)) for value, colour in colours.items()}
    for value, colour in colours.items():
        assert best_group(near(colour), groups) == value


def test_pictures_are_coded_from_what_is_served(world: WorldFiles) -> None:
    truth = Truth.load(world.truth)
    oracle = Oracle(truth, folder=world.images)
    looker = Looker(oracle, Coder(oracle, truth))
    names = truth.world["classes"]
    told: set[str] = set()
    for image_id in sorted(truth.images)[:6]:
        whole, record = served(world, image_id, truth=truth), truth.image(image_id)
        label = names[record["label"]]
        area = oracle.area(image_id, label)
        rows, columns = np.nonzero(area)
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        for around, answer in ((box, "yes"), ((0, 0, 12, 12), "no")):
            picture = as_png(overlays.framed(whole, boxes=[around]))
            assert looker(StimulusFacts(label, picture, "")) == answer
        gap = np.full((224, 8, 3), 128, dtype=np.uint8)
        for saliency, answer in ((area, "no"), (~area, "yes")):
            over = overlays.heat(whole, saliency=saliency.astype(np.float32))
            picture = as_png(np.concatenate([whole, gap, over], axis=1))
            assert looker(StimulusFacts(label, picture, "")) == answer
        places = looker(
            StimulusFacts("", as_png(whole), "", listed=tuple(PLACES), n_parts=len(PLACES))
        )
        told.add(places)
        assert places.split()[0] == ("yes" if record["place"] == "water" else "no")
        other = next(name for name in names if not truth.contains(image_id, names.index(name)))
        for said, reason in ((other, None), (label, SEVERAL)):
            coded = looker(
                StimulusFacts(
                    said, as_png(whole), "", listed=USUAL_REASONS, n_parts=2,
                    options=(("a", "b", "?"), ("a", "b")),
                )
            )  # fmt: skip
            main, _ = parse_reason(coded, n=len(USUAL_REASONS))
            assert main is not None
            assert (USUAL_REASONS[main] == SEVERAL) == (reason == SEVERAL)
    assert len(told) > 1
