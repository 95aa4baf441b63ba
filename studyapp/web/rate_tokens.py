"""Signed tokens that take the place of a session: the rater pages set no cookie.

A claim stands for what the marketplace put into the address; it travels in a hidden field only,
since it names the worker. A seat follows once the rater is in our records; it may stand in an
address. A stamp proves when the server showed a trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.core import signing

from studyapp import clock
from studyapp.models import HIT
from studyapp.time_allowed import time_allowed
from studyapp.voting.errors import BadLinkError, TimeOverError
from studyapp.voting.sitting import Seat

_CLAIM, _SEAT, _STAMP = (f"quorum.rate.{kind}" for kind in ("claim", "seat", "stamp"))
_AGAIN = "Open the task again from the marketplace's list"


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
    try:
        public_id, assignment_id, who, issued = signing.Signer(salt=salt).unsign_object(token)
    except signing.BadSignature as error:
        raise BadLinkError("this address was not made by us", remedy=_AGAIN) from error
    if public_id != hit.public_id.hex:
        raise BadLinkError("this address belongs to another task", remedy=_AGAIN)
    if clock.now().timestamp() - int(issued) > time_allowed(hit.study).total_seconds():
        raise TimeOverError("the time for this task is over")
    return public_id, assignment_id, who
