"""Claimed times against the server's clock; what a browser may send as events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.models import Assignment, TimingEvent
from studyapp.vocabulary import TimingEventKind
from studyapp.voting.errors import BadAnswerError
from studyapp.voting.record_events import record_events
from studyapp.voting.seats import begin
from studyapp.voting.timing import (
    MOST_PER_REQUEST,
    MOST_PER_TRIAL,
    Event,
    Report,
    answer_times,
    parse_events,
    parse_ms,
)
from tests.studyapp.web.rate_walk import open_hit

START = datetime(2030, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_an_honest_claim_stands() -> None:
    times = answer_times(
        Report(active_seconds=3),
        now=after(10),
        shown_at=after(6),
        started_at=START,
        claimed_before=5,
    )
    assert (times.presented_at, times.seconds, times.active_seconds) == (after(6), 4, 3)


def test_word_of_the_showing_that_was_held_up_is_dated_back() -> None:
    """Shown at 6 s and answered at 9 s; the network was back at 20 s and brought both at once."""
    times = answer_times(
        Report(active_seconds=3, held_up_seconds=14),
        now=after(20.1),
        shown_at=after(20),
        started_at=START,
        claimed_before=5,
    )
    assert times.presented_at == after(6)
    assert times.active_seconds == 3


def test_without_a_showing_it_took_at_most_what_nothing_else_has_claimed() -> None:
    times = answer_times(
        Report(active_seconds=3), now=after(9), shown_at=None, started_at=START, claimed_before=7
    )
    assert (times.presented_at, times.seconds, times.active_seconds) == (None, 2, 2)


SECONDS = st.floats(0, 1e6)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.floats(0, 60), SECONDS, SECONDS), min_size=1, max_size=8
    )
)
def test_whatever_is_claimed_adds_up_to_no_more_than_has_passed(
    answers: list[tuple[float, float, float, float]],
) -> None:
    clock, claimed = 0.0, 0.0
    for passed, shown_ago, active, held_up in answers:
        clock += passed
        times = answer_times(
            Report(active_seconds=active, held_up_seconds=held_up),
            now=after(clock),
            shown_at=after(clock - shown_ago),
            started_at=START,
            claimed_before=claimed,
        )
        assert times.active_seconds is not None
        assert 0 <= times.active_seconds <= times.seconds
        claimed += times.active_seconds
    assert claimed <= clock + 1e-4


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        "7",
        '["shown"]',
        '[["shown", 1]]',
        '[["shown", "1", 2]]',
        '[["nonsense", 1, 2]]',
        '[["shown", 1, NaN]]',
        '[["shown", 1, Infinity]]',
        '[["shown", 1, -1]]',
        '[["shown", 1, 1e300]]',
        '[["shown", 1, "2"]]',
        '[["shown", 1.5, 2]]',
        "[" * 100_000,
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadAnswerError):
        parse_events(text)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-1", "1e99", "yes"])
def test_a_duration_is_a_finite_number(text: str) -> None:
    with pytest.raises(BadAnswerError):
        parse_ms(text, what="active_ms")


def test_events_are_read_and_too_many_are_cut() -> None:
    assert parse_events('[["shown", 4, 12.5]]') == [Event(TimingEventKind.SHOWN, 4, 12.5)]
    assert parse_events("") == []
    many = json.dumps([["hidden", 1, 2]] * 500)
    assert len(parse_events(many)) == MOST_PER_REQUEST


@pytest.mark.django_db
def test_an_assignment_keeps_a_bounded_number_of_events() -> None:
    hit = open_hit(n=1)
    seat = begin(hit, assignment_id="3A", worker_id="A1")
    trial = hit.trials.get().pk
    events = [Event(TimingEventKind.HIDDEN, trial=trial, client_ms=1)] * 50
    for _ in range(3):
        record_events(seat, events=events)
    assert TimingEvent.objects.count() == MOST_PER_TRIAL
    assert Assignment.objects.count() == 1
