from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from marketplace.actions.contest import decide_dispute
from marketplace.actions.review import reject
from marketplace.models import Assignment, Dispute, Requester, Worker
from tests.marketplace.factories import a_hit, a_submitted, a_worker
from tests.marketplace.worker_site.conftest import signed_in


@pytest.fixture
def rejected(requester: Requester, worker: Worker) -> Assignment:
    done = a_submitted(a_hit(requester), worker=worker)
    reject(done, feedback="Too quick.")
    return done


def _path(assignment: Assignment, rest: str = "outcome") -> str:
    return f"/marketplace/work/{assignment.assignment_id}/{rest}"


def test_contesting_and_the_answer(browser: Client, rejected: Assignment) -> None:
    assert "You disagree?" in browser.get(_path(rejected)).content.decode()
    browser.post(_path(rejected, "contest"), {"text": "I looked <b>twice</b>."})
    page = browser.get(_path(rejected)).content.decode()
    assert "I looked &lt;b&gt;twice" in page
    assert "Waits for the operator." in page
    assert "You disagree?" not in page
    decide_dispute(Dispute.objects.get(), pay=False, answer="There are no answers in it.")
    page = unescape(browser.get(_path(rejected)).content.decode())
    assert "The rejection stands. There are no answers in it." in page


def test_words_are_needed_and_only_the_workers_own(browser: Client, rejected: Assignment) -> None:
    empty = browser.post(_path(rejected, "contest"), {"text": " "})
    assert empty.status_code == 400
    assert "<details open>" in empty.content.decode()
    stranger = signed_in(a_worker())
    assert stranger.post(_path(rejected, "contest"), {"text": "x"}).status_code == 404
    assert browser.get(_path(rejected, "contest")).status_code == 405
    assert not Dispute.objects.exists()
