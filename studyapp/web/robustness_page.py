"""Which classes a model knows by something else than the object: rankings and pictures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.exports.catalogue import part_table
from studyapp.exports.tables import csv_text
from studyapp.figures import ClassDot, class_figure, class_text
from studyapp.models import ClassList
from studyapp.reports.class_rankings import Ranking, kept_rankings, ranked_lists
from studyapp.reports.report_figures import ReportFigure
from studyapp.reports.robustness_sheet import accuracy_name, robustness_sheet
from studyapp.reports.sheets import Sheet

see_scores = permission_required("studyapp.view_robustnessscore", raise_exception=True)


@login_required
@see_scores
@require_safe
def robustness_list(request: HttpRequest) -> HttpResponse:
    """The class lists that have a ranking; with one alone, its page."""
    lists = ranked_lists()
    if len(lists) == 1:
        return robustness_page(request, lists[0].pk)
    return render(request, "report/robustness_list.html", {"lists": lists})


@login_required
@see_scores
@require_safe
def robustness_page(request: HttpRequest, class_list: int) -> HttpResponse:
    """The ranking `base` of the address with the others against it; `class`: whose images."""
    found, base, shown = _asked(request, class_list)
    sheet = robustness_sheet(base, found, shown=shown)
    context = {
        "class_list": base.class_list,
        "rankings": found,
        "base": base,
        "classes": _class_choices(base),
        "shown": shown,
        "part": sheet,
        "figure": _figure(base),
        "query": request.GET.urlencode(),
    }
    return render(request, "report/robustness.html", context)


@login_required
@see_scores
@require_safe
def robustness_csv(request: HttpRequest, class_list: int, table: str) -> HttpResponse:
    """One table of the page as a file."""
    found, base, shown = _asked(request, class_list)
    return csv_of(robustness_sheet(base, found, shown=shown), table)


def csv_of(sheet: Sheet, name: str) -> HttpResponse:
    """The table of this name as a file; 404 where the sheet has none."""
    export = sheet.export(name)
    if export is None:
        raise Http404
    response = HttpResponse(csv_text(part_table(export)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _asked(request: HttpRequest, class_list: int) -> tuple[list[Ranking], Ranking, int | None]:
    found = kept_rankings(get_object_or_404(ClassList, pk=class_list))
    if not found:
        raise Http404
    name = request.GET.get("base") or found[0].name
    base = next((each for each in found if each.name == name), None)
    if base is None:
        raise Http404
    text = request.GET.get("class") or ""
    if not text:
        return found, base, None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) < base.crs.size):
        raise BadRequest("class is no index of this list")
    return found, base, int(text)


def _class_choices(base: Ranking) -> list[tuple[int, str]]:
    """Classes with a score, the lowest first; of a ranking that has images to show."""
    if base.own is None:
        return []
    names = dict(base.class_list.classes.values_list("index", "prompt_name"))
    return [
        (at, f"{names[at]} ({base.crs[at]:.3f})") for at in base.order().tolist() if at in names
    ]


def _images_of(base: Ranking, index: int) -> str:
    """The address of a class's images with their maps; empty where the ranking has none."""
    if base.own is None:
        return ""
    page = reverse("robustness-ranking", args=[base.class_list.pk])
    return f"{page}?{urlencode({'base': base.name, 'class': index})}#strip-1"


def _figure(base: Ranking) -> ReportFigure | None:
    """Scores against accuracy; None where the ranking has no accuracy."""
    k = next((k for k in (5, 1, 0) if k in base.accuracy), None)
    if k is None:
        return None
    names = dict(base.class_list.classes.values_list("index", "prompt_name"))
    accuracy = base.accuracy[k]
    dots = [
        ClassDot(
            names.get(at, str(at)),
            float(base.crs[at]),
            float(accuracy[at]),
            _images_of(base, at),
        )
        for at in base.order().tolist()
        if accuracy[at] == accuracy[at]
    ]
    if not dots:
        return None
    what = accuracy_name(k)
    return ReportFigure(
        name="robustness",
        title="Robustness score and accuracy",
        text=class_text(dots, accuracy=what),
        rows=(what, dots),
        draw=lambda width: class_figure(dots, accuracy=what, width=width),
    )
