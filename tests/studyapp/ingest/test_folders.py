from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from studyapp.errors import InputError
from studyapp.ingest import catalogue
from studyapp.ingest.classes import ClassRow
from studyapp.ingest.folders import class_folders, enter_members, root_folder
from studyapp.ingest.labels import Labels
from studyapp.ingest.sources import Content, Wanted
from studyapp.ingest.staging import staging

LABELS = Labels([ClassRow("cat", "cat"), ClassRow("dog", "dog")], title="pets")


@dataclass
class _Source:
    paths: tuple[str, ...]
    packed: bool = False
    name: str = "source"

    def members(self) -> Iterator[str]:
        return iter(self.paths)

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        return iter(())


@contextmanager
def _listed(source: _Source) -> Iterator[sqlite3.Connection]:
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=source)
        yield db


def test_one_folder_around_everything_is_the_root_of_an_archive_only() -> None:
    paths = ("top/cat/1.jpg", "top/dog/1.jpg", "README.md")
    for packed, root in ((True, "top/"), (False, "")):
        with _listed(_Source(paths, packed=packed)) as db:
            assert root_folder(db, source=_Source(paths, packed=packed)) == root
    two = _Source(("cat/1.jpg", "dog/1.jpg"), packed=True)
    with _listed(two) as db:
        assert root_folder(db, source=two) == ""
        assert class_folders(db, source=two, root="") == ["cat", "dog"]


def test_ids_are_paths_without_suffix_and_labels_are_folders() -> None:
    source = _Source(("top/cat/1.jpg", "top/dog/deep/2.tar.png"), packed=True)
    with _listed(source) as db:
        enter_members(db, source=source, root="top/", labels=LABELS)
        assert [(e.image_id, e.path, e.label) for e in catalogue.entries(db)] == [
            ("cat/1", "top/cat/1.jpg", 0),
            ("dog/deep/2.tar", "top/dog/deep/2.tar.png", 1),
        ]


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (("notes.txt",), "no images in it"),
        (("1.jpg", "cat/2.jpg"), "both beside and inside folders"),
        (("cat/1.jpg", "cat/1.png"), "two files would both be image cat/1"),
        (("horse/1.jpg",), "folder 'horse' is no class"),
        (("cat/" + "x" * 300 + ".jpg",), "more than 300 characters"),
    ],
)
def test_unclear_folders_are_refused(paths: tuple[str, ...], told: str) -> None:
    source = _Source(paths)
    with _listed(source) as db, pytest.raises(InputError, match=told):
        enter_members(db, source=source, root="", labels=LABELS)
