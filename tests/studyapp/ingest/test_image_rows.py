from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from studyapp.errors import InputError
from studyapp.imaging import ImageFacts
from studyapp.ingest import catalogue, image_rows
from studyapp.ingest.catalogue import Entry
from studyapp.ingest.files import StoredImage
from studyapp.ingest.staging import staging
from studyapp.models import Image, ImageSet, RealLabel
from tests.factories.dataset import ImageFactory, ImageSetFactory, RealLabelFactory

pytestmark = pytest.mark.django_db

STORED = StoredImage("x.jpg", "images/ab/c.jpg", "ab" * 32, ImageFacts("JPEG", 20, 10, ".jpg"))


@pytest.fixture
def images() -> ImageSet:
    return ImageSetFactory.create()


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with staging(catalogue.SCHEMA) as connection:
        yield connection


def _keys(images: ImageSet) -> dict[int, int]:
    return dict(images.class_list.classes.values_list("index", "pk"))


def _enter(db: sqlite3.Connection, *entries: tuple[str, str | None, int | None]) -> None:
    db.executemany("INSERT INTO entry (image_id, place, path, label) VALUES (?, 0, ?, ?)", entries)


def test_states_say_what_has_to_be_done(images: ImageSet, db: sqlite3.Connection) -> None:
    ImageFactory.create(image_set=images, image_id="by id")
    ImageFactory.create(image_set=images, image_id="filed", content_hash="f" * 64, file="f.jpg")
    ImageFactory.create(image_id="new")
    _enter(db, ("by id", "a.jpg", 0), ("filed", "b.jpg", None), ("new", "c.jpg", 2))
    image_rows.compare(db, image_set=images)
    states = dict(db.execute("SELECT image_id, state FROM entry"))
    assert states == {"by id": "fill", "filed": "verify", "new": "new"}
    (known,) = catalogue.entries_of(db, path="b.jpg", state="verify")
    image_rows.refuse_other_file(known, content_hash="f" * 64)
    with pytest.raises(InputError, match="filed: the set has the file"):
        image_rows.refuse_other_file(known, content_hash="e" * 64)


def test_other_labels_are_refused(images: ImageSet, db: sqlite3.Connection) -> None:
    ImageFactory.create(image_set=images, image_id="x", label_index=1)
    _enter(db, ("x", None, 2))
    with pytest.raises(InputError, match="x: its label is class 1 in the set and class 2 here"):
        image_rows.compare(db, image_set=images)


def test_new_rows_filled_rows_and_right_classes_in_one_go(images: ImageSet) -> None:
    ImageFactory.create(image_set=images, image_id="by id", label_index=None)
    batch = [
        (Entry("new", "x.jpg", 3, frozenset({3, 4})), STORED),
        (Entry("by id", "x.jpg", 2, None), STORED),
        (Entry("bare", None, None, frozenset()), None),
    ]
    for _ in range(2):
        image_rows.add_images(images, batch=batch, class_keys=_keys(images))
    assert list(
        images.images.order_by("image_id").values_list(
            "image_id", "label__index", "file", "width", "height"
        )
    ) == [
        ("bare", None, None, None, None),
        ("by id", 2, "images/ab/c.jpg", 20, 10),
        ("new", 3, "images/ab/c.jpg", 20, 10),
    ]
    assert sorted(RealLabel.objects.values_list("label_class__index", flat=True)) == [3, 4]


def test_a_row_another_import_wrote_meanwhile_is_not_overwritten(images: ImageSet) -> None:
    ImageFactory.create(image_set=images, image_id="x", label_index=1)
    with pytest.raises(InputError, match="class 1 in the set and class 2 here"):
        image_rows.add_images(
            images, batch=[(Entry("x", None, 2, None), None)], class_keys=_keys(images)
        )
    assert Image.objects.get().label == images.class_list.classes.get(index=1)


def test_known_images_get_labels_they_lacked(images: ImageSet, db: sqlite3.Connection) -> None:
    ImageFactory.create(image_set=images, image_id="bare", label_index=None)
    full = ImageFactory.create(image_set=images, image_id="full")
    RealLabelFactory.create(image=full)
    _enter(db, ("bare", None, 5), ("full", None, 0), ("new", None, 1))
    db.execute("UPDATE entry SET reals = '1 2' WHERE image_id = 'bare'")
    image_rows.compare(db, image_set=images)
    image_rows.complete_known(db, image_set=images, class_keys=_keys(images))
    bare = images.images.get(image_id="bare")
    assert bare.label == images.class_list.classes.get(index=5)
    assert sorted(bare.real_labels.values_list("label_class__index", flat=True)) == [1, 2]
    assert full.real_labels.count() == 1
    assert [entry.image_id for entry in image_rows.unfiled(db)] == ["new"]
