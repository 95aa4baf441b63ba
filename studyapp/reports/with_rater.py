"""What a report says without one rater, beside what it says with everybody."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.reports.sentences import headline, interval, percent
from studyapp.reports.study_report import ModelReport, StudyReport


@dataclass(frozen=True)
class WithRater:
    """A table of models, written out, or one line of votes where the report has no models; then
    the headline with the rater."""

    corner: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    headline: str = ""


def with_rater(without: StudyReport, everybody: StudyReport) -> WithRater:
    """Both reports side by side: under one rule, window and slice but for the rater."""
    votes = (
        "Votes that count",
        f"{everybody.votes.n_valid:,}",
        f"{without.votes.n_valid:,}",
        f"{without.votes.n_valid - everybody.votes.n_valid:+,}",
    )
    if without.part_alone:
        header = ("With", "Without", "Difference")
        return WithRater("", header, (votes,), headline(everybody))
    before = {model.model: model for model in everybody.models}
    rows = [_row(before[model.model], model) for model in without.models]
    return WithRater(
        corner="Rectified top-1 error",
        header=("With", "Without", "Difference", "Accepted", "Undecided"),
        rows=(*rows, (*votes, "", "")),
    )


def _row(before: ModelReport, after: ModelReport) -> tuple[str, ...]:
    one, other = before.rectified_top1_error, after.rectified_top1_error
    moved = "–" if one is None or other is None else f"{100 * (other - one):+.2f} points"
    return (
        after.model,
        _error(before),
        _error(after),
        moved,
        f"{before.n_accepted:,} → {after.n_accepted:,}",
        f"{before.n_undecided:,} → {after.n_undecided:,}",
    )


def _error(model: ModelReport) -> str:
    if model.rectified_top1_error is None:
        return "–"
    ends = interval(model.ci_low, model.ci_high)
    return f"{percent(model.rectified_top1_error)} % {ends}"
