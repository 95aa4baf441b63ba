"""The report's numbers as rows of a page, each with what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studyapp.analytics import Bootstrap
from studyapp.reports import Choice, ModelReport, StudyReport
from studyapp.reports.choices import one_at_a_time
from studyapp.reports.resampling import points, resampled_interval
from studyapp.reports.sentences import interval, percent


@dataclass(frozen=True)
class FigureRow:
    """One figure of every model, and how it is counted.

    cells: (model, what is written). outcome: the mistakes that are counted, if the figure counts
    mistakes of one outcome; yes: the same of one number of yes. The gallery shows them.
    """

    label: str
    definition: str
    cells: tuple[tuple[str, str], ...]
    outcome: str = ""
    strong: bool = False
    yes: int | None = None


@dataclass(frozen=True)
class _Figure:
    """How a figure is called, counted and written; {k} is the number of yes that accept."""

    label: str
    definition: str
    value: Callable[[ModelReport], str]
    outcome: str = ""
    strong: bool = False


def model_table(report: StudyReport, models: list[ModelReport]) -> list[FigureRow]:
    """The figures of `models` side by side."""
    rows = [
        FigureRow(
            label=figure.label,
            definition=figure.definition.format(k=report.protocol.accept_at),
            cells=tuple((model.model, figure.value(model)) for model in models),
            outcome=figure.outcome,
            strong=figure.strong,
        )
        for figure in _FIGURES
    ]
    if not report.data.n_real_labelled:
        rows = [row for row in rows if row.label != "ReaL accuracy"]
    return rows


def yes_table(report: StudyReport, models: list[ModelReport]) -> list[FigureRow]:
    """Images by yes votes: counts with their share of the images that have all their votes."""
    n = report.protocol.raters_per_trial
    rows = [
        FigureRow(
            label=f"{yes} of {n} yes",
            definition="",
            cells=tuple(
                (model.model, _with_share(model.by_yes[yes], sum(model.by_yes))) for model in models
            ),
            strong=yes >= report.protocol.accept_at,
            yes=yes,
        )
        for yes in range(n + 1)
    ]
    fewer = tuple((model.model, f"{model.by_yes_incomplete:,}") for model in models)
    return [*rows, FigureRow(label="Fewer votes that count", definition="", cells=fewer)]


def choices_table(report: StudyReport, models: list[ModelReport]) -> list[FigureRow]:
    """The rectified error under each choice that changes one thing, with its interval."""
    return [
        FigureRow(
            label=row.label,
            definition="",
            cells=tuple((m.model, _of_choice(row.models.get(m.model))) for m in models),
            strong=row.planned,
        )
        for row in one_at_a_time(report)
    ]


def _of_choice(choice: Choice | None) -> str:
    if choice is None:
        return "–"
    told = f"{_share(choice.rectified_top1_error)} {interval(choice.ci_low, choice.ci_high)}"
    return f"{told}, {choice.n_undecided:,} undecided" if choice.n_undecided else told


def _with_share(count: int, total: int) -> str:
    return f"{count:,} ({100 * count / total:.1f} %)" if total else f"{count:,}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{percent(share)} %"


def _standard_error(model: ModelReport, part: str) -> str:
    if model.resampled is None:
        return "–"
    found: Bootstrap = getattr(model.resampled, part)
    return points(found.se)


def _real(model: ModelReport) -> str:
    if model.real_accuracy is None:
        return "–"
    return f"{_share(model.real_accuracy)} ({model.n_real_correct:,} of {model.n_real:,})"


_FIGURES = (
    _Figure(
        "Images",
        "Images of the set that are labelled and have a prediction of the model: the denominator "
        "of every error below.",
        lambda m: f"{m.n_images:,}",
    ),
    _Figure(
        "Without a prediction",
        "Labelled images the model has no prediction for. They count nowhere else.",
        lambda m: f"{m.n_without_prediction:,}",
    ),
    _Figure(
        "Misclassified",
        "Images whose annotated class differs from the model’s first prediction.",
        lambda m: f"{m.n_errors:,}",
    ),
    _Figure(
        "Asked",
        "Misclassified images whose question (this image, the predicted class) has been before "
        "raters: it has a vote, or its HIT was published.",
        lambda m: f"{m.n_asked:,}",
    ),
    _Figure(
        "Accepted",
        "Asked images on which at least {k} of the votes asked for say yes.",
        lambda m: f"{m.n_accepted:,}",
        outcome="accepted",
    ),
    _Figure(
        "Rejected",
        "Asked images with so many no that {k} yes can no longer be reached.",
        lambda m: f"{m.n_rejected:,}",
        outcome="rejected",
    ),
    _Figure(
        "Undecided",
        "Asked images that are neither: too few votes so far, or too many “cannot tell”. They "
        "stay errors.",
        lambda m: f"{m.n_undecided:,}",
        outcome="undecided",
    ),
    _Figure(
        "Not asked",
        "Misclassified images nobody was asked about. They stay errors.",
        lambda m: f"{m.n_unasked:,}",
        outcome="unasked",
    ),
    _Figure("Top-1 error", "Misclassified / images.", lambda m: _share(m.top1_error)),
    _Figure(
        "Rectified top-1 error",
        "(Misclassified − accepted) / images.",
        lambda m: _share(m.rectified_top1_error),
        strong=True,
    ),
    _Figure(
        "95 % interval",
        "Wilson’s interval of the rectified error, its images seen as a sample of all images like "
        "them. What other raters would have said is not in it.",
        lambda m: f"{interval(m.ci_low, m.ci_high)} %" if m.ci_low is not None else "–",
    ),
    _Figure(
        "Standard error: other images",
        "Spread of the rectified error over resamples of its images, the raters kept; in "
        "percentage points.",
        lambda m: _standard_error(m, "image_sampling"),
    ),
    _Figure(
        "Standard error: other raters",
        "Spread over resamples of the raters, the images kept: all there is when the images are "
        "the whole of a fixed test set.",
        lambda m: _standard_error(m, "rater_sampling"),
    ),
    _Figure(
        "Standard error: both",
        "Spread over resamples of images and raters at once, a vote weighing the product of both.",
        lambda m: _standard_error(m, "both"),
    ),
    _Figure(
        "95 % interval: both",
        "Percentiles of the resamples of images and raters at once. Resampled panels hold fewer "
        "different raters, which shifts them; where the shift is not small it is said, in points, "
        "and the standard error says more than the ends.",
        lambda m: resampled_interval(m.resampled.both) if m.resampled else "–",
    ),
    _Figure(
        "Bounds",
        "The rectified error if every undecided image were accepted, and if every one were "
        "rejected.",
        lambda m: f"{interval(m.bound_low, m.bound_high)} %" if m.bound_low is not None else "–",
    ),
    _Figure("Accepted share", "Accepted / misclassified.", lambda m: _share(m.accepted_share)),
    _Figure(
        "Mean share of yes",
        "Yes / (yes + no), averaged over the asked images with a vote.",
        lambda m: _share(m.mean_yes_share),
    ),
    _Figure(
        "ReaL accuracy",
        "Images whose first prediction is one of their reassessed right labels / images that have "
        "such labels and a prediction. Another denominator than the errors above.",
        _real,
    ),
)
