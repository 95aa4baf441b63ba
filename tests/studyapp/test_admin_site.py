from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.admin_site import FAILURES_PER_NAME
from studyapp.people import make_researcher

pytestmark = pytest.mark.django_db


def _sign_in(client: Client, *, password: str, name: str = "mara") -> int:
    form = {"username": name, "password": password}
    return client.post(reverse("admin:login"), form).status_code


def test_guessing_a_password_ends_after_a_few_tries_and_only_from_there() -> None:
    make_researcher("mara", password="a long secret")
    guesser = Client()
    for n in range(FAILURES_PER_NAME):
        assert _sign_in(guesser, password=f"guess {n}") == 200
    assert _sign_in(guesser, password="a long secret") == 200, "even the right one is refused now"
    assert _sign_in(Client(REMOTE_ADDR="192.0.2.7"), password="a long secret") == 302


def test_a_slip_or_two_does_no_harm() -> None:
    make_researcher("mara", password="a long secret")
    client = Client()
    assert _sign_in(client, password="a long secrt") == 200
    assert _sign_in(client, password="a long secret") == 302
