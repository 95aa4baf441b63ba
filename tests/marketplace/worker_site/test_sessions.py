from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

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
