"""Votes: one short transaction, one row, in whatever order and however often they are sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from studyapp.models import HIT, Assignment, Rater, RaterIdentity, TimingEvent, Vote
from studyapp.vocabulary import AssignmentState, TimingEventKind
from studyapp.voting.errors import (
    AnsweredElsewhereError,
    BadAnswerError,
    BadLinkError,
    HandedInError,
    TimeOverError,
)
from studyapp.voting.record_events import record_events
from studyapp.voting.record_vote import MOST_CHANGES, record_vote
from studyapp.voting.seats import begin
from studyapp.voting.sitting import Seat, read_sitting
from studyapp.voting.timing import Event, Report
from tests.studyapp.web.rate_walk import open_hit, votes

T = TypeVar("T")


def sit(hit: HIT, *, worker: str = "A1") -> Seat:
    return begin(hit, assignment_id="3A", worker_id=worker)


def order(seat: Seat) -> list[int]:
    assignment = Assignment.objects.select_related("hit__study").get(rater=seat.rater)
    return [slot.trial for slot in read_sitting(assignment).slots]


@pytest.mark.django_db
def test_a_vote_is_about_the_question_at_its_place() -> None:
    seat = sit(open_hit(n=3))
    trials = order(seat)
    assert not record_vote(seat, trial=trials[1], sequence=0, answer="unsure").finished
    [vote] = votes()
    assert (vote.trial_id, vote.position, vote.sequence) == (trials[1], 1, 0)
    assert (vote.answer, vote.answer_raw) == ("unsure", "unsure")
    assert vote.question_id == vote.trial.question_id  # type: ignore[union-attr]
    assert vote.study == vote.assignment.hit.study  # type: ignore[union-attr]
    assert vote.rater_id == seat.rater
    assert (vote.presented_at, vote.active_seconds) == (None, None)
    assert vote.seconds == pytest.approx(0, abs=2)


@pytest.mark.django_db
def test_sent_twice_is_stored_once_and_a_contradiction_is_refused() -> None:
    seat = sit(open_hit(n=2))
    trial = order(seat)[0]
    assert not record_vote(seat, trial=trial, sequence=0, answer="yes").repeated
    assert record_vote(seat, trial=trial, sequence=0, answer="yes").repeated
    with pytest.raises(AnsweredElsewhereError):
        record_vote(seat, trial=trial, sequence=0, answer="no")
    assert [vote.answer for vote in votes()] == ["yes"]


@pytest.mark.django_db
def test_the_last_answer_can_be_superseded_and_only_the_last() -> None:
    seat = sit(open_hit(n=3))
    first, second, _ = order(seat)
    record_vote(seat, trial=first, sequence=0, answer="yes")
    record_vote(seat, trial=second, sequence=0, answer="yes")
    record_vote(seat, trial=second, sequence=1, answer="no")
    with pytest.raises(BadAnswerError, match="only the last"):
        record_vote(seat, trial=first, sequence=1, answer="no")
    with pytest.raises(BadAnswerError, match="out of order"):
        record_vote(seat, trial=second, sequence=3, answer="no")
    rows = Vote.objects.order_by("pk").values_list("trial", "sequence", "answer")
    assert list(rows) == [(first, 0, "yes"), (second, 0, "yes"), (second, 1, "no")]


@pytest.mark.django_db
def test_changes_of_one_answer_are_bounded() -> None:
    seat = sit(open_hit(n=1))
    trial = order(seat)[0]
    for sequence in range(MOST_CHANGES + 1):
        record_vote(seat, trial=trial, sequence=sequence, answer="yes")
    with pytest.raises(BadAnswerError):
        record_vote(seat, trial=trial, sequence=MOST_CHANGES + 1, answer="no")


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["", "YES", "maybe", "yes "])
def test_other_words_are_no_answers(answer: str) -> None:
    seat = sit(open_hit(n=1))
    with pytest.raises(BadAnswerError):
        record_vote(seat, trial=order(seat)[0], sequence=0, answer=answer)
    assert not Vote.objects.exists()


@pytest.mark.django_db
def test_trials_of_another_hit_and_events_about_them_are_refused_whole() -> None:
    seat = sit(open_hit(n=1))
    foreign = open_hit(n=1).trials.get().pk
    with pytest.raises(BadAnswerError):
        record_vote(seat, trial=foreign, sequence=0, answer="yes")
    event = Event(TimingEventKind.SHOWN, trial=foreign, client_ms=1)
    with pytest.raises(BadAnswerError):
        record_vote(
            seat, trial=order(seat)[0], sequence=0, answer="yes", report=Report(events=[event])
        )
    assert not Vote.objects.exists()
    assert not TimingEvent.objects.exists()


@pytest.mark.django_db
def test_the_last_trial_finishes_the_assignment_once() -> None:
    seat = sit(open_hit(n=2))
    first, second = order(seat)
    record_vote(seat, trial=first, sequence=0, answer="yes")
    assert Assignment.objects.get().state == AssignmentState.WORKING
    assert record_vote(seat, trial=second, sequence=0, answer="yes").finished
    assignment = Assignment.objects.get()
    assert assignment.state == AssignmentState.FINISHED
    assert record_vote(seat, trial=second, sequence=1, answer="no").finished
    assert Assignment.objects.get().finished_at == assignment.finished_at


@pytest.mark.django_db
def test_times_are_cut_to_what_has_passed() -> None:
    seat = sit(open_hit(n=2))
    first, second = order(seat)
    began = timezone.now() - timedelta(seconds=10)
    Assignment.objects.update(started_at=began)
    shown = timezone.now() - timedelta(seconds=4)
    greedy = Report(active_seconds=3600, held_up_seconds=3600)
    record_vote(seat, trial=first, sequence=0, answer="yes", report=greedy, shown_at=shown)
    record_vote(seat, trial=second, sequence=0, answer="yes", report=greedy, shown_at=shown)
    one, two = votes()
    # The first may claim all ten seconds, since the network may have been down; then none is left.
    assert one.active_seconds == pytest.approx(10, abs=1)
    assert two.active_seconds == pytest.approx(0, abs=1)
    assert (one.active_seconds or 0) + (two.active_seconds or 0) < 11
    for vote in (one, two):
        assert vote.presented_at is not None
        assert vote.presented_at >= began
        assert (vote.active_seconds or 0) <= (vote.seconds or 0)


@pytest.mark.django_db
@pytest.mark.parametrize("report", [None, Report()])
def test_silence_about_active_time_claims_no_more_than_has_passed(report: Report | None) -> None:
    """Every trial announced at once, answered twenty seconds later without a word on time."""
    seat = sit(open_hit(n=5))
    trials = order(seat)
    record_events(seat, events=[Event(TimingEventKind.SHOWN, trial=t, client_ms=0) for t in trials])
    earlier = timezone.now() - timedelta(seconds=20)
    TimingEvent.objects.update(server_at=earlier)
    Assignment.objects.update(started_at=earlier)
    for trial in trials:
        record_vote(seat, trial=trial, sequence=0, answer="yes", report=report)
    assert sum(vote.seconds or 0 for vote in votes()) == pytest.approx(20, abs=2)


@pytest.mark.django_db
def test_times_follow_the_latest_showing() -> None:
    seat = sit(open_hit(n=2))
    trial = order(seat)[0]
    record_events(seat, events=[Event(TimingEventKind.SHOWN, trial=trial, client_ms=0)])
    earlier = timezone.now() - timedelta(seconds=5)
    TimingEvent.objects.update(server_at=earlier)
    Assignment.objects.update(started_at=earlier)
    report = Report(active_seconds=2.5)
    record_vote(seat, trial=trial, sequence=0, answer="yes", report=report)
    [vote] = votes()
    assert vote.presented_at == earlier
    assert vote.seconds == pytest.approx(5, abs=1)
    assert vote.active_seconds == 2.5


@pytest.mark.django_db
def test_late_confirmed_and_unbegun_are_refused() -> None:
    hit = open_hit(n=1)
    seat = sit(hit)
    trial = order(seat)[0]
    stranger = Seat(hit.public_id, assignment_id="3A", rater=Rater.objects.create().pk)
    with pytest.raises(BadLinkError):
        record_vote(stranger, trial=trial, sequence=0, answer="yes")
    Assignment.objects.update(started_at=timezone.now() - timedelta(minutes=36))
    with pytest.raises(TimeOverError):
        record_vote(seat, trial=trial, sequence=0, answer="yes")
    Assignment.objects.update(state=AssignmentState.APPROVED)
    with pytest.raises(HandedInError):
        record_vote(seat, trial=trial, sequence=0, answer="yes")
    assert not Vote.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_saving_takes_six_queries_in_one_transaction(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    seat = sit(open_hit(n=20))
    first, trial = order(seat)[:2]
    events = [Event(kind, trial=trial, client_ms=1) for kind in TimingEventKind]
    # The first answer asks besides whether the rater may give it: rater, HITs with its trials.
    with django_assert_num_queries(9):
        record_vote(seat, trial=first, sequence=0, answer="yes")
    # Besides the savepoint and its release: seat, order, votes, traces; vote, events.
    with django_assert_num_queries(8):
        record_vote(seat, trial=trial, sequence=0, answer="yes", report=Report(events=events))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_answer_sent_at_once_is_one_vote() -> None:
    hit = open_hit(n=2)
    seat = sit(hit)
    trial = order(seat)[0]
    repeated = at_once(
        [lambda: record_vote(seat, trial=trial, sequence=0, answer="yes").repeated] * 8
    )
    assert sorted(map(bool, repeated)) == [False] + [True] * 7
    assert Vote.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_beginning_at_once_makes_one_of_each() -> None:
    hit = open_hit(n=1)
    seats = at_once([lambda: sit(hit)] * 8)
    assert len(set(seats)) == 1
    assert Rater.objects.count() == RaterIdentity.objects.count() == 1
    assert Assignment.objects.count() == 1


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run the calls in threads that start together."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        try:
            barrier.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
