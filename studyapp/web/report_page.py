"""The report of a study, as a page and as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from studyapp.analytics import CODINGS
from studyapp.models import Study
from studyapp.reports import (
    StudyReport,
    answers_sentence,
    best_model,
    choices_sentence,
    headline,
    kept_report,
    methods_text,
    raters_sentence,
    sampling_sentence,
)
from studyapp.reports.cross_check_words import cross_check_sentences
from studyapp.reports.plan_words import planned_sentence
from studyapp.reports.report_figures import by_rectified_error, report_figures
from studyapp.reports.slice_words import slice_sentence
from studyapp.reports.with_rater import WithRater, with_rater
from studyapp.selectors.studies import get_study
from studyapp.vocabulary import QuestionKind, UnsureCoding
from studyapp.web.report_filters import RuleFilter, report_under, rule_filter
from studyapp.web.report_tables import choices_table, model_table, yes_table

LABELS = {coding.name: coding.label.capitalize() for coding in CODINGS}

#: Below this the result depends visibly on who the raters were.
FEW_RATERS = 30


@login_required
@require_safe
def report_page(request: HttpRequest, name: str) -> HttpResponse:
    """The page; an impossible filter is said on it, and told machines by the status 400."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    report = report_under(study, chosen)
    return render(
        request,
        "report/report.html",
        _context(study, report, chosen),
        status=400 if chosen.problem else 200,
    )


@login_required
@require_safe
def report_json(request: HttpRequest, name: str) -> JsonResponse:
    """What `analyse --json` writes, under the same filters as the page."""
    study = get_study(request.user, name=name)
    chosen = rule_filter(request.GET, study=study, reader=request.user)
    if chosen.problem:
        return JsonResponse({"error": chosen.problem}, status=400)
    report = report_under(study, chosen)
    return JsonResponse(report.to_dict(), json_dumps_params={"indent": 2})


def _context(study: Study, report: StudyReport, chosen: RuleFilter) -> dict[str, object]:
    models, last = by_rectified_error(report.models), report.votes.last_vote_at
    best = best_model(report)
    return {
        "study": study,
        "report": report,
        "chosen": chosen,
        "headline": headline(report),
        "planned": planned_sentence(report),
        "sampling": sampling_sentence(best) if best else "",
        "models": models,
        "figures": report_figures(
            report, partial(_gallery, study, chosen), partial(_shelf, study, chosen)
        ),
        "model_table": model_table(report, models),
        "yes_table": yes_table(report, models),
        "choices_table": choices_table(report, models),
        "unruled": report.part is not None and not report.part.ruled,
        "slice_told": slice_sentence(report),
        "with_rater": _with_rater(study, report, chosen),
        "choice_ranges": [
            told for model in models if (told := choices_sentence(report, model=model.model))
        ],
        "agreement": [
            {"label": LABELS[figures.coding], "figures": figures} for figures in report.agreement
        ],
        "answers": answers_sentence(report),
        "cross_check": (cross_check_sentences(report.cross_check) if report.cross_check else []),
        "may_cross_check": study.question_kind == QuestionKind.RELEVANCE,
        "raters": raters_sentence(report),
        "last_vote": last and datetime.fromisoformat(last),
        "methods": methods_text(report),
        "flow": _flow(report),
        "few_raters": 0 < report.raters.n_raters_valid < FEW_RATERS,
        "accept_choices": range(1, report.protocol.raters_per_trial + 1),
        "unsure_choices": UnsureCoding.choices,
    }


def _gallery(study: Study, chosen: RuleFilter, model: str, **which: object) -> str:
    """The address of a model's images under the filters of this page."""
    query = {"model": model, **which, **chosen.fields}
    return f"{reverse('study-gallery', args=[study.name])}?{urlencode(query)}"


def _shelf(study: Study, chosen: RuleFilter, name: str, group: str) -> str:
    """The address of the pictures that a bar of the question type counts."""
    query = {"of": name, **({"group": group} if group else {}), **chosen.fields}
    return f"{reverse('study-pictures', args=[study.name])}?{urlencode(query)}"


def _with_rater(study: Study, report: StudyReport, chosen: RuleFilter) -> WithRater | None:
    """The same view with the rater, where one is left out."""
    if not chosen.only.rater_key:
        return None
    everybody = replace(chosen.only, rater="", rater_key=0)
    return with_rater(report, kept_report(study, **chosen.asked | {"only": everybody}))


def _flow(report: StudyReport) -> list[tuple[str, int, int]]:
    """What is left of the votes after each reason: label, taken away, left."""
    left, steps = report.votes.n_votes, []
    for excluded in report.votes.excluded:
        if excluded.n_votes:
            left -= excluded.n_votes
            steps.append((excluded.label, excluded.n_votes, left))
    return steps
