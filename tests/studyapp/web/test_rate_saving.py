"""What is posted: tokens forged, late or borrowed, replays, undo, the script's requests."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.utils import timezone

from studyapp.analytics import ExclusionReason
from studyapp.models import HIT, Assignment, Consent, Rater, Stimulus, Study, TimingEvent, Vote
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.vocabulary import AssignmentState, TimingEventKind
from studyapp.voting.seats import MOST_PER_RATER
from studyapp.web import rate_saving
from tests.factories.crowd import AssignmentFactory, RaterIdentityFactory
from tests.studyapp.web.rate_walk import Form, Page, Walker, open_hit, votes

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db


def later(minutes: float) -> AbstractContextManager[object]:
    """The clock of tokens and seats, moved on."""
    return mock.patch(
        "django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=minutes)
    )


def by_script(walker: Walker, form: Form, **fields: str) -> Response:
    return walker.client.post(form.action, {**form.fields, "via": "script", **fields})


@pytest.fixture
def walker() -> Walker:
    return Walker(open_hit(n=2))


@pytest.mark.parametrize("spoil", ["", "x", "a:b", "{token}x", "x{token}", "{token}:{token}"])
@pytest.mark.parametrize("kind", ["consent", "trial"])
def test_forged_tokens_change_nothing(walker: Walker, kind: str, spoil: str) -> None:
    page = walker.enter() if kind == "consent" else walker.begin()
    form = page.forms[kind]
    spoilt = spoil.format(token=form.fields["token"])
    answered = walker.press(form, token=spoilt, answer="yes")
    assert walker.response.status_code == 400
    assert answered.problem == "bad-link"
    assert not Vote.objects.exists()
    assert Rater.objects.count() == (kind == "trial")


@pytest.mark.slow
def test_a_token_of_one_purpose_or_task_is_none_for_another(walker: Walker) -> None:
    claim = walker.enter().forms["consent"].fields["token"]
    trial = walker.begin().forms["trial"]
    other = Walker(open_hit(n=1), worker="A2").begin().forms["trial"]
    assert walker.press(trial, token=claim, answer="yes").problem == "bad-link"
    assert walker.press(trial, token=other.fields["token"], answer="yes").problem == "bad-link"
    begin = f"/rate/{walker.hit.public_id}/begin/"
    response = walker.client.post(begin, {"token": trial.fields["token"]})
    assert response.status_code == 400
    assert not Vote.objects.exists()


def test_tokens_end_with_the_time_allowed(walker: Walker) -> None:
    consent = walker.enter().forms["consent"]
    trial = walker.begin().forms["trial"]
    with later(34):
        assert walker.press(trial, answer="yes").problem == ""
    with later(36):
        assert walker.press(trial, answer="yes").problem == "time-over"
        assert walker.response.status_code == 410
        response = by_script(walker, trial, answer="yes")
        assert json.loads(response.content)["kind"] == "time-over"
    Consent.objects.all().delete()
    with later(36):
        assert walker.press(consent).problem == "time-over"
    assert not Consent.objects.exists()
    assert Vote.objects.count() == 1


def test_reloading_does_not_buy_time_but_what_is_finished_can_be_handed_in(
    walker: Walker,
) -> None:
    walker.begin()
    Assignment.objects.update(started_at=timezone.now() - timedelta(minutes=36))
    assert walker.enter().problem == "time-over"
    Assignment.objects.update(started_at=timezone.now())
    walker.answer_all(walker.enter())
    Assignment.objects.update(started_at=timezone.now() - timedelta(minutes=36))
    assert "submit" in walker.enter().forms


def test_a_form_sent_again_goes_on_and_votes_once(walker: Walker) -> None:
    page = walker.begin()
    first = page.forms["trial"]
    after = walker.press(first, answer="yes")
    for answer in ("yes", "no"):  # a stale page may even say something else
        again = walker.press(first, answer=answer)
        assert again.forms["trial"].fields["trial"] == after.forms["trial"].fields["trial"]
    assert [vote.answer for vote in votes()] == ["yes"]


@pytest.mark.slow
def test_undo_asks_the_last_trial_again_and_adds_a_row(walker: Walker) -> None:
    page = walker.begin()
    assert page.forms["undo"].fields["trial"] == "", "nothing to take back yet"
    first = page.forms["trial"].fields["trial"]
    page = walker.press(page.forms["trial"], answer="yes")
    page = walker.press(page.forms["undo"])
    assert page.forms["trial"].fields["trial"] == first
    assert page.forms["trial"].fields["sequence"] == "1"
    page = walker.press(page.forms["trial"], answer="no")
    page = walker.press(page.forms["trial"], answer="yes")
    assert "submit" in page.forms
    page = walker.press(page.forms["undo"])  # still possible before handing in
    page = walker.press(page.forms["trial"], answer="unsure")
    assert page.forms["submit"].fields["answers"] == "2"
    rows = Vote.objects.order_by("pk").values_list("position", "sequence", "answer")
    assert list(rows) == [(0, 0, "yes"), (0, 1, "no"), (1, 0, "yes"), (1, 1, "unsure")]
    assert TimingEvent.objects.filter(kind=TimingEventKind.UNDONE).count() == 2


def test_the_script_gets_json_and_its_times_are_kept(walker: Walker) -> None:
    page = walker.begin()
    form = page.forms["trial"]
    trial = int(form.fields["trial"])
    events = f"/rate/{walker.hit.public_id}/events/"
    shown = json.dumps([["shown", trial, 3.5]])
    fields = {"token": form.fields["token"], "via": "script", "events": shown}
    assert walker.client.post(events, fields).json() == {"finished": False}
    sent = json.dumps([["loaded", trial, 9], ["answered", trial, 40.25]])
    response = by_script(walker, form, answer="yes", events=sent, active_ms="0.5", stamp="")
    assert response.json() == {"repeated": False, "finished": False}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert by_script(walker, form, answer="yes").json()["repeated"] is True
    [vote] = votes()
    assert vote.presented_at == TimingEvent.objects.get(kind="shown").server_at
    assert vote.active_seconds == 0.0005
    kept = TimingEvent.objects.order_by("pk").values_list("kind", "client_ms")
    assert list(kept) == [("shown", 3.5), ("loaded", 9), ("answered", 40.25)]
    response = by_script(walker, form, answer="no")
    assert response.status_code == 409
    assert response.json()["kind"] == "elsewhere"


@pytest.mark.parametrize(
    "fields",
    [
        {"trial": ""},
        {"trial": "-1"},
        {"trial": "9" * 40},
        {"trial": "²"},
        {"sequence": "x"},
        {"sequence": "5"},
        {"answer": "perhaps"},
        {"events": "[[]]"},
        {"active_ms": "-4"},
        {"held_up_ms": "inf"},
    ],
)
def test_senseless_requests_are_refused(walker: Walker, fields: dict[str, str]) -> None:
    form = walker.begin().forms["trial"]
    response = by_script(walker, form, **{"answer": "yes", **fields})
    assert response.status_code == 400
    assert response.json()["kind"] == "bad-answer"
    assert not Vote.objects.exists()


def test_large_bodies_and_other_methods_are_refused(walker: Walker) -> None:
    form = walker.begin().forms["trial"]
    assert by_script(walker, form, answer="yes", events="x" * 40_000).status_code == 413
    assert walker.client.get(form.action).status_code == 405
    assert walker.client.post(f"/rate/{walker.hit.public_id}/").status_code == 405
    assert not Vote.objects.exists()


def test_a_stamp_of_another_trial_or_a_made_up_one_proves_nothing(walker: Walker) -> None:
    first = walker.begin().forms["trial"]
    second = walker.press(first, answer="yes", stamp="9.1:forged").forms["trial"]
    walker.press(second, answer="yes", stamp=first.fields["stamp"])
    assert [vote.presented_at for vote in votes()] == [None, None]
    assert sum(vote.seconds or 0 for vote in votes()) < 5


@pytest.mark.parametrize("via", ["", "script"])
def test_who_hides_the_times_does_not_pass_the_timing_window(via: str) -> None:
    """A robot answers at once and leaves out stamps and events alike."""
    hit = open_hit(n=3)
    Study.objects.filter(pk=hit.study_id).update(seconds_min=20)
    walker = Walker(hit)
    form = walker.begin().forms["trial"]
    for trial in hit.trials.all():
        fields = {**form.fields, "trial": str(trial.pk), "stamp": "", "answer": "yes", "via": via}
        walker.client.post(form.action, fields)
    Assignment.objects.update(state=AssignmentState.APPROVED)
    summary = filter_votes(Study.objects.get())
    assert (summary.n_votes, summary.n_valid) == (3, 0)
    assert summary.by_reason == {ExclusionReason.TOO_FAST: 3}


def test_a_picture_that_could_not_be_shown_is_left_unanswered(walker: Walker) -> None:
    page = walker.begin()
    form = page.forms["trial"]
    failed = json.dumps([["image_failed", int(form.fields["trial"]), 5]])
    fields = {"token": form.fields["token"], "via": "script", "events": failed}
    walker.client.post(f"/rate/{walker.hit.public_id}/events/", fields)
    page = walker.enter()
    assert page.forms["trial"].fields["trial"] != form.fields["trial"]
    page = walker.answer_all(page)
    assert page.forms["submit"].fields["answers"] == "1"
    assert Vote.objects.count() == 1


def test_nothing_to_hand_in_when_no_picture_could_be_shown(walker: Walker) -> None:
    token = walker.begin().forms["trial"].fields["token"]
    trials = walker.hit.trials.values_list("pk", flat=True)
    failed = json.dumps([["image_failed", trial, 5] for trial in trials])
    walker.client.post(f"/rate/{walker.hit.public_id}/events/", {"token": token, "events": failed})
    assert walker.enter().problem == "bad-link"


def test_stimulus_is_sent_as_it_is_stored(walker: Walker) -> None:
    address = walker.begin().images[0]
    response = walker.client.get(address)
    stimulus = Stimulus.objects.get(stimulus_hash=address.split("/")[-1].removesuffix(".png"))
    assert stimulus.file is not None
    assert b"".join(response).startswith(b"\x89PNG")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response.headers["Cache-Control"]
    assert not response.cookies
    response.close()


@pytest.mark.parametrize("name", ["0" * 64, "x", "A" * 64, "..%2f..%2fsecret"])
def test_stimuli_that_do_not_exist(walker: Walker, name: str) -> None:
    assert walker.client.get(f"/stimuli/{name}.png").status_code == 404


def test_a_stimulus_of_elsewhere_or_of_another_kind_of_file_is_not_sent(walker: Walker) -> None:
    address = walker.begin().images[0]
    for file in ("secret.svg", "gone/away.png"):
        Stimulus.objects.update(file=file)
        assert walker.client.get(address).status_code == 404


def test_pages_state_what_the_plain_contract_needs(walker: Walker) -> None:
    page = walker.begin()
    assert isinstance(page, Page)
    assert set(page.forms) == {"trial", "undo"}
    assert set(page.forms["trial"].fields) == {"token", "trial", "sequence", "stamp"}


def test_made_up_assignments_of_one_worker_do_not_fill_the_tables() -> None:
    hit = open_hit(n=1)
    identity = RaterIdentityFactory.create(provider=hit.environment, worker_id="A1")
    AssignmentFactory.create_batch(MOST_PER_RATER, hit=hit, rater=identity.rater)
    assert Walker(hit, assignment="3ONEMORE", worker="A1").begin().problem == "too-often"
    assert Assignment.objects.count() == MOST_PER_RATER
    Assignment.objects.update(started_at=timezone.now() - timedelta(hours=2))
    assert Walker(hit, assignment="3ONEMORE", worker="A1").begin().problem == ""


@pytest.mark.slow
def test_whoever_invents_workers_shuts_nobody_else_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_saving, "MOST_PER_ADDRESS", 3)
    monkeypatch.setattr(rate_saving, "MOST_PER_PLACE", 2)
    hit = open_hit(n=1)
    HIT.objects.update(raters=2)
    inventor = [Walker(hit, worker=f"A{n}INVENTED").begin().problem for n in range(6)]
    assert inventor == ["", "", "", "", "too-often", "too-often"], "two for each place: more than 3"
    HIT.objects.update(raters=1)
    assert Walker(hit, worker="A7INVENTED").begin().problem == "too-often"
    assert Assignment.objects.count() == 4
    honest = Walker(hit, worker="A1HONEST")
    honest.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert honest.begin().problem == ""
    assert Walker(open_hit(n=1), worker="A9INVENTED").begin().problem == "", "each HIT by itself"
