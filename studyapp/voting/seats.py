"""Taking a seat: the rater, their consent and their assignment, made at the first POST."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from studyapp import clock
from studyapp.models import HIT, Assignment, Consent, Rater, RaterIdentity, Study
from studyapp.time_allowed import time_allowed
from studyapp.vocabulary import CONFIRMED_ASSIGNMENT_STATES, HANDED_IN_STATES, HITState
from studyapp.voting.admission import check_admitted
from studyapp.voting.admit import admit
from studyapp.voting.allocate import allocate
from studyapp.voting.errors import (
    BadLinkError,
    ClosedError,
    HandedInError,
    TimeOverError,
    TooOftenError,
)
from studyapp.voting.sitting import Seat

#: Whoever arrives at a HIT of unknown outcome proves that it is out: its address is in nobody's
#: hands but the marketplace's. Nothing counts before the marketplace confirms it.
TAKING = frozenset({HITState.OPEN, HITState.SENDING})
#: Beginnings of one HIT by one rater within an hour. Work is returned and begun again now and then;
#: far more is somebody who makes up assignment ids.
MOST_PER_RATER = 20
_FROM_THE_LIST = "Open the task again from where you found it"


def consent_hash(study: Study) -> str:
    return hashlib.sha256(study.consent_text.encode()).hexdigest()


def check_open(hit: HIT) -> None:
    """A HIT that was never sent, or has expired, is offered to nobody."""
    if hit.state not in TAKING:
        raise ClosedError(
            "this task takes no new raters",
            remedy="If you have accepted it, return it; that has no bad effect for you",
        )


def check_may_begin(hit: HIT) -> None:
    """After a HIT has expired come those who had accepted it before, and they may finish."""
    ended = hit.expires_at if hit.state == HITState.EXPIRED else None
    if ended is None or clock.now() > ended + time_allowed(hit.study):
        check_open(hit)


def check_workable(assignment: Assignment, *, now: datetime) -> None:
    """Answers are taken until the time is over or the marketplace says it is handed in."""
    if assignment.state in HANDED_IN_STATES:
        raise HandedInError("this task is handed in already")
    if now > assignment.started_at + time_allowed(assignment.hit.study):
        raise TimeOverError("the time for this task is over")


def has_consented(rater: int, *, study: Study) -> bool:
    rows = Consent.objects.filter(rater=rater, study=study, text_hash=consent_hash(study))
    return rows.exists()


def may_skip_welcome(rater: int, *, hit: HIT, assignment_id: str) -> bool:
    """Whether this rater is known to have read the welcome page of the study.

    An address alone proves nobody: agreeing counts for other tasks once the marketplace has
    confirmed work of this rater, so that no stranger can agree in somebody else's name. Where
    conditions are kept apart everybody begins by a press of the button: what is shown without it
    leaves no trace to reckon a cooldown from.
    """
    theirs = Assignment.objects.filter(rater=rater, hit__study=hit.study)
    known = Q(hit=hit, assignment_id=assignment_id)
    if not hit.study.cooldown_hours:
        known |= Q(state__in=CONFIRMED_ASSIGNMENT_STATES)
    return has_consented(rater, study=hit.study) and theirs.filter(known).exists()


def find_rater(hit: HIT, *, worker_id: str) -> int | None:
    """Our record of the worker, if there is one."""
    return _known_rater(hit.provider, worker_id=worker_id)


def begin(hit: HIT, *, assignment_id: str, worker_id: str) -> Seat:
    """The rater agrees and begins. Doing so twice, or twice at once, makes one of each row."""
    check_may_begin(hit)
    with transaction.atomic():
        rater = rater_of(hit.provider, worker_id=worker_id)
        Consent.objects.get_or_create(
            rater_id=rater, study=hit.study, text_hash=consent_hash(hit.study)
        )
        seat = Seat(hit=hit.public_id, assignment_id=assignment_id, rater=rater)
        _assignment(hit, seat=seat)
    return seat


def locked_assignment(seat: Seat) -> Assignment:
    """The seat's assignment with its HIT and study, locked until the transaction ends.

    Who has consented on an earlier visit begins with the first answer: then the row is made here.
    """
    now = clock.now()
    held = (
        Assignment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hit__study")
        .filter(hit__public_id=seat.hit, assignment_id=seat.assignment_id, rater=seat.rater)
        .first()
    )
    if held is None:
        hit = find_hit(seat)
        check_may_begin(hit)
        if hit.study.cooldown_hours or not has_consented(seat.rater, study=hit.study):
            raise BadLinkError("nobody has begun this task here", remedy=_FROM_THE_LIST)
        # Before the study, which is locked to share raters out; see row_locks.
        Rater.objects.select_for_update(no_key=True).get(pk=seat.rater)
        made = _assignment(hit, seat=seat)
        held = Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=made.pk)
        held.hit = hit
    check_workable(held, now=now)
    return held


def find_assignment(seat: Seat) -> Assignment | None:
    return (
        Assignment.objects.select_related("hit__study")
        .filter(hit__public_id=seat.hit, assignment_id=seat.assignment_id, rater=seat.rater)
        .first()
    )


def find_hit(seat: Seat) -> HIT:
    hit = HIT.objects.select_related("study").filter(public_id=seat.hit).first()
    if hit is None:
        raise BadLinkError("there is no such task here", remedy=_FROM_THE_LIST)
    return hit


def rater_of(provider: str, *, worker_id: str) -> int:
    """Our record of the worker, made now where there is none."""
    known = _known_rater(provider, worker_id=worker_id)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            rater = Rater.objects.create()
            RaterIdentity.objects.create(rater=rater, provider=provider, worker_id=worker_id)
    except IntegrityError:
        # Somebody pressed twice; the first press made the rater.
        return RaterIdentity.objects.get(provider=provider, worker_id=worker_id).rater_id
    return rater.pk


def _known_rater(provider: str, *, worker_id: str) -> int | None:
    rows = RaterIdentity.objects.filter(provider=provider, worker_id=worker_id)
    return rows.values_list("rater_id", flat=True).first()


def _assignment(hit: HIT, *, seat: Seat) -> Assignment:
    held = Assignment.objects.filter(
        hit=hit, rater=seat.rater, assignment_id=seat.assignment_id
    ).first()
    if held is not None:
        return held
    lately = hit.assignments.filter(
        rater=seat.rater, started_at__gt=clock.now() - timedelta(hours=1)
    )
    if lately.count() >= MOST_PER_RATER:
        raise TooOftenError("this task was begun too often", remedy="Try again in an hour")
    admit(hit, rater=seat.rater)
    check_admitted(hit, rater=seat.rater)
    is_test = Rater.objects.values_list("is_test", flat=True).get(pk=seat.rater)
    assignment, _ = Assignment.objects.get_or_create(
        hit=hit,
        rater_id=seat.rater,
        assignment_id=seat.assignment_id,
        defaults={"is_test": is_test, "condition_id": allocate(hit, rater=seat.rater)},
    )
    return assignment
