"""A table of labels as arrays; nothing is stored."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.errors import InputError
from studyapp.ingest.labels import ClassLookup
from studyapp.ingest.manifest import LABELLED_BY, label_of, reals_of
from studyapp.ingest.tables import Table

#: Columns of a table of labels; one of predictions may hold them beside its models.
LABEL_COLUMNS = frozenset({"image_id", "file", "label", "ground_truth", "real_labels"})


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """N images by their row in the table of labels.

    ids: N texts. label: int64[N], the annotated class, -1 where there is none. The right labels
    of image i are real_labels[real_ends[i]:real_ends[i + 1]]. row_of: every name by which an
    image may be called, to its row.
    """

    ids: Sequence[str]
    label: npt.NDArray[np.int64]
    real_ends: npt.NDArray[np.int64]
    real_labels: npt.NDArray[np.int64]
    row_of: Mapping[str, int]


def read_labels(table: Table, *, classes: ClassLookup) -> LabelledImages:
    """The images of a table `image_id,ground_truth[,real_labels]`, in its order."""
    columns = table.columns()
    if not any(column in columns for column in LABELLED_BY):
        raise InputError(
            f"nothing says which class each image has (found: {', '.join(columns)})",
            item=table.name,
            remedy="Give a table image_id,ground_truth[,real_labels] with --labels",
        )
    ids: list[str] = []
    label, sizes, reals = array("q"), array("q"), array("q")
    rows: dict[str, int] = {}
    for row in table.rows(required=("image_id",)):
        image_id = row.identifier("image_id")
        if rows.setdefault(image_id, len(ids)) != len(ids):
            raise row.error(
                f"image_id {image_id!r} occurred before", remedy="Give every image one row"
            )
        found = label_of(row, labels=classes)
        right = [int(text) for text in (reals_of(row, labels=classes) or "").split()]
        ids.append(image_id)
        label.append(-1 if found is None else found)
        sizes.append(len(right))
        reals.extend(right)
    return LabelledImages(
        ids=ids,
        label=np.frombuffer(label, dtype=np.int64) if ids else np.empty(0, dtype=np.int64),
        real_ends=np.concatenate(([0], np.cumsum(np.array(sizes, dtype=np.int64)))),
        real_labels=np.array(reals, dtype=np.int64),
        row_of=image_names(rows),
    )


def image_names(rows: Mapping[str, int]) -> dict[str, int]:
    """Rows by id and, where a single id ends so, by the last part of an id that is a path."""
    ends = Counter(name.rpartition("/")[2] for name in rows if "/" in name)
    short = {
        end: row
        for name, row in rows.items()
        if "/" in name and ends[end := name.rpartition("/")[2]] == 1
    }
    return {**short, **rows}
