from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from studyapp.api_tokens import issue_token
from studyapp.models import Study
from studyapp.people import make_researcher
from tests.studyapp.reports.hand_study import HandStudy, add_votes_that_do_not_count, hand_study

ClientOf = Callable[..., APIClient]


def client_of(user: User, *scopes: str) -> APIClient:
    """A client that sends a token of this account, with all scopes if none is named."""
    token = issue_token(user, label="test", scopes=scopes or ("read", "write", "export"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.secret}")
    return client


@pytest.fixture
def owner(db: None) -> User:
    return make_researcher("owner", password="a long one")


@pytest.fixture
def stranger(db: None) -> User:
    return make_researcher("stranger", password="a long one")


@pytest.fixture
def made(owner: User) -> HandStudy:
    """The study `hand`, owned by `owner`."""
    made = hand_study()
    add_votes_that_do_not_count(made)
    Study.objects.filter(pk=made.study.pk).update(owner=owner)
    return made


@pytest.fixture
def client(owner: User) -> APIClient:
    return client_of(owner)
