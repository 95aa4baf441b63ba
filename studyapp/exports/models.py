"""models and predictions: a row per model, a row per predicted class."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.exports.columns import Cell, Column, described
from studyapp.exports.names import Names
from studyapp.models import Prediction
from studyapp.reports import Analysis, ModelAnalysis, StudyReport

ROWS_PER_FETCH = 5_000

MODEL_COLUMNS = described(
    """
    model string Name of the model
    n_images integer Labelled images with a prediction of the model
    n_without_prediction integer Labelled images without one
    n_errors integer Images whose annotated class is not the first predicted class
    top1_error share n_errors / n_images
    n_asked integer Errors whose question was asked
    n_accepted integer Asked errors that people accept
    n_rejected integer Asked errors that people reject
    n_undecided integer Asked errors without a verdict
    n_unasked integer Errors that were not asked; they stay errors
    rectified_top1_error share (n_errors - n_accepted) / n_images
    ci_low share Lower end of the interval of rectified_top1_error
    ci_high share Upper end of it
    ci_method string How the interval is made
    ci_level number Its confidence
    bound_low share The error if every undecided image were accepted
    bound_high share The error if every undecided image were rejected
    accepted_share share n_accepted / n_errors
    mean_yes_share share Mean of yes / (yes + no) over asked errors with such a vote
    by_yes_incomplete integer Asked errors with fewer than n valid votes
    real_accuracy share n_real_correct / n_real
    n_real integer Images with reassessed labels and a prediction
    n_real_correct integer Those whose first prediction is one of them
    """
)
PRINTED_OF_MODELS = (
    "model", "n_images", "n_errors", "top1_error", "n_asked", "n_accepted", "n_undecided",
    "rectified_top1_error", "ci_low", "ci_high", "bound_low", "bound_high",
)  # fmt: skip

PREDICTION_COLUMNS = described(
    """
    model string Name of the model
    image_id string Id within the image set
    rank integer Place of the class in the prediction, from 1
    class_index integer The predicted class
    probability number Its probability; null where only classes are known
    question_id integer The question about this mistake; null where it was not asked, or is none
    """
)


def model_columns(report: StudyReport) -> tuple[Column, ...]:
    """MODEL_COLUMNS, then one column for each number of yes votes, then whether it was planned."""
    n = report.protocol.raters_per_trial
    return (
        *MODEL_COLUMNS,
        *(
            Column(f"by_yes_{count}", "integer", f"Asked errors with {count} yes of {n} votes")
            for count in range(n + 1)
        ),
        Column("planned", "boolean", "Whether the plan names the model and the report follows it"),
    )


def model_rows(report: StudyReport) -> Iterator[tuple[Cell, ...]]:
    """Rows of `model_columns`, by name of the model."""
    for model in report.models:
        figures = (getattr(model, column.name) for column in MODEL_COLUMNS)
        yield (*figures, *model.by_yes, model.planned)


def prediction_rows(analysis: Analysis, *, names: Names) -> Iterator[tuple[Cell, ...]]:
    """Rows of PREDICTION_COLUMNS by model, image, rank."""
    label = analysis.only.class_key
    for model in analysis.told:
        asked = _asked(model, analysis, names)
        stored = (
            Prediction.objects.filter(
                vision_model=model.predictions.model,
                image__image_set=analysis.study.image_set_id,
                **({"image__label": label} if label else {}),
            )
            .order_by("image_id")
            .values_list("image__image_id", "classes", "probabilities")
        )
        for image_id, classes, probabilities in stored.iterator(chunk_size=ROWS_PER_FETCH):
            shares = probabilities or [None] * len(classes)
            for rank, (index, share) in enumerate(zip(classes, shares, strict=True), start=1):
                question = asked.get(image_id) if rank == 1 else None
                yield model.name, image_id, rank, index, share, question


def _asked(model: ModelAnalysis, analysis: Analysis, names: Names) -> dict[str, int]:
    """Keys of the questions about the model's mistakes, by id of the image."""
    found = model.question >= 0
    keys = analysis.questions.question[model.question[found]].tolist()
    return {
        names.image_id[row]: key for row, key in zip(model.row[found].tolist(), keys, strict=True)
    }
