"""A study's calls and money: what waits, what it may cost, and the forms that change it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from studyapp import queue
from studyapp.admin.visible import study_to_change
from studyapp.cost import CENT
from studyapp.errors import QuorumError
from studyapp.models import Study
from studyapp.pipeline.extend_study import LONGEST_DAYS, extend_study
from studyapp.pipeline.pay_lost_work import LostWork, lost_work
from studyapp.pipeline.pay_wage import HIGHEST_WAGE, pay_wage
from studyapp.pipeline.plan import plan
from studyapp.pipeline.set_budget import LARGEST, set_budget
from studyapp.publication import MOST_TIMES
from studyapp.recruiters.connect import connect
from studyapp.vocabulary import Allocation, StudyState

Values = dict[str, Any]
Act = Callable[[HttpRequest, Study, User, Values], None]


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
        label="Only trials that are not decided",
        required=False,
        help_text="Cheaper, and verdicts stay right. Complete trials are then the contested ones "
        "more often than the study’s, which agreement and the counts of yes votes show; the report "
        "says how far.",
    )


class WageForm(forms.Form):
    hourly = forms.DecimalField(
        label="US dollars an hour",
        min_value=CENT,
        max_value=HIGHEST_WAGE,
        decimal_places=2,
        initial=Decimal(15),
        help_text="At the usual time: the median of confirmed work. Each assignment that lacks "
        "something gets it as a bonus, once; what it comes to is said first.",
    )


class CompensateForm(forms.Form):
    """Lost work, each piece to be chosen: nobody can know that it is not invented."""

    lost = forms.TypedMultipleChoiceField(
        label="Work to pay for",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the work to pay for."},
    )
    looked = forms.BooleanField(
        label="I have looked at the answers and times of what is chosen",
        error_messages={
            "required": "Look at it first: work that was not handed in may be made up."
        },
    )

    def __init__(self, data: QueryDict | None = None, *, study: Study) -> None:
        super().__init__(data)
        payable = _payable(study)
        self.offers_any = bool(payable)
        self.fields["lost"].choices = [  # type: ignore[attr-defined]
            (one.assignment.pk, _lost_label(one)) for one in payable
        ]


def _payable(study: Study) -> list[LostWork]:
    """Lost work a bonus can be paid for, which needs other work of the same person to go to."""
    return [one for one in lost_work(study) if one.carrier and one.amount]


def _lost_label(one: LostWork) -> str:
    url = reverse("admin:studyapp_assignment_change", args=[one.assignment.pk])
    number, lot = one.assignment.pk, one.assignment.hit.lot
    said = f"lot {lot}, {one.why}: {one.amount:,.2f} USD"
    return format_html('<a href="{}">Assignment {}</a>, {}', url, number, said)


def money(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; a POST is one of its forms, told apart by its button."""
    study, user = study_to_change(request, pk)
    shown: dict[str, forms.Form] = {
        "limit": BudgetForm(initial={"budget": study.budget}),
        "extend": ExtendForm(),
        "again": AskAgainForm(),
        "wage": WageForm(),
    }
    pressed = next((name for name in _FORMS if name in request.POST), None)
    if request.method == "POST" and pressed is not None:
        kind, act = _FORMS[pressed]
        shown[pressed] = form = kind(request.POST, study)
        if form.is_valid():
            act(request, study, user, form.cleaned_data)
            return HttpResponseRedirect(reverse("admin:studyapp_study_money", args=[study.pk]))
    live, ours = study.state == StudyState.LIVE, study.frozen and not study.imported
    if ours and "lost_work" not in shown:
        offered = CompensateForm(study=study)
        if offered.offers_any:
            shown["lost_work"] = offered
    context = {
        **admin.site.each_context(request),
        "title": f"Calls and money of {study.name}",
        "study": study,
        "plan": plan(study) if ours else None,
        "budget_form": shown["limit"],
        "extend_form": shown["extend"] if live else None,
        "again_form": shown["again"] if live and study.allocation != Allocation.ONE else None,
        "wage_form": shown["wage"] if ours else None,
        "lost_form": shown.get("lost_work"),
        "open_jobs": study.jobs.filter(ended_at__isnull=True).exists(),
        "jobs": study.jobs.all()[:5],
    }
    return render(request, "admin/studyapp/study/money.html", context)


def _set_limit(request: HttpRequest, study: Study, user: User, values: Values) -> None:
    set_budget(study, amount=values["budget"], actor=user)
    messages.success(request, "The limit is set.")


def _extend(request: HttpRequest, study: Study, user: User, values: Values) -> None:
    try:
        recruiter = connect(study.environment, attempts=1)
        summary = extend_study(study, **values, recruiter=recruiter, actor=user)
    except QuorumError as error:
        messages.error(request, str(error))
        return
    messages.success(request, summary.lines()[0])
    for trouble in summary.troubles:
        messages.warning(request, trouble)


def _ask_again(request: HttpRequest, study: Study, user: User, values: Values) -> None:
    queue.enqueue("publish", arguments=values, study=study, requested_by=user)
    messages.info(request, "Asking again: the progress is above.")


def _raise_pay(request: HttpRequest, study: Study, user: User, values: Values) -> None:
    """What is lacking to the wage; its payment in the background, if that button was pressed."""
    hourly = values["hourly"]
    if request.POST["wage"] == "pay":
        arguments = {"hourly": str(hourly)}
        queue.enqueue("pay_wage", arguments=arguments, study=study, requested_by=user)
        messages.info(request, "Paying: the progress is above.")
        return
    try:
        said = pay_wage(study, hourly=hourly).lines()
    except QuorumError as error:
        messages.error(request, str(error))
        return
    messages.info(request, " ".join(line for line in said if not line.startswith("Next:")))


def _compensate(request: HttpRequest, study: Study, user: User, values: Values) -> None:
    arguments = {"assignments": sorted(values["lost"])}
    queue.enqueue("pay_lost_work", arguments=arguments, study=study, requested_by=user)
    messages.info(request, "Paying for lost work: the progress is above.")


#: By the name of its button: the form, and what a valid one does.
_FORMS: dict[str, tuple[Callable[[QueryDict, Study], forms.Form], Act]] = {
    "limit": (lambda data, _: BudgetForm(data), _set_limit),
    "extend": (lambda data, _: ExtendForm(data), _extend),
    "again": (lambda data, _: AskAgainForm(data), _ask_again),
    "wage": (lambda data, _: WageForm(data), _raise_pay),
    "lost_work": (lambda data, study: CompensateForm(data, study=study), _compensate),
}
