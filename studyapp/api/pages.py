"""What is sent to whoever has no token: the schema, its page, and that there is nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from studyapp.api.problems import REMEDIES, problem
from studyapp.api.schema import schema


@dataclass(frozen=True)
class Operation:
    """One line of the page."""

    method: str
    path: str
    name: str
    summary: str
    description: str
    scope: str
    parameters: tuple[dict[str, Any], ...]
    takes: tuple[str, ...]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The API for people, drawn here from the schema alone."""
    context = {"operations": operations(schema()), "problems": sorted(REMEDIES.items())}
    return render(request, "api/docs.html", context)


@require_safe
def openapi(_request: HttpRequest) -> JsonResponse:
    """The schema for programs."""
    return JsonResponse(schema(), json_dumps_params={"indent": 2})


@csrf_exempt
def nothing_here(_request: HttpRequest) -> JsonResponse:
    """A wrong address under the API is told in the API's form."""
    return problem(404, code="not_found", detail="there is nothing at this address")


def operations(document: dict[str, Any]) -> list[Operation]:
    """The operations of an OpenAPI document, by path."""
    return [
        Operation(
            method=method.upper(),
            path=path,
            name=operation["operationId"],
            summary=operation["summary"],
            description=operation.get("description", ""),
            scope=", ".join(scope for given in operation["security"] for scope in given["token"]),
            parameters=tuple(operation.get("parameters", ())),
            takes=tuple(operation.get("requestBody", {}).get("content", ())),
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
