from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from studyapp.api_tokens import find_token, token_state
from studyapp.models import ApiToken
from studyapp.people import make_researcher

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_a_token_is_made_listed_and_revoked() -> None:
    ada = make_researcher("ada", password="a long one")
    assert said("ada", "--list") == ["ada has no tokens."]
    secret = said("ada", "--scope", "read", "--scope", "export", "--label", "laptop")[0]
    token = find_token(secret)
    assert token is not None
    assert (token.user, token.scopes, token.label) == (ada, ["read", "export"], "laptop")
    (line,) = said("ada", "--list")
    assert "good, read, export" in line
    assert "laptop" in line
    assert secret not in line
    assert said("ada", "--revoke", token.start) == [f"{token.start}… is revoked now."]
    assert said("ada", "--revoke", token.start) == [f"{token.start}… was revoked before."]
    assert find_token(secret) is None
    assert token_state(ApiToken.objects.get()) == "revoked"


def test_reading_is_what_a_token_does_unless_told() -> None:
    make_researcher("ada", password="a long one")
    token = find_token(said("ada", "--days", "1")[0])
    assert token is not None
    assert token.scopes == ["read"]


def test_what_cannot_be_is_told() -> None:
    make_researcher("ada", password="a long one")
    for arguments, words in (
        (["nobody"], "no account of this name"),
        (["ada", "--days", "0"], "0 days"),
        (["ada", "--scope", "all"], "invalid choice"),
        (["ada", "--revoke", "quorum_x"], "no such token"),
    ):
        with pytest.raises(CommandError, match=words):
            said(*arguments)
