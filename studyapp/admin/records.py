"""Background work and the audit trail."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.models import AuditEntry, Job
from studyapp.selectors.studies import visible_studies


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    list_display = ["what", "study", "state", "how_far", "message", "requested_by", "created_at"]
    list_filter = ["state", "verb"]
    list_select_related = ["study", "requested_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        # A part shows in the progress and the message of its whole.
        jobs = super().get_queryset(request).filter(parent=None)
        mine = Q(requested_by=request.user.pk) | Q(study__in=visible_studies(request.user))
        return jobs if request.user.is_superuser else jobs.filter(mine)

    @admin.display(description="Work", ordering="verb")
    def what(self, job: Job) -> str:
        return job.label

    @admin.display(description="Progress")
    def how_far(self, job: Job) -> str:
        return f"{job.done} of {job.total}" if job.total else str(job.done or "")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    list_display = ["at", "verb", "study", "actor", "summary"]
    list_filter = ["verb"]
    date_hierarchy = "at"
    list_select_related = ["study", "actor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries = super().get_queryset(request)
        if request.user.is_superuser:
            return entries
        mine = Q(actor=request.user.pk) | Q(study__in=visible_studies(request.user))
        return entries.filter(mine)
