"""The plan of a study as it was stamped, and every analysis that was not planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from studyapp.errors import QuorumError
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.reports import StudyReport, kept_report
from studyapp.reports.plan_values import UnplannedAnalysis
from studyapp.reports.plan_words import plan_facts, planned_sentence, settings_words, stamped
from studyapp.reports.sentences import interval, percent
from studyapp.selectors.planned_analysis import TOP1, headline_of
from studyapp.selectors.studies import get_study
from studyapp.vocabulary import UnsureCoding
from studyapp.web.report_filters import rule_filter, seconds_text


@dataclass(frozen=True)
class NamedRow:
    """An analysis as it is listed; cells in the order of the report's models."""

    analysis: UnplannedAnalysis
    settings: str
    named_at: datetime
    query: str
    cells: tuple[str, ...]


@login_required
@require_safe
def analyses_page(request: HttpRequest, name: str) -> HttpResponse:
    """The plan, the named analyses, and a form that names the settings of the address."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study)
    report = kept_report(study)
    context = {
        "study": study,
        "report": report,
        "chosen": chosen,
        "planned": planned_sentence(report),
        "plan": report.plan,
        "stamped": report.plan and stamped(report.plan),
        "facts": plan_facts(report.plan) if report.plan else [],
        "models": report.models,
        "as_planned_cells": [_cell(*_planned(model.model, report)) for model in report.models],
        "rows": [_row(one, report) for one in report.analyses],
        "may_name": request.user.has_perm("studyapp.change_study")
        and (study.frozen or study.imported)
        and headline_of(study) == TOP1,
        "rule_accept": study.accept_at if chosen.accept is None else chosen.accept,
        "rule_unsure": study.unsure if chosen.unsure is None else chosen.unsure,
        "accept_choices": range(1, study.raters_per_trial + 1),
        "unsure_choices": UnsureCoding.choices,
    }
    status = 400 if chosen.problem else 200
    return render(request, "report/analyses.html", context, status=status)


@login_required
@permission_required("studyapp.change_study", raise_exception=True)
@require_POST
def name_here(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """Keep the settings that were sent under a name; then back to the list."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.POST, study=study)
    page = reverse("study-analyses", args=[study.name])
    if chosen.problem:
        messages.error(request, f"This cannot be: {chosen.problem}.")
        return redirect(page)
    try:
        summary = name_analysis(
            study,
            name=request.POST.get("name", ""),
            accept=chosen.accept,
            unsure=chosen.unsure,
            window=chosen.window,
            note=request.POST.get("note", "").strip(),
            actor=request.user if isinstance(request.user, User) else None,
        )
    except QuorumError as error:
        messages.error(request, str(error))
        return redirect(f"{page}?{chosen.query}#name")
    messages.success(request, " ".join(summary.lines()))
    return redirect(page)


def _planned(model: str, report: StudyReport) -> tuple[float | None, float | None, float | None]:
    found = next(one for one in report.models if one.model == model)
    return found.rectified_top1_error, found.ci_low, found.ci_high


def _row(one: UnplannedAnalysis, report: StudyReport) -> NamedRow:
    by_model = {of.model: of for of in one.models}
    query = urlencode(
        {
            "accept": one.accept_at,
            "unsure": one.unsure,
            "seconds_min": seconds_text(one.seconds_min),
            "seconds_max": seconds_text(one.seconds_max),
        }
    )
    return NamedRow(
        analysis=one,
        settings=settings_words(one, raters=report.protocol.raters_per_trial),
        named_at=datetime.fromisoformat(one.created_at),
        query=query,
        cells=tuple(
            _cell(of.rectified_top1_error, of.ci_low, of.ci_high)
            if (of := by_model.get(model.model))
            else "–"
            for model in report.models
        ),
    )


def _cell(error: float | None, low: float | None, high: float | None) -> str:
    return "–" if error is None else f"{percent(error)} % {interval(low, high)}"
