from __future__ import annotations

import csv
import io

import pytest

from demo.truth import Truth
from demo.world.kinds import KINDS, NAMES
from demo.world.tables import boxes_csv, classes_csv, labels_csv
from demo.world.write import WorldFiles


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_labels_name_every_picture_once_with_what_is_in_view(world: WorldFiles) -> None:
    truth = Truth.load(world.truth)
    rows = rows_of(labels_csv(truth.world["images"]))
    assert list(rows[0]) == ["image_id", "file", "label", "real_labels"]
    assert len(rows) == world.n_images == len({row["image_id"] for row in rows})
    for row in rows:
        found = [int(index) for index in row["real_labels"].split(" ")]
        assert found[0] == int(row["label"])
        assert frozenset(found) == truth.classes_in_view(row["image_id"])


def test_classes_are_numbered_without_gaps() -> None:
    rows = rows_of(classes_csv())
    assert list(rows[0]) == ["class_index", "wnid", "name", "all_names"]
    assert [int(row["class_index"]) for row in rows] == list(range(len(KINDS)))
    assert [row["name"] for row in rows] == list(NAMES)
    assert all(row["all_names"].startswith(row["name"]) for row in rows)


@pytest.mark.slow
def test_boxes_lie_inside_their_pictures(world: WorldFiles) -> None:
    truth = Truth.load(world.truth)
    rows = rows_of(boxes_csv(truth.world["images"]))
    assert list(rows[0]) == ["image_id", "wnid", "x0", "y0", "x1", "y1"]
    assert len(rows) == sum(len(image["objects"]) for image in truth.world["images"])
    for row in rows:
        image = truth.image(row["image_id"])
        assert 0 <= int(row["x0"]) < int(row["x1"]) <= image["width"]
        assert 0 <= int(row["y0"]) < int(row["y1"]) <= image["height"]
