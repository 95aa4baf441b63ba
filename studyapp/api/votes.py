"""The votes of a study: read in pages, and added to from elsewhere."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.api.dataclass_shapes import shape_of
from studyapp.api.parsers import CSVParser
from studyapp.api.permissions import account_of, require_permission
from studyapp.api.query import LARGEST, Whole, read_query
from studyapp.api.view import PagedView
from studyapp.api.vote_imports import add_votes
from studyapp.api.vote_rows import vote_rows
from studyapp.models import Study, Vote
from studyapp.pipeline.import_votes import ImportVotesSummary
from studyapp.vocabulary import Answer, Scope

ImportedShape = shape_of(ImportVotesSummary, name="ImportedVotes")


class VoteShape(serializers.Serializer[Any]):
    """A vote: docs/reference/exports.md says what each column means."""

    question_id = serializers.IntegerField()
    condition = serializers.CharField(allow_null=True)
    rater_id = serializers.CharField(
        help_text="Pseudonym, the same in every page, and in exports with the pseudonym key api."
    )
    answer = serializers.ChoiceField(choices=Answer.choices)
    answer_raw = serializers.CharField()
    presented_at = serializers.DateTimeField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    response_time_s = serializers.FloatField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    is_valid = serializers.BooleanField()  # type: ignore[assignment]  # a column, not the method
    exclusion_reason = serializers.CharField(allow_null=True)


class VoteQuery(serializers.Serializer[Any]):
    """Which votes."""

    question = Whole(
        required=False, min_value=1, max_value=LARGEST, help_text="The question_id of a question."
    )
    answer = serializers.ChoiceField(required=False, choices=Answer.choices)


class VoteUpload(serializers.Serializer[Any]):
    """A table of votes, as a form sends it."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)


class Votes(PagedView):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    heavy = frozenset({"POST"})
    parameters = ("question", "answer")
    most_bytes = "API_MAX_VOTES_BYTES"
    parser_classes = (CSVParser, MultiPartParser)
    serializer_class = VoteShape
    filter_backends = ()

    @extend_schema(
        operation_id="list_votes",
        summary="The votes of a study, in the order they were stored",
        parameters=[VoteQuery],
        responses=VoteShape(many=True),
    )
    def get(self, request: Request, name: str) -> Response:
        """Every vote, valid or not; votes are only ever added, so pages stay what they are."""
        study = self.study()
        votes = _stored(study, **read_query(request, query=VoteQuery))
        page = self.pages.paginate_queryset(votes, request, view=self)
        rows = VoteShape(list(vote_rows(page, study=study)), many=True).data
        return self.pages.get_paginated_response(rows)

    @extend_schema(
        operation_id="import_votes",
        summary="Import votes gathered elsewhere",
        request={"text/csv": OpenApiTypes.STR, "multipart/form-data": VoteUpload},
        responses=ImportedShape,
    )
    def post(self, request: Request, name: str) -> Response:
        """The table of docs/reference/import-formats.md, all of it or nothing.

        Sent again it adds nothing; a row whose answer or seconds changed is refused.
        """
        require_permission(request, permission="studyapp.change_study")
        study = self.study()
        upload = VoteUpload(data=request.data)
        upload.is_valid(raise_exception=True)
        with closing(upload.validated_data["file"]) as table:
            summary = add_votes(study, table=table, actor=account_of(request))
        return Response(asdict(summary))


def _stored(
    study: Study, *, question: int | None = None, answer: str | None = None
) -> QuerySet[Vote]:
    votes = Vote.objects.filter(study=study).select_related("rater", "trial__condition")
    if question is not None:
        votes = votes.filter(question=question)
    return votes if answer is None else votes.filter(answer=answer)
