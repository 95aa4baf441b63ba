"""The board and the preview where tasks ask for something."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from marketplace import builtin
from marketplace.actions.block import block
from marketplace.models import HIT, Assignment, Requester, Worker
from tests.marketplace.factories import a_hit, a_qualification_type, asking

BOARD = "/marketplace/"


def _page(browser: Client, path: str = BOARD) -> str:
    return unescape(browser.get(path).content.decode())


def _tasks(hit: HIT, rest: str = "tasks") -> str:
    return f"/marketplace/projects/{hit.hit_type.hit_type_id}/{rest}"


def test_what_a_worker_lacks_is_said_with_the_way_to_it(
    browser: Client, requester: Requester
) -> None:
    hit = a_hit(requester)
    kind = a_qualification_type(requester)
    asking(hit.hit_type, kind.qualification_type_id, "GreaterThan", 80)
    page = _page(browser)
    assert "These are not open to you now" in page
    assert "There is nothing for you to do just now" in page
    assert f"{kind.name}: above 80." in page
    assert "You do not meet this." in page
    assert f"/marketplace/qualifications/{kind.qualification_type_id}/" in page
    assert _tasks(hit) in page
    assert _tasks(hit, "accept") not in page


def test_what_is_met_is_said_too(browser: Client, requester: Requester, worker: Worker) -> None:
    hit = a_hit(requester)
    asking(hit.hit_type, builtin.LOCALE, "In", ("DE", ""))
    worker.country = "DE"
    worker.save()
    page = _page(browser)
    assert "Where you are: one of DE." in page
    assert "You meet this." in page
    assert _tasks(hit, "accept") in page
    assert "These ask for" not in page


@pytest.mark.parametrize(
    ("guards", "listed", "framed"),
    [
        ("Accept", True, True),
        ("PreviewAndAccept", True, False),
        ("DiscoverPreviewAndAccept", False, False),
    ],
)
def test_guards_of_the_board_the_preview_and_acceptance(
    browser: Client, requester: Requester, guards: str, listed: bool, framed: bool
) -> None:
    hit = a_hit(requester)
    asking(hit.hit_type, builtin.MASTERS_PRODUCTION, "Exists", guards=guards)
    assert ("Is it there?" in _page(browser)) is listed
    preview = browser.get(_tasks(hit))
    assert preview.status_code == (200 if listed else 404)
    assert (b"<iframe" in preview.content) is framed
    browser.post(_tasks(hit, "accept"), {"hit_id": hit.hit_id})
    assert not Assignment.objects.exists()
    assert "This task asks for what you lack: Masters" in _page(browser)


def test_a_requester_who_blocks_a_worker_is_not_seen(
    browser: Client, requester: Requester, worker: Worker
) -> None:
    hit = a_hit(requester)
    block(requester, worker=worker, reason="-")
    assert "Is it there?" not in _page(browser)
    assert browser.get(_tasks(hit)).status_code == 404
    browser.post(_tasks(hit, "accept"))
    assert not Assignment.objects.exists()


def test_a_closed_account_is_signed_out(browser: Client, worker: Worker) -> None:
    worker.active = False
    worker.save()
    assert browser.get(BOARD)["Location"].startswith("/marketplace/sign-in/")
    keys = {"username": worker.user.get_username(), "password": "correct-horse-battery"}
    answer = Client().post("/marketplace/sign-in/", keys)
    assert "account is closed" in answer.content.decode()


def test_long_lists_have_pages(
    browser: Client, requester: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.worker_site.board.PER_PAGE", 2)
    for seconds in (60, 70, 80):
        a_hit(requester, duration_s=seconds)
    assert "Page 1 of 2" in _page(browser)
    assert "70 seconds" not in _page(browser, f"{BOARD}?page=2")
    assert "60 seconds" in _page(browser, f"{BOARD}?page=2")
