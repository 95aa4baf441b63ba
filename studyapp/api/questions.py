"""The questions of a study, with their votes counted and their verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.analytics import Verdict
from studyapp.api.query import LOOK_PARAMETERS, SliceQuery, look_of, read_query
from studyapp.api.view import PagedView
from studyapp.exports.names import names_of
from studyapp.exports.questions import QUESTION_COLUMNS, models_by_question, question_rows
from studyapp.reports import Analysis, analyse_study

VERDICTS = [verdict.name.lower() for verdict in Verdict]


class QuestionShape(serializers.Serializer[Any]):
    """A question asked: docs/reference/exports.md says what each column means."""

    question_id = serializers.IntegerField()
    image_id = serializers.CharField()
    condition = serializers.CharField(allow_null=True)
    predicted_class = serializers.IntegerField(allow_null=True)
    true_class = serializers.IntegerField(allow_null=True)
    n_valid = serializers.IntegerField()
    n_yes = serializers.IntegerField()
    n_no = serializers.IntegerField()
    n_unsure = serializers.IntegerField()
    yes_share = serializers.FloatField(allow_null=True)
    verdict = serializers.ChoiceField(choices=VERDICTS)
    rule_k = serializers.IntegerField()
    rule_n = serializers.IntegerField()
    rule_unsure = serializers.CharField()
    curtailed = serializers.BooleanField()
    models = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the models whose mistake it is."
    )
    asked_again = serializers.BooleanField(
        help_text="It lacked votes and was offered again only for being undecided."
    )


class QuestionQuery(SliceQuery):
    """Which questions, of which part of the study, and the rule of their verdicts."""

    verdict = serializers.ChoiceField(required=False, choices=VERDICTS)
    model = serializers.CharField(
        required=False, max_length=300, help_text="Name of a model whose mistake it is."
    )


class Questions(PagedView):
    heavy = frozenset({"GET"})
    parameters = (*LOOK_PARAMETERS, "verdict")
    serializer_class = QuestionShape
    filter_backends = ()

    @extend_schema(
        operation_id="list_questions",
        summary="The questions of a study with their verdicts",
        parameters=[QuestionQuery],
        responses=QuestionShape(many=True),
    )
    def get(self, request: Request, name: str) -> Response:
        """The rows of questions.csv by key of the question, under the rule that is asked for.

        Of a class, condition or rater as in the report; of a model, those whose mistake it is.
        """
        study = self.study()
        wanted = read_query(request, query=QuestionQuery)
        analysis = analyse_study(study, **look_of(study, wanted, reader=request.user))
        rows = (
            row
            for row in _rows(analysis)
            if wanted.get("verdict", row["verdict"]) == row["verdict"]
            and ("model" not in wanted or wanted["model"] in row["models"])
        )
        page = self.pages.paginate_rows(rows, request, key="question_id")
        return self.pages.get_paginated_response(page)


def _rows(analysis: Analysis) -> Iterator[dict[str, Any]]:
    """What questions.csv holds, with the models as a list."""
    models = models_by_question(analysis)
    header = [column.name for column in QUESTION_COLUMNS]
    for row, cells in enumerate(question_rows(analysis, names=names_of(analysis))):
        yield {**dict(zip(header, cells, strict=True)), "models": models.get(row, [])}
