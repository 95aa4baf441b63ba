"""Contested rejections: the operator reads both sides and decides, once."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.actions.contest import decide_dispute
from marketplace.admin.readonly import ReadOnlyAdmin
from marketplace.errors import MarketplaceError
from marketplace.models import Dispute
from marketplace.vocabulary import DisputeStatus


class DecisionForm(forms.ModelForm[Dispute]):
    """The decision and the words that go with it to the worker."""

    decision = forms.ChoiceField(
        choices=(
            ("", "Choose one"),
            ("pay", "Pay after all, out of the requester's money"),
            ("dismiss", "The rejection stands"),
        )
    )

    class Meta:
        model = Dispute
        fields = ("answer",)
        help_texts = {"answer": "The worker reads this."}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what the base takes
        if "answer" in self.fields:
            self.fields["answer"].required = True


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Open ones first."""

    form = DecisionForm
    list_display = ("assignment", "worker", "requester", "status", "created_at", "decided_at")
    list_select_related = ("assignment__worker", "assignment__hit__requester")
    list_filter = ("status",)
    search_fields = ("assignment__assignment_id", "assignment__worker__worker_id")
    ordering = ("decided_at", "pk")
    fields = (
        *("assignment", "worker", "requester", "reward", "reason", "text", "answers"),
        *("status", "decision", "answer", "created_at", "decided_at"),
    )
    readonly_fields = (
        *("assignment", "worker", "requester", "reward", "reason", "text", "answers"),
        *("status", "created_at", "decided_at"),
    )

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Whoever Django's permissions let, as long as nothing is decided."""
        decided = isinstance(obj, Dispute) and obj.status != DisputeStatus.OPEN
        return request.user.has_perm("marketplace.change_dispute") and not decided

    def get_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        """A decided dispute has no field to decide it."""
        open_ = self.has_change_permission(request, obj)
        return tuple(name for name in self.fields if open_ or name != "decision")

    @admin.display(description="worker")
    def worker(self, dispute: Dispute) -> str:
        """By id."""
        return dispute.assignment.worker.worker_id

    @admin.display(description="requester")
    def requester(self, dispute: Dispute) -> str:
        """By name."""
        return dispute.assignment.hit.requester.name

    @admin.display(description="pays, USD")
    def reward(self, dispute: Dispute) -> str:
        """What is at stake."""
        return str(dispute.assignment.hit.reward)

    @admin.display(description="reason of the rejection")
    def reason(self, dispute: Dispute) -> str:
        """The requester's words."""
        return dispute.assignment.requester_feedback

    @admin.display(description="what was handed in")
    def answers(self, dispute: Dispute) -> str:
        """The answers as the requester sees them."""
        return dispute.assignment.answer

    def save_model(
        self, request: HttpRequest, obj: Dispute, form: forms.ModelForm[Dispute], change: bool
    ) -> None:
        """Decide; what stands in the way is said, and nothing is changed."""
        pay = form.cleaned_data["decision"] == "pay"
        try:
            decide_dispute(obj, pay=pay, answer=form.cleaned_data["answer"])
        except MarketplaceError as error:
            messages.error(request, f"Nothing was decided. {error}")

    def log_change(  # type: ignore[override]  # nobody uses what the base gives back
        self, request: HttpRequest, obj: Dispute, message: object
    ) -> LogEntry | None:
        """A decision that was not taken leaves no trace."""
        if _is_open(obj):
            return None
        return super().log_change(request, obj, message)

    def response_change(self, request: HttpRequest, obj: Dispute) -> HttpResponse:
        """Stay on the page of what is still to be decided."""
        if _is_open(obj):
            return redirect(request.path)
        return super().response_change(request, obj)


def _is_open(dispute: Dispute) -> bool:
    return Dispute.objects.filter(pk=dispute.pk, status=DisputeStatus.OPEN).exists()
