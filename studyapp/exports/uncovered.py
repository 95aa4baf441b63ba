"""The pairs nobody judged, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from studyapp.exports.columns import Row, Table, described
from studyapp.exports.tables import csv_file
from studyapp.exports.whole_file import whole_file
from studyapp.reports.rectify import RectifyReport

COLUMNS = described(
    """
    image_id string Id of the image
    class_index integer Index of the class that was predicted
    class_name string Its name, where the classes are known
    n_models integer How many models predict it
    models string Their names, separated by ;
    """
)


def write_uncovered(
    path: Path, *, report: RectifyReport, image_ids: Sequence[str], class_names: Sequence[str]
) -> int:
    """Write one row per pair and return their number.

    image_ids and class_names: by the report's numbers of images and classes; no name of a class
    is left empty.
    """
    rows = list(_rows(report, image_ids=image_ids, class_names=class_names))
    table = Table(
        name="uncovered",
        title="Mistakes nobody has judged",
        columns=COLUMNS,
        rows=rows,
        key=("image_id", "class_index"),
    )
    with whole_file(path) as fresh, csv_file(fresh, table) as add:
        add(rows)
    return len(rows)


def _rows(
    report: RectifyReport, *, image_ids: Sequence[str], class_names: Sequence[str]
) -> Iterator[Row]:
    names = [model.model for model in report.models]
    pairs = report.uncovered
    for image, label, made_by in zip(
        pairs.image.tolist(), pairs.label_class.tolist(), pairs.made_by, strict=True
    ):
        models = [names[place] for place in np.flatnonzero(made_by)]
        yield (
            image_ids[image],
            label,
            class_names[label] if class_names else "",
            len(models),
            "; ".join(models),
        )
