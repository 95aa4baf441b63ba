"""The rater's pages without a script: from the marketplace's frame to handing in."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from studyapp.models import HIT, Assignment, Consent, Rater, RaterIdentity, TimingEvent, Vote
from studyapp.vocabulary import AssignmentState, Environment, HITState
from tests.studyapp.web.rate_walk import HOST, Page, Walker, entry, open_hit, votes

pytestmark = pytest.mark.django_db


def stored() -> int:
    return sum(
        table.objects.count()
        for table in (Rater, RaterIdentity, Consent, Assignment, TimingEvent, Vote)
    )


def test_whole_hit_from_consent_to_hand_in() -> None:
    hit = open_hit(n=3)
    walker = Walker(hit)
    page = walker.enter()
    assert set(page.forms) == {"consent"}
    assert stored() == 0, "looking must store nothing"
    page = walker.press(page.forms["consent"])
    seen = []
    for answer in ("yes", "no", "unsure"):
        assert page.forms["trial"].answers == ["yes", "no", "unsure"]
        seen.append((page.images[0], page.class_name))
        page = walker.press(page.forms["trial"], answer=answer)
    assert set(page.forms) == {"submit", "undo"}
    assert page.forms["submit"].action == f"{HOST}/mturk/externalSubmit"
    assignment = Assignment.objects.get()
    assert page.forms["submit"].fields == {
        "assignmentId": "3ASSIGNMENT1",
        "nonce": assignment.nonce.hex,
        "answers": "3",
    }
    assert assignment.state == AssignmentState.FINISHED
    assert assignment.finished_at is not None
    stored_votes = votes("position")
    assert [vote.answer for vote in stored_votes] == ["yes", "no", "unsure"]
    assert [vote.position for vote in stored_votes] == [0, 1, 2]
    for vote, (image, class_name) in zip(stored_votes, seen, strict=True):
        assert vote.trial is not None
        assert vote.trial.question == vote.question
        assert image == f"/stimuli/{vote.question.stimulus.stimulus_hash}.png"
        assert vote.question.label_class is not None
        assert class_name == vote.question.label_class.prompt_name
        assert vote.presented_at is not None
        assert vote.submitted_at is not None
        assert vote.seconds == pytest.approx(
            (vote.submitted_at - vote.presented_at).total_seconds()
        )
        assert vote.active_seconds is None, "without the script nobody measured it"
    identity = RaterIdentity.objects.get()
    assert (identity.provider, identity.worker_id) == (Environment.MARKETPLACE, "A1WORKER")
    # Shown again on reload, with the same fields: pressing twice counts once.
    assert walker.enter().forms["submit"].fields == page.forms["submit"].fields


def test_no_page_sets_a_cookie_or_may_be_kept() -> None:
    hit = open_hit(n=1)
    walker = Walker(hit)
    page = walker.enter()
    responses = [walker.response]
    page = walker.press(page.forms["consent"])
    responses.append(walker.response)
    walker.press(page.forms["trial"], answer="yes")
    responses += [walker.response, walker.client.get(f"/rate/{hit.public_id}/")]
    for response in responses:
        assert response.status_code == 200
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert response.headers["Cache-Control"] == "no-store"
        assert "X-Frame-Options" not in response.headers
        policy = response.headers["Content-Security-Policy"]
        assert f"form-action 'self' {HOST};" in policy
        assert (
            "https://workersandbox.mturk.com https://www.mturk.com"
            in policy.split("frame-ancestors")[1]
        )
        assert "unsafe" not in policy


def test_worker_id_stands_in_no_address_and_no_page_after_consent() -> None:
    walker = Walker(open_hit(n=2), worker="A9SECRETWORKER")
    page = walker.enter()
    assert "A9SECRETWORKER" not in page.text
    page = walker.press(page.forms["consent"])
    address = str(walker.response.wsgi_request.path)
    token = page.forms["trial"].fields["token"]
    inside = base64.urlsafe_b64decode(token.split(":")[0] + "==").decode(errors="replace")
    for text in (address, page.text, inside):
        assert "A9SECRETWORKER" not in text


@pytest.mark.parametrize(
    "query", ["", "assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=H&turkSubmitTo=https://evil.test"]
)
def test_preview_shows_the_first_trial_and_stores_nothing(query: str) -> None:
    hit = open_hit(n=3)
    walker = Walker(hit)
    page = walker.get(f"/rate/{hit.public_id}/?{query}")
    assert page.forms == {}
    first = hit.hit_trials.get(position=0).trial.question
    assert page.images == [f"/stimuli/{first.stimulus.stimulus_hash}.png"]
    assert first.label_class is not None
    assert page.class_name == first.label_class.prompt_name
    assert page.text.count(" disabled") == 3
    assert "rate.js" not in page.text
    assert stored() == 0


def test_coming_back_half_way_goes_on_at_the_first_unanswered_trial() -> None:
    walker = Walker(open_hit(n=3))
    page = walker.begin()
    after = walker.press(page.forms["trial"], answer="no")
    again = Walker(walker.hit).enter()
    assert again.forms["trial"].fields["trial"] == after.forms["trial"].fields["trial"]
    assert again.images == after.images
    assert Assignment.objects.count() == 1


def test_a_later_visit_skips_consent_and_is_recorded_with_the_first_answer() -> None:
    first = open_hit(n=1)
    Walker(first).answer_all(Walker(first).begin())
    Assignment.objects.update(state=AssignmentState.SUBMITTED)
    second = open_hit(n=1, study=first.study)
    walker = Walker(second, assignment="3ASSIGNMENT2")
    page = walker.enter()
    assert "trial" in page.forms
    assert Assignment.objects.count() == 1, "looking must store nothing"
    walker.press(page.forms["trial"], answer="yes")
    assert Assignment.objects.get(hit=second).rater == Assignment.objects.get(hit=first).rater
    assert Rater.objects.count() == Consent.objects.count() == 1


def test_nobody_agrees_in_the_name_of_another() -> None:
    """Whoever holds the address can post any worker's id; that worker still reads the page."""
    hit = open_hit(n=1)
    Walker(hit, assignment="3INVENTED").begin()
    assert "consent" in Walker(hit, assignment="3ACCEPTED").enter().forms


