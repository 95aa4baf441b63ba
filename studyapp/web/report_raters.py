"""What each rater of a study did, under a pseudonym: a table, a plot, flags in words."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.exports.kept_raters import NamedRaters, kept_raters
from studyapp.exports.raters import rater_table_of
from studyapp.exports.slices import names_as_they_stand
from studyapp.exports.tables import csv_text
from studyapp.figures import RaterDot, rater_figure, rater_text
from studyapp.models import Study
from studyapp.reports.rater_flags import FLAGS
from studyapp.reports.report_figures import ReportFigure
from studyapp.selectors.studies import get_study
from studyapp.web.rater_columns import headings, lines, ordered
from studyapp.web.report_filters import RuleFilter, form_context, page_number, rule_filter

RATERS_PER_PAGE = 100
#: Name of the figure in addresses.
FIGURE = "raters"


@login_required
@require_safe
def raters_page(request: HttpRequest, name: str) -> HttpResponse:
    """Every rater under the rule of the address, sorted as it says."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    found = raters_under(study, chosen)
    order = ordered(found, sort=request.GET.get("sort", ""), down=request.GET.get("down", ""))
    page = Paginator(order.rows, RATERS_PER_PAGE).get_page(page_number(request.GET))
    # As addresses name raters; the table may name them otherwise, as an export under its filters.
    without = (
        {rater: name for name, rater in names_as_they_stand(study).items()}
        if chosen.choices.raters
        else {}
    )
    n_flagged = sum(bool(row.flags) for row in found.quality.rows)
    context = {
        "study": study,
        "chosen": chosen,
        "hidden": {"sort": order.slug, "down": int(order.down)} if "sort" in request.GET else {},
        "quality": found.quality,
        "figure": raters_figure(found, look=chosen.is_look),
        "headings": headings(found.quality, order=order, query=chosen.query),
        "lines": [
            (line, without.get(line.rater, "")) for line in lines(list(page.object_list), found)
        ],
        "page": page,
        "page_query": "&".join(filter(None, (order.query, chosen.query))),
        "flags": [(flag, n) for flag in FLAGS if (n := _with_flag(found, flag.slug))],
        "n_flagged": n_flagged,
        **form_context(study, chosen),
    }
    status = 400 if chosen.problem else 200
    return render(request, "report/raters.html", context, status=status)


@login_required
@require_safe
def raters_csv(request: HttpRequest, name: str) -> HttpResponse:
    """raters.csv of the export, under the same filters as the page."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    if chosen.problem:
        return HttpResponse(chosen.problem, status=400, content_type="text/plain")
    found = raters_under(study, chosen)
    text = csv_text(rater_table_of(found.quality, names=found.names))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.name}-raters.csv"'
    return response


def raters_under(study: Study, chosen: RuleFilter) -> NamedRaters:
    """The study's raters under the filters of an address."""
    return kept_raters(study, **chosen.asked)


def raters_figure(found: NamedRaters, *, look: bool = False) -> ReportFigure | None:
    """Agreement against speed; None where no rater has both. look: under filters."""
    dots = [
        RaterDot(
            name=found.names[row.rater],
            seconds=row.median_seconds,
            agreement=row.peers.share,
            n_votes=row.n_valid,
            flagged=any(slug != "few_votes" for slug in row.flags),
        )
        for row in found.quality.rows
        if row.median_seconds and row.peers.share is not None
    ]
    if not dots:
        return None
    return ReportFigure(
        name=FIGURE,
        title="Agreement against speed",
        text=rater_text(dots),
        rows=dots,
        draw=lambda width: rater_figure(dots, width=width),
        look=look,
    )


def _with_flag(found: NamedRaters, slug: str) -> int:
    return sum(slug in row.flags for row in found.quality.rows)
