"""What votes gathered elsewhere say of one's models, and what they leave to ask."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from studyapp.models import Study
from studyapp.plurals import counted
from studyapp.reports.rectify import RectifyReport
from studyapp.reports.rectify_study import rectify_study
from studyapp.selectors.ledgers import has_file, models_on, visible_ledgers
from studyapp.vocabulary import UnsureCoding
from studyapp.web.rectify_tables import rectify_table
from studyapp.web.report_filters import rule_filter

#: Columns a table can still be read with; others are chosen by name.
MOST_SHOWN = 12


@login_required
@require_safe
def rectify_page(request: HttpRequest) -> HttpResponse:
    """Choose a ledger and models; the table stands below."""
    ledgers = visible_ledgers(request.user)
    name = request.GET.get("ledger", "")
    ledger = get_object_or_404(ledgers, name=name) if name else None
    context = {"ledgers": ledgers, "ledger": ledger, "unsure_choices": UnsureCoding.choices}
    if ledger is None:
        return render(request, "report/rectify.html", context)
    found, status = _found(request, ledger)
    return render(request, "report/rectify.html", {**context, **found}, status=status)


def _found(request: HttpRequest, ledger: Study) -> tuple[dict[str, object], int]:
    chosen = rule_filter(request.GET, study=ledger)
    known = [model.name for model in models_on(ledger.image_set)]
    wanted = set(request.GET.getlist("model"))
    names = [name for name in known if not wanted or name in wanted][:MOST_SHOWN]
    report = rectify_study(ledger, accept=chosen.accept, unsure=chosen.unsure, models=names)
    found: dict[str, object] = {
        "study": ledger,
        "chosen": chosen,
        "known_models": known,
        "chosen_models": names,
        "n_hidden": 0 if wanted else len(known) - len(names),
        "report": report,
        "models": report.models,
        "rows": rectify_table(report.models),
        "votes": _votes(report),
        "gaps": _gaps(report, ledger),
        "accept_choices": range(1, ledger.raters_per_trial + 1),
        "rule_accept": report.rule.k,
        "rule_unsure": report.rule.unsure,
        "as_planned": (report.rule.k, report.rule.unsure) == (ledger.accept_at, ledger.unsure),
        "may_ask": request.user.has_perm("studyapp.add_study"),
        "may_upload": request.user.has_perm("studyapp.add_prediction"),
    }
    return found, 400 if chosen.problem else 200


def _votes(report: RectifyReport) -> str:
    return (
        f"{counted(report.n_votes, 'vote')} of {counted(report.n_raters, 'rater')} on "
        f"{counted(report.n_questions, 'pair')} of an image and a class, {report.n_valid:,} of "
        f"which count; accepted at {report.rule.k} of {report.rule.n}."
    )


def _gaps(report: RectifyReport, ledger: Study) -> str:
    pairs = counted(len(report.uncovered), "different pair")
    are = "is" if len(report.uncovered) == 1 else "are"
    shown = int(has_file(ledger.image_set, image=report.uncovered.image).sum())
    told = f"{pairs} of an image and a class {are} a mistake of a model above without a vote."
    if shown == len(report.uncovered):
        return told
    return (
        f"{told} Only {shown:,} of them can be asked about, for the other images are known by id "
        "alone: import their files first. The price of all of them:"
    )
