"""From a drawn picture to the record the truth file keeps of it."""

from __future__ import annotations

from demo.truth import ImageRecord, ObjectRecord, PlantedBias, WorldRecord
from demo.world.kinds import NAMES
from demo.world.render import Picture, Sighting
from demo.world.scenes import RECIPE
from demo.world.splits import (
    BIASED_CLASS,
    BIASED_PLACE,
    SPLITS,
    STRIPED_CLASS,
    STRIPED_GROUP,
    find_split,
)


def image_record(picture: Picture, *, file: str, sha256: str) -> ImageRecord:
    scene = picture.scene
    striped = any(thing.striped for thing in scene.things if thing.kind == scene.label)
    return ImageRecord(
        image_id=scene.image_id,
        file=file,
        sha256=sha256,
        width=scene.width,
        height=scene.height,
        label=scene.label,
        place=scene.place,
        attributes={
            "ambiguous": scene.ambiguous,
            "on_biased_place": scene.place == BIASED_PLACE,
            "striped": striped,
            "may_be_striped": scene.label in STRIPED_GROUP,
        },
        objects=[_object_record(sighting) for sighting in picture.sightings],
    )


def world_record(*, seed: int, split: str, per_class: int) -> WorldRecord:
    """Return the record of a world, its images still to be filled in."""
    training, here = SPLITS["train"], find_split(split)
    return WorldRecord(
        recipe=RECIPE,
        seed=seed,
        split=split,
        per_class=per_class,
        classes=list(NAMES),
        bias=PlantedBias(
            class_index=BIASED_CLASS,
            group=[BIASED_CLASS],
            what=BIASED_PLACE,
            share_in_training=training.biased_class_on_place,
            share_of_others_in_training=training.others_on_place,
            share_here=here.biased_class_on_place,
            share_of_others_here=here.others_on_place,
        ),
        attribute=PlantedBias(
            class_index=STRIPED_CLASS,
            group=sorted(STRIPED_GROUP),
            what="striped",
            share_in_training=training.biased_class_striped,
            share_of_others_in_training=training.others_striped,
            share_here=here.biased_class_striped,
            share_of_others_here=here.others_striped,
        ),
        images=[],
    )


def classes_in_view(record: ImageRecord) -> list[int]:
    """Return the class indices really in the picture, the label first."""
    others = {item["class_index"] for item in record["objects"] if item["in_view"]}
    return [record["label"], *sorted(others - {record["label"]})]


def _object_record(sighting: Sighting) -> ObjectRecord:
    return ObjectRecord(
        class_index=sighting.thing.kind,
        box=list(sighting.box),
        seen=round(sighting.seen, 4),
        in_view=sighting.in_view,
        striped=sighting.thing.striped,
        size=round(sighting.thing.size, 1),
    )
