from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from studyapp.api.authentication import MOST_FAILURES
from studyapp.models import ApiToken
from tests.studyapp.api.conftest import client_of
from tests.studyapp.reports.hand_study import HandStudy

pytestmark = pytest.mark.django_db

READING = [
    "studies",
    "studies/hand",
    "studies/hand/report",
    "studies/hand/questions",
    "studies/hand/votes",
    "models",
    "image-sets",
    "jobs",
]


def statuses(client: APIClient, *paths: str) -> list[int]:
    found = []
    for path in paths:
        response = client.get(f"/api/v1/{path}")
        if response.streaming:
            b"".join(response.streaming_content)  # type: ignore[attr-defined]
        found.append(response.status_code)
    return found


@pytest.mark.slow
def test_each_scope_opens_what_it_says(owner: User, made: HandStudy) -> None:
    """Broken by taking a scope out of a view: that view then answers 405 to everybody."""
    read, write, export = (client_of(owner, scope) for scope in ("read", "write", "export"))
    assert statuses(read, *READING) == [200] * len(READING)
    for other in (write, export):
        assert statuses(other, *READING) == [403] * len(READING)
    assert statuses(read, "studies/hand/export") == [403]
    assert statuses(write, "studies/hand/export") == [403]
    assert statuses(export, "studies/hand/export") == [200]
    for path in ("studies", "studies/hand/votes"):
        assert read.post(f"/api/v1/{path}").status_code == 403
        assert export.post(f"/api/v1/{path}").status_code == 403
        assert write.post(f"/api/v1/{path}", {}, format="multipart").status_code in (400, 415)
    assert read.head("/api/v1/studies").status_code == 200
    assert write.head("/api/v1/studies").status_code == 403


def test_without_a_good_token_nothing_is_open(owner: User, made: HandStudy) -> None:
    client = APIClient()
    for header in ("", "Bearer", "Bearer x", "Bearer quorum_x", "Token x", "Basic b3duZXI6eA=="):
        client.credentials(HTTP_AUTHORIZATION=header)
        response = client.get("/api/v1/studies/hand")
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == 'Bearer realm="quorum"'
        assert response.json()["remedy"]


def test_the_browser_session_opens_nothing(owner: User, made: HandStudy) -> None:
    """Else any page on the web could post votes in the reader's name."""
    client = APIClient()
    client.force_login(owner)
    assert statuses(client, *READING) == [401] * len(READING)
    assert client.post("/api/v1/studies", {}, format="json").status_code == 401


def test_a_token_ends_by_expiry_revocation_and_with_its_account(owner: User) -> None:
    now = timezone.now()
    changes: list[dict[str, object]] = [
        {"expires_at": now - dt.timedelta(seconds=1)},
        {"revoked_at": now},
    ]
    for change in changes:
        client = client_of(owner)
        assert statuses(client, "studies") == [200]
        ApiToken.objects.update(**change)
        assert statuses(client, "studies") == [401]
    client = client_of(owner)
    User.objects.update(is_staff=False)
    assert statuses(client, "studies", "models", "image-sets", "jobs") == [403] * 4
    User.objects.update(is_active=False)
    assert statuses(client, "studies") == [401]


@pytest.mark.slow
def test_guessing_tokens_ends_after_some_tries(owner: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer quorum_guess")
    assert {client.get("/api/v1/studies").status_code for _ in range(MOST_FAILURES)} == {401}
    response = client.get("/api/v1/studies")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


@pytest.mark.slow
def test_a_token_may_ask_so_often_in_a_minute(
    owner: User, made: HandStudy, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_REQUESTS_PER_MINUTE, settings.API_HEAVY_PER_MINUTE = 5, 2
    moment = 1_000_000 * 60 + 20.0
    monkeypatch.setattr("studyapp.api.throttling.time.time", lambda: moment)
    first, second = client_of(owner), client_of(owner)
    assert statuses(first, *["studies/hand/report"] * 3) == [200, 200, 429]
    assert statuses(first, *["studies"] * 3) == [200, 200, 429]
    response = first.get("/api/v1/studies")
    assert (response.status_code, response["Retry-After"]) == (429, "40")
    assert response.json()["code"] == "throttled"
    assert statuses(second, "studies") == [200]
    moment += 40
    assert statuses(first, "studies") == [200]
