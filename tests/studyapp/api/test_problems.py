from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from rest_framework.test import APIClient

from studyapp.api import studies as studies_module
from studyapp.api.problems import MEDIA_TYPE, REMEDIES
from tests.studyapp.api.conftest import client_of
from tests.studyapp.reports.hand_study import HandStudy

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]
KEYS = {"type", "title", "status", "detail", "code", "item", "remedy", "fields"}


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The body, found to be a problem of this status and code."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == MEDIA_TYPE
    body = response.json()
    assert set(body) == KEYS
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"/api/#{code}"
    assert body["detail"]
    assert body["remedy"]
    found: dict[str, Any] = body
    return found


def test_every_status_has_one_form(client: APIClient, owner: User, made: HandStudy) -> None:
    def post(body: str, kind: str = "application/json", path: str = "studies") -> Any:
        return client.post(f"/api/v1/{path}", body, content_type=kind)

    problem(client.get("/api/v1/nothing"), 404, "not_found")
    problem(client.post("/api/v1/studies/"), 404, "not_found")
    problem(client.get("/api/v1/studies/a%0Ab"), 404, "not_found")
    problem(client.get("/api/v1/studies/none"), 404, "not_found")
    problem(client.delete("/api/v1/studies/hand"), 405, "method_not_allowed")
    assert client.delete("/api/v1/studies/hand")["Allow"] == "GET, HEAD"
    assert client.options("/api/v1/studies")["Allow"] == "GET, HEAD, POST"
    problem(client.get("/api/v1/studies", HTTP_ACCEPT="image/png"), 406, "not_acceptable")
    problem(post("a: 1", kind="text/yaml"), 415, "unsupported_media_type")
    problem(post("{"), 400, "parse_error")
    problem(post("{}"), 400, "invalid")
    problem(APIClient().get("/api/v1/studies"), 401, "not_authenticated")
    problem(client_of(owner, "write").get("/api/v1/studies"), 403, "permission_denied")
    problem(client.get("/api/v1/studies/hand/report?accept=9"), 400, "unusable")
    problem(post("x", kind="text/csv", path="studies/hand/votes"), 400, "unusable")


def test_fields_are_named(client: APIClient) -> None:
    wrong = {"set": "toy", "raters_per_trial": "many", "models": ["a", {}], "colour": "red"}
    body = problem(client.post("/api/v1/studies", wrong, format="json"), 400, "invalid")
    assert list(body["fields"]) == ["colour"]
    del wrong["colour"]
    body = problem(client.post("/api/v1/studies", wrong, format="json"), 400, "invalid")
    assert set(body["fields"]) == {"name", "raters_per_trial", "models.1"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("secret of the house"), 500, "error"),
        (OperationalError("deadlock detected: secret of the house"), 503, "busy"),
    ],
)
def test_what_goes_wrong_inside_is_told_without_its_inside(
    client: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    code: str,
) -> None:
    def fail(user: object) -> None:
        raise error

    monkeypatch.setattr(studies_module, "visible_studies", fail)
    body = problem(client.get("/api/v1/studies"), status, code)
    assert "secret" not in json.dumps(body)
    assert "secret of the house" in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b'{"name": "a", "name": "b"}',
        b'{"seconds_min": NaN}',
        b'{"seconds_min": 1' + b"0" * 5_000 + b"}",
        b'"\xff\xfe"',
        '{"name": "ä"}'.encode("utf-16"),
        b"\x00",
        b"",
    ],
)
def test_hostile_json_is_refused(client: APIClient, body: bytes) -> None:
    response = client.post("/api/v1/studies", body, content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize("charset", ["utf-16", "hex", "nonsense"])
def test_json_is_utf_8_whatever_the_header_says(client: APIClient, charset: str) -> None:
    response = client.post(
        "/api/v1/studies", b"{}", content_type=f"application/json; charset={charset}"
    )
    assert problem(response, 400, "invalid")["fields"]["name"]


def test_a_large_body_is_refused_by_its_length(client: APIClient, made: HandStudy) -> None:
    body = json.dumps({"name": "x" * 100_000})
    response = client.post("/api/v1/studies", body, content_type="application/json")
    problem(response, 413, "too_large")
    response = client.post("/api/v1/studies/hand/votes", b"x" * 5_000_001, content_type="text/csv")
    problem(response, 413, "too_large")
    response = client.get("/api/v1/studies", CONTENT_LENGTH="1" * 30)
    problem(response, 413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "studies?page=2",
        "studies?state=open",
        "studies?state=",
        "studies?set=",
        "studies/hand/questions?model=",
        "studies?set=%00",
        "studies?cursor=x",
        "studies?cursor=-1",
        "studies?cursor=" + "9" * 40,
        "studies?cursor=٣",
        "studies?page_size=0",
        "studies?page_size=1001",
        "studies/hand?accept=3",
        "studies/hand/report?aceept=3",
        "studies/hand/report?accept=0",
        "studies/hand/report?accept=1e1",
        "studies/hand/report?unsure=perhaps",
        "studies/hand/votes?answer=maybe",
        "studies/hand/votes?question=1.5",
        "studies/hand/questions?verdict=none",
        "studies/hand/questions?model=%00",
        "studies/hand/export?accept=x",
        "models?name=%00",
        "jobs?state=%27",
    ],
)
def test_a_parameter_that_cannot_be_is_told_and_never_left_out(
    client: APIClient, made: HandStudy, path: str
) -> None:
    body = problem(client.get(f"/api/v1/{path}"), 400, "invalid")
    name = path.partition("?")[2].partition("=")[0]
    assert list(body["fields"]) == [name]


@pytest.mark.slow
def test_the_page_of_the_api_explains_every_code(client: APIClient) -> None:
    page = client.get("/api/").content.decode()
    for code in REMEDIES:
        assert f'id="{code}"' in page
