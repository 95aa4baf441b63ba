from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django.fixtures import Settings

from marketplace.actions.invite import invite
from marketplace.models import Worker
from marketplace.worker_site.sessions import FAILURES_PER_NAME
from tests.marketplace.factories import PASSWORD, a_worker

SIGN_IN, SIGN_UP, BOARD = "/marketplace/sign-in/", "/marketplace/sign-up/", "/marketplace/"


def _keys(worker: Worker, **more: str) -> dict[str, str]:
    return {"username": worker.user.get_username(), "password": PASSWORD} | more


def test_sign_in_goes_on_to_the_page_asked_for(client: Client, db: None) -> None:
    worker = a_worker()
    asked = client.get("/marketplace/history/")
    assert asked["Location"] == "/marketplace/sign-in/?next=/marketplace/history/"
    form = client.get(asked["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/marketplace/history/">' in form
    answer = client.post(SIGN_IN, _keys(worker, next="/marketplace/history/"))
    assert answer["Location"] == "/marketplace/history/"
    assert worker.worker_id in client.get("/marketplace/history/").content.decode()
    assert client.get(SIGN_IN)["Location"] == BOARD
    assert client.post("/marketplace/sign-out/")["Location"] == SIGN_IN
    assert client.get(BOARD).status_code == 302


@pytest.mark.parametrize("path", [SIGN_IN + "?next=/marketplace/history/", SIGN_UP])
def test_workers_sign_in_at_the_marketplaces_own_name(
    client: Client, db: None, settings: Settings, path: str
) -> None:
    settings.MARKETPLACE_URL = "http://localhost:8123"
    moved = client.get(path, headers={"host": "127.0.0.1:8123"})
    assert moved["Location"] == f"http://localhost:8123{path}"
    for host in ("localhost:8123", "127.0.0.1:9", "testserver"):
        assert client.get(path, headers={"host": host}).status_code == 200
    settings.MARKETPLACE_URL = "https://lab.example"
    assert client.get(path, headers={"host": "127.0.0.1"}).status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""],
)
def test_sign_in_leads_to_no_other_site(client: Client, db: None, target: str) -> None:
    assert client.post(SIGN_IN, _keys(a_worker(), next=target))["Location"] == BOARD


def test_wrong_passwords_and_users_who_are_no_workers(client: Client, db: None) -> None:
    get_user_model().objects.create_superuser("boss", password=PASSWORD)
    said = set()
    for name, password in (("boss", PASSWORD), ("nobody", PASSWORD), ("boss", "x"), ("", "")):
        answer = client.post(SIGN_IN, {"username": name, "password": password})
        assert not [name for name in client.cookies if "sessionid" in name]
        said.add("No worker has this name and password." in answer.content.decode())
    assert said == {True, False}


def test_guessing_is_slowed_down_per_name_and_address(client: Client, db: None) -> None:
    worker, other = a_worker(), a_worker()
    for _ in range(FAILURES_PER_NAME):
        assert client.post(SIGN_IN, _keys(worker, password="wrong")).status_code == 403
    locked = client.post(SIGN_IN, _keys(worker))
    assert "Too many wrong passwords" in locked.content.decode()
    assert client.post(SIGN_IN, _keys(other)).status_code == 302
    away = Client(REMOTE_ADDR="10.1.2.3")
    assert away.post(SIGN_IN, _keys(worker)).status_code == 302


def test_changes_need_the_forms_own_token(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    worker = a_worker()
    for path in (SIGN_IN, SIGN_UP, "/marketplace/sign-out/", "/marketplace/projects/3A/accept"):
        assert strict.post(path, _keys(worker)).status_code == 403
    assert strict.post("/marketplace/work/3A/return").status_code == 403
    for path in ("/marketplace/sign-out/", "/marketplace/projects/3A/accept"):
        assert strict.get(path).status_code == 405


def test_sign_up_asks_for_nothing_personal(client: Client, db: None) -> None:
    page = client.get(SIGN_UP).content.decode()
    assert "email" not in page
    assert "3 to 40 small letters" in page
    assert "at least 8 characters" in page
    answer = client.post(SIGN_UP, {"username": "new-worker", "password": PASSWORD})
    assert answer["Location"] == BOARD
    worker = Worker.objects.get(user__username="new-worker")
    board = client.get(BOARD).content.decode()
    assert f"You are {worker.worker_id}" in board
    assert "new-worker" not in board


@pytest.mark.parametrize(
    ("name", "password"),
    [("ab", PASSWORD), ("Has Space", PASSWORD), ("taken", PASSWORD), ("new-worker", "12345678")],
)
def test_sign_up_refusals(client: Client, db: None, name: str, password: str) -> None:
    get_user_model().objects.create_user("Taken", password=PASSWORD)
    answer = client.post(SIGN_UP, {"username": name, "password": password})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not Worker.objects.exists()


def test_sign_up_by_invitation(client: Client, db: None, settings: Settings) -> None:
    settings.MARKETPLACE_ALLOW_SIGNUP = False
    assert client.get(SIGN_UP).status_code == 404
    keys = {"username": "new-worker", "password": PASSWORD}
    assert client.post(SIGN_UP, keys).status_code == 404
    assert "Make an account" not in client.get(SIGN_IN).content.decode()
    assert not Worker.objects.exists()


def test_an_invitation_makes_one_account(client: Client, db: None, settings: Settings) -> None:
    settings.MARKETPLACE_ALLOW_SIGNUP = False
    path = f"/marketplace/join/{invite(note='course 3')}/"
    assert "You are invited" in client.get(path).content.decode()
    weak = client.post(path, {"username": "new-worker", "password": "12345678"})
    assert 'role="alert"' in weak.content.decode()
    keys = {"username": "new-worker", "password": PASSWORD}
    assert client.post(path, keys)["Location"] == BOARD
    assert Worker.objects.get().user.get_username() == "new-worker"
    assert "Your worker id is" in client.get(BOARD).content.decode()
    for used in (path, "/marketplace/join/nonsense/"):
        for answer in (Client().get(used), Client().post(used, keys)):
            assert answer.status_code == 410
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/marketplace/join/{invite()}/", keys).status_code == 403


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(db: None) -> None:
    worker = a_worker()
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.post(SIGN_IN, _keys(worker))
    path = "/marketplace/account/password"
    for present, fresh in (("wrong", "purple-monkey-42"), (PASSWORD, "12345678"), ("", "")):
        page = here.post(path, {"present": present, "password": fresh}).content.decode()
        assert 'role="alert"' in page
        assert PASSWORD not in page
    done = here.post(path, {"present": PASSWORD, "password": "purple-monkey-42"})
    assert done["Location"] == "/marketplace/account/"
    assert here.get(BOARD).status_code == 200
    assert elsewhere.get(BOARD).status_code == 302
    assert elsewhere.post(SIGN_IN, _keys(worker)).status_code == 403
    assert elsewhere.post(SIGN_IN, _keys(worker, password="purple-monkey-42")).status_code == 302


def test_guessing_the_present_password_is_slowed_down(client: Client, db: None) -> None:
    worker = a_worker()
    client.post(SIGN_IN, _keys(worker))
    guess = {"present": "wrong", "password": "purple-monkey-42"}
    for _ in range(FAILURES_PER_NAME):
        client.post("/marketplace/account/password", guess)
    page = client.post("/marketplace/account/password", guess | {"present": PASSWORD})
    assert "Too many wrong passwords" in page.content.decode()
