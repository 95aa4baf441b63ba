"""The export of a study as one file."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from studyapp.api.permissions import account_of
from studyapp.api.query import LOOK_PARAMETERS, SliceQuery, look_of, read_query
from studyapp.api.view import ApiView
from studyapp.exports import export_archive
from studyapp.vocabulary import Scope


class ZipRenderer(BaseRenderer):
    """Says that a client may ask for a zip; the file itself is sent as it is."""

    media_type = "application/zip"
    format = "zip"
    charset = None

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("a zip is sent as a file")


class Export(ApiView):
    scopes = {"GET": Scope.EXPORT}
    heavy = frozenset({"GET"})
    parameters = LOOK_PARAMETERS
    renderer_classes = (JSONRenderer, ZipRenderer)

    @extend_schema(
        operation_id="export_study",
        summary="The tables of a study as a zip",
        parameters=[SliceQuery],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, name: str) -> FileResponse:
        """What docs/reference/exports.md describes; the same rows give the same bytes."""
        study = self.study()
        look = look_of(study, read_query(request, query=SliceQuery), reader=request.user)
        archive = export_archive(study, **look, actor=account_of(request))
        return FileResponse(
            archive,
            as_attachment=True,
            filename=f"{study.name}.zip",
            content_type="application/zip",
        )
