"""The address requester clients post to: one call in, one JSON document out."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from marketplace import faults, rate_limit
from marketplace.credentials import secret_for
from marketplace.errors import ProtocolError, RequestRefusedError
from marketplace.models import Requester
from marketplace.operations import handler_for
from marketplace.protocol.service_model import operation_for
from marketplace.protocol.shapes import checked_parameters
from marketplace.protocol.signature import SignedRequest, verify
from marketplace.request_id import current_request_id, new_request_id

CONTENT_TYPE = "application/x-amz-json-1.1"
LARGEST_BODY = 512 * 1024
logger = logging.getLogger(__name__)


def _body(request: HttpRequest) -> bytes:
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = LARGEST_BODY + 1
    if length > LARGEST_BODY:
        raise ProtocolError(
            "RequestEntityTooLargeException",
            f"The body must have at most {LARGEST_BODY} bytes.",
            status=413,
        )
    return request.body


def _requester(request: HttpRequest, *, body: bytes) -> Requester:
    signed = SignedRequest(
        method=request.method or "",
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )
    key = verify(signed, secret_for=secret_for, at=datetime.now(tz=UTC))
    return Requester.objects.get(access_key_id=key)


def _parsed(body: bytes) -> object:
    def refuse(constant: str) -> object:
        raise ValueError(constant)

    try:
        return json.loads(body or b"{}", parse_constant=refuse)
    except (ValueError, RecursionError):
        raise ProtocolError("SerializationException", "The body is not JSON.") from None


def _answer(request: HttpRequest) -> dict[str, object]:
    if request.method != "POST":
        raise ProtocolError("UnknownOperationException", "Calls are POST requests.", status=405)
    content_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type != CONTENT_TYPE:
        raise ProtocolError("UnknownOperationException", f"Content-Type must be {CONTENT_TYPE}.")
    body = _body(request)
    requester = _requester(request, body=body)
    rate_limit.take(requester)
    operation = operation_for(request.headers.get("X-Amz-Target", ""))
    handler = handler_for(operation.name)
    return handler(requester, checked_parameters(_parsed(body), shape=operation.input_shape))


def _response(document: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    response = HttpResponse(json.dumps(document), content_type=CONTENT_TYPE, status=status)
    response["x-amzn-RequestId"] = current_request_id()
    response["Cache-Control"] = "no-store"
    return response


def _with_time(error: Exception | str) -> str:
    # Real messages end with the server's time; clients must not depend on the text.
    return f"{error} ({time.time_ns() // 1_000_000})"


@csrf_exempt
def endpoint(request: HttpRequest) -> HttpResponse:
    """Answer one call; a signature, not a cookie, says whose it is."""
    new_request_id()
    fault = faults.due(request.headers.get("X-Amz-Target", "").rpartition(".")[2])
    if fault is not None:
        return faults.play(fault, request=request, forward=lambda: _answered(request))
    return _answered(request)


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        return _response(_answer(request))
    except ProtocolError as error:
        return _response(
            {"__type": error.wire_type, "Message": _with_time(error)}, status=error.status
        )
    except RequestRefusedError as error:
        return _response(
            {
                "__type": "RequestError",
                "Message": _with_time(error),
                "TurkErrorCode": error.turk_code,
            },
            status=400,
        )
    except DatabaseError:
        logger.exception("a requester call failed in the database")
        message = _with_time("The marketplace's database did not answer. Try again.")
        return _response({"__type": "ServiceFault", "Message": message}, status=500)
