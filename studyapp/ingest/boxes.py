"""Bounding boxes from a CSV in pixels, 0-based and half-open, staged until the images are in."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from studyapp.errors import InputError
from studyapp.ingest.labels import Labels, UnknownClassError
from studyapp.ingest.paths import is_image
from studyapp.ingest.staging import batches
from studyapp.ingest.tables import Row, Table
from studyapp.models import Box, ImageSet

SCHEMA = """
CREATE TABLE box (
    place TEXT NOT NULL, name TEXT NOT NULL, other_name TEXT NOT NULL, label INTEGER,
    x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL,
    width INTEGER, height INTEGER
);
"""
#: Annotations run over the edge by a rounding; they are cut to the image. More is an error.
TOLERANCE = 1.0
_CLASS_COLUMNS = ("wnid", "class", "class_index", "label")
_FOUND = """
SELECT place, COALESCE(a.pk, b.pk), label, x0, y0, x1, y1, box.width, box.height,
       COALESCE(a.width, b.width), COALESCE(a.height, b.height)
FROM box LEFT JOIN known_image a ON a.name = box.name
LEFT JOIN known_image b ON b.name = box.other_name
WHERE COALESCE(a.pk, b.pk) IS NOT NULL ORDER BY box.rowid
"""


@dataclass(frozen=True)
class BoxRow:
    """A box as read: where it stands in its file, names its image may have, corners, class.

    `size` is the size of the image as the source declares it, if it does.
    """

    place: str
    names: tuple[str, str]
    label: int | None
    corners: tuple[float, float, float, float]
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class BoxCounts:
    added: int = 0
    known: int = 0
    #: Boxes of images that are not in the set.
    elsewhere: int = 0


def csv_boxes(path: Path, *, labels: Labels) -> Iterator[BoxRow]:
    """The boxes of a CSV `image_id,wnid,x0,y0,x1,y1`; other columns are left aside."""
    for row in Table(path).rows(required=("image_id", "x0", "y0", "x1", "y1")):
        image_id = row.identifier("image_id")
        stem = str(PurePosixPath(image_id).with_suffix("")) if is_image(image_id) else image_id
        x0, y0, x1, y1 = (_number(row, name) for name in ("x0", "y0", "x1", "y1"))
        place = f"{row.table}, line {row.line}"
        yield BoxRow(place, (image_id, stem), _label(row, labels=labels), (x0, y0, x1, y1))


def _number(row: Row, column: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise row.error(f"{column} is {row[column][:60]!r}", remedy="Give pixels, as a number")
    return value


def _label(row: Row, *, labels: Labels) -> int | None:
    text = next((row.get(column) for column in _CLASS_COLUMNS if row.get(column)), "")
    try:
        return labels.index_by_any_name(text) if text else None
    except UnknownClassError as error:
        raise row.error(f"class {error}", remedy="Use a wnid or a class index") from error


def stage_boxes(db: sqlite3.Connection, *, rows: Iterable[BoxRow]) -> None:
    """Keep the boxes aside. Those without extent are refused here, before anything is stored."""
    for row in rows:
        x0, y0, x1, y1 = row.corners
        if x1 <= x0 or y1 <= y0:
            raise InputError(
                f"an empty box ({x0:g}, {y0:g}, {x1:g}, {y1:g})",
                item=row.place,
                remedy="x1 must be above x0 and y1 above y0",
            )
        db.execute(
            "INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (row.place, *row.names, row.label, *row.corners, *(row.size or (None, None))),
        )


def add_boxes(
    db: sqlite3.Connection, *, image_set: ImageSet, class_keys: dict[int, int]
) -> BoxCounts:
    """Store the staged boxes of the set's images; all are checked before the first is stored."""
    (staged,) = db.execute("SELECT count(*) FROM box").fetchone()
    for _ in _placed(db, class_keys=class_keys):
        pass
    added = found = 0
    for batch in batches(_placed(db, class_keys=class_keys)):
        found += len(batch)
        wanted = {_key(box): box for box in batch}
        of_set = Box.objects.filter(image__image_set=image_set)
        there = {_key(box) for box in of_set.filter(image__in={box.image_id for box in batch})}
        new = [box for key, box in wanted.items() if key not in there]
        Box.objects.bulk_create(new, ignore_conflicts=True)
        added += len(new)
    return BoxCounts(added=added, known=found - added, elsewhere=staged - found)


def _key(box: Box) -> tuple[int, int | None, float, float, float, float]:
    return box.image_id, box.label_class_id, box.x0, box.y0, box.x1, box.y1


def _placed(db: sqlite3.Connection, *, class_keys: dict[int, int]) -> Iterator[Box]:
    for place, pk, label, x0, y0, x1, y1, told_w, told_h, width, height in db.execute(_FOUND):
        if width is not None and told_w is not None and (told_w, told_h) != (width, height):
            raise InputError(
                f"made for {told_w} x {told_h} pixels, the upright image has {width} x {height}",
                item=place,
                remedy="Give the boxes in pixels of the file that was imported",
            )
        right = math.inf if width is None else width
        bottom = math.inf if height is None else height
        over = max(-x0, -y0, x1 - right, y1 - bottom)
        if over > TOLERANCE:
            raise InputError(
                f"box ({x0:g}, {y0:g}, {x1:g}, {y1:g}) leaves the upright image"
                + (f" of {width} x {height} pixels" if width is not None else ""),
                item=place,
                remedy="Give the boxes in pixels of the file that was imported",
            )
        yield Box(
            image_id=pk,
            label_class_id=None if label is None else class_keys[label],
            x0=max(x0, 0.0),
            y0=max(y0, 0.0),
            x1=min(x1, right),
            y1=min(y1, bottom),
        )
