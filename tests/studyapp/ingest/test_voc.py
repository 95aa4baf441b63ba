from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.labels import Labels
from studyapp.ingest.voc import read_boxes

LABELS = Labels(
    [ClassRow("n0", "crane"), ClassRow("n1", "cup"), ClassRow("n2", "crane")], title="t"
)


def _xml(objects: str = "", *, size: str = "", head: str = "") -> str:
    return f"{head}<annotation><filename>old.jpg</filename>{size}{objects}</annotation>"


def _object(name: str = "cup", corners: tuple[object, ...] = (1, 2, 30, 40)) -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    box = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
    return f"<object><name>{name}</name><bndbox>{box}</bndbox></object>"


def test_corners_become_half_open_from_zero(tmp_path: Path) -> None:
    size = "<size><width>64</width><height>48</height></size>"
    (tmp_path / "b.xml").write_text(_xml(_object() + _object("n2", (5, 5, 5, 5)), size=size))
    (tmp_path / "a.xml").write_text(_xml())
    (tmp_path / "notes.txt").write_text("no annotation")
    first, second = read_boxes(tmp_path, labels=LABELS)
    assert (first.corners, first.label, first.size) == ((0, 1, 30, 40), 1, (64, 48))
    assert first.names == ("b", "old")
    assert (second.corners, second.label) == ((4, 4, 5, 5), 2), "one pixel is a box of side 1"


def test_a_csv_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("image_id,wnid,x0,y0,x1,y1\na,n1,0,0,2,2\n")
    assert [box.corners for box in read_boxes(path, labels=LABELS)] == [(0, 0, 2, 2)]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<annotation>", "x.xml: not plain XML"),
        (_xml(head=BOMB), "x.xml: not plain XML"),
        (_xml(_object("crane")), r"object 'crane' is the name of classes \[0, 2\]"),
        (_xml(_object("raccoon")), "x.xml: object 'raccoon' is no class"),
        (_xml(_object(corners=("left", 2, 3, 4))), "bndbox/xmin is 'left'"),
        (_xml(_object(corners=(1, 2, "nan", 4))), "bndbox/xmax is 'nan'"),
        (_xml(_object(), size="<size><width>wide</width></size>"), "size/width is 'wide'"),
        (" " * 1_000_001, "more than 1000000 bytes"),
    ],
)
def test_bad_annotations_are_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.xml").write_text(text)
    with pytest.raises(InputError, match=told):
        list(read_boxes(tmp_path, labels=LABELS))


def test_folder_without_annotations(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no XML files"):
        list(read_boxes(tmp_path, labels=LABELS))
