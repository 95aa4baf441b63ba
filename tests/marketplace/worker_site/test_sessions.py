from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from marketplace.models import Worker
from marketplace.worker_site.sessions import (
    FAILURES_PER_ADDRESS,
    current_worker,
    may_try,
    note_failure,
)


def test_a_researcher_is_no_worker(worker: Worker) -> None:
    request = RequestFactory().get("/")
    for user, found in ((AnonymousUser(), None), (worker.user, worker)):
        request.user = user
        assert current_worker(request) == found
    boss = get_user_model().objects.create_superuser("boss", password="x")
    client = Client()
    client.force_login(boss)
    assert client.get("/marketplace/")["Location"].startswith("/marketplace/sign-in/")


def test_a_post_without_a_session_goes_on_at_the_board(db: None) -> None:
    answer = Client().post("/marketplace/projects/3A/accept")
    assert answer["Location"] == "/marketplace/sign-in/?next=/marketplace/"


def test_one_address_may_not_try_many_names() -> None:
    request = RequestFactory().post("/")
    for n in range(FAILURES_PER_ADDRESS):
        assert may_try(request, name="somebody-else")
        note_failure(request, name=f"name-{n}")
    assert not may_try(request, name="somebody-else")


def test_behind_a_proxy_one_stranger_locks_out_nobody_else(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def post(seen: str) -> HttpRequest:
        return RequestFactory().post("/", headers={"X-Forwarded-For": seen})

    for n in range(FAILURES_PER_ADDRESS):
        # What the stranger claims stands in front and changes from try to try.
        note_failure(post(f"10.0.0.{n}, 203.0.113.9"), name=f"name-{n}")
    assert not may_try(post("10.1.1.1, 203.0.113.9"), name="somebody")
    assert may_try(post("198.51.100.7"), name="somebody")


def test_without_a_proxy_nobody_chooses_their_own_address() -> None:
    for n in range(FAILURES_PER_ADDRESS):
        post = RequestFactory().post("/", headers={"X-Forwarded-For": f"10.0.0.{n}"})
        note_failure(post, name=f"name-{n}")
    assert not may_try(RequestFactory().post("/"), name="somebody")
