"""The pairs nobody judged, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from studyapp.exports.tables import Cell, write_csv
from studyapp.exports.whole_file import whole_file
from studyapp.reports.rectify import RectifyReport

COLUMNS = ("image_id", "class_index", "class_name", "n_models", "models")


def write_uncovered(
    path: Path, *, report: RectifyReport, image_ids: Sequence[str], class_names: Sequence[str]
) -> int:
    """Write one row per pair and return their number.

    image_ids and class_names: by the report's numbers of images and classes; no name of a class
    is left empty.
    """
    with whole_file(path) as fresh:
        return write_csv(
            fresh, header=COLUMNS, rows=_rows(report, image_ids=image_ids, class_names=class_names)
        )


def _rows(
    report: RectifyReport, *, image_ids: Sequence[str], class_names: Sequence[str]
) -> Iterator[tuple[Cell, ...]]:
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
