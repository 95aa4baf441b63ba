"""The images of a set by name, staged on disk, for tables that speak about them.

A name is an image's id or, where a single image has it, the last part of ids that are paths
(`tench/0001` is also `0001`).
"""

from __future__ import annotations

import sqlite3

from studyapp.models import ImageSet

SCHEMA = """
CREATE TABLE image_key (
    name TEXT PRIMARY KEY, pk INTEGER NOT NULL, width INTEGER, height INTEGER,
    exact INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE VIEW known_image AS
SELECT name, pk, width, height FROM image_key WHERE exact OR times = 1;
"""


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
