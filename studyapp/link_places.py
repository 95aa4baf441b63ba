"""Places in lots that are offered by link: taken, handed in, given back when their time is over."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from studyapp import clock
from studyapp.models import Assignment, LinkLot, LinkPlace
from studyapp.vocabulary import AssignmentState, LinkPlaceState

#: Places of a lot that may lapse within an hour, for each of its raters. Beyond these somebody
#: begins under invented names, and the lot takes nobody until they have stopped.
MOST_LAPSED = 10
#: Letters and digits that nobody takes for one another.
_LEGIBLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ID_LENGTH = 30


def new_id() -> str:
    """A name nobody guesses: 155 bits from the system's random source."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def new_code() -> str:
    """A completion code of one participant: 60 bits in three groups of four."""
    return "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(3))


def is_offered(lot: LinkLot, *, now: datetime) -> bool:
    """Whether the lot is on offer, be there a place left or not."""
    return lot.disposed_at is None and lot.expires_at > now


class _NoPlaceError(Exception):
    """Rolls back to before the lot was locked."""


def take_place(lot: LinkLot, *, rater: int, until: datetime) -> LinkPlace | None:
    """A place in the lot for somebody who never had one there; None where there is none.

    With a place the lot's row stays locked until the caller's transaction ends, and a constraint
    of the database lets a number be held once: whoever comes at once, nobody is one too many.
    Without one the lock is let go, so that two who look through the lots in different orders do
    not wait for each other.
    """
    try:
        with transaction.atomic():
            return _place_in(lot, rater=rater, until=until)
    except _NoPlaceError:
        return None


def _place_in(lot: LinkLot, *, rater: int, until: datetime) -> LinkPlace:
    now = clock.now()
    held = LinkLot.objects.select_for_update(no_key=True).get(pk=lot.pk)
    if not is_offered(held, now=now):
        raise _NoPlaceError
    settle_overdue(held, now=now)
    places = held.places.all()
    lapsed = places.filter(state=LinkPlaceState.LAPSED, deadline__gt=now - timedelta(hours=1))
    if places.filter(rater=rater).exists() or lapsed.count() >= MOST_LAPSED * held.raters:
        raise _NoPlaceError
    numbers = set(places.exclude(state=LinkPlaceState.LAPSED).values_list("number", flat=True))
    free = next((number for number in range(held.raters) if number not in numbers), None)
    if free is None:
        raise _NoPlaceError
    return LinkPlace.objects.create(
        lot=held, rater_id=rater, number=free, place_id=new_id(), taken_at=now, deadline=until
    )


def hand_in(place_id: str, *, fields: Mapping[str, Sequence[str]]) -> LinkPlace | None:
    """The place, handed in by this call or an earlier one; None where its time was over.

    Raises LinkPlace.DoesNotExist. What an earlier call posted stays.
    """
    with transaction.atomic():
        place = LinkPlace.objects.select_for_update(no_key=True).get(place_id=place_id)
        if place.state == LinkPlaceState.LAPSED:
            return None
        if place.state == LinkPlaceState.TAKEN:
            _submit(place, at=clock.now(), fields=fields)
            place.refresh_from_db()
    return place


def settle_overdue(lot: LinkLot, *, now: datetime) -> None:
    """Take back the places whose time is over, but for those whose answers are all there.

    Whoever has answered everything has done the work: their place counts as handed in, pressed
    the last button or not.
    """
    for place in lot.places.filter(state=LinkPlaceState.TAKEN, deadline__lte=now):
        done = Assignment.objects.filter(
            assignment_id=place.place_id, state=AssignmentState.FINISHED, votes__isnull=False
        ).first()
        if done is not None:
            proof = {"nonce": [done.nonce.hex]}
            _submit(place, at=done.finished_at or now, fields=proof)
            continue
        row = LinkPlace.objects.filter(pk=place.pk, state=LinkPlaceState.TAKEN)
        row.update(state=LinkPlaceState.LAPSED)


def _submit(place: LinkPlace, *, at: datetime, fields: Mapping[str, Sequence[str]]) -> None:
    LinkPlace.objects.filter(pk=place.pk, state=LinkPlaceState.TAKEN).update(
        state=LinkPlaceState.SUBMITTED,
        handed_in_at=at,
        fields={name: list(values) for name, values in fields.items()},
        code=new_code(),
    )
