"""Predictions as a table states them, staged and checked before any is stored.

Two layouts: `image_id,class_1..class_5[,prob_1..prob_5]` for one model that is named by the
caller, or one column of first classes per model, headed by its name.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut, left_out_of
from studyapp.ingest.tables import Row, Table
from studyapp.plurals import counted

SCHEMA = """
CREATE TABLE prediction (
    model INTEGER NOT NULL, image_id TEXT NOT NULL, line INTEGER NOT NULL,
    classes TEXT NOT NULL, probabilities TEXT, PRIMARY KEY (model, image_id)
) WITHOUT ROWID;
CREATE TABLE named_image (image_id TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
"""
MOST_CLASSES = 5
_MAX_NAME = 150
#: Probabilities are printed with few digits; their sum may pass 1 by that much.
_ROUNDING = 0.001


@dataclass(frozen=True)
class StagedPrediction:
    """What a model says about an image (a primary key): classes and probabilities, best first."""

    image: int
    classes: list[int]
    probabilities: list[float] | None
    line: int


def model_names(
    table: Table, *, name: str | None, columns: Sequence[str] | None = None
) -> list[str]:
    """The models a table is about. Raises InputError where their names are not clear.

    `columns` leaves out those that are not about models.
    """
    columns = table.columns() if columns is None else columns
    if "class_1" in columns:
        if name is None:
            raise InputError(
                "its columns class_1 ... do not say whose predictions they are",
                item=table.name,
                remedy="Name the model with --name",
            )
        names = [name]
    else:
        names = [column for column in columns if column != "image_id"]
        if name is not None and len(names) == 1:
            names = [name]
        elif name is not None:
            raise InputError(
                f"it names {len(names)} models itself ({', '.join(names[:5])})",
                item=table.name,
                remedy="Leave out --name",
            )
    if not names:
        raise InputError(
            "no column of predictions",
            item=table.name,
            remedy="Give class_1 ... class_5, or one column per model headed by its name",
        )
    for text in names:
        if not text or len(text) > _MAX_NAME or not text.isprintable():
            raise InputError(
                f"a model is called {text[:60]!r}",
                item=table.name,
                remedy=f"Use 1 to {_MAX_NAME} printable characters",
            )
    return names


def stage_predictions(
    db: sqlite3.Connection, *, table: Table, names: Sequence[str], n_classes: int
) -> None:
    """Read the table once. Raises InputError at the first row that cannot be right."""
    columns = table.columns()
    best_first = "class_1" in columns
    heads = [column for column in columns if column != "image_id"]
    for row in table.rows(required=("image_id",)):
        image_id = row.identifier("image_id")
        try:
            db.execute("INSERT INTO named_image VALUES (?, ?)", (image_id, row.line))
        except sqlite3.IntegrityError as error:
            raise row.error(
                f"image_id {image_id!r} occurred before", remedy="Give every image one row"
            ) from error
        for number in range(len(names)):
            if best_first:
                classes = _best_first(row, n_classes=n_classes)
                probabilities = _probabilities(row, n=len(classes))
            else:
                cell = row[heads[number]]
                classes = [_class(row, heads[number], n_classes=n_classes)] if cell else []
                probabilities = None
            if classes:
                db.execute(
                    "INSERT INTO prediction VALUES (?, ?, ?, ?, ?)",
                    (
                        number,
                        image_id,
                        row.line,
                        json.dumps(classes),
                        None if probabilities is None else json.dumps(probabilities),
                    ),
                )


def _class(row: Row, column: str, *, n_classes: int) -> int:
    index = row.whole(column)
    if index >= n_classes:
        raise row.error(
            f"{column} is {index}, but the class list ends at {n_classes - 1}"
            if n_classes
            else "the set has no classes yet",
            remedy="Check that the model was made for this class list"
            if n_classes
            else "Import its images again with --labels and --classes first",
        )
    return index


def _filled(row: Row, prefix: str) -> list[str]:
    """Columns prefix_1, prefix_2 ... as far as they have values."""
    columns = [f"{prefix}_{place}" for place in range(1, MOST_CLASSES + 1)]
    filled = [column for column in columns if row.get(column)]
    if filled != columns[: len(filled)]:
        raise row.error(
            f"{filled[-1]} is given, but one before it is empty", remedy="Fill them in order"
        )
    return filled


def _best_first(row: Row, *, n_classes: int) -> list[int]:
    columns = _filled(row, "class")
    classes = [_class(row, column, n_classes=n_classes) for column in columns]
    if len(set(classes)) < len(classes):
        raise row.error(
            f"a class occurs twice in {classes}", remedy="Give the best classes, each once"
        )
    return classes


def _probabilities(row: Row, *, n: int) -> list[float] | None:
    columns = _filled(row, "prob")
    if not columns:
        return None
    if len(columns) != n:
        raise row.error(
            f"{counted(len(columns), 'probability', 'probabilities')} for "
            f"{counted(n, 'class', 'classes')}",
            remedy="Give one per class, or none",
        )
    values = [_probability(row, column) for column in columns]
    if sorted(values, reverse=True) != values:
        raise row.error(
            f"probabilities {values} do not fall", remedy="Order the classes from the most probable"
        )
    if sum(values) > 1 + _ROUNDING:
        raise row.error(
            f"probabilities {values} sum to more than 1", remedy="Give probabilities, not scores"
        )
    return values


def _probability(row: Row, column: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise row.error(f"{column} is {row[column][:60]!r}", remedy="Give a number from 0 to 1")
    return value


def join_images(db: sqlite3.Connection, *, table: Table) -> LeftOut | None:
    """What the table says of images the set does not have, which is left out.

    Raises InputError if nothing else is left, or an image is meant twice.
    """
    left_out = left_out_of(db, staged="named_image", table=table)
    twice = db.execute(
        "SELECT max(line), min(line) FROM named_image JOIN known_image ON name = image_id "
        "GROUP BY pk HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if twice is not None:
        raise InputError(
            f"the same image as in line {twice[1]}, by another name",
            item=f"{table.name}, line {twice[0]}",
            remedy="Give every image one row",
        )
    return left_out


def staged_predictions(db: sqlite3.Connection, *, model: int) -> Iterator[StagedPrediction]:
    """One model's predictions, in the order of their images."""
    for pk, classes, probabilities, line in db.execute(
        "SELECT pk, classes, probabilities, line FROM prediction "
        "JOIN known_image ON name = image_id WHERE model = ? ORDER BY pk",
        (model,),
    ):
        yield StagedPrediction(
            image=pk,
            classes=json.loads(classes),
            probabilities=None if probabilities is None else json.loads(probabilities),
            line=line,
        )
