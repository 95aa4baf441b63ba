"""Signed tokens that take the place of a session: the rater pages set no cookie.

A claim stands for what the marketplace put into the address; it travels in a hidden field only,
since it names the worker. A seat follows once the rater is in our records; it may stand in an
address. A stamp proves when the server showed a trial. Where people come by a study's link, an
arrival stands for what that address said, and a receipt for work that was handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.core import signing

from studyapp import clock
from studyapp.models import HIT, StudyLink
from studyapp.time_allowed import time_allowed
from studyapp.voting.errors import BadLinkError, TimeOverError
from studyapp.voting.sitting import Seat

_CLAIM, _SEAT, _STAMP = (f"quorum.rate.{kind}" for kind in ("claim", "seat", "stamp"))
_ARRIVAL, _RECEIPT = "quorum.join.arrival", "quorum.join.receipt"
#: How long a welcome page may stay open before its button is pressed.
_ARRIVAL_AGE_S = 24 * 3600
_AGAIN = "Open the task again from where you found it"


@dataclass(frozen=True)
class Claim:
    """A worker says that this is their assignment of the HIT."""

    hit: UUID
    assignment_id: str
    worker_id: str


def sign_claim(claim: Claim) -> str:
    return _sign([claim.hit.hex, claim.assignment_id, claim.worker_id], salt=_CLAIM)


def read_claim(token: str, *, hit: HIT) -> Claim:
    """The claim, if it was made for this HIT and is not too old. Raises VotingError."""
    public_id, assignment_id, worker_id = _read(token, salt=_CLAIM, hit=hit)
    return Claim(UUID(public_id), assignment_id=assignment_id, worker_id=worker_id)


def sign_seat(seat: Seat) -> str:
    return _sign([seat.hit.hex, seat.assignment_id, str(seat.rater)], salt=_SEAT)


def read_seat(token: str, *, hit: HIT) -> Seat:
    """The seat, if it was given for this HIT and is not too old. Raises VotingError."""
    public_id, assignment_id, rater = _read(token, salt=_SEAT, hit=hit)
    return Seat(UUID(public_id), assignment_id=assignment_id, rater=int(rater))


@dataclass(frozen=True)
class Arrival:
    """Somebody came by the study's link under this id of their panel."""

    participant: str
    session: str = ""


def sign_arrival(arrival: Arrival, *, link: StudyLink) -> str:
    fields = [link.public_id.hex, arrival.participant, arrival.session]
    return _sign(fields, salt=_ARRIVAL)


def read_arrival(token: str, *, link: StudyLink) -> Arrival:
    """The arrival, if it was at this link and not too long ago. Raises VotingError."""
    public_id, participant, session, issued = _unsign(token, salt=_ARRIVAL)
    if public_id != link.public_id.hex:
        raise BadLinkError("this address belongs to another study")
    if clock.now().timestamp() - int(issued) > _ARRIVAL_AGE_S:
        raise BadLinkError("this page was open for more than a day")
    return Arrival(participant, session=session)


def sign_receipt(place_id: str, *, link: StudyLink) -> str:
    return _sign([link.public_id.hex, place_id, ""], salt=_RECEIPT)


def read_receipt(token: str, *, link: StudyLink) -> str:
    """The place that was handed in at this link. Raises VotingError."""
    public_id, place_id, _, _ = _unsign(token, salt=_RECEIPT)
    if public_id != link.public_id.hex:
        raise BadLinkError("this address belongs to another study")
    return place_id


def sign_stamp(seat: Seat, *, trial: int) -> str:
    """Proof that the server shows the trial to this seat now."""
    now_ms = int(clock.now().timestamp() * 1000)
    return signing.Signer(salt=_stamp_salt(seat)).sign(f"{trial}.{now_ms}")


def read_stamp(stamp: str, *, seat: Seat, trial: int) -> datetime | None:
    """When the server showed the trial; None if the stamp is missing or for another one."""
    try:
        value = signing.Signer(salt=_stamp_salt(seat)).unsign(stamp)
    except signing.BadSignature:
        return None
    stamped_trial, _, moment = value.partition(".")
    if stamped_trial != str(trial):
        return None
    return datetime.fromtimestamp(int(moment) / 1000, tz=UTC)


def _stamp_salt(seat: Seat) -> str:
    return f"{_STAMP}/{seat.hit.hex}/{seat.assignment_id}/{seat.rater}"


def _sign(fields: list[str], *, salt: str) -> str:
    issued = str(int(clock.now().timestamp()))
    return signing.Signer(salt=salt).sign_object([*fields, issued])


def _read(token: str, *, salt: str, hit: HIT) -> tuple[str, str, str]:
    public_id, assignment_id, who, issued = _unsign(token, salt=salt)
    if public_id != hit.public_id.hex:
        raise BadLinkError("this address belongs to another task", remedy=_AGAIN)
    if clock.now().timestamp() - int(issued) > time_allowed(hit.study).total_seconds():
        raise TimeOverError("the time for this task is over")
    return public_id, assignment_id, who


def _unsign(token: str, *, salt: str) -> tuple[str, str, str, str]:
    try:
        first, second, third, issued = signing.Signer(salt=salt).unsign_object(token)
    except signing.BadSignature as error:
        raise BadLinkError("this address was not made by us", remedy=_AGAIN) from error
    return first, second, third, issued
