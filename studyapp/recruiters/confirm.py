"""Match what a recruiter says was submitted with what our own pages know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from django.db import IntegrityError, transaction

from studyapp import clock
from studyapp.models import HIT, Assignment, Rater, RaterIdentity
from studyapp.recruiters.contract import NONCE_FIELD, Submission, SubmissionState
from studyapp.vocabulary import CONFIRMED_ASSIGNMENT_STATES, AssignmentState

STATES = {
    SubmissionState.SUBMITTED: AssignmentState.SUBMITTED,
    SubmissionState.APPROVED: AssignmentState.APPROVED,
    SubmissionState.REJECTED: AssignmentState.REJECTED,
}
#: What a state may follow on: a listing read a moment ago never takes back what is newer.
_BEFORE = {
    AssignmentState.SUBMITTED: (
        AssignmentState.WORKING,
        AssignmentState.FINISHED,
        AssignmentState.UNPROVEN,
    ),
    AssignmentState.APPROVED: (
        AssignmentState.WORKING,
        AssignmentState.FINISHED,
        AssignmentState.SUBMITTED,
        AssignmentState.REJECTED,
        AssignmentState.UNPROVEN,
    ),
    AssignmentState.REJECTED: (
        AssignmentState.WORKING,
        AssignmentState.FINISHED,
        AssignmentState.SUBMITTED,
        AssignmentState.UNPROVEN,
    ),
    AssignmentState.UNPROVEN: (
        AssignmentState.WORKING,
        AssignmentState.FINISHED,
        AssignmentState.UNPROVEN,
    ),
}


class Proof(Enum):
    """How a submission and our own record of the assignment go together."""

    CONFIRMED = "it carries the nonce our page gave to this assignment"
    UNPROVEN = "the nonce is missing or another one"
    UNKNOWN = "nobody of that name took this lot on our pages"


@dataclass(frozen=True)
class Confirmation:
    assignment: Assignment
    proof: Proof
    #: Whether this changed the stored state.
    news: bool


def confirm(hit: HIT, *, submission: Submission) -> Confirmation:
    """Store what the submission says about its assignment, as far as it is proven.

    One that our pages know nothing of is recorded without votes, so that it is seen and counted;
    one that proves nothing uses up its place all the same, so it is marked and awaited no more.
    """
    nonce = _nonce(submission)
    ours = _find(hit, submission=submission, nonce=nonce)
    if ours is None:
        ours = _stranger(hit, submission=submission)
    if nonce == ours.nonce:
        proof = Proof.CONFIRMED
    elif ours.state in CONFIRMED_ASSIGNMENT_STATES:
        # Only a stranger's record gets that far without the nonce: an earlier run made it.
        proof = Proof.UNKNOWN
    else:
        move(ours, state=AssignmentState.UNPROVEN, submission=submission)
        return Confirmation(ours, proof=Proof.UNPROVEN, news=False)
    news = move(ours, state=STATES[submission.state], submission=submission)
    return Confirmation(ours, proof=proof, news=news)


def move(
    assignment: Assignment, *, state: AssignmentState, submission: Submission | None = None
) -> bool:
    """Bring the stored state forward, with the marketplace's times; False if it was there."""
    times = {
        "accepted_at": submission and submission.accepted_at,
        "submitted_at": submission and submission.submitted_at,
        "reviewed_at": submission and submission.reviewed_at,
    }
    if submission is None:
        times = {"reviewed_at": clock.now()}
    rows = Assignment.objects.filter(pk=assignment.pk, state__in=_BEFORE[state])
    return bool(rows.update(state=state, **times))


def _nonce(submission: Submission) -> UUID | None:
    """The one nonce that was posted; two of them prove nothing."""
    values = submission.fields.get(NONCE_FIELD, ())
    if len(values) != 1:
        return None
    try:
        return UUID(values[0].strip())
    except ValueError:
        return None


def _find(hit: HIT, *, submission: Submission, nonce: UUID | None) -> Assignment | None:
    """Our row for this worker's take; a forgotten person is known by the nonce alone."""
    rows = Assignment.objects.filter(
        hit=hit, assignment_id=submission.submission_id
    ).select_related("rater__identity")
    for row in rows:
        identity = getattr(row.rater, "identity", None)
        if identity is None:
            if row.nonce == nonce:
                return row
        elif (identity.provider, identity.worker_id) == (hit.provider, submission.worker_id):
            return row
    return None


def _stranger(hit: HIT, *, submission: Submission) -> Assignment:
    """A record of somebody who handed in without ever being on our pages."""
    rater = _rater(hit, worker_id=submission.worker_id)
    assignment, _ = Assignment.objects.get_or_create(
        hit=hit,
        rater=rater,
        assignment_id=submission.submission_id,
        defaults={
            "state": STATES[submission.state],
            "is_test": rater.is_test,
            "accepted_at": submission.accepted_at,
            "submitted_at": submission.submitted_at,
            "reviewed_at": submission.reviewed_at,
        },
    )
    return assignment


def _rater(hit: HIT, *, worker_id: str) -> Rater:
    identities = RaterIdentity.objects.select_related("rater")
    known = identities.filter(provider=hit.provider, worker_id=worker_id).first()
    if known is not None:
        return known.rater
    try:
        with transaction.atomic():
            rater = Rater.objects.create()
            RaterIdentity.objects.create(rater=rater, provider=hit.provider, worker_id=worker_id)
    except IntegrityError:
        # Their first page view, or another run, was quicker.
        return identities.get(provider=hit.provider, worker_id=worker_id).rater
    return rater