def test_a_changed_consent_text_is_asked_again() -> None:
    hit = open_hit(n=1)
    Walker(hit).begin()
    hit.study.consent_text = "Something else."
    hit.study.save()
    assert "consent" in Walker(hit).enter().forms


def test_the_same_assignment_id_in_other_hands_is_another_assignment() -> None:
    hit = open_hit(n=1)
    for worker in ("A1", "A2"):
        walker = Walker(hit, worker=worker)
        walker.answer_all(walker.begin())
    assert Assignment.objects.filter(assignment_id="3ASSIGNMENT1").count() == 2
    assert Vote.objects.count() == 2


@pytest.mark.slow
def test_order_differs_between_raters_and_stays_for_one() -> None:
    hit = open_hit(n=8)
    orders = set()
    for worker in ("A1", "A2", "A3"):
        pages = [Walker(hit, worker=worker).begin() for _ in range(2)]
        first, second = (page.forms["trial"].fields["trial"] for page in pages)
        assert first == second
        walker = Walker(hit, worker=worker)
        walker.answer_all(walker.begin())
        own = Vote.objects.filter(rater__identity__worker_id=worker).order_by("position")
        orders.add(tuple(own.values_list("trial", flat=True)))
    assert len(orders) > 1
    assert {frozenset(order) for order in orders} == {
        frozenset(hit.trials.values_list("pk", flat=True))
    }


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("workerId", "B1"),
        ("workerId", "A1'; DROP"),
        ("workerId", "A" * 65),
        ("workerId", "A1\n"),
        ("assignmentId", "lower"),
        ("assignmentId", "X" * 65),
        ("hitId", "3OTHER"),
        ("hitId", ""),
        ("turkSubmitTo", "https://evil.test"),
        ("turkSubmitTo", "http://127.0.0.1:8000@evil.test"),
        ("turkSubmitTo", "http://127.0.0.1:8000.evil.test/"),
        ("turkSubmitTo", "javascript:alert(1)"),
        ("turkSubmitTo", "//127.0.0.1:8000"),
        ("turkSubmitTo", "https://www.mturk.com"),
        ("turkSubmitTo", "http://[bad"),
    ],
)
def test_hostile_queries_get_a_page_and_store_nothing(change: str, value: str) -> None:
    walker = Walker(open_hit(n=1), **{change: value})
    page = walker.enter()
    assert walker.response.status_code == 400
    assert page.problem == "bad-link"
    assert page.forms == {}
    assert "evil.test" not in page.text
    assert "X-Frame-Options" not in walker.response.headers
    assert stored() == 0


def test_query_names_with_a_stray_amp_are_understood() -> None:
    hit = open_hit(n=1)
    address = entry(hit).replace("&", "&amp;")
    assert "consent" in Walker(hit).get(address).forms


