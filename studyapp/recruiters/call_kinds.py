"""Each kind of call: how it is sent, how one sees that it was done, what it changes here."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from studyapp import clock
from studyapp.models import HIT, Assignment, IntendedCall
from studyapp.recruiters.confirm import move
from studyapp.recruiters.contract import (
    LotGoneError,
    LotNow,
    Recruiter,
    Submission,
    SubmissionState,
)
from studyapp.vocabulary import AssignmentState, CallKind, HITState

#: What a review makes of the submission over there, and of our assignment.
_REVIEWS = {
    CallKind.APPROVE: (SubmissionState.APPROVED, AssignmentState.APPROVED),
    CallKind.OVERRIDE: (SubmissionState.APPROVED, AssignmentState.APPROVED),
    CallKind.REJECT: (SubmissionState.REJECTED, AssignmentState.REJECTED),
}
#: The wire has whole seconds.
_SECOND = timedelta(seconds=1)


def send(call: IntendedCall, *, recruiter: Recruiter, submission: Submission | None) -> None:
    """Make the call. Raises RecruiterErrors."""
    if call.assignment is not None:
        submission = submission or recruiter.submission(call.assignment.assignment_id)
        _send_about_work(call, recruiter=recruiter, submission=submission)
        return
    lot_id = call.hit.hit_id or ""
    match CallKind(call.kind):
        case CallKind.ADD_RATERS:
            more = call.arguments["raters"] - call.arguments["before"]
            recruiter.add_raters(lot_id, more=more, token=call.token)
        case CallKind.PROLONG:
            recruiter.prolong(lot_id, until=_moment(call, "until"))
        case CallKind.EXPIRE:
            # Deleted over there, nobody can take it either.
            with suppress(LotGoneError):
                recruiter.expire(lot_id)
        case CallKind.DISPOSE:
            with suppress(LotGoneError):
                recruiter.dispose(lot_id)


def _send_about_work(call: IntendedCall, *, recruiter: Recruiter, submission: Submission) -> None:
    match CallKind(call.kind):
        case CallKind.APPROVE:
            recruiter.approve(submission)
        case CallKind.OVERRIDE:
            recruiter.approve(submission, override=True)
        case CallKind.REJECT:
            recruiter.reject(submission, reason=call.reason)
        case CallKind.BONUS:
            recruiter.bonus(submission, amount=call.amount, reason=call.reason, token=call.token)


def happened(call: IntendedCall, *, recruiter: Recruiter) -> bool:
    """Whether the recruiter's own record shows that the call was carried out."""
    kind = CallKind(call.kind)
    if call.assignment is not None:
        work = call.assignment.assignment_id
        if kind in _REVIEWS:
            return recruiter.submission(work).state is _REVIEWS[kind][0]
        paid = recruiter.bonuses(work)
        return any((one.amount, one.reason) == (call.amount, call.reason) for one in paid)
    try:
        lot = recruiter.lot(call.hit.hit_id or "")
    except LotGoneError:
        if kind in (CallKind.EXPIRE, CallKind.DISPOSE):
            return True
        raise
    return _shows(lot, call=call)


def _shows(lot: LotNow, *, call: IntendedCall) -> bool:
    match CallKind(call.kind):
        case CallKind.ADD_RATERS:
            return lot.raters >= int(call.arguments["raters"])
        case CallKind.PROLONG:
            wanted = _moment(call, "until") - _SECOND
            return lot.expires_at is not None and lot.expires_at >= wanted
        case CallKind.DISPOSE:
            return lot.disposed
    if lot.takes_new or lot.expires_at is None:
        return not lot.takes_new
    # Full is not expired: somebody may give a place back.
    before = _moment(call, "before") if call.arguments.get("before") else clock.now()
    return lot.expires_at <= clock.now() or lot.expires_at < before - _SECOND


def lock_followers(call: IntendedCall) -> None:
    """Lock the row that `follow` changes: whoever plans a call locks it before the call too."""
    rows = Assignment.objects if call.assignment_id else HIT.objects
    rows.select_for_update(no_key=True).get(pk=call.assignment_id or call.hit_id)


def follow(call: IntendedCall) -> None:
    """Bring our rows where the done call left the recruiter's; doing it again changes nothing."""
    kind = CallKind(call.kind)
    lot = HIT.objects.filter(pk=call.hit_id)
    if call.assignment is not None and kind in _REVIEWS:
        call.assignment.refresh_from_db()
        unproven = call.assignment.state == AssignmentState.UNPROVEN
        move(call.assignment, state=AssignmentState.UNPROVEN if unproven else _REVIEWS[kind][1])
    elif kind == CallKind.ADD_RATERS:
        raters = int(call.arguments["raters"])
        lot.filter(raters__lt=raters).update(raters=raters)
    elif kind == CallKind.PROLONG:
        known = lot.filter(state__in=[HITState.OPEN, HITState.EXPIRED])
        known.update(state=HITState.OPEN, expires_at=_moment(call, "until"))
    elif kind == CallKind.EXPIRE:
        known = lot.filter(state__in=[HITState.OPEN, HITState.SENDING])
        known.update(state=HITState.EXPIRED, expires_at=clock.now())
    elif kind == CallKind.DISPOSE:
        lot.update(state=HITState.DISPOSED)


def _moment(call: IntendedCall, name: str) -> datetime:
    return datetime.fromisoformat(str(call.arguments[name]))
