from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from studyapp.ingest.staging import batches, staging


def test_staging_is_a_file_that_goes_away() -> None:
    with staging("CREATE TABLE a (x);") as db:
        db.execute("INSERT INTO a VALUES (1)")
        (path,) = db.execute("SELECT file FROM pragma_database_list").fetchone()
        assert Path(path).is_file()
    assert not Path(path).exists()
    with pytest.raises(sqlite3.ProgrammingError):
        db.execute("SELECT 1")


def test_batches_keep_order_and_lose_nothing() -> None:
    assert list(batches(iter(range(7)), size=3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches(iter(()))) == []
