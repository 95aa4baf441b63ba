"""A study's calls and money: what waits, what it may cost, and the forms that change it."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from studyapp import queue
from studyapp.admin.visible import study_to_change
from studyapp.errors import QuorumError
from studyapp.models import Study
from studyapp.pipeline.extend_study import LONGEST_DAYS, extend_study
from studyapp.pipeline.plan import plan
from studyapp.pipeline.set_budget import LARGEST, set_budget
from studyapp.publication import MOST_TIMES
from studyapp.recruiters.connect import connect
from studyapp.vocabulary import Allocation, StudyState


class BudgetForm(forms.Form):
    budget = forms.DecimalField(
        label="Most it may cost (USD)",
        required=False,
        min_value=Decimal(0),
        max_value=LARGEST,
        decimal_places=2,
        help_text="With fees and bonuses. Empty: no limit but the account's balance.",
    )


class ExtendForm(forms.Form):
    raters = forms.IntegerField(
        label="Raters of each HIT, in all",
        required=False,
        min_value=1,
        max_value=99,
        help_text="A HIT published for nine or fewer cannot come to ten, where the fee is 40 %.",
    )
    days = forms.IntegerField(
        label="Days on the list, from now", required=False, min_value=1, max_value=LONGEST_DAYS
    )


class AskAgainForm(forms.Form):
    times = forms.IntegerField(
        label="How often more, in all",
        min_value=1,
        max_value=MOST_TIMES,
        initial=1,
        help_text="Beyond what the study does by itself. Given twice, it asks once.",
    )
    undecided = forms.BooleanField(
        label="Only trials that are not decided", required=False, initial=True
    )


def money(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; a POST is one of its forms, told apart by its button."""
    study, user = study_to_change(request, pk)
    budget, extension = BudgetForm(initial={"budget": study.budget}), ExtendForm()
    again = AskAgainForm()
    if request.method == "POST" and "limit" in request.POST:
        budget = BudgetForm(request.POST)
        if budget.is_valid():
            set_budget(study, amount=budget.cleaned_data["budget"], actor=user)
            messages.success(request, "The limit is set.")
            return _again(study)
    elif request.method == "POST" and "again" in request.POST:
        again = AskAgainForm(request.POST)
        if again.is_valid():
            queue.enqueue("publish", arguments=again.cleaned_data, study=study, requested_by=user)
            messages.info(request, "Asking again: the progress is above.")
            return _again(study)
    elif request.method == "POST":
        extension = ExtendForm(request.POST)
        if extension.is_valid():
            try:
                recruiter = connect(study.environment, attempts=1)
                values = extension.cleaned_data
                summary = extend_study(study, **values, recruiter=recruiter, actor=user)
                messages.success(request, summary.lines()[0])
                for trouble in summary.troubles:
                    messages.warning(request, trouble)
            except QuorumError as error:
                messages.error(request, str(error))
            return _again(study)
    context = {
        **admin.site.each_context(request),
        "title": f"Calls and money of {study.name}",
        "study": study,
        "plan": plan(study) if study.frozen and not study.imported else None,
        "budget_form": budget,
        "extend_form": extension if study.state == StudyState.LIVE else None,
        "again_form": again if _may_ask_again(study) else None,
        "open_jobs": study.jobs.filter(ended_at__isnull=True).exists(),
        "jobs": study.jobs.all()[:5],
    }
    return render(request, "admin/studyapp/study/money.html", context)


def _may_ask_again(study: Study) -> bool:
    return study.state == StudyState.LIVE and study.allocation != Allocation.ONE


def _again(study: Study) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:studyapp_study_money", args=[study.pk]))
