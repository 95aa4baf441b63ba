from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studyapp.api_tokens import find_token, issue_token
from studyapp.models import ApiToken, AuditEntry
from studyapp.people import make_researcher

pytestmark = pytest.mark.django_db
LIST = reverse("admin:studyapp_apitoken_changelist")
ADD = reverse("admin:studyapp_apitoken_add")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ada() -> User:
    return make_researcher("ada", password="a long one")


def test_a_token_is_shown_on_one_page_and_never_again(ada: User) -> None:
    client = signed_in(ada)
    form = {"label": "laptop", "scopes": ["read", "export"], "days": "30"}
    response = client.post(ADD, form)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    (secret,) = re.findall(r'<code id="token">(\S+)</code>', response.content.decode())
    token = find_token(secret)
    assert token is not None
    assert (token.user, token.scopes) == (ada, ["read", "export"])
    assert ApiToken.objects.count() == 1
    change = reverse("admin:studyapp_apitoken_change", args=[token.pk])
    for page in (LIST, change):
        shown = client.get(page).content.decode()
        assert token.start in shown
        assert secret not in shown
        assert token.digest not in shown
    assert client.post(change, form).status_code == 403
    assert secret not in str(client.session.items())


def test_a_form_that_cannot_be_makes_none(ada: User) -> None:
    changes: list[dict[str, str | list[str]]] = [
        {"days": "400"},
        {"scopes": []},
        {"scopes": ["all"]},
        {"label": ""},
    ]
    for change in changes:
        form = {"label": "x", "scopes": ["read"], "days": "30", **change}
        assert signed_in(ada).post(ADD, form).status_code == 200
    assert not ApiToken.objects.exists()


def test_everybody_sees_and_revokes_their_own(ada: User) -> None:
    bob = make_researcher("bob", password="a long one")
    mine = issue_token(ada, label="mine", scopes=["read"])
    theirs = issue_token(bob, label="theirs", scopes=["read"])
    client = signed_in(ada)
    page = client.get(LIST).content.decode()
    assert "mine" in page
    assert "theirs" not in page
    action = {"action": "revoke", "_selected_action": [mine.pk, theirs.pk]}
    client.post(LIST, action)
    assert find_token(mine.secret) is None
    assert find_token(theirs.secret) == theirs
    assert AuditEntry.objects.get(verb="revoke_token").actor == ada
    root = User.objects.create_superuser("root")
    signed_in(root).post(LIST, action)
    assert find_token(theirs.secret) is None


def test_revoking_needs_the_proof_of_the_form(ada: User) -> None:
    token = issue_token(ada, label="mine", scopes=["read"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    action = {"action": "revoke", "_selected_action": [token.pk]}
    assert client.post(LIST, action).status_code == 403
    assert find_token(token.secret) == token
