"""The OpenAPI schema: what the views say, and what holds for all of them."""

from __future__ import annotations

import functools
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from studyapp.api.permissions import reading_as
from studyapp.api.problems import MEDIA_TYPE, REMEDIES

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong, in the form of RFC 9457.",
    "required": ["type", "title", "status", "detail", "code", "item", "remedy", "fields"],
    "properties": {
        "type": {"type": "string", "description": "Leads to what is said of the code."},
        "title": {"type": "string", "description": "The phrase of the status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened."},
        "code": {"type": "string", "enum": sorted(REMEDIES)},
        "item": {"type": "string", "description": "Which study, file, line or row; may be empty."},
        "remedy": {"type": "string", "description": "What to do."},
        "fields": {
            "type": "object",
            "description": "What is wrong with each field or parameter, by its name.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}

EVERYWHERE = {
    "400": "A parameter or the body cannot be used.",
    "401": "No token, or one that is unknown, expired or revoked.",
    "403": "The token lacks the scope, or the account the right.",
    "406": "No type that the client accepts can be sent.",
    "413": "The body is too large.",
    "429": "Too many requests in this minute.",
    "500": "Something unexpected went wrong.",
    "503": "The database is busy.",
}
NAMED = {"404": "There is nothing of this name, or nothing that you may see."}
WRITING = {
    "409": "A study is not in a state in which this can be done, or the name is in use.",
    "415": "The body is of a type that is not taken.",
}
HEADERS = {
    "401": {"WWW-Authenticate": {"schema": {"type": "string"}}},
    "429": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}},
    "503": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}},
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "studyapp.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Make one with `manage.py api_token NAME --scope read` or in the admin.",
        }

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """The scope stands where OpenAPI 3.1 lets a scheme name the roles it asks for."""
        scopes = getattr(auto_schema.view, "scopes", {})
        return {self.name: [str(scopes[reading_as(auto_schema.method)])]}


def complete_schema(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add the problems every operation can answer with, and close what takes no more keys."""
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    told = EVERYWHERE | NAMED | WRITING
    components["responses"] = {
        f"Problem{status}": {
            "description": text,
            **({"headers": HEADERS[status]} if status in HEADERS else {}),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, text in sorted(told.items())
    }
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            wanted = EVERYWHERE | (NAMED if "{" in path else {})
            wanted |= WRITING if method == "post" else {}
            for status in sorted(wanted):
                operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    components["schemas"]["StudyDraftRequest"]["additionalProperties"] = False
    for shape in components["schemas"].values():
        for value in shape.get("properties", {}).values():
            _forget_database(value)
    return result


def _forget_database(value: dict[str, Any]) -> None:
    """What is only read is told without the range of its column, which each database has anew."""
    if value.get("readOnly"):
        for key in ("minimum", "maximum", "format") if _is_whole(value) else ():
            value.pop(key, None)


def _is_whole(value: dict[str, Any]) -> bool:
    kind = value.get("type")
    return kind == "integer" or (isinstance(kind, list) and "integer" in kind)


@functools.cache
def schema() -> dict[str, Any]:
    """The schema of this version, made once in a process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made
