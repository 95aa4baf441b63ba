"""Handed-in work by its number: pay it, refuse to, take that back, pay more. No names anywhere."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studyapp.admin.crowd import VisibleStudyFilter
from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.admin.visible import study_to_change
from studyapp.errors import QuorumError
from studyapp.models import Assignment, IntendedCall
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.review_assignments import approve_assignment, reject_assignment
from studyapp.recruiters.connect import connect
from studyapp.recruiters.reviews import LARGEST_BONUS, LONGEST_REASON
from studyapp.selectors.studies import visible_studies
from studyapp.vocabulary import HANDED_IN_STATES


class RejectForm(forms.Form):
    prefix = "reject"
    reason = forms.CharField(
        label="Why, in words the worker will read",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    confirmed = forms.BooleanField(
        label="I have looked at the work, and this person is to stay unpaid", required=False
    )


class BonusForm(forms.Form):
    prefix = "bonus"
    amount = forms.DecimalField(
        label="Bonus (USD)",
        min_value=Decimal("0.01"),
        max_value=LARGEST_BONUS,
        decimal_places=2,
        help_text="The fee of 20 % comes on top.",
    )
    reason = forms.CharField(
        label="What for, in words the worker will read", max_length=LONGEST_REASON
    )


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin[Assignment]):
    list_display = ["id", "study", "lot", "state", "rater", "submitted_at", "reviewed_at", "decide"]
    list_filter = ["state", ("hit__study", VisibleStudyFilter)]
    list_select_related = ["hit__study", "rater"]
    # The marketplace's own ids and our proof of origin are no page's business.
    fields = ["hit", "rater", "state", "started_at", "submitted_at", "reviewed_at", "decide"]
    readonly_fields = ["decide"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        visible = visible_studies(request.user)
        return super().get_queryset(request).filter(hit__study__in=visible)

    @admin.display(ordering="hit__study__name")
    def study(self, assignment: Assignment) -> str:
        return assignment.hit.study.name

    @admin.display(ordering="hit__lot")
    def lot(self, assignment: Assignment) -> int:
        return assignment.hit.lot

    @admin.display(description="Decide")
    def decide(self, assignment: Assignment) -> SafeString | str:
        if assignment.state not in HANDED_IN_STATES or assignment.is_test:
            return "not handed in"
        url = reverse("admin:studyapp_assignment_decide", args=[assignment.pk])
        return format_html('<a href="{}">pay, reject, bonus …</a>', url)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/decide/",
            self.admin_site.admin_view(decide),
            name="studyapp_assignment_decide",
        )
        return [own, *super().get_urls()]


@admin.register(IntendedCall)
class IntendedCallAdmin(ReadOnlyAdmin[IntendedCall]):
    list_display = ["kind", "state", "hit", "assignment", "amount", "fee", "planned_at", "said"]
    list_filter = ["state", "kind", ("hit__study", VisibleStudyFilter)]
    list_select_related = ["hit", "assignment"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntendedCall]:
        visible = visible_studies(request.user)
        return super().get_queryset(request).filter(hit__study__in=visible)


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One assignment's page of decisions; a POST is one of them, named by its button."""
    assignment = Assignment.objects.select_related("hit__study", "rater").filter(pk=pk).first()
    if assignment is None:
        raise Http404
    study, user = study_to_change(request, assignment.hit.study_id)
    posted = request.POST if request.method == "POST" else None
    verb = posted.get("verb", "") if posted else ""
    rejection = RejectForm(posted if verb == "reject" else None)
    bonus = BonusForm(posted if verb == "bonus" else None)
    wrong = [form for form in (rejection, bonus) if form.is_bound and not form.is_valid()]
    if posted is not None and not wrong:
        try:
            line = _carry_out(verb, assignment, user=user, rejection=rejection, bonus=bonus)
            messages.success(request, line)
        except QuorumError as error:
            messages.error(request, str(error))
        return redirect("admin:studyapp_assignment_decide", pk)
    context = {
        **admin.site.each_context(request),
        "title": f"Decide on assignment {pk}",
        "study": study,
        "assignment": assignment,
        "calls": assignment.calls.select_related("decided_by"),
        "reject_form": rejection,
        "bonus_form": bonus,
        "handed_in": assignment.state in HANDED_IN_STATES and not assignment.is_test,
    }
    return render(request, "admin/studyapp/assignment/decide.html", context)


def _carry_out(
    verb: str, assignment: Assignment, *, user: User, rejection: RejectForm, bonus: BonusForm
) -> str:
    """The decision, sent at once; what was done, in a line."""
    study, pk = assignment.hit.study, assignment.pk
    recruiter = connect(study.environment, attempts=1)
    if verb in ("approve", "override"):
        override = verb == "override"
        done = approve_assignment(
            study, pk, override=override, recruiter=recruiter, actor=user
        ).lines()
    elif verb == "reject":
        values = rejection.cleaned_data
        done = reject_assignment(study, pk, **values, recruiter=recruiter, actor=user).lines()
    elif verb == "bonus":
        values = bonus.cleaned_data
        done = pay_bonus(study, pk, **values, recruiter=recruiter, actor=user).lines()
    else:
        return "There is no such decision: nothing was done."
    return done[0]