def test_submit_host_with_a_slash_is_the_same_host() -> None:
    hit = open_hit(n=1)
    assert "consent" in Walker(hit, turkSubmitTo=f"{HOST}/").enter().forms


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        (Environment.SANDBOX, "https://workersandbox.mturk.com"),
        (Environment.PRODUCTION, "https://www.mturk.com"),
    ],
)
def test_other_environments_submit_elsewhere(environment: str, host: str) -> None:
    walker = Walker(open_hit(n=1, environment=environment), turkSubmitTo=host)
    page = walker.answer_all(walker.begin())
    assert page.forms["submit"].action == f"{host}/mturk/externalSubmit"
    policy = walker.response.headers["Content-Security-Policy"]
    assert f"form-action 'self' {host} " in policy
    assert RaterIdentity.objects.get().provider == environment


@pytest.mark.parametrize("state", [HITState.PLANNED, HITState.EXPIRED])
def test_a_hit_that_is_not_open_takes_nobody_new(state: str) -> None:
    hit = open_hit(n=1)
    hit.state = state
    hit.save()
    walker = Walker(hit)
    assert walker.enter().problem == "closed"
    assert walker.response.status_code == 410
    assert walker.get(f"/rate/{hit.public_id}/").problem == "closed"


def test_a_hit_whose_publication_has_an_unknown_outcome_takes_raters() -> None:
    """The answer was lost, so its id is unknown here; who comes was sent by the marketplace."""
    hit = open_hit(n=2)
    HIT.objects.filter(pk=hit.pk).update(state=HITState.SENDING, hit_id=None)
    walker = Walker(hit)
    assert "submit" in walker.answer_all(walker.begin()).forms
    assert Vote.objects.count() == 2
    HIT.objects.filter(pk=hit.pk).update(state=HITState.PLANNED)
    assert Walker(hit, worker="A2").enter().problem == "closed"


def test_who_has_begun_may_finish_after_the_hit_expired() -> None:
    walker = Walker(open_hit(n=2))
    page = walker.begin()
    walker.hit.state = HITState.EXPIRED
    walker.hit.save()
    assert "submit" in walker.answer_all(page).forms


@pytest.mark.slow
@pytest.mark.parametrize("consented", [False, True])
def test_who_accepted_before_the_hit_expired_may_still_begin(consented: bool) -> None:
    """The marketplace gives nothing away after the expiry, but lets accepted work go on."""
    hit = open_hit(n=2)
    walker = Walker(hit)
    if consented:
        other = open_hit(n=1, study=hit.study)
        Walker(other, assignment="3OTHER").begin()
        Assignment.objects.update(state=AssignmentState.SUBMITTED)
    hit.state, hit.expires_at = HITState.EXPIRED, timezone.now() - timedelta(minutes=34)
    hit.save()
    page = walker.enter() if consented else walker.begin()
    assert "submit" in walker.answer_all(page).forms
    assert walker.get(f"/rate/{hit.public_id}/").problem == "closed"
    hit.expires_at = timezone.now() - timedelta(minutes=36)
    hit.save()
    assert Walker(hit, worker="A2").enter().problem == "closed"


@pytest.mark.parametrize("state", [AssignmentState.SUBMITTED, AssignmentState.APPROVED])
def test_a_confirmed_assignment_has_nothing_left_to_do(state: str) -> None:
    walker = Walker(open_hit(n=2))
    page = walker.begin()
    Assignment.objects.update(state=state)
    assert walker.press(page.forms["trial"], answer="yes").problem == "handed-in"
    assert walker.enter().problem == "handed-in"
    assert Vote.objects.count() == 0


def test_an_unknown_address_is_a_page_in_the_frame() -> None:
    walker = Walker(open_hit(n=1))
    page = walker.get("/rate/00000000-0000-4000-8000-000000000000/")
    assert walker.response.status_code == 404
    assert page.problem == "bad-link"
    assert "X-Frame-Options" not in walker.response.headers


def test_class_names_and_texts_are_escaped() -> None:
    hit = open_hit(n=1)
    question = hit.trials.get().question
    assert question.label_class is not None
    question.label_class.prompt_name = "<script>alert(1)</script>"
    question.label_class.save()
    text = Page(Walker(hit).client.get(f"/rate/{hit.public_id}/")).text
    assert "<script>alert" not in text
    walker = Walker(hit)
    assert "<script>alert" not in walker.begin().text


@pytest.mark.slow
def test_weight_of_a_trial_page_is_far_below_100_kb() -> None:
    walker = Walker(open_hit(n=20))
    size = len(walker.begin().text)
    for name in ("quorum.css", "rate.css", "rate.js", "icon.svg"):
        path = finders.find(name)
        assert path is not None
        size += Path(path).stat().st_size
    assert size < 60_000
