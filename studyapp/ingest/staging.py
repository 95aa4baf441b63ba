"""A database on disk for the time of one import, so that memory does not grow with the input."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")

#: Rows per transaction and per query.
BATCH = 500


@contextmanager
def staging(schema: str) -> Iterator[sqlite3.Connection]:
    """An empty SQLite file with these tables, gone when the import ends."""
    with tempfile.TemporaryDirectory(prefix="quorum-import-") as folder:
        connection = sqlite3.connect(Path(folder) / "staging.sqlite3", isolation_level=None)
        try:
            # Nothing here has to survive a crash: the next run stages anew.
            connection.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000;"
            )
            connection.executescript(schema)
            yield connection
        finally:
            connection.close()


def batches(items: Iterator[Item], *, size: int = BATCH) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    while batch := list(islice(items, size)):
        yield batch


def update_rows(
    db: sqlite3.Connection, statement: str, rows: Iterable[tuple[int | str | None, ...]]
) -> None:
    """The statement once per row, in one transaction: alone, each would be written to the disk."""
    db.execute("BEGIN")
    db.executemany(statement, rows)
    db.execute("COMMIT")
