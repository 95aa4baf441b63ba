from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studyapp.errors import InputError
from studyapp.ingest import catalogue
from studyapp.ingest.catalogue import Paths
from studyapp.ingest.sources import Content, FolderSource, Wanted
from studyapp.ingest.staging import staging


class _Twice:
    name, packed = "twice.tar", True

    def members(self) -> Iterator[str]:
        yield from ("a.jpg", "a.jpg")

    def contents(self, wanted: Wanted) -> Iterator[tuple[str, Content]]:
        return iter(())


def test_members_are_listed_once_and_repeats_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "notes.txt").touch()
    with staging(catalogue.SCHEMA) as db:
        catalogue.list_members(db, source=FolderSource(tmp_path))
        assert db.execute("SELECT path, image FROM member ORDER BY path").fetchall() == [
            ("a.jpg", 1),
            ("notes.txt", 0),
        ]
        assert catalogue.left_out(db) == 1
    with staging(catalogue.SCHEMA) as db, pytest.raises(InputError, match="two members"):
        catalogue.list_members(db, source=_Twice())


def test_entries_by_state_and_path() -> None:
    with staging(catalogue.SCHEMA) as db:
        db.executemany(
            "INSERT INTO entry (image_id, place, path, label, reals, state) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [
                ("z", 0, "1.jpg", 3, "1 2", "new"),
                ("y", 1, "1.jpg", None, "", "new"),
                ("x", 2, "0.jpg", 0, None, "new"),
                ("w", 3, None, 0, None, "known"),
            ],
        )
        assert [entry.image_id for entry in catalogue.entries(db)] == ["z", "y", "x", "w"]
        first, second = catalogue.entries_of(db, path="1.jpg", state="new")
        assert (first.label, first.reals) == (3, frozenset({1, 2}))
        assert (second.label, second.reals) == (None, frozenset())
        (third,) = catalogue.entries_of(db, path="0.jpg", state="new")
        assert third.reals is None, "nothing said differs from none"
        paths = Paths(db, state="new")
        assert (list(paths), len(paths)) == (["1.jpg", "0.jpg"], 2)
        assert "0.jpg" in paths
        assert "2.jpg" not in paths
        assert (catalogue.count(db, state="new"), catalogue.count(db, state="known")) == (3, 1)
