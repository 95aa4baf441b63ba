from __future__ import annotations

from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import catalogue
from studyapp.ingest.class_choice import ClassChoice, choose_classes
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.sources import FolderSource
from studyapp.ingest.staging import staging
from studyapp.ingest.tables import Table
from studyapp.models import ClassList, ImageSet
from tests.factories.dataset import ClassListFactory, ImageSetFactory

pytestmark = pytest.mark.django_db

CLASSES = "class_index,wnid,name\n0,n0,cat\n1,n1,dog\n"


def _choose(
    folder: Path,
    *,
    image_set: ImageSet | None = None,
    given: str | None = None,
    manifest: str | None = None,
) -> ClassChoice:
    paths = {"classes.csv": given, "m.csv": manifest}
    for name, text in paths.items():
        if text is not None:
            (folder / name).write_text(text)
    source = FolderSource(folder)
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        return choose_classes(
            db,
            image_set=image_set,
            given=folder / "classes.csv" if given is not None else None,
            manifest=Table(folder / "m.csv") if manifest is not None else None,
            source=source,
            root="",
        )


def _images(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()


def test_given_then_own_then_labels_then_folders(tmp_path: Path) -> None:
    _images(tmp_path, "dog/1.jpg", "cat/1.jpg")
    own = ImageSetFactory.create(class_list__n_classes=2)
    manifest = "image_id,label\na,2\n"
    choice = _choose(tmp_path, given=CLASSES, manifest=manifest)
    assert [row.wnid for row in choice.rows] == ["n0", "n1"]
    choice = _choose(tmp_path, image_set=own, manifest=manifest)
    assert [row.wnid for row in choice.rows] == ["n00000000", "n00000001"]
    choice = _choose(tmp_path, manifest=manifest)
    assert [row.name for row in choice.rows] == ["class 0", "class 1", "class 2"]
    assert choice.warning
    choice = _choose(tmp_path)
    assert [row.wnid for row in choice.rows] == ["cat", "dog"]
    assert "0=cat, 1=dog: predictions must use these numbers" in choice.warning
    assert ClassList.objects.count() == 1, "choosing stores nothing"


def test_what_is_numbered_here_is_said_and_numbers_speak_for_themselves(tmp_path: Path) -> None:
    choice = _choose(tmp_path, manifest="image_id,label\na,n9\nb,n7\n")
    assert choice.warning.endswith("alone, 0=n7, 1=n9: predictions must use these numbers")
    choice = _choose(tmp_path, manifest="image_id,label\na,1\n")
    assert choice.warning.endswith("from the labels alone")
    _images(tmp_path, "0/a.jpg", "1/a.jpg")
    assert _choose(tmp_path).warning == ""
    _images(tmp_path, "3/a.jpg")
    assert "0=0, 1=1, 2=3: predictions" in _choose(tmp_path).warning


def test_flat_folder_has_no_classes_yet(tmp_path: Path) -> None:
    _images(tmp_path, "1.jpg")
    choice = _choose(tmp_path)
    assert choice.rows == []
    image_set, keys = choice.image_set("probes")
    assert (image_set.class_list.n_classes, keys) == (0, {})
    later = _choose(tmp_path, image_set=image_set, given=CLASSES)
    image_set, keys = later.image_set("probes")
    assert (image_set.class_list.n_classes, sorted(keys)) == (2, [0, 1])


def test_another_list_than_the_sets_own_is_refused(tmp_path: Path) -> None:
    own = ImageSetFactory.create(name="pets")
    with pytest.raises(InputError, match=r"image set pets: it uses .* differs from classes\.csv"):
        _choose(tmp_path, image_set=own, given=CLASSES)
    with pytest.raises(InputError, match="image set pets: it uses"):
        ClassChoice([ClassRow("n0", "cat")], title="other").image_set("pets")
    own.class_list = ClassListFactory.create()
    assert ImageSet.objects.count() == 1
