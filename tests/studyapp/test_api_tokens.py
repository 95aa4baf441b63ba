from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from studyapp.api_tokens import find_token, issue_token, revoke_token, token_of, token_state
from studyapp.errors import InputError
from studyapp.models import ApiToken, AuditEntry
from studyapp.people import make_researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_researcher("ada", password="a long one")


def test_a_token_is_found_by_what_was_shown_and_kept_as_a_hash_alone(ada: User) -> None:
    token = issue_token(ada, label="laptop", scopes=["write", "read", "read"])
    assert find_token(token.secret) == token
    assert token.scopes == ["read", "write"]
    row = ApiToken.objects.values().get()
    assert token.secret not in str(row)
    assert token.secret.startswith(row["start"])
    assert len(token.secret) - len(row["start"]) > 30
    assert ApiToken.objects.get().secret == ""
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor) == ("issue_token", ada)
    assert token.secret not in str(entry.summary)


def test_every_token_is_another_one(ada: User) -> None:
    secrets = {issue_token(ada, label="x", scopes=["read"]).secret for _ in range(20)}
    assert len(secrets) == 20


@pytest.mark.parametrize("ending", ["revoked", "expired", "left", "cut", "longer", "other"])
def test_a_token_that_is_not_good_is_not_found(ada: User, ending: str) -> None:
    token = issue_token(ada, label="laptop", scopes=["read"])
    secret = token.secret
    if ending == "revoked":
        assert revoke_token(token, actor=ada)
        assert not revoke_token(token, actor=ada)
        assert AuditEntry.objects.filter(verb="revoke_token").count() == 1
    elif ending == "expired":
        past = timezone.now() - dt.timedelta(seconds=1)
        ApiToken.objects.filter(pk=token.pk).update(expires_at=past)
        token.refresh_from_db()
    elif ending == "left":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    else:
        secret = {"cut": secret[:-1], "longer": secret + "x" * 100, "other": "x" + secret}[ending]
    assert find_token(secret) is None
    assert token_state(token) == (ending if ending in ("revoked", "expired") else "good")


def test_use_is_noted_to_the_minute(ada: User) -> None:
    token = issue_token(ada, label="laptop", scopes=["read"])
    assert find_token(token.secret)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert find_token(token.secret)
    assert len(queries) == 1
    earlier = first - dt.timedelta(minutes=5)
    ApiToken.objects.update(last_used_at=earlier)
    assert find_token(token.secret)
    assert ApiToken.objects.get().last_used_at != earlier


@pytest.mark.parametrize(
    ("label", "scopes", "days", "said"),
    [
        ("", ["read"], 90, "label"),
        ("x" * 101, ["read"], 90, "label"),
        ("a\nb", ["read"], 90, "label"),
        ("x", [], 90, "scopes cannot be none"),
        ("x", ["read", "everything"], 90, "everything"),
        ("x", ["read"], 0, "0 days"),
        ("x", ["read"], 10_000, "10000 days"),
    ],
)
def test_what_cannot_be_is_refused(
    ada: User, label: str, scopes: Sequence[str], days: int, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        issue_token(ada, label=label, scopes=scopes, days=days)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_active": False}])
def test_an_account_that_runs_no_studies_gets_none(ada: User, fields: dict[str, bool]) -> None:
    User.objects.filter(pk=ada.pk).update(**fields)
    ada.refresh_from_db()
    with pytest.raises(InputError, match="runs no studies"):
        issue_token(ada, label="x", scopes=["read"])


def test_a_person_names_a_token_by_its_start(ada: User) -> None:
    token = issue_token(ada, label="x", scopes=["read"])
    assert token_of(ada, start=token.start) == token
    assert token_of(ada, start=token.secret) == token
    other = make_researcher("bob", password="a long one")
    with pytest.raises(InputError, match="no such token"):
        token_of(other, start=token.start)
