"""A table of predictions as arrays of first classes; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from studyapp.errors import InputError
from studyapp.ingest.image_keys import LeftOut
from studyapp.ingest.label_columns import LABEL_COLUMNS
from studyapp.ingest.prediction_rows import model_names
from studyapp.ingest.tables import Row, Table
from studyapp.ingest.unknown_images import UnknownImages

#: An array of every image is kept for each model.
MOST_MODELS = 100


def model_columns(table: Table, *, name: str | None) -> dict[str, str]:
    """The column of first classes of each model, by the model's name."""
    if "class_1" in table.columns():
        (model,) = model_names(table, name=name)
        return {model: "class_1"}
    columns = [column for column in table.columns() if column not in LABEL_COLUMNS]
    names = model_names(table, name=name, columns=columns)
    if len(names) > MOST_MODELS:
        raise InputError(
            f"{len(names)} models at once", item=table.name, remedy=f"Give at most {MOST_MODELS}"
        )
    return dict(zip(names, columns, strict=True))


def read_top1(
    table: Table,
    *,
    columns: Mapping[str, str],
    row_of: Mapping[str, int],
    n_images: int,
    n_classes: int,
) -> tuple[dict[str, npt.NDArray[np.int32]], LeftOut | None]:
    """First classes int32[N] by model, -1 where there is none, and what was left out.

    columns: of `model_columns`. row_of: rows 0..N-1 of the images by every name they have.
    """
    top1 = {model: np.full(n_images, -1, dtype=np.int32) for model in columns}
    line_of: dict[int, int] = {}
    unknown = UnknownImages(table)
    for row in table.rows(required=("image_id", *columns.values())):
        image_id = row.identifier("image_id")
        place = row_of.get(image_id)
        if place is None:
            unknown.add(image_id, row.line)
        elif (before := line_of.setdefault(place, row.line)) != row.line:
            raise row.error(
                f"the same image as in line {before}", remedy="Give every image one row"
            )
        for model, column in columns.items():
            label = _class(row, column, n_classes=n_classes)
            if place is not None:
                top1[model][place] = label
    return top1, unknown.left_out(known=len(line_of))


def _class(row: Row, column: str, *, n_classes: int) -> int:
    if not row[column]:
        return -1
    index = row.whole(column)
    if index >= n_classes:
        raise row.error(
            f"{column} is {index}, but the class list ends at {n_classes - 1}",
            remedy="Check that the model was made for this class list",
        )
    return index
