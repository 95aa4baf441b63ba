from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import catalogue
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.labels import Labels
from studyapp.ingest.manifest import enter_manifest, label_texts
from studyapp.ingest.sources import FolderSource
from studyapp.ingest.staging import staging
from studyapp.ingest.tables import Table

LABELS = Labels([ClassRow("n0", "cat"), ClassRow("n1", "dog")], title="pets")


def _manifest(folder: Path, text: str) -> Table:
    path = folder / "m.csv"
    path.write_text(text)
    return Table(path)


def test_files_are_looked_for_below_path_then_images_then_root(tmp_path: Path) -> None:
    source = FolderSource(tmp_path / "in")
    for name in ("a.jpg", "images/b.jpg", "top/c.jpg", "top/images/d.jpg", "images/a.jpg"):
        path = source.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    table = _manifest(tmp_path, "image_id,file\nA,a.jpg\nB,b.jpg\nC,./c.jpg\nD,d.jpg\nE,\n")
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        enter_manifest(db, table=table, source=source, root="top/", labels=LABELS)
        assert [entry.path for entry in catalogue.entries(db)] == [
            *("a.jpg", "images/b.jpg", "top/c.jpg", "top/images/d.jpg", None)
        ]
        assert catalogue.left_out(db) == 1


def test_missing_files_are_counted_and_the_first_named(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    rows = "".join(f"{n},{n}.jpg\n" for n in range(7))
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        with pytest.raises(InputError, match=r"7 files .*: 0\.jpg, 1\.jpg, .* 4\.jpg and 2 more"):
            enter_manifest(
                db,
                table=_manifest(tmp_path, "image_id,file\n" + rows),
                source=source,
                root="",
                labels=LABELS,
            )


def test_a_file_that_repeats_the_folder_is_told_how_to_write_it(tmp_path: Path) -> None:
    source = FolderSource(tmp_path / "photos")
    source.path.mkdir()
    (source.path / "p00.jpg").touch()
    table = _manifest(tmp_path, "image_id,file\na,photos/p00.jpg\n")
    told = r"1 file it names is not in .*photos: photos/p00\.jpg\..* did you mean p00\.jpg\?"
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        with pytest.raises(InputError, match=told):
            enter_manifest(db, table=table, source=source, root="", labels=LABELS)


def test_labels_used_are_collected(tmp_path: Path) -> None:
    table = _manifest(tmp_path, "image_id,label,real_labels\na,n1,n0 n2\nb,,\nc,n1,n1\n")
    assert label_texts(table) == {"n0", "n1", "n2"}


def test_a_table_of_files_and_classes_needs_no_ids_and_no_renaming(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    (source.path / "images").mkdir()
    (source.path / "images" / "x.jpg").touch()
    text = "file,class_index,wnid\n{},1,n1\n"
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        table = _manifest(tmp_path, text.format("x.jpg"))
        enter_manifest(db, table=table, source=source, root="", labels=LABELS)
        (entry,) = catalogue.entries(db)
        assert (entry.image_id, entry.path, entry.label) == ("x", "images/x.jpg", 1)
        table = _manifest(tmp_path, text.format(""))
        with pytest.raises(InputError, match=r"line 2: file is ''"):
            enter_manifest(db, table=table, source=source, root="", labels=LABELS)
