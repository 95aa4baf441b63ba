"""The report of a study: the value that report.json holds."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from studyapp.api.dataclass_shapes import shape_of
from studyapp.api.query import LOOK_PARAMETERS, SliceQuery, look_of, read_query
from studyapp.api.view import ApiView
from studyapp.reports import StudyReport, build_report
from studyapp.reports.study_report import Protocol

ProtocolShape = shape_of(Protocol, name="Protocol", also={"as_planned": serializers.BooleanField()})
ReportShape = shape_of(
    StudyReport,
    name="StudyReport",
    also={
        "schema_version": serializers.IntegerField(),
        "protocol": ProtocolShape(),
        "planned": serializers.BooleanField(),
        "part": serializers.DictField(
            allow_null=True, help_text="What the question type tells, in place of models."
        ),
    },
)


class Report(ApiView):
    heavy = frozenset({"GET"})
    parameters = LOOK_PARAMETERS

    @extend_schema(
        operation_id="read_report",
        summary="The report of a study",
        parameters=[SliceQuery],
        responses=ReportShape,
    )
    def get(self, request: Request, name: str) -> Response:
        """Every figure, as `analyse --json` writes it: docs/reference/figures.md defines each."""
        study = self.study()
        look = look_of(study, read_query(request, query=SliceQuery), reader=request.user)
        return Response(build_report(study, **look).to_dict())
