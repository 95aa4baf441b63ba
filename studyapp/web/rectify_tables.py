"""What existing votes say of models, as rows of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studyapp.analytics import Rectified
from studyapp.analytics.coverage import Coverage
from studyapp.reports.rectify import RectifiedModel
from studyapp.reports.sentences import interval, percent
from studyapp.web.report_tables import FigureRow


@dataclass(frozen=True)
class _Figure:
    """How a figure is called, counted and written."""

    label: str
    definition: str
    value: Callable[[Rectified, Coverage], str]
    outcome: str = ""
    strong: bool = False


def rectify_table(models: Sequence[RectifiedModel]) -> list[FigureRow]:
    """The figures of `models` side by side."""
    rows = [
        FigureRow(
            label=figure.label,
            definition=figure.definition,
            cells=tuple((model.model, _cell(figure, model)) for model in models),
            outcome=figure.outcome,
            strong=figure.strong,
        )
        for figure in _FIGURES
    ]
    if any(model.real.n_images for model in models):
        rows.append(
            FigureRow(
                label="ReaL accuracy",
                definition="Images whose first prediction is one of their reassessed right labels "
                "/ images that have such labels and a prediction.",
                cells=tuple((model.model, _real(model)) for model in models),
            )
        )
    rows.append(
        FigureRow(
            label="Price of its own gaps",
            definition="What it costs to ask about the not covered mistakes of this model alone. "
            "Models that share mistakes cost less together.",
            cells=tuple((model.model, f"{model.cost.total:,.2f} USD") for model in models),
        )
    )
    return rows


def _cell(figure: _Figure, model: RectifiedModel) -> str:
    if model.figures is None or model.coverage is None:
        return "–"
    return figure.value(model.figures, model.coverage)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{percent(share)} %"


def _real(model: RectifiedModel) -> str:
    if model.real.accuracy is None:
        return "–"
    real = model.real
    return f"{_share(real.accuracy)} ({real.n_correct:,} of {real.n_images:,})"


_FIGURES = (
    _Figure(
        "Images",
        "Labelled images of the set with a prediction of the model: the denominator of every "
        "error below.",
        lambda f, _: f"{f.n_images:,}",
    ),
    _Figure(
        "Misclassified",
        "Images whose annotated class differs from the model’s first prediction.",
        lambda f, _: f"{f.n_errors:,}",
    ),
    _Figure(
        "Covered",
        "Misclassified images whose pair of image and predicted class has a vote in the ledger.",
        lambda f, c: f"{f.n_asked:,} ({_share(c.covered_share)})",
    ),
    _Figure(
        "Accepted", "Covered, and enough say yes.", lambda f, _: f"{f.n_accepted:,}", "accepted"
    ),
    _Figure(
        "Rejected",
        "Covered, and so many say no that it can no longer be accepted.",
        lambda f, _: f"{f.n_rejected:,}",
        "rejected",
    ),
    _Figure(
        "Undecided",
        "Covered, and neither: too few votes, or too many “cannot tell”. They stay errors.",
        lambda f, _: f"{f.n_undecided:,}",
        "undecided",
    ),
    _Figure(
        "Not covered",
        "Misclassified images whose pair nobody judged. They stay errors.",
        lambda f, _: f"{f.n_unasked:,}",
        "unasked",
    ),
    _Figure("Top-1 error", "Misclassified / images.", lambda f, _: _share(f.top1_error)),
    _Figure(
        "Rectified top-1 error",
        "(Misclassified − accepted) / images: every mistake nobody judged stays an error.",
        lambda f, _: _share(f.rectified_top1_error),
        strong=True,
    ),
    _Figure(
        "95 % interval",
        "Wilson’s interval of the rectified error, its images seen as a sample of all images like "
        "them.",
        lambda f, _: f"{interval(f.ci.low, f.ci.high)} %",
    ),
    _Figure(
        "If the rest were alike",
        "The rectified error if people accepted the same share of the mistakes nobody judged as of "
        "the covered ones. An extrapolation: nobody drew the covered ones by lot.",
        lambda _, c: _share(c.rectified_like_asked),
    ),
    _Figure(
        "Bounds",
        "The rectified error if every undecided and every not covered mistake were accepted, and "
        "if none of them were. No further vote can lead outside.",
        lambda _, c: f"{interval(c.bound_low, c.bound_high)} %",
    ),
)
