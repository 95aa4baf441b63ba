"""The CSV files a study imports: labels, classes, boxes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from demo.truth import ImageRecord
from demo.world.kinds import KINDS, wnid
from demo.world.records import classes_in_view


def labels_csv(records: Sequence[ImageRecord]) -> bytes:
    rows = (
        (
            record["image_id"],
            record["file"],
            record["label"],
            " ".join(str(index) for index in classes_in_view(record)),
        )
        for record in records
    )
    return _csv(("image_id", "file", "label", "real_labels"), rows)


def classes_csv() -> bytes:
    rows = ((index, wnid(index), kind.name, kind.all_names) for index, kind in enumerate(KINDS))
    return _csv(("class_index", "wnid", "name", "all_names"), rows)


def boxes_csv(records: Sequence[ImageRecord]) -> bytes:
    """Return the box of every object, pixels, 0-based half-open, in the image as it is filed."""
    rows = (
        (record["image_id"], wnid(item["class_index"]), *item["box"])
        for record in records
        for item in record["objects"]
    )
    return _csv(("image_id", "wnid", "x0", "y0", "x1", "y1"), rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
