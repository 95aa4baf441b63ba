"""Studies: the reader's own, one of them, a new one."""

from __future__ import annotations

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.api.permissions import account_of, require_permission
from studyapp.api.study_shapes import StudyDetailShape, StudyDraft, StudyShape
from studyapp.api.view import ApiView, PagedView
from studyapp.models import Study
from studyapp.pipeline.new_study import new_study_from
from studyapp.selectors.studies import visible_studies
from studyapp.vocabulary import Scope, StudyState


class StudyFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=StudyState.choices)
    set = filters.CharFilter(field_name="image_set__name", label="Name of the image set.")
    model = filters.CharFilter(method="of_model", label="Name of a model of the study.")

    class Meta:
        model = Study
        fields: list[str] = []

    def of_model(self, studies: QuerySet[Study], name: str, value: str) -> QuerySet[Study]:
        return studies.filter(vision_models__name=value)


class Studies(PagedView):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    serializer_class = StudyShape
    filterset_class = StudyFilter
    newest_first = True

    def get_queryset(self) -> QuerySet[Study]:
        studies = visible_studies(self.request.user).select_related("image_set", "owner")
        return studies.prefetch_related("vision_models", "conditions")

    @extend_schema(
        operation_id="list_studies",
        summary="The studies you may see, newest first",
        responses=StudyShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Those the account owns or is a member of; all for a superuser."""
        page = self.pages.paginate_queryset(
            self.filter_queryset(self.get_queryset()), request, view=self
        )
        return self.pages.get_paginated_response(StudyShape(page, many=True).data)

    @extend_schema(
        operation_id="create_study",
        summary="Make a draft",
        request=StudyDraft,
        responses={201: StudyDetailShape},
    )
    def post(self, request: Request) -> Response:
        """The same as `manage.py new_study`, owned by the account; a name in use is refused.

        Reviewing, launching and closing a study are done on the site or at a terminal.
        """
        require_permission(request, permission="studyapp.add_study")
        draft = StudyDraft(data=request.data)
        draft.is_valid(raise_exception=True)
        made = new_study_from(draft.validated_data, owner=account_of(request))
        study = Study.objects.get(name=made.study)
        return Response(StudyDetailShape(study).data, status=201)


class OneStudy(ApiView):
    serializer_class = StudyDetailShape
    queryset = Study.objects.none()

    @extend_schema(operation_id="read_study", summary="A study and how far it is")
    def get(self, request: Request, name: str) -> Response:
        """The protocol as it stands, and counts of trials, HITs, assignments and votes."""
        return Response(StudyDetailShape(self.study()).data)
