from __future__ import annotations

from django.contrib.auth import get_user_model
from django.test import Client

from marketplace.worker_site.cookies import PREFIX
from tests.marketplace.factories import PASSWORD, a_worker


def test_one_browser_is_a_researcher_and_a_worker_at_once(client: Client, db: None) -> None:
    client.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    worker = a_worker()
    board = client.get("/marketplace/")
    assert board["Location"].startswith("/marketplace/sign-in/")
    keys = {"username": worker.user.get_username(), "password": PASSWORD}
    client.post("/marketplace/sign-in/", keys)
    assert worker.worker_id in client.get("/marketplace/").content.decode()
    assert b"boss" in client.get("/admin/").content
    client.post("/marketplace/sign-out/")
    assert client.get("/marketplace/").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_workers_session_opens_nothing_else_and_is_sent_nowhere_else(
    client: Client, db: None
) -> None:
    keys = {"username": a_worker().user.get_username(), "password": PASSWORD}
    answer = client.post("/marketplace/sign-in/", keys)
    assert set(answer.cookies) == {f"{PREFIX}sessionid", f"{PREFIX}csrftoken"}
    assert {cookie["path"] for cookie in answer.cookies.values()} == {"/marketplace/"}
    assert answer.cookies[f"{PREFIX}sessionid"]["httponly"]
    # Even where it is sent, it is nobody's.
    assert client.get("/studies/")["Location"].startswith("/admin/login/")


def test_a_form_is_taken_with_the_marketplaces_own_token(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get("/marketplace/sign-in/")
    token = strict.cookies[f"{PREFIX}csrftoken"].value
    worker = a_worker()
    keys = {"username": worker.user.get_username(), "password": PASSWORD}
    form = keys | {"csrfmiddlewaretoken": token}
    assert strict.post("/marketplace/sign-in/", form)["Location"] == "/marketplace/"
    assert strict.post("/marketplace/sign-in/", keys).status_code == 403
