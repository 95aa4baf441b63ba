from __future__ import annotations

from django.test import Client

from marketplace.actions.accept import accept
from marketplace.actions.submit import PREVIEW_ID
from marketplace.models import HIT, Assignment, Requester, Worker
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_submitted, an_accepted


def _accept_path(hit: HIT) -> str:
    return f"/marketplace/projects/{hit.hit_type.hit_type_id}/accept"


def _preview_path(hit: HIT) -> str:
    return f"/marketplace/projects/{hit.hit_type.hit_type_id}/tasks"


def test_the_board_says_what_pays_what(browser: Client, requester: Requester) -> None:
    assert "nothing for you to do" in browser.get("/marketplace/").content.decode()
    hit = a_hit(requester, reward="0.35", duration_s=1800)
    page = browser.get("/marketplace/").content.decode()
    for text in ("Is it there?", "0.35 USD", "30 minutes", str(requester), _accept_path(hit)):
        assert text in page


def test_a_preview_shows_the_task_and_allocates_nothing(
    browser: Client, requester: Requester
) -> None:
    hit = a_hit(requester)
    answer = browser.get(_preview_path(hit))
    page = answer.content.decode()
    assert PREVIEW_ID in page
    assert "workerId" not in page
    assert "sandbox=" in page
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert not Assignment.objects.exists()


def test_accept_takes_the_previewed_hit(browser: Client, requester: Requester) -> None:
    a_hit(requester)
    second = a_hit(requester)
    answer = browser.post(_accept_path(second), {"hit_id": second.hit_id})
    held = Assignment.objects.get()
    assert held.hit == second
    assert answer["Location"] == f"/marketplace/work/{held.assignment_id}/"


def test_accept_moves_on_when_others_were_quicker(browser: Client, requester: Requester) -> None:
    first, second = a_hit(requester), a_hit(requester)
    an_accepted(first)
    browser.post(_accept_path(first), {"hit_id": first.hit_id})
    assert Assignment.objects.filter(hit=second).count() == 1
    answer = browser.post(_accept_path(first), follow=True)
    assert "no task of this kind left" in answer.content.decode()
    assert "no task of this kind for you" in browser.get(_preview_path(first)).content.decode()


def test_unknown_projects(browser: Client) -> None:
    assert browser.get("/marketplace/projects/3NOSUCH/tasks").status_code == 404
    assert browser.post("/marketplace/projects/3NOSUCH/accept").status_code == 404
    assert browser.get("/marketplace/projects/a%00b/tasks").status_code == 404


def test_a_forged_hit_id_is_only_a_wish(browser: Client, requester: Requester) -> None:
    hit, other = a_hit(requester), a_hit(requester, reward="0.50")
    browser.post(_accept_path(hit), {"hit_id": other.hit_id})
    browser.post(_accept_path(other), {"hit_id": "a\x00b"})
    assert {held.hit for held in Assignment.objects.all()} == {hit, other}


def test_what_is_under_way_can_be_gone_on_with(
    browser: Client, worker: Worker, requester: Requester, moved: MovedClock
) -> None:
    held = accept(worker, hit=a_hit(requester, duration_s=60))
    path = f"/marketplace/work/{held.assignment_id}/"
    assert path in browser.get("/marketplace/").content.decode()
    moved.forward(61)
    assert path not in browser.get("/marketplace/").content.decode()


def test_earnings_are_ones_own(browser: Client, worker: Worker, requester: Requester) -> None:
    hit = a_hit(requester, reward="0.35", max_assignments=5)
    a_submitted(hit)
    assert "not started a task yet" in browser.get("/marketplace/history/").content.decode()
    a_submitted(hit, worker=worker)
    paid = a_hit(requester, reward="1.10", auto_approval_delay_s=0)
    a_submitted(paid, worker=worker)
    page = browser.get("/marketplace/history/").content.decode()
    assert "<dd>1.10 USD</dd>" in page
    assert "<dd>0.35 USD</dd>" in page
    assert page.count("<tr>") == 3


def test_titles_are_text_not_markup(browser: Client, requester: Requester) -> None:
    hit_type = a_hit(requester).hit_type
    hit_type.title = '<script>alert("x")</script>'
    hit_type.save()
    assert "<script>alert" not in browser.get("/marketplace/").content.decode()
