"""Who is kept off a study, and what the recruiter was told of it. Nobody is named here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from studyapp.admin.crowd import VisibleStudyFilter
from studyapp.admin.readonly import ReadOnlyAdmin
from studyapp.models import BarEntry, KeptOut
from studyapp.selectors.studies import visible_studies


@admin.register(BarEntry)
class BarEntryAdmin(ReadOnlyAdmin[BarEntry]):
    list_display = ["rater", "bar", "until", "state", "changed_at", "said"]
    list_filter = ["state", ("bar__study", VisibleStudyFilter)]
    list_select_related = ["rater", "bar"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BarEntry]:
        visible = visible_studies(request.user)
        return super().get_queryset(request).filter(bar__study__in=visible)


@admin.register(KeptOut)
class KeptOutAdmin(ReadOnlyAdmin[KeptOut]):
    list_display = ["rater", "study", "source", "decided_by", "decided_at"]
    list_filter = [("study", VisibleStudyFilter)]
    list_select_related = ["rater", "study", "decided_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeptOut]:
        visible = visible_studies(request.user)
        return super().get_queryset(request).filter(study__in=visible)
