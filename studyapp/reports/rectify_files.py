"""Rectify models from files alone: predictions, labels and votes. Nothing is read or stored
anywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Rule, Votes, exclude, real_accuracy, verdicts
from studyapp.analytics.multilabel import labels_of
from studyapp.ingest.classes import read_class_list
from studyapp.ingest.label_columns import LabelledImages, read_labels
from studyapp.ingest.labels import ClassLookup, Indices, Labels
from studyapp.ingest.tables import Table
from studyapp.ingest.top1_columns import model_columns, read_top1
from studyapp.ingest.vote_columns import VoteColumns, read_vote_columns
from studyapp.ingest.vote_files import VoteLayout, open_votes
from studyapp.reports.rectify import ModelOnImages, Offer, RectifyReport, rectify


@dataclass(frozen=True, eq=False)
class FilesRectified:
    """The report, and what it is about: ids of images by row, names of classes by index."""

    report: RectifyReport
    image_ids: Sequence[str]
    class_names: Sequence[str]
    rejected: int
    #: What was said about images without labels, in sentences.
    left_out: tuple[str, ...]


def rectify_files(
    predictions: Path,
    *,
    votes: Sequence[Path],
    rule: Rule,
    labels: Path | None = None,
    classes: Path | None = None,
    name: str | None = None,
    layout: VoteLayout | None = None,
    offer: Offer | None = None,
) -> FilesRectified:
    """The same figures as import_images, import_predictions, import_votes and analyse give.

    `labels` None: the predictions' table has a column of labels itself. `name` names the model of
    a table that holds only one. Raises InputError at the first row that cannot be used.
    """
    rows = read_class_list(classes) if classes else []
    lookup: ClassLookup = Labels(rows, title=classes.name) if classes else Indices()
    # What is wrong with a small table is said before a large one is read.
    files = [open_votes(path, layout=layout) for path in votes]
    table = Table(predictions)
    columns = model_columns(table, name=name)
    images = read_labels(Table(labels) if labels else table, classes=lookup)
    top1, without_label = read_top1(
        table,
        columns=columns,
        row_of=images.row_of,
        n_images=len(images.ids),
        n_classes=lookup.n_classes,
    )
    cast = read_vote_columns(files, row_of=images.row_of, n_classes=lookup.n_classes)
    return FilesRectified(
        report=_report(images, top1=top1, cast=cast, rule=rule, offer=offer or Offer()),
        image_ids=images.ids,
        class_names=[row.name for row in rows],
        rejected=cast.rejected,
        left_out=(
            *([without_label.told("predictions")] if without_label else []),
            *(found.told("votes") for found in cast.left_out),
        ),
    )


def _report(
    images: LabelledImages,
    *,
    top1: dict[str, npt.NDArray[np.int32]],
    cast: VoteColumns,
    rule: Rule,
    offer: Offer,
) -> RectifyReport:
    span = 1 + max(int(cast.label_class.max()), *(int(column.max()) for column in top1.values()))
    pair = cast.image.astype(np.int64) * span + cast.label_class
    pairs, question = np.unique(pair, return_inverse=True)
    kept = exclude(question, rater=cast.rater, n=rule.n)
    valid = Votes.from_columns(
        question[kept.keep],
        rater=cast.rater[kept.keep],
        answer=cast.answer[kept.keep],
        order=np.flatnonzero(kept.keep),
        n_questions=pairs.size,
        n_raters=int(cast.rater.max()) + 1,
    )
    n_labelled = int(np.count_nonzero(images.label >= 0))
    return rectify(
        [
            _on_images(name, images=images, top1=column, pairs=pairs, span=span)
            for name, column in top1.items()
        ],
        verdicts=verdicts(valid, rule=rule),
        offer=offer,
        n_labelled=n_labelled,
        n_votes=len(kept.keep),
        n_valid=len(valid),
        n_raters=int(np.unique(cast.rater).size),
    )


def _on_images(
    name: str,
    *,
    images: LabelledImages,
    top1: npt.NDArray[np.int32],
    pairs: npt.NDArray[np.int64],
    span: int,
) -> ModelOnImages:
    predicted = np.flatnonzero(top1 >= 0)
    ends, reals = labels_of(predicted, indptr=images.real_ends, indices=images.real_labels)
    image = np.flatnonzero((top1 >= 0) & (images.label >= 0))
    label = top1[image].astype(np.int64)
    wanted = image * span + label
    place = np.minimum(np.searchsorted(pairs, wanted), pairs.size - 1)
    return ModelOnImages(
        name=name,
        image=image,
        top1=label,
        correct=images.label[image] == label,
        question=np.where(pairs[place] == wanted, place, -1).astype(np.int32),
        real=real_accuracy(top1[predicted], indptr=ends, indices=reals),
        n_without_prediction=int(np.count_nonzero(images.label >= 0)) - image.size,
    )
