from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.label_columns import image_names, read_labels
from studyapp.ingest.labels import Indices, Labels
from studyapp.ingest.tables import Table


def _table(folder: Path, text: str) -> Table:
    path = folder / "labels.csv"
    path.write_text(text)
    return Table(path)


def test_labels_and_right_labels_in_the_order_of_the_table(tmp_path: Path) -> None:
    text = "image_id,ground_truth,real_labels\nx/b,2,7 2\na,,\nc,0,1\n"
    images = read_labels(_table(tmp_path, text), classes=Indices())
    assert images.ids == ["x/b", "a", "c"]
    assert images.label.tolist() == [2, -1, 0]
    assert images.real_ends.tolist() == [0, 2, 2, 3]
    assert images.real_labels.tolist() == [2, 7, 1]
    assert images.row_of == {"x/b": 0, "b": 0, "a": 1, "c": 2}


def test_a_wnid_is_a_label_where_there_is_a_list(tmp_path: Path) -> None:
    table = _table(tmp_path, "image_id,label\na,n2\n")
    classes = Labels([ClassRow("n1", "tench"), ClassRow("n2", "eel")], title="c.csv")
    assert read_labels(table, classes=classes).label.tolist() == [1]
    with pytest.raises(InputError, match="line 2: label 'n2' is no class index"):
        read_labels(table, classes=Indices())


def test_no_images_at_all(tmp_path: Path) -> None:
    images = read_labels(_table(tmp_path, "image_id,label\n"), classes=Indices())
    assert (images.label.size, images.real_ends.tolist()) == (0, [0])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image_id,net\na,1\n", "nothing says which class each image has .found: image_id, net"),
        ("image_id,label\na,1\na,1\n", "line 3: image_id 'a' occurred before"),
        ("image_id,label\na,100000\n", "line 2: label '100000' is no class index from 0 to 99999"),
        ("image_id,label,real_labels\na,1,1 x\n", "line 2: label 'x' is no class index"),
    ],
)
def test_bad_labels_are_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_labels(_table(tmp_path, text), classes=Indices())


def test_a_last_part_names_an_image_where_a_single_one_has_it() -> None:
    assert image_names({"x/a": 0, "y/a": 1, "y/b": 2, "b": 3}) == {
        "x/a": 0,
        "y/a": 1,
        "y/b": 2,
        "b": 3,
    }
    assert image_names({"x/a": 0})["a"] == 0
