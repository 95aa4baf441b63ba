"""The models of a study against each other, on the images both have a prediction for."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.analytics import Contrast
from studyapp.reports import PairReport
from studyapp.reports.report_figures import report_figures
from studyapp.reports.resampling import points
from studyapp.selectors.studies import get_study
from studyapp.vocabulary import UnsureCoding
from studyapp.web.report_filters import report_under, rule_filter


@dataclass(frozen=True)
class Difference:
    """One comparison as it is written."""

    kind: str
    only_first: int
    only_second: int
    points: str
    interval: str
    p: str
    p_holm: str


@dataclass(frozen=True)
class PairRow:
    pair: PairReport
    differences: tuple[Difference, Difference]


@login_required
@require_safe
def comparison_page(request: HttpRequest, name: str) -> HttpResponse:
    """Every two models under the rule of the address."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    report = report_under(study, chosen)
    context = {
        "study": study,
        "report": report,
        "chosen": chosen,
        "rows": [_row(pair) for pair in report.comparisons],
        "n_family": max(
            (pair.n_family for pair in report.comparisons if not pair.planned), default=0
        ),
        "n_planned": sum(pair.planned for pair in report.comparisons),
        "figure": report_figures(report).get("errors"),
        "accept_choices": range(1, report.protocol.raters_per_trial + 1),
        "unsure_choices": UnsureCoding.choices,
    }
    status = 400 if chosen.problem else 200
    return render(request, "report/comparison.html", context, status=status)


def p_value(p: float | None) -> str:
    """Four places, and never a nought that it is not."""
    if p is None:
        return "–"
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _row(pair: PairReport) -> PairRow:
    return PairRow(
        pair=pair,
        differences=(
            _difference("standard", pair.standard, pair.standard_p_holm),
            _difference("rectified", pair.rectified, pair.rectified_p_holm),
        ),
    )


def _difference(kind: str, contrast: Contrast, p_holm: float) -> Difference:
    low, high = (points(end, sign=True) for end in (contrast.low, contrast.high))
    return Difference(
        kind=kind,
        only_first=contrast.n["only_first"],
        only_second=contrast.n["only_second"],
        points=points(contrast.estimate, sign=True),
        interval=f"[{low}, {high}]",
        p=p_value(contrast.p),
        p_holm=p_value(p_holm),
    )
