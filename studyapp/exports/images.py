"""images: the images of the set with their labels."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.columns import Cell, Table, described
from studyapp.exports.names import Names
from studyapp.models import Image
from studyapp.reports import Analysis

ROWS_PER_FETCH = 5_000

IMAGE_COLUMNS = described(
    """
    image_id string Id within the image set
    true_class integer Index of the annotated class; null without one
    real_classes string Indices of the reassessed right classes, separated by ;
    """
)
MEDIA_COLUMNS = described(
    """
    image_id string Id within the image set
    sha256 string SHA-256 of the file; null for an image known by its id only
    width integer Pixels
    height integer Pixels
    """
)


def image_table(analysis: Analysis, *, names: Names) -> Table:
    """Labels of every image, in the order of the set."""
    return Table(
        name="images",
        title="Every image of the set, with its labels",
        columns=IMAGE_COLUMNS,
        rows=_label_rows(analysis, names),
        key=("image_id",),
    )


def media_table(analysis: Analysis) -> Table:
    """Checksums of the images: the files themselves stay where they are."""
    stored = (
        Image.objects.filter(image_set=analysis.study.image_set_id)
        .order_by("pk")
        .values_list("image_id", "content_hash", "width", "height")
    )
    return Table(
        name="manifest",
        title="Checksums of the images",
        columns=MEDIA_COLUMNS,
        rows=stored.iterator(chunk_size=ROWS_PER_FETCH),
        key=("image_id",),
    )


def _label_rows(analysis: Analysis, names: Names) -> Iterator[tuple[Cell, ...]]:
    images = analysis.images
    ends = images.real_ends.tolist()
    for row, label in enumerate(images.label.tolist()):
        real = images.real_labels[ends[row] : ends[row + 1]].tolist()
        known = [str(names.class_index[key]) for key in real]
        yield names.image_id[row], names.class_index.get(label), ";".join(known)
