from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import boxes, image_keys
from studyapp.ingest.boxes import BoxCounts, BoxRow, add_boxes, csv_boxes, stage_boxes
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.labels import Labels
from studyapp.ingest.staging import staging
from studyapp.models import Box, ImageSet
from tests.factories.dataset import ImageFactory, ImageSetFactory, ShownImageFactory

pytestmark = pytest.mark.django_db

LABELS = Labels([ClassRow("n0", "cat"), ClassRow("n1", "dog")], title="pets")
HEADER = "image_id,box,wnid,x0,y0,x1,y1,orig_x0\n"


def _read(folder: Path, text: str, header: str = HEADER) -> list[BoxRow]:
    path = folder / "b.csv"
    path.write_text(header + text)
    return list(csv_boxes(path, labels=LABELS))


@pytest.fixture
def images() -> ImageSet:
    image_set = ImageSetFactory.create()
    ShownImageFactory.create(image_set=image_set, image_id="a", size=(64, 48))
    ImageFactory.create(image_set=image_set, image_id="hidden")
    return image_set


def _add(images: ImageSet, *rows: BoxRow) -> BoxCounts:
    keys = dict(images.class_list.classes.values_list("index", "pk"))
    with staging(boxes.SCHEMA + image_keys.SCHEMA) as db:
        stage_boxes(db, rows=rows)
        image_keys.stage_images(db, image_set=images)
        return add_boxes(db, image_set=images, class_keys=keys)


def _box(name: str, *corners: float, label: int | None = 1, place: str = "line 1") -> BoxRow:
    x0, y0, x1, y1 = corners
    return BoxRow(place, (name, name), label, (x0, y0, x1, y1))


def test_rows_of_a_csv(tmp_path: Path) -> None:
    first, second = _read(tmp_path, "a.jpg,0,n1,1,2.5,3,4,9\nb,1,0,0,0,5,5,9\n")
    assert first.corners == (1.0, 2.5, 3.0, 4.0)
    assert (first.names, first.label, second.label) == (("a.jpg", "a"), 1, 0)
    (bare,) = _read(tmp_path, "a,1,2,3,4\n", header="image_id,x0,y0,x1,y1\n")
    assert bare.label is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,0,n9,1,2,3,4,\n", "line 2: class 'n9' is no class"),
        ("a,0,n1,one,2,3,4,\n", "line 2: x0 is 'one'"),
        ("a,0,n1,1,2,inf,4,\n", "line 2: x1 is 'inf'"),
        (",0,n1,1,2,3,4,\n", "line 2: image_id is ''"),
    ],
)
def test_bad_rows_name_the_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        _read(tmp_path, row)


def test_boxes_are_added_once_and_strangers_counted(images: ImageSet) -> None:
    rows = (
        _box("a", 1, 2, 3, 4),
        _box("a", 1, 2, 3, 4),
        _box("a", 1, 2, 3, 4, label=None),
        _box("nobody", 1, 2, 3, 4),
        _box("hidden", 1, 2, 9999, 4),
    )
    assert _add(images, *rows) == BoxCounts(added=3, known=1, elsewhere=1)
    assert _add(images, *rows) == BoxCounts(added=0, known=4, elsewhere=1)
    assert Box.objects.count() == 3


def test_a_box_over_the_edge_by_a_rounding_is_cut(images: ImageSet) -> None:
    _add(images, _box("a", -1, -0.5, 65, 48.9))
    box = Box.objects.get()
    assert (box.x0, box.y0, box.x1, box.y1) == (0, 0, 64, 48)


@pytest.mark.parametrize(
    "box",
    [
        _box("a", 0, 0, 65.1, 10, place="b.csv, line 7"),
        _box("a", -2, 0, 10, 10, place="b.csv, line 7"),
        _box("hidden", -2, 0, 10, 10, place="b.csv, line 7"),
        BoxRow("b.csv, line 7", ("a", "a"), 1, (0, 0, 9, 9), size=(48, 64)),
    ],
)
def test_boxes_that_cannot_belong_to_the_file_store_nothing(images: ImageSet, box: BoxRow) -> None:
    with pytest.raises(InputError, match=r"b\.csv, line 7: .*pixels of the file"):
        _add(images, _box("a", 1, 2, 3, 4), box)
    assert Box.objects.count() == 0


def test_empty_boxes_are_refused(images: ImageSet) -> None:
    for corners in ((3, 2, 3, 4), (1, 5, 3, 4)):
        with pytest.raises(InputError, match="line 1: an empty box"):
            _add(images, _box("a", *corners))
