from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from marketplace import clock
from marketplace.actions.tell import tell
from marketplace.models import Requester, Worker
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_worker

ACCOUNT, MESSAGES = "/marketplace/account/", "/marketplace/messages/"


def _page(browser: Client, path: str) -> str:
    return unescape(browser.get(path).content.decode())


def test_what_a_worker_says_of_themselves(browser: Client, worker: Worker) -> None:
    page = _page(browser, ACCOUNT)
    assert worker.worker_id in page
    assert worker.user.get_username() not in page
    values = {"country": "us", "subdivision": "ca", "adult_content": "on", "auto_accept": "on"}
    assert browser.post(ACCOUNT, values)["Location"] == ACCOUNT
    worker.refresh_from_db()
    assert (worker.country, worker.subdivision) == ("US", "CA")
    assert (worker.adult_content, worker.auto_accept, worker.masters) == (True, True, False)
    browser.post(ACCOUNT, {})
    worker.refresh_from_db()
    assert (worker.country, worker.adult_content, worker.auto_accept) == ("", False, False)


@pytest.mark.parametrize(
    "change", [{"country": "D"}, {"country": "D1"}, {"subdivision": "\u00e4b"}]
)
def test_places_that_cannot_be(browser: Client, worker: Worker, change: dict[str, str]) -> None:
    assert "two letters of a" in unescape(browser.post(ACCOUNT, change).content.decode())
    worker.refresh_from_db()
    assert (worker.country, worker.subdivision) == ("", "")


def test_nobody_makes_themselves_a_master(browser: Client, worker: Worker) -> None:
    browser.post(ACCOUNT, {"masters": "on", "active": "", "worker_id": "AMINE"})
    fresh = Worker.objects.get()
    assert (fresh.masters, fresh.active, fresh.worker_id) == (False, True, worker.worker_id)


def test_messages_are_counted_until_read(
    browser: Client, worker: Worker, requester: Requester, moved: MovedClock
) -> None:
    at = clock.now()
    assert "Nobody has written to you yet." in _page(browser, MESSAGES)
    tell(worker, requester=requester, subject="More", text="a\n<i>b</i>", at=at)
    tell(worker, requester=None, subject="From us", text="c", at=at)
    tell(a_worker(), requester=None, subject="Not yours", text="d", at=at)
    page = browser.get(MESSAGES).content.decode()
    assert 'Messages (2<span class="visually-hidden"> new</span>)' in page
    assert "a<br>&lt;i&gt;b" in page
    assert str(requester) in page
    assert "Not yours" not in page
    assert browser.get(f"{MESSAGES}read").status_code == 405
    assert "Messages (2<" in _page(browser, MESSAGES)
    browser.post(f"{MESSAGES}read")
    page = _page(browser, MESSAGES)
    assert "Messages (" not in page
    assert "Mark all" not in page
