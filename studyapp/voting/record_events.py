"""Keep what happened on the page between two answers."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from studyapp import clock
from studyapp.vocabulary import TimingEventKind
from studyapp.voting.record_vote import finish
from studyapp.voting.seats import locked_assignment
from studyapp.voting.sitting import Seat, read_sitting
from studyapp.voting.timing import Event, store_events


def record_events(seat: Seat, *, events: Sequence[Event]) -> bool:
    """Store the events and tell whether no trial is left.

    An image that did not load settles its trial without an answer; a trial that has an answer
    stays as it is. Raises VotingError.
    """
    with transaction.atomic():
        assignment = locked_assignment(seat)
        sitting = read_sitting(assignment)
        store_events(assignment, sitting=sitting, events=events)
        failed = {event.trial for event in events if event.kind == TimingEventKind.IMAGE_FAILED}
        finished = all(slot.trial in failed for slot in sitting.left)
        if finished and sitting.votes:
            finish(assignment, now=clock.now())
    return finished
