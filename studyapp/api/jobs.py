"""Background work: how far it is and how it ended."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.api.view import ApiView, PagedView
from studyapp.models import Job
from studyapp.selectors.jobs import visible_jobs
from studyapp.vocabulary import JobState


class JobShape(serializers.ModelSerializer[Job]):
    """A piece of background work: `done` of `total` items, where that is known."""

    study = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)

    class Meta:
        model = Job
        ref_name = "Job"
        fields = [
            "id", "verb", "study", "state", "done", "total", "message", "created_at",
            "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class JobFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=JobState.choices)
    study = filters.CharFilter(field_name="study__name", label="Name of a study.")
    verb = filters.CharFilter(label="What it does, such as “predict”.")

    class Meta:
        model = Job
        fields: list[str] = []


class Jobs(PagedView):
    serializer_class = JobShape
    filterset_class = JobFilter
    newest_first = True

    def get_queryset(self) -> QuerySet[Job]:
        # A part shows in the progress and the message of its whole.
        return visible_jobs(self.request.user).filter(parent=None).select_related("study")

    @extend_schema(
        operation_id="list_jobs",
        summary="Background work, newest first",
        responses=JobShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Your own, that of studies you may see, and that on image sets."""
        jobs = self.filter_queryset(self.get_queryset())
        page = self.pages.paginate_queryset(jobs, request, view=self)
        return self.pages.get_paginated_response(JobShape(page, many=True).data)


class OneJob(ApiView):
    serializer_class = JobShape
    queryset = Job.objects.none()

    @extend_schema(operation_id="read_job", summary="A piece of background work")
    def get(self, request: Request, pk: int) -> Response:
        """Its state, progress and message."""
        jobs = visible_jobs(request.user).select_related("study")
        return Response(JobShape(get_object_or_404(jobs, pk=pk)).data)
