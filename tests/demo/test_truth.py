from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.errors import TruthError
from demo.truth import ImageRecord, ObjectRecord, Truth, true_rectified_error
from demo.world.ledger import sha256_of
from demo.world.records import world_record
from demo.world.write import write_world


def an_object(class_index: int, *, in_view: bool = True) -> ObjectRecord:
    return ObjectRecord(
        class_index=class_index,
        box=[0, 0, 9, 9],
        seen=1.0 if in_view else 0.0,
        in_view=in_view,
        striped=False,
        size=9.0,
    )


def an_image(image_id: str, *objects: ObjectRecord) -> ImageRecord:
    return ImageRecord(
        image_id=image_id,
        file=f"{image_id}.jpg",
        sha256=sha256_of(b""),
        width=9,
        height=9,
        label=objects[0]["class_index"],
        place="sand",
        attributes={},
        objects=list(objects),
    )


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    world = world_record(seed=1, split="test", per_class=1)
    world["images"] = [
        an_image("a", an_object(0), an_object(1)),
        an_image("b", an_object(1), an_object(2, in_view=False)),
        an_image("c", an_object(2)),
        an_image("d", an_object(3), an_object(4), an_object(5)),
    ]
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(world))
    return Truth.load(path)


LABELS = {"a": 0, "b": 1, "c": 2, "d": 3}


def test_it_knows_what_is_in_view(truth: Truth) -> None:
    assert truth.contains("a", 1)
    assert not truth.contains("b", 2), "drawn, but not to be seen"
    assert not truth.contains("c", 0)
    assert truth.classes_in_view("d") == {3, 4, 5}


def test_the_hand_example(truth: Truth) -> None:
    counts = true_rectified_error(truth, LABELS, {"a": 1, "b": 2, "c": 2, "d": 5})
    assert (counts.n_images, counts.n_errors, counts.n_errors_in_view) == (4, 3, 2)
    assert counts.top1_error == 0.75
    assert counts.rectified_top1_error == 0.25


def test_no_mistakes_is_no_error(truth: Truth) -> None:
    counts = true_rectified_error(truth, LABELS, dict(LABELS))
    assert (counts.top1_error, counts.rectified_top1_error) == (0, 0)


def test_labels_and_predictions_must_name_the_same_images(truth: Truth) -> None:
    with pytest.raises(TruthError, match="only in one of the two: d"):
        true_rectified_error(truth, LABELS, {"a": 1, "b": 2, "c": 2})
    with pytest.raises(TruthError, match="both are empty"):
        true_rectified_error(truth, {}, {})


def test_an_unknown_image_is_named(truth: Truth) -> None:
    with pytest.raises(TruthError, match="no image 'z'"):
        truth.contains("z", 0)


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match=r"no truth file .*write the world first"):
        Truth.load(tmp_path / "truth.json")
    for content in ('{"images": ', '{"seed": 1}', '{"images": [{}]}', "[]"):
        (tmp_path / "truth.json").write_text(content)
        with pytest.raises(TruthError, match="damaged"):
            Truth.load(tmp_path / "truth.json")


@pytest.mark.slow
def test_a_written_world_is_read_whole(tmp_path: Path) -> None:
    files = write_world(tmp_path, seed=1, per_class=1, workers=1)
    truth = Truth.load(files.truth)
    assert len(truth.images) == files.n_images
    assert all(truth.contains(name, image["label"]) for name, image in truth.images.items())
