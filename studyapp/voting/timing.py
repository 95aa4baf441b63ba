"""Times of an answer: what the browser claims, within what has passed on the server's clock."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from studyapp.models import Assignment, TimingEvent
from studyapp.vocabulary import TimingEventKind
from studyapp.voting.errors import BadAnswerError
from studyapp.voting.sitting import Sitting

#: Events beyond these are dropped: somebody who leaves the page often must not lose an answer.
MOST_PER_REQUEST = 60
MOST_PER_TRIAL = 60
#: A page open for longer than a year of milliseconds is no page.
MOST_MS = 366 * 86_400_000


@dataclass(frozen=True)
class Event:
    kind: TimingEventKind
    trial: int
    client_ms: float


@dataclass(frozen=True)
class Report:
    """What a browser says about one answer. Seconds are its own clock's."""

    events: Sequence[Event] = field(default=())
    active_seconds: float | None = None
    #: How long word of the trial being shown was held up on its way to us.
    held_up_seconds: float = 0.0


@dataclass(frozen=True)
class Times:
    presented_at: datetime | None
    seconds: float
    active_seconds: float | None


def answer_times(
    report: Report,
    *,
    now: datetime,
    shown_at: datetime | None,
    started_at: datetime,
    claimed_before: float,
) -> Times:
    """Times of a vote that arrives `now`, its trial known to be shown at `shown_at`.

    A claim is cut to what has passed since the showing, and all claims of an assignment together
    to what has passed since it began; so nobody can claim time that was not there, even by
    announcing every showing early or by saying that the network was down. Whoever does not tell
    when the trial was shown gets the time nothing else has claimed, the most it can have been:
    an answer without a time would pass every timing window.
    """
    floor = min(started_at + timedelta(seconds=claimed_before), now)
    presented = floor
    if shown_at is not None:
        shown = shown_at - timedelta(seconds=report.held_up_seconds)
        presented = min(max(shown, floor), now)
    seconds = (now - presented).total_seconds()
    active = None if report.active_seconds is None else min(report.active_seconds, seconds)
    return Times(None if shown_at is None else presented, seconds, active)


def parse_ms(text: str, *, what: str) -> float:
    """A duration or a moment of the browser's clock in milliseconds."""
    try:
        value = float(text)
    except ValueError as error:
        raise BadAnswerError(f"{what} is not a number") from error
    if not math.isfinite(value) or not 0 <= value <= MOST_MS:
        raise BadAnswerError(f"{what} is out of range")
    return value


def parse_events(text: str) -> list[Event]:
    """Events as the page's script sends them: a JSON list of [kind, trial, milliseconds]."""
    try:
        rows = json.loads(text or "[]")
    except (ValueError, RecursionError) as error:
        raise BadAnswerError("the events are not JSON") from error
    if not isinstance(rows, list):
        raise BadAnswerError("the events are not a list")
    return [_event(row) for row in rows[:MOST_PER_REQUEST]]


def _event(row: object) -> Event:
    match row:
        case [str(kind), int(trial), int(ms) | float(ms)] if kind in TimingEventKind.values:
            return Event(TimingEventKind(kind), trial, parse_ms(str(ms), what="an event's time"))
    raise BadAnswerError("an event is not [kind, trial, milliseconds]")


def store_events(assignment: Assignment, *, sitting: Sitting, events: Sequence[Event]) -> None:
    """Keep the events, as many as an assignment of this length may have."""
    for event in events:
        sitting.slot(event.trial)
    room = max(0, MOST_PER_TRIAL * len(sitting.slots) - sitting.events)
    if events[:room]:
        TimingEvent.objects.bulk_create(
            TimingEvent(
                assignment=assignment,
                trial_id=event.trial,
                kind=event.kind,
                client_ms=event.client_ms,
            )
            for event in events[:room]
        )
