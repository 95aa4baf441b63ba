"""What an import is about to bring: one entry per image, on disk, checked before anything is kept.

An entry names the image, its file in the source (none for an image known by id only), its label
and its further right classes, both as class indices.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from studyapp.errors import InputError
from studyapp.ingest.paths import is_image
from studyapp.ingest.sources import Source

SCHEMA = """
CREATE TABLE member (path TEXT PRIMARY KEY, image INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (
    image_id TEXT PRIMARY KEY, place INTEGER NOT NULL, file TEXT, path TEXT,
    label INTEGER, reals TEXT, known_hash TEXT, known_file TEXT,
    state TEXT NOT NULL DEFAULT 'new'
) WITHOUT ROWID;
CREATE INDEX entry_path ON entry (path);
"""
_COLUMNS = "image_id, path, label, reals, known_hash, known_file"


@dataclass(frozen=True)
class Entry:
    image_id: str
    path: str | None
    label: int | None
    #: None where nothing is said about further right classes.
    reals: frozenset[int] | None
    #: Hash of the file the set has for this id already.
    known_hash: str | None = None
    known_file: str | None = None


def list_members(db: sqlite3.Connection, *, source: Source) -> None:
    """Walk the source once. Every unsafe member is found here, before anything is read."""
    for path in source.members():
        try:
            db.execute("INSERT INTO member VALUES (?, ?)", (path, is_image(path)))
        except sqlite3.IntegrityError as error:
            raise InputError(
                "two members have this name",
                item=f"{source.name}: {path}",
                remedy="Pack the archive again",
            ) from error


def left_out(db: sqlite3.Connection) -> int:
    """Images of the source that no entry names."""
    (count,) = db.execute(
        "SELECT count(*) FROM member WHERE image AND path NOT IN "
        "(SELECT path FROM entry WHERE path IS NOT NULL)"
    ).fetchone()
    return int(count)


class Paths:
    """Paths in the source that entries in these states wait for."""

    def __init__(self, db: sqlite3.Connection, *, state: str) -> None:
        self._db, self._state = db, state

    def __iter__(self) -> Iterator[str]:
        for (path,) in self._db.execute(
            "SELECT path FROM entry WHERE state = ? AND path IS NOT NULL "
            "GROUP BY path ORDER BY min(place)",
            (self._state,),
        ):
            yield path

    def __contains__(self, path: object) -> bool:
        found = self._db.execute(
            "SELECT 1 FROM entry WHERE path = ? AND state = ? LIMIT 1", (path, self._state)
        )
        return found.fetchone() is not None

    def __len__(self) -> int:
        (count,) = self._db.execute(
            "SELECT count(DISTINCT path) FROM entry WHERE state = ?", (self._state,)
        ).fetchone()
        return int(count)


def entries_of(db: sqlite3.Connection, *, path: str, state: str) -> list[Entry]:
    """The entries that a file of the source belongs to: one, unless a manifest repeats it."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE path = ? AND state = ? "  # noqa: S608  # a constant
        "ORDER BY place",
        (path, state),
    )
    return [_entry(row) for row in rows]


def entries(db: sqlite3.Connection, *, condition: str = "1") -> Iterator[Entry]:
    """The entries that meet a condition in SQL, in the order of the manifest."""
    # Fetched whole by the sorter: the caller may write to the table meanwhile.
    for row in db.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE {condition} ORDER BY place"  # noqa: S608  # constants
    ):
        yield _entry(row)


def _entry(row: tuple[str, str | None, int | None, str | None, str | None, str | None]) -> Entry:
    image_id, path, label, reals, known_hash, known_file = row
    return Entry(
        image_id=image_id,
        path=path,
        label=label,
        reals=None if reals is None else frozenset(int(index) for index in reals.split()),
        known_hash=known_hash,
        known_file=known_file,
    )


def count(db: sqlite3.Connection, *, state: str) -> int:
    """How many entries are in this state."""
    (found,) = db.execute("SELECT count(*) FROM entry WHERE state = ?", (state,)).fetchone()
    return int(found)
