"""Plan a call as a row, send it, and find out what became of it; each safe after any crash."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from studyapp import clock
from studyapp.errors import InsufficientFundsError, RecruiterError
from studyapp.models import HIT, Assignment, IntendedCall
from studyapp.recruiters import call_kinds
from studyapp.recruiters.contract import (
    OUTCOME_UNKNOWN,
    DoubtfulAnswerError,
    Recruiter,
    Submission,
)
from studyapp.vocabulary import UNSETTLED_CALL_STATES, CallKind, CallState

ZERO = Decimal("0.00")


def plan_call(
    kind: CallKind,
    *,
    hit: HIT,
    assignment: Assignment | None = None,
    about: str = "",
    reason: str = "",
    arguments: dict[str, Any] | None = None,
    amount: Decimal = ZERO,
    fee: Decimal = ZERO,
    actor: AbstractBaseUser | None = None,
) -> IntendedCall:
    """The row of this intention: made now, or as it stands from an earlier time.

    `about` tells intentions of one kind about the same work apart. One that was refused before is
    planned again: somebody wants it once more.
    """
    meant = {
        "reason": reason,
        "arguments": arguments or {},
        "amount": amount,
        "fee": fee,
        "decided_by": actor if isinstance(actor, User) else None,
    }
    call, made = IntendedCall.objects.get_or_create(
        token=_token(kind, hit=hit, assignment=assignment, about=about),
        defaults={"kind": kind, "hit": hit, "assignment": assignment, **meant},
    )
    if not made and call.state == CallState.REFUSED:
        again = {"state": CallState.PLANNED, "settled_at": None, "said": ""}
        _row(call).filter(state=CallState.REFUSED).update(**meant, **again)
        call.refresh_from_db()
    return call


def find_call(
    kind: CallKind, *, hit: HIT, assignment: Assignment | None = None, about: str = ""
) -> IntendedCall | None:
    """The row of this intention, if anybody had it before."""
    token = _token(kind, hit=hit, assignment=assignment, about=about)
    return IntendedCall.objects.filter(token=token).first()


def carry_out(
    call: IntendedCall, *, recruiter: Recruiter, submission: Submission | None = None
) -> bool:
    """Send the call unless it is done; whether it is done now.

    Within the life of its token it is simply sent again, by whoever comes; after that the recruiter
    is asked first. False: another run has it in hand, or it was refused before.
    """
    if call.state not in UNSETTLED_CALL_STATES:
        return call.state == CallState.DONE
    tried = call.sent_at is not None
    forgotten = call.sent_at is not None and call.sent_at < clock.now() - recruiter.token_life
    if forgotten and call_kinds.happened(call, recruiter=recruiter):
        settle(call)
        return True
    if not _claim(call, renew=forgotten or not tried):
        call.refresh_from_db()
        return call.state == CallState.DONE
    try:
        call_kinds.send(call, recruiter=recruiter, submission=submission)
    except OUTCOME_UNKNOWN as error:
        _note(call, state=CallState.UNKNOWN, said=str(error))
        looked = isinstance(error, DoubtfulAnswerError)
        if not (looked and call_kinds.happened(call, recruiter=recruiter)):
            raise
    except RecruiterError as error:
        if not (tried and call_kinds.happened(call, recruiter=recruiter)):
            no_money = isinstance(error, InsufficientFundsError)
            _note(call, state=CallState.PLANNED if no_money else CallState.REFUSED, said=str(error))
            raise
    settle(call)
    return True


def find_out(call: IntendedCall, *, recruiter: Recruiter) -> bool:
    """Whether a call of unknown outcome was carried out; one that was not is planned again."""
    if call_kinds.happened(call, recruiter=recruiter):
        settle(call)
        return True
    _row(call).filter(state=call.state).update(state=CallState.PLANNED)
    call.refresh_from_db()
    return False


@transaction.atomic
def settle(call: IntendedCall) -> None:
    """It is done: say so, and let our rows follow, both or neither."""
    call_kinds.lock_followers(call)
    _row(call).exclude(state=CallState.DONE).update(
        state=CallState.DONE, settled_at=clock.now(), said=""
    )
    call.refresh_from_db()
    call_kinds.follow(call)


def _claim(call: IntendedCall, *, renew: bool) -> bool:
    """Take the call for sending. The token's life began with the first try it may remember."""
    row = _row(call).filter(state=call.state)
    if not renew:
        return bool(row.update(state=CallState.SENT))
    before = row.filter(sent_at=call.sent_at) if call.sent_at else row.filter(sent_at__isnull=True)
    return bool(before.update(state=CallState.SENT, sent_at=clock.now()))


def _note(call: IntendedCall, *, state: CallState, said: str) -> None:
    """What came of it, unless another run knows better."""
    settled = clock.now() if state == CallState.REFUSED else None
    row = _row(call).filter(state__in=UNSETTLED_CALL_STATES)
    row.update(state=state, said=said, settled_at=settled)
    call.refresh_from_db()


def _row(call: IntendedCall) -> QuerySet[IntendedCall]:
    return IntendedCall.objects.filter(pk=call.pk)


def _token(kind: CallKind, *, hit: HIT, assignment: Assignment | None, about: str) -> str:
    # Both are random, so that two sites with one account, or a database made afresh, stay apart.
    whose = assignment.nonce.hex if assignment else ""
    text = f"{kind}/{hit.request_token}/{whose}/{about}"
    return f"quorum-{hashlib.sha256(text.encode()).hexdigest()[:48]}"
