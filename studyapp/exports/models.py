"""models.csv and predictions.csv: a row per model, a row per predicted class."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.tables import Cell
from studyapp.models import Prediction
from studyapp.reports import Analysis, StudyReport

ROWS_PER_FETCH = 5_000

MODEL_COLUMNS = (
    "model", "n_images", "n_without_prediction", "n_errors", "top1_error", "n_asked",
    "n_accepted", "n_rejected", "n_undecided", "n_unasked", "rectified_top1_error", "ci_low",
    "ci_high", "ci_method", "ci_level", "bound_low", "bound_high", "accepted_share",
    "mean_yes_share", "by_yes_incomplete", "real_accuracy", "n_real", "n_real_correct",
)  # fmt: skip

PREDICTION_COLUMNS = ("model", "image_id", "rank", "class_index", "probability")


def model_columns(report: StudyReport) -> tuple[str, ...]:
    """MODEL_COLUMNS, then one column for each number of yes votes."""
    n = report.protocol.raters_per_trial
    return (*MODEL_COLUMNS, *(f"by_yes_{count}" for count in range(n + 1)))


def model_rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    """Rows of `model_columns`, by name of the model."""
    for model in report.models:
        yield (*(getattr(model, column) for column in MODEL_COLUMNS), *model.by_yes)


def prediction_rows(analysis: Analysis) -> Iterator[tuple[Cell, ...]]:
    """Rows of PREDICTION_COLUMNS by model, image, rank (from 1)."""
    for model in analysis.models:
        stored = (
            Prediction.objects.filter(
                vision_model=model.predictions.model,
                image__image_set=analysis.study.image_set_id,
            )
            .order_by("image_id")
            .values_list("image__image_id", "classes", "probabilities")
        )
        for image_id, classes, probabilities in stored.iterator(chunk_size=ROWS_PER_FETCH):
            shares = probabilities or [None] * len(classes)
            for rank, (index, share) in enumerate(zip(classes, shares, strict=True), start=1):
                yield model.name, image_id, rank, index, share
