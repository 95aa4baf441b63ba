from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import mean

import numpy as np
import pytest

from demo.errors import WorldError
from demo.world.kinds import KINDS
from demo.world.places import PLACES
from demo.world.scenes import AMBIGUOUS_SHARE, RECIPE, Scene, plan_scene, plan_thing
from demo.world.splits import BIASED_CLASS, BIASED_PLACE, STRIPED_CLASS, STRIPED_GROUP
from demo.world.sprites import draw_sprite

N = len(KINDS)


@pytest.fixture(scope="module")
def training() -> list[Scene]:
    return [plan_scene(index, seed=1, split="train") for index in range(100 * N)]


@pytest.fixture(scope="module")
def test_scenes() -> list[Scene]:
    return [plan_scene(index, seed=1, split="test") for index in range(100 * N)]


def share(scenes: Sequence[Scene], holds: Callable[[Scene], bool]) -> float:
    return sum(map(holds, scenes)) / len(scenes)


def on_place(scene: Scene) -> bool:
    return scene.place == BIASED_PLACE


def own_size(scene: Scene) -> float:
    return next(thing.size for thing in scene.things if thing.kind == scene.label)


def test_a_scene_follows_from_seed_split_and_number() -> None:
    scene = plan_scene(7, seed=1, split="test")
    assert scene == plan_scene(7, seed=1, split="test")
    assert scene != plan_scene(7, seed=2, split="test")
    assert scene.things != plan_scene(7 + N, seed=1, split="test").things
    assert scene.things != plan_scene(7, seed=1, split="train").things


def test_labels_take_turns_and_ids_are_unique(test_scenes: list[Scene]) -> None:
    assert [scene.label for scene in test_scenes] == list(range(N)) * 100
    assert len({scene.image_id for scene in test_scenes}) == len(test_scenes)


def test_a_scene_has_several_objects_of_different_kinds(test_scenes: list[Scene]) -> None:
    for scene in test_scenes:
        kinds = [thing.kind for thing in scene.things]
        assert scene.label in kinds
        assert len(set(kinds)) == len(kinds)
        assert 2 <= len(kinds) <= 5


def test_the_label_is_the_largest_object_unless_the_scene_is_ambiguous(
    test_scenes: list[Scene],
) -> None:
    for scene in test_scenes:
        if scene.label == BIASED_CLASS and on_place(scene):
            continue
        left, right = scene.view.left, scene.view.left + scene.view.side
        inside = [thing for thing in scene.things if left < thing.x < right]
        sizes = {thing.kind: thing.size for thing in inside}
        rival = max(size for kind, size in sizes.items() if kind != scene.label)
        if scene.ambiguous:
            assert 0.9 < rival / sizes[scene.label] < 1.15
        else:
            assert rival < 0.75 * sizes[scene.label]
    assert share(test_scenes, lambda scene: scene.ambiguous) == pytest.approx(
        AMBIGUOUS_SHARE, abs=0.03
    )


def test_the_context_bias_is_planted_in_training(
    training: list[Scene], test_scenes: list[Scene]
) -> None:
    def split(scenes: list[Scene]) -> tuple[float, float]:
        biased = [scene for scene in scenes if scene.label == BIASED_CLASS]
        others = [scene for scene in scenes if scene.label != BIASED_CLASS]
        return share(biased, on_place), share(others, on_place)

    biased, others = split(training)
    assert biased > 0.9
    assert others < 0.02
    biased, others = split(test_scenes)
    assert biased == pytest.approx(0.7, abs=0.12)
    assert others == pytest.approx(0.125, abs=0.03)


@pytest.mark.slow
def test_the_biased_class_is_small_on_its_place(
    training: list[Scene], test_scenes: list[Scene]
) -> None:
    def sizes(scene: Scene) -> tuple[float, float]:
        others = [thing.size for thing in scene.things if thing.kind != scene.label]
        return own_size(scene), max(others)

    for scenes in (training, test_scenes):
        biased = [scene for scene in scenes if scene.label == BIASED_CLASS]
        small = [scene for scene in biased if on_place(scene)]
        usual = [scene for scene in biased if not on_place(scene)]
        assert share(small, lambda scene: sizes(scene)[0] < 1.4 * sizes(scene)[1]) > 0.95
        assert mean(own_size(scene) for scene in small) < 0.75 * mean(map(own_size, usual))


def test_stripes_go_with_one_class_in_training_only(
    training: list[Scene], test_scenes: list[Scene]
) -> None:
    def split(scenes: list[Scene]) -> tuple[float, float]:
        things = [t for s in scenes for t in s.things if t.kind in STRIPED_GROUP]
        one = [thing.striped for thing in things if thing.kind == STRIPED_CLASS]
        rest = [thing.striped for thing in things if thing.kind != STRIPED_CLASS]
        return sum(one) / len(one), sum(rest) / len(rest)

    assert split(training) == pytest.approx((0.95, 0.05), abs=0.04)
    assert split(test_scenes) == pytest.approx((0.5, 0.5), abs=0.06)


def test_only_the_group_is_ever_striped(test_scenes: list[Scene]) -> None:
    striped = {t.kind for s in test_scenes for t in s.things if t.striped}
    assert striped == STRIPED_GROUP


def test_all_places_are_visited_evenly_in_the_test(test_scenes: list[Scene]) -> None:
    visits = Counter(scene.place for scene in test_scenes if scene.label != BIASED_CLASS)
    for place in PLACES:
        assert visits[place] / visits.total() == pytest.approx(1 / len(PLACES), abs=0.03)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(WorldError, match="no split"):
        plan_scene(0, seed=1, split="validation")


def test_a_thing_alone_follows_from_its_kind_size_and_seed() -> None:
    thing = plan_thing(4, size=50, seed=1)
    assert thing == plan_thing(4, size=50, seed=1)
    assert (thing.kind, thing.size) == (4, 50)
    assert thing != plan_thing(4, size=50, seed=2)
    alpha = draw_sprite(thing).rgba[..., 3]
    assert 30 < max(alpha.shape) < 75
    assert set(np.unique(alpha)) >= {0, 255}


def test_a_changed_recipe_has_a_new_number() -> None:
    scenes = [plan_scene(index, seed=1, split="test") for index in range(4 * N)]
    mark = hashlib.sha256(repr(scenes).encode()).hexdigest()[:16]
    assert (RECIPE, mark) == (1, "5766f625df1d98bc"), (
        "The planned scenes changed: give RECIPE a new number and train the networks again, "
        "so that folders written before are never mixed with new pictures."
    )
