"""The pictures that a bar of a question type counts, in groups by what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studyapp.models import Study
from studyapp.reports.shelves import Shelf, Shelves, kept_shelves, read_shown
from studyapp.selectors.studies import get_study
from studyapp.web.report_filters import RuleFilter, form_context, page_number, rule_filter

PICTURES_PER_PAGE = 60


@dataclass(frozen=True)
class GroupLink:
    title: str
    count: int
    query: str


@login_required
@require_safe
def pictures_page(request: HttpRequest, name: str) -> HttpResponse:
    """The shelf `of` the address, and of its pictures those of `group`, else of the first."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    found = kept_shelves(study, **chosen.asked)
    shelf = _shelf(found, request.GET.get("of", ""), study=study, chosen=chosen)
    if shelf is None:
        raise Http404
    groups = dict(shelf.groups)
    group = request.GET.get("group") or shelf.groups[0][0]
    if group not in groups:
        raise Http404
    page = Paginator(range(groups[group].size), PICTURES_PER_PAGE).get_page(
        page_number(request.GET)
    )
    context = {
        "study": study,
        "chosen": chosen,
        **form_context(study, chosen),
        "hidden": {"of": shelf.name, "group": group},
        "plan_query": _query(shelf, group, RuleFilter()),
        "shelf": shelf,
        "group": group,
        "page": page,
        "page_query": _query(shelf, group, chosen),
        "pictures": read_shown(found, groups[group][list(page.object_list)]),
        "links": [
            GroupLink(title, keys.size, _query(shelf, title, chosen))
            for title, keys in shelf.groups
        ],
    }
    status = 400 if chosen.problem else 200
    return render(request, "report/pictures.html", context, status=status)


def _shelf(found: Shelves, name: str, *, study: Study, chosen: RuleFilter) -> Shelf | None:
    """The shelf of this name; an empty one where the filters, which its page offers, leave none."""
    shelf = found.find(name)
    if shelf is None and chosen.is_look:
        known = kept_shelves(study).find(name)
        return known and known.emptied()
    return shelf


def _query(shelf: Shelf, group: str, chosen: RuleFilter) -> str:
    return urlencode({"of": shelf.name, "group": group, **chosen.fields})
