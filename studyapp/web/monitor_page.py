"""A study as it runs, kept current while somebody looks; without a script, as it was loaded."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from studyapp.analytics import ExclusionReason
from studyapp.models import Study
from studyapp.reports.monitor import LotRow, Monitor, lot_rows, monitor
from studyapp.selectors.studies import get_study
from studyapp.web.monitor_facts import Fact, money_facts, people_facts, trial_facts
from studyapp.web.report_filters import page_number

LOTS_PER_PAGE = 50
_ACTIONS = {
    "money": ("admin:studyapp_study_money", "Calls and money"),
    "manage": ("admin:studyapp_study_change", "Manage the study"),
}


@dataclass(frozen=True)
class Line:
    """Something to see to, with where to go."""

    key: str
    text: str
    address: str
    label: str


@dataclass(frozen=True)
class Cells:
    """A lot as written: each cell has a key by which it is renewed."""

    lot: LotRow
    cells: tuple[tuple[str, str], ...]


@login_required
@require_safe
@never_cache
def monitor_page(request: HttpRequest, name: str) -> HttpResponse:
    """The page; with `live` in the address only what changes, as JSON."""
    study = get_study(request.user, name=name)
    found = monitor(study)
    lots = study.hits.order_by("-lot")
    page = Paginator(lots, LOTS_PER_PAGE).get_page(page_number(request.GET))
    shown = study.hits.filter(pk__in=[hit.pk for hit in page]).order_by("-lot")
    rows = [_cells(row) for row in lot_rows(study, lots=shown)]
    needs = _lines(study, found)
    facts = {
        "trials": trial_facts(found),
        "people": people_facts(found),
        "money": money_facts(found),
    }
    shape = "/".join([*(line.key for line in needs), *(str(row.lot.lot) for row in rows)])
    if "live" in request.GET:
        return JsonResponse(_live(found, facts=facts, rows=rows, needs=needs, shape=shape))
    context = {
        "study": study,
        "found": found,
        "facts": facts,
        "needs": needs,
        "rows": rows,
        "page": page,
        "shape": shape,
        "at": _clock(found),
        "odd": [
            (reason.label, n) for reason in ExclusionReason if (n := found.odd.get(reason.slug, 0))
        ],
        "bar": _bar(found),
    }
    return render(request, "report/monitor.html", context)


def _live(
    found: Monitor,
    *,
    facts: dict[str, list[Fact]],
    rows: list[Cells],
    needs: list[Line],
    shape: str,
) -> dict[str, object]:
    """Texts by key, widths of the bar by key, and whether the page has the same lines still."""
    cells = {fact.key: fact.text for group in facts.values() for fact in group}
    cells |= {key: text for row in rows for key, text in row.cells}
    cells |= {line.key: line.text for line in needs}
    bars = {key: f"{share:.4f}" for key, _, share in _bar(found)}
    return {"at": _clock(found), "cells": cells, "bars": bars, "shape": shape}


def _clock(found: Monitor) -> str:
    return f"{found.at:%H:%M:%S} UTC"


def _bar(found: Monitor) -> list[tuple[str, str, float]]:
    """Parts of the bar of trials: key, word, share of all trials."""
    of = found.trials
    decided = [
        ("bar-accepted", "accepted", of.accepted),
        ("bar-rejected", "rejected", of.rejected),
        ("bar-undecided", "undecided", of.undecided),
    ]
    complete = [("bar-complete", "complete", of.complete)]
    parts = [*(decided if found.decides else complete), ("bar-open", "open", of.open_)]
    return [(key, word, n / of.total if of.total else 0.0) for key, word, n in parts]


def _lines(study: Study, found: Monitor) -> list[Line]:
    lines = []
    for need in found.needs:
        view, label = _ACTIONS.get(need.action, ("", "See the raters"))
        address = (
            reverse(view, args=[study.pk]) if view else reverse("study-raters", args=[study.name])
        )
        lines.append(Line(f"need-{need.slug}", need.text, address, label))
    return lines


def _cells(row: LotRow) -> Cells:
    ends = f"{row.ends_at:%d %b %H:%M}" if row.ends_at else "–"
    texts = {
        "state": row.state,
        "work": f"{row.at_work:,}",
        "in": f"{row.handed_in:,} of {row.raters:,}",
        "free": f"{row.free:,}",
        "ends": ends,
    }
    return Cells(row, tuple((f"lot-{row.lot}-{name}", text) for name, text in texts.items()))
