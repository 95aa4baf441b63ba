"""The report's figures, from its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe

from studyapp.figures import (
    NARROW,
    WIDE,
    AcceptCurve,
    ChoiceMark,
    ErrorRow,
    YesRow,
    accept_figure,
    accept_text,
    as_svg,
    choices_figure,
    choices_text,
    error_figure,
    error_text,
    marks_text,
    yes_figure,
    yes_text,
)
from studyapp.reports.cache import kept
from studyapp.reports.choices import by_accept_at, one_at_a_time
from studyapp.reports.parts import REJECTED, Part, yes_group
from studyapp.reports.sentences import best_model
from studyapp.reports.study_report import ModelReport, StudyReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ReportFigure:
    """A figure that can be drawn in any width, with its alternative in words.

    rows: everything it is drawn from; equal rows are drawn once.
    """

    name: str
    title: str
    text: str
    rows: object
    draw: Callable[[int], Figure]
    #: Whether it belongs to one of the many views an address can ask for.
    look: bool = False

    @property
    def wide(self) -> SafeString:
        return self._svg(WIDE, "wide")

    @property
    def narrow(self) -> SafeString:
        return self._svg(NARROW, "narrow")

    def _svg(self, width: int, size: str) -> SafeString:
        svg = kept(
            "figure",
            key=lambda: {
                "figure": self.name,
                "rows": repr(self.rows),
                "text": self.text,
                "width": width,
            },
            make=lambda: as_svg(self.draw(width), name=f"{self.name}-{size}", text=self.text),
            look=self.look,
        )
        # matplotlib escapes the names in it, as_svg the alternative text.
        return mark_safe(svg)  # noqa: S308


#: The address of the gallery of a model's images: with a verdict, or so many yes votes.
Gallery = Callable[..., str]
#: The address of the pictures of a shelf of the question type, and of a group of them.
Shelf = Callable[[str, str], str]


def report_figures(
    report: StudyReport, gallery: Gallery | None = None, shelf: Shelf | None = None
) -> dict[str, ReportFigure]:
    """The figures that there is something to draw for, by name; their marks lead to a gallery."""
    look = report.slice is not None or not report.protocol.as_planned
    drawn = _figures(report, gallery, shelf)
    return {name: replace(figure, look=look) for name, figure in drawn.items()}


def _figures(
    report: StudyReport, gallery: Gallery | None, shelf: Shelf | None
) -> dict[str, ReportFigure]:
    if report.part_alone:
        return _of_part(report.part_alone, accept_at=report.protocol.accept_at, shelf=shelf)
    models = by_rectified_error(report.models)
    figures = {}
    errors = [row for model in models if (row := _error_row(model, gallery))]
    if errors:
        figures["errors"] = ReportFigure(
            name="errors",
            title="Standard and rectified top-1 error",
            text=error_text(errors),
            rows=errors,
            draw=lambda width: error_figure(errors, width=width),
        )
    yes = [_yes_row(model, gallery) for model in models if sum(model.by_yes)]
    if yes:
        figures["yes-votes"] = ReportFigure(
            name="yes-votes",
            title="Mistakes by number of yes votes",
            text=yes_text(yes),
            rows=(report.protocol.accept_at, yes),
            draw=lambda width: yes_figure(yes, accept_at=report.protocol.accept_at, width=width),
        )
    return figures | _choices(report)


def _of_part(part: Part, *, accept_at: int, shelf: Shelf | None) -> dict[str, ReportFigure]:
    """The two figures of errors and votes, from what the question type counted."""
    figures = {}
    errors = [
        ErrorRow(
            line.label, line.error, line.rectified, line.ci_low, line.ci_high, line.bound_low,
            line.bound_high, line.decided,
            (shelf(line.shelf, ""), shelf(line.shelf, REJECTED)) if shelf and line.shelf else None,
        )
        for line in part.errors
    ]  # fmt: skip
    if errors:
        figures["errors"] = ReportFigure(
            name="errors",
            title=part.errors_title,
            text=error_text(errors),
            rows=errors,
            draw=lambda width: error_figure(errors, width=width),
        )
    marks = [
        ChoiceMark(
            mark.label,
            mark.value,
            mark.low,
            mark.high,
            mark.is_base,
            shelf(mark.shelf, mark.group) if shelf and mark.shelf else "",
        )
        for mark in part.marks
    ]
    if marks:
        figures["conditions"] = ReportFigure(
            name="conditions",
            title=part.marks_title,
            text=f"{part.marks_title}. {marks_text(marks)}",
            rows=marks,
            draw=lambda width: choices_figure(marks, width=width),
        )
    yes = [
        YesRow(
            label,
            counts,
            tuple(shelf(label, yes_group(j)) for j in range(len(counts))) if shelf else (),
        )
        for label, counts in part.by_yes
        if sum(counts)
    ]
    if yes:
        figures["yes-votes"] = ReportFigure(
            name="yes-votes",
            title="Images shown, by number of yes votes",
            text=yes_text(yes),
            rows=(accept_at, yes),
            draw=lambda width: yes_figure(yes, accept_at=accept_at, width=width),
        )
    return figures


def _choices(report: StudyReport) -> dict[str, ReportFigure]:
    """What other choices make of the model of the headline, and of every model by yes needed."""
    best, rule = best_model(report), report.protocol
    if best is None:
        return {}
    marks = [
        ChoiceMark(
            row.label, choice.rectified_top1_error, choice.ci_low, choice.ci_high, row.planned
        )
        for row in one_at_a_time(report)
        if (choice := row.models.get(best.model))
    ]
    by_model = by_accept_at(report)
    curves = [
        AcceptCurve(
            model.model,
            tuple((c.accept_at, c.rectified_top1_error, c.ci_low, c.ci_high) for c in found),
        )
        for model in by_rectified_error(report.models)
        if (found := by_model.get(model.model))
    ]
    return {
        "choices": ReportFigure(
            name="choices",
            title=f"{best.model} under other choices",
            text=choices_text(marks, model=best.model),
            rows=(best.model, marks),
            draw=lambda width: choices_figure(marks, width=width),
        ),
        "accept-at": ReportFigure(
            name="accept-at",
            title="Rectified error by the yes needed",
            text=accept_text(curves),
            rows=(rule.accept_at, curves),
            draw=lambda width: accept_figure(curves, accept_at=rule.accept_at, width=width),
        ),
    }


def by_rectified_error(models: Sequence[ModelReport]) -> list[ModelReport]:
    """The model that errs least first; one without figures last."""
    return sorted(
        models,
        key=lambda model: (
            model.rectified_top1_error is None,
            model.rectified_top1_error,
            model.model,
        ),
    )


def _error_row(model: ModelReport, gallery: Gallery | None) -> ErrorRow | None:
    figures = (
        model.top1_error,
        model.rectified_top1_error,
        model.ci_low,
        model.ci_high,
        model.bound_low,
        model.bound_high,
    )
    if any(figure is None for figure in figures):
        return None
    error, rectified, low, high, bound_low, bound_high = (float(f or 0) for f in figures)
    decided = bool(model.n_accepted or model.n_rejected)
    links = gallery and (gallery(model.model), gallery(model.model, verdict="rejected"))
    return ErrorRow(model.model, error, rectified, low, high, bound_low, bound_high, decided, links)


def _yes_row(model: ModelReport, gallery: Gallery | None) -> YesRow:
    links = [gallery(model.model, yes=yes) for yes in range(len(model.by_yes))] if gallery else []
    return YesRow(model.model, model.by_yes, tuple(links))
