"""The images of a set by name, staged on disk, for tables that speak about them.

A name is an image's id or, where a single image has it, the last part of ids that are paths
(`tench/0001` is also `0001`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Protocol

from studyapp.errors import InputError
from studyapp.models import ImageSet

SCHEMA = """
CREATE TABLE image_key (
    name TEXT PRIMARY KEY, pk INTEGER NOT NULL, width INTEGER, height INTEGER,
    exact INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE VIEW known_image AS
SELECT name, pk, width, height FROM image_key WHERE exact OR times = 1;
"""


class Rows(Protocol):
    """A file of rows, and what one of them is called."""

    name: str
    place: str


@dataclass(frozen=True)
class LeftOut:
    """Rows about images that the set does not have, as where a set is part of a larger one."""

    rows: int
    images: int
    #: The first such image and the line it stands in.
    first: str
    line: int
    #: What a row is called: a table has lines.
    place: str = "line"

    def told(self, what: str) -> str:
        return (
            f"{self.rows:,} {what} about {self.images:,} images that are not in the set were left "
            f"out, the first in {self.place} {self.line}: {self.first!r}"
        )


def left_out_of(db: sqlite3.Connection, *, staged: str, table: Rows) -> LeftOut | None:
    """What the staged rows say of images that the set does not have; None if there is nothing.

    Raises InputError where nothing else is left.
    """
    unknown = f"FROM {staged} WHERE image_id NOT IN (SELECT name FROM known_image)"  # noqa: S608
    rows, images, line = db.execute(
        f"SELECT count(*), count(DISTINCT image_id), min(line) {unknown}"
    ).fetchone()
    if not rows:
        return None
    (first,) = db.execute(f"SELECT image_id {unknown} ORDER BY line LIMIT 1").fetchone()
    if rows == db.execute(f"SELECT count(*) FROM {staged}").fetchone()[0]:  # noqa: S608
        others = f", and none of the other {images - 1:,} the table names" if images > 1 else ""
        raise InputError(
            f"the set has no image {first!r} (or several whose id ends so){others}",
            item=f"{table.name}, {table.place} {line}",
            remedy=_without_suffix(db, image_id=first)
            or "Import the images first (PATH - if they have no files), or check --set",
        )
    return LeftOut(rows=rows, images=images, first=first, line=line, place=table.place)


def _without_suffix(db: sqlite3.Connection, *, image_id: str) -> str:
    """What to write instead, where an id was written as the name of a file."""
    stem = image_id.rpartition(".")[0]
    if db.execute("SELECT 1 FROM known_image WHERE name = ?", (stem,)).fetchone():
        return f"Write ids without the suffix of the file: did you mean {stem}?"
    return ""


def stage_images(db: sqlite3.Connection, *, image_set: ImageSet) -> None:
    """Fill `known_image` with every name by which an image of the set may be called."""
    columns = image_set.images.values_list("image_id", "pk", "width", "height")
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO image_key (name, pk, width, height, exact) VALUES (?, ?, ?, ?, 1)",
        columns.order_by().iterator(chunk_size=2000),
    )
    db.executemany(
        "INSERT INTO image_key (name, pk, width, height, exact) VALUES (?, ?, ?, ?, 0) "
        "ON CONFLICT (name) DO UPDATE SET times = times + 1",
        (
            (image_id.rsplit("/", 1)[1], pk, width, height)
            for image_id, pk, width, height in columns.filter(image_id__contains="/")
            .order_by()
            .iterator(chunk_size=2000)
        ),
    )
    db.execute("COMMIT")
