"""Every error in one form: a problem as RFC 9457 has it, whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request

from studyapp.errors import QuorumError, StudyError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNEXPECTED = "something unexpected went wrong; the server's log has the details"

BUSY_S = 5

#: What a client can do about each kind of problem, by its code.
REMEDIES = {
    "invalid": "Correct what `fields` names",
    "parse_error": "Send a body of the stated type",
    "not_authenticated": "Send the header Authorization: Bearer TOKEN",
    "authentication_failed": "Make a token with `manage.py api_token` or in the admin",
    "permission_denied": "Use a token with the scope, of an account that may do it",
    "not_found": "Check the address; what you may not see looks the same",
    "method_not_allowed": "Use a method that the header Allow names",
    "not_acceptable": "Accept application/json, or the type that the schema names",
    "unusable": "Correct the input",
    "conflict": "See the state of the study",
    "too_large": "Send it in parts",
    "unsupported_media_type": "Send a type that the schema names",
    "throttled": "Wait as long as the header Retry-After says",
    "busy": "Send the same again after the seconds of the header Retry-After",
    "error": "Ask whoever runs the site, then try again",
}


class TooLarge(exceptions.APIException):
    """The body is larger than is taken."""

    status_code = 413
    default_code = "too_large"

    def __init__(self, *, most: int) -> None:
        super().__init__(f"the body has more than {most:,} bytes")


def answer_with_problem(error: Exception, context: Mapping[str, Any]) -> JsonResponse:
    """The answer to a request that raised `error`, which DRF hands over."""
    if isinstance(error, QuorumError):
        conflict = isinstance(error, StudyError)
        return problem(
            409 if conflict else 400,
            code="conflict" if conflict else "unusable",
            detail=error.happened,
            item=error.item,
            remedy=error.remedy,
        )
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError(str(error))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, OperationalError):
        # Another writer was in the way; nothing was stored, so the same may be sent again.
        logger.warning("the database was busy", exc_info=error)
        headers = {"Retry-After": f"{BUSY_S}"}
        return problem(503, code="busy", detail="the database is busy", headers=headers)
    request = context.get("request")
    path = request.path if isinstance(request, Request) else ""
    logger.error("%s: %s", path, UNEXPECTED, exc_info=error)
    return problem(500, code="error", detail=UNEXPECTED)


def problem(
    status: int,
    *,
    code: str,
    detail: str,
    item: str = "",
    remedy: str = "",
    fields: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """The response; `type` leads to the line about its code on the page of the API."""
    body = {
        "type": f"/api/#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "item": item,
        "remedy": remedy or REMEDIES[code],
        "fields": dict(fields or {}),
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def _of_framework(error: exceptions.APIException) -> JsonResponse:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    code = error.default_code if error.default_code in REMEDIES else "error"
    if isinstance(error, exceptions.ValidationError):
        fields = dict(_flat(error.detail))
        detail = "; ".join(
            f"{name}: {said}" if name else said for name, texts in fields.items() for said in texts
        )
    else:
        fields, detail = {}, str(error.detail)
    detail = detail.rstrip(".")
    return problem(error.status_code, code=code, detail=detail, fields=fields, headers=headers)


def _flat(detail: Any, *, at: str = "") -> Iterator[tuple[str, list[str]]]:
    """Messages by the path of the field, such as `models.0`; those about no field by nothing."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            key = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, at=".".join(part for part in (at, key) if part))
    elif isinstance(detail, list):
        texts = [str(said) for said in detail if not isinstance(said, Mapping | list)]
        if texts:
            yield at, texts
        for inner in detail:
            if isinstance(inner, Mapping | list):
                yield from _flat(inner, at=at)
    else:
        yield at, [str(detail)]
