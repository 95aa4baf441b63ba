from __future__ import annotations

import pytest

from demo.world.kinds import NAMES
from demo.world.records import classes_in_view, image_record, world_record
from demo.world.render import draw_scene
from demo.world.scenes import plan_scene


def test_a_record_says_what_was_drawn() -> None:
    picture = draw_scene(plan_scene(5, seed=1, split="test"))
    record = image_record(picture, file="a.jpg", sha256="0")
    scene = picture.scene
    assert (record["image_id"], record["label"]) == (scene.image_id, scene.label)
    assert (record["width"], record["height"]) == (scene.width, scene.height)
    assert [item["class_index"] for item in record["objects"]] == [t.kind for t in scene.things]
    assert [tuple(item["box"]) for item in record["objects"]] == [
        sighting.box for sighting in picture.sightings
    ]
    assert record["attributes"]["ambiguous"] == scene.ambiguous


@pytest.mark.slow
def test_attributes_are_those_of_the_labelled_object() -> None:
    for index in range(48):
        scene = plan_scene(index, seed=1, split="test")
        own = next(thing for thing in scene.things if thing.kind == scene.label)
        attributes = image_record(draw_scene(scene), file="", sha256="")["attributes"]
        assert attributes["striped"] == own.striped
        assert attributes["may_be_striped"] or not attributes["striped"]
        assert attributes["on_biased_place"] == (scene.place == "water")


def test_the_classes_in_view_begin_with_the_label_and_leave_out_what_is_not_seen() -> None:
    record = image_record(
        draw_scene(plan_scene(23, seed=1, split="test")), file="a.jpg", sha256="0"
    )
    others = [item for item in record["objects"] if item["class_index"] != 23]
    for item in others:
        item["in_view"] = item is others[0]
    assert classes_in_view(record) == [23, others[0]["class_index"]]


def test_the_world_states_what_is_planted() -> None:
    world = world_record(seed=4, split="test", per_class=7)
    assert NAMES[world["bias"]["class_index"]] == "boat"
    assert world["bias"]["what"] == "water"
    assert world["bias"]["share_in_training"] > 0.9 > world["bias"]["share_here"]
    assert world["attribute"]["what"] == "striped"
    assert world["attribute"]["class_index"] in world["attribute"]["group"]
    assert (world["seed"], world["split"], world["per_class"]) == (4, "test", 7)
    assert world["images"] == []
