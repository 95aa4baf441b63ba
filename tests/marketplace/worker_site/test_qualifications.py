from __future__ import annotations

from html import unescape

from django.test import Client

from marketplace.models import Qualification, QualificationRequest, Requester, Worker
from tests.marketplace.conftest import MovedClock
from tests.marketplace.exams import RIGHT, a_choice, a_form, a_key
from tests.marketplace.factories import a_qualification_type, a_worker
from tests.marketplace.worker_site.conftest import signed_in

HELD = "/marketplace/qualifications/"


def _page(browser: Client, path: str) -> str:
    return unescape(browser.get(path, follow=True).content.decode())


def test_asking_and_waiting(browser: Client, requester: Requester, worker: Worker) -> None:
    kind = a_qualification_type(requester)
    path = f"{HELD}{kind.qualification_type_id}/"
    assert "The requester decides on each request." in _page(browser, path)
    assert browser.post(f"{path}ask")["Location"] == path
    assert QualificationRequest.objects.get().worker == worker
    assert "The requester has yet to decide." in _page(browser, path)
    assert "Waits for the requester." in _page(browser, HELD)
    assert f"{path}ask" not in _page(browser, path)


def test_everybody_gets_an_automatic_one(browser: Client, requester: Requester) -> None:
    kind = a_qualification_type(requester, auto_granted=True, auto_granted_value=7)
    path = f"{HELD}{kind.qualification_type_id}/"
    assert "Everybody who asks gets it." in _page(browser, path)
    browser.post(f"{path}ask")
    assert "You have it, with the value 7." in _page(browser, path)
    assert kind.name in _page(browser, HELD)
    # Nothing asks again for what is held, and a form sent all the same is explained.
    browser.post(f"{path}ask")
    assert "You have this qualification." in _page(browser, path)


def test_a_test_on_a_page(browser: Client, requester: Requester, moved: MovedClock) -> None:
    kind = a_qualification_type(
        requester, test=a_form(), answer_key=a_key(), test_duration_s=300, retry_delay_s=0
    )
    path = f"{HELD}{kind.qualification_type_id}/"
    assert "Once you begin you have 5 minutes" in _page(browser, path)
    where = browser.post(f"{path}ask")["Location"]
    request = QualificationRequest.objects.get()
    assert where == f"/marketplace/tests/{request.request_id}/"
    answer = browser.get(where)
    page = unescape(answer.content.decode())
    for text in ("Cats & dogs", "Which of these is a cat?", "About dog", "Look closely"):
        assert text in page
    assert page.count('type="radio"') == page.count('type="checkbox"') == 3
    assert 'data-seconds="' in page
    assert "img-src 'self' https: data:" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    # What was filled in stays, and the question that is missing is named.
    refused = browser.post(where, {"q0": "tabby", "q1": ["lion"], "q2": "<b>By its ears.</b>"})
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "&lt;b&gt;By its ears." in page
    assert 'value="tabby" checked' in page
    assert "Choose from what is listed." in page
    assert not Qualification.objects.exists()


def test_a_finished_test_shows_its_value(
    browser: Client, requester: Requester, moved: MovedClock
) -> None:
    kind = a_qualification_type(
        requester, test=a_form(), answer_key=a_key(), test_duration_s=300, retry_delay_s=0
    )
    path = f"{HELD}{kind.qualification_type_id}/"
    where = browser.post(f"{path}ask")["Location"]
    assert browser.post(where, RIGHT)["Location"] == path
    assert "You have it, with the value 15." in _page(browser, path)
    assert browser.get(where)["Location"] == path
    assert browser.post(where, RIGHT)["Location"] == path
    assert "handed this test in already" in _page(browser, path)
    # It may be taken again, and this time the time runs out.
    again = browser.post(f"{path}ask")["Location"]
    moved.forward(301)
    assert browser.post(again, RIGHT)["Location"] == path
    page = _page(browser, path)
    assert "The time for this test is over." in page
    assert "ran out before you handed it in" in page


def test_a_test_belongs_to_who_takes_it(
    browser: Client, requester: Requester, worker: Worker
) -> None:
    kind = a_qualification_type(requester, test=a_form(a_choice("cat")), test_duration_s=60)
    where = browser.post(f"{HELD}{kind.qualification_type_id}/ask")["Location"]
    stranger = signed_in(a_worker())
    assert stranger.get(where).status_code == 404
    assert stranger.post(where, {"q0": "tabby"}).status_code == 404
    assert QualificationRequest.objects.get().status == "testing"
    assert "Go on with the test" in _page(browser, HELD)


def test_what_is_not_there(browser: Client, requester: Requester) -> None:
    assert browser.get(f"{HELD}3NOSUCH/").status_code == 404
    idle = a_qualification_type(requester, active=False)
    path = f"{HELD}{idle.qualification_type_id}/"
    assert "not given out just now" in _page(browser, path)
    browser.post(f"{path}ask")
    assert "given out no more" in _page(browser, path)
    assert browser.get(f"{path}ask").status_code == 405
