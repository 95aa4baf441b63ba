from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from marketplace.actions.accept import accept
from marketplace.actions.review import reject
from marketplace.actions.submit import submit
from marketplace.models import Assignment, Requester, Worker
from marketplace.worker_site.frames import work_url
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, an_accepted


@pytest.fixture
def held(requester: Requester, worker: Worker) -> Assignment:
    return accept(worker, hit=a_hit(requester))


def _path(assignment: Assignment, rest: str = "") -> str:
    return f"/marketplace/work/{assignment.assignment_id}/{rest}"


def test_the_task_in_its_frame_with_the_time_left(browser: Client, held: Assignment) -> None:
    answer = browser.get(_path(held))
    page = unescape(answer.content.decode())
    assert f'src="{work_url(held)}"' in page
    assert 'data-seconds="59' in page or 'data-seconds="600"' in page
    assert "allow-scripts allow-forms allow-same-origin" in page
    assert "allow-top-navigation " not in page
    assert 'referrerpolicy="strict-origin"' in page
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-src https: http:" in answer["Content-Security-Policy"]


def test_a_frame_that_stays_silent_is_explained(browser: Client, held: Assignment) -> None:
    page = unescape(browser.get(_path(held)).content.decode())
    assert f"Nothing has come from <code>{held.hit.frame_url}</code>" in page
    assert f"tell {held.hit.hit_type.requester.name}" in page
    # No word of the frame can be missed: it is listened to before the frame is there.
    assert page.index("marketplace/silent.js") < page.index("<iframe")


def test_returning(browser: Client, held: Assignment) -> None:
    answer = browser.post(_path(held, "return"), follow=True)
    assert "Returned." in answer.content.decode()
    held.refresh_from_db()
    assert held.status == "returned"
    assert browser.get(_path(held))["Location"] == _path(held, "outcome")


def test_what_came_of_it(browser: Client, held: Assignment, moved: MovedClock) -> None:
    def said() -> str:
        return browser.get(_path(held, "outcome")).content.decode()

    assert "not been handed in yet" in said()
    submit(held.assignment_id, fields={"q": "1"})
    assert "your work has arrived" in said()
    answer = browser.post(_path(held, "return"), follow=True)
    assert "handed in this already" in answer.content.decode().replace(
        "handed this in", "handed in this"
    )
    reject(held, feedback="<b>No</b> answers.")
    assert "&lt;b&gt;No&lt;/b&gt; answers." in said()


def test_the_next_task_is_offered_where_there_is_one(
    browser: Client, held: Assignment, requester: Requester
) -> None:
    submit(held.assignment_id, fields={"q": "1"})
    page = browser.get(_path(held, "outcome")).content.decode()
    assert "Next task of this kind" not in page
    assert "no other task of this kind" in page
    a_hit(requester)
    assert "Next task of this kind" in browser.get(_path(held, "outcome")).content.decode()


def test_time_over(browser: Client, held: Assignment, moved: MovedClock) -> None:
    moved.forward(601)
    answer = browser.get(_path(held), follow=True)
    assert "The time for this task ran out" in answer.content.decode()


def test_nobody_elses_work_can_be_seen_or_touched(browser: Client, requester: Requester) -> None:
    theirs = an_accepted(a_hit(requester))
    for path in (_path(theirs), _path(theirs, "outcome")):
        assert browser.get(path).status_code == 404
    assert browser.post(_path(theirs, "return")).status_code == 404
    for path in (_path(theirs), _path(theirs, "outcome")):
        assert Client().get(path)["Location"].startswith("/marketplace/sign-in/")
    Client().post(_path(theirs, "return"))
    theirs.refresh_from_db()
    assert theirs.status == "accepted"


def test_the_next_task_is_taken_at_once_where_the_worker_asked_for_it(
    browser: Client, held: Assignment, worker: Worker
) -> None:
    assert 'id="next"' not in browser.get(_path(held)).content.decode()
    worker.auto_accept = True
    worker.save()
    page = browser.get(_path(held)).content.decode()
    accept_path = f"/marketplace/projects/{held.hit.hit_type.hit_type_id}/accept"
    assert f'id="next" method="post" action="{accept_path}"' in page
    # A mere look takes nothing: the form is sent once the work has arrived.
    assert Assignment.objects.count() == 1
