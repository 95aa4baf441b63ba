"""Tasks whose page came along with the HIT."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from marketplace import builtin
from marketplace.actions.accept import accept
from marketplace.models import HIT, Requester, Worker
from marketplace.operations.questions import (
    HTML_SCHEMA,
    FormQuestion,
    HTMLQuestion,
    read_question,
)
from marketplace.xml_reading import SCHEMAS
from tests.marketplace.exams import RIGHT, a_form
from tests.marketplace.factories import a_hit, a_worker, an_accepted, asking
from tests.marketplace.worker_site.conftest import signed_in

PAGE = (
    "<!DOCTYPE html><html><head><title>x</title></head><body>"
    '<form action="https://www.mturk.com/mturk/externalSubmit"><input name="a"></form>'
    "<script>document.cookie</script></body></html>"
)


def html_question(html: str = PAGE, *, height: str = "450") -> str:
    return (
        f'<HTMLQuestion xmlns="{SCHEMAS}{HTML_SCHEMA}"><HTMLContent><![CDATA[{html}]]>'
        f"</HTMLContent><FrameHeight>{height}</FrameHeight></HTMLQuestion>"
    )


@pytest.fixture
def hit(requester: Requester, settings: Settings) -> HIT:
    settings.MARKETPLACE_URL = "https://work.example"
    hit = a_hit(requester)
    hit.question, hit.frame_url, hit.frame_height = html_question(), "", 450
    hit.save()
    return hit


def _path(hit: HIT) -> str:
    return f"/marketplace/question/{hit.hit_id}"


def test_the_question_is_read() -> None:
    assert read_question(html_question()) == HTMLQuestion(PAGE, 450)


def test_the_page_is_kept_apart_from_the_marketplace(browser: Client, hit: HIT) -> None:
    answer = browser.get(_path(hit))
    page = answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "sandbox allow-scripts allow-forms" in policy
    assert "allow-same-origin" not in policy
    assert "form-action https://work.example;" in policy
    assert "frame-ancestors 'self'" in policy
    assert "X-Frame-Options" not in answer
    assert 'action="https://work.example/mturk/externalSubmit"' in page
    assert "mturk.com" not in page
    assert page.index("question.js") > page.index("<head>")
    assert page.index("question.js") < page.index("<title>")


def test_the_frames_of_work_and_preview_have_an_origin_of_their_own(
    browser: Client, worker: Worker, hit: HIT
) -> None:
    preview = unescape(
        browser.get(f"/marketplace/projects/{hit.hit_type.hit_type_id}/tasks").content.decode()
    )
    held = accept(worker, hit=hit)
    work = unescape(browser.get(f"/marketplace/work/{held.assignment_id}/").content.decode())
    for page in (preview, work):
        assert f'src="https://work.example{_path(hit)}?assignmentId=' in page
        assert 'sandbox="allow-scripts allow-forms allow-top-navigation-by-user-activation"' in page
    assert "data-own" in work


def test_who_may_not_preview_does_not_see_it_before_accepting(
    browser: Client, worker: Worker, hit: HIT
) -> None:
    held = accept(worker, hit=hit)
    asking(hit.hit_type, builtin.ADULT, "Exists", guards="PreviewAndAccept")
    assert browser.get(_path(hit)).status_code == 404
    assert browser.get(_path(hit), {"assignmentId": held.assignment_id}).status_code == 200
    stranger = signed_in(a_worker())
    assert stranger.get(_path(hit), {"assignmentId": held.assignment_id}).status_code == 404
    assert Client().get(_path(hit)).status_code == 302


def test_a_hit_with_a_page_elsewhere_has_none_here(browser: Client, requester: Requester) -> None:
    assert browser.get(_path(a_hit(requester))).status_code == 404


@pytest.mark.parametrize(
    "html", ["<p>bare</p>", "<!doctype html><p>x</p>", '<html><head lang="en"><b>x</b>']
)
def test_pages_of_any_form_get_our_script_first(browser: Client, hit: HIT, html: str) -> None:
    hit.question = html_question(html)
    hit.save()
    page = browser.get(_path(hit)).content.decode()
    assert page.count("question.js") == 1
    assert page.replace(page[page.index("<script src=") : page.index("</script>") + 9], "") == html


@pytest.fixture
def form_hit(requester: Requester, settings: Settings) -> HIT:
    settings.MARKETPLACE_URL = "https://work.example"
    hit = a_hit(requester)
    hit.question, hit.frame_url, hit.frame_height = a_form(), "", 0
    hit.save()
    return hit


def test_questions_of_a_hit_are_shown_and_answered(
    browser: Client, worker: Worker, form_hit: HIT
) -> None:
    assert isinstance(read_question(a_form()), FormQuestion)
    preview = browser.get(_path(form_hit), {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"})
    assert "<button disabled>" in preview.content.decode()
    held = accept(worker, hit=form_hit)
    answer = browser.get(_path(form_hit), {"assignmentId": held.assignment_id})
    page = answer.content.decode()
    assert 'action="https://work.example/mturk/externalSubmit"' in page
    assert f'name="assignmentId" value="{held.assignment_id}"' in page
    assert "img-src https://work.example https:" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    # The post comes out of a frame without cookies; what is amiss is said there.
    frame, fields = Client(enforce_csrf_checks=True), {"assignmentId": held.assignment_id}
    wrong = frame.post("/mturk/externalSubmit", fields | {"q0": "tabby", "q2": "<i>"})
    assert wrong.status_code == 400
    page = wrong.content.decode()
    assert 'value="tabby" checked' in page
    assert "&lt;i&gt;" in page
    assert 'id="q1-problem"' in page
    assert "img-src https://work.example https:" in wrong["Content-Security-Policy"]
    held.refresh_from_db()
    assert held.status == "accepted"
    done = frame.post("/mturk/externalSubmit", fields | RIGHT)
    assert 'data-marketplace="submitted"' in done.content.decode()
    held.refresh_from_db()
    assert held.status == "submitted"
    assert held.answer.count("<SelectionIdentifier>") == 3
    assert "By its ears." in held.answer


def test_forged_answers_to_questions(form_hit: HIT) -> None:
    for assignment_id in ("3NOSUCH", "ASSIGNMENT_ID_NOT_AVAILABLE", ""):
        answer = Client().post("/mturk/externalSubmit", {"assignmentId": assignment_id, "q0": "x"})
        assert answer.status_code in {400, 404}
    held = an_accepted(form_hit)
    empty = Client().post("/mturk/externalSubmit", {"assignmentId": held.assignment_id})
    assert 'data-reason="empty"' in empty.content.decode()
