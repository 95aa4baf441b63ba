from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from studyapp.models import Assignment, Rater, RaterIdentity
from studyapp.recruiters.confirm import Proof, confirm, move
from studyapp.recruiters.contract import Submission, SubmissionState
from studyapp.vocabulary import AssignmentState
from tests.factories.crowd import AssignmentFactory, HITFactory, RaterIdentityFactory

pytestmark = pytest.mark.django_db


def submission(
    assignment: Assignment | None = None,
    *,
    nonce: str | None = None,
    state: SubmissionState = SubmissionState.SUBMITTED,
    worker_id: str = "AWORKER",
) -> Submission:
    value = nonce if nonce is not None or assignment is None else assignment.nonce.hex
    now = timezone.now()
    return Submission(
        submission_id=assignment.assignment_id if assignment else "3ASSIGNMENT",
        worker_id=worker_id,
        state=state,
        accepted_at=now,
        submitted_at=now,
        reviewed_at=None if state is SubmissionState.SUBMITTED else now,
        fields={} if value is None else {"nonce": (value,)},
    )


@pytest.fixture
def ours() -> Assignment:
    identity = RaterIdentityFactory.create(worker_id="AWORKER")
    return AssignmentFactory.create(rater=identity.rater)


@pytest.mark.parametrize("spelling", ["{0.hex}", "{0}", " {0} ", "{0.urn}"])
def test_the_nonce_in_any_spelling_is_proof(ours: Assignment, spelling: str) -> None:
    found = confirm(ours.hit, submission=submission(ours, nonce=spelling.format(ours.nonce)))
    assert (found.proof, found.news) == (Proof.CONFIRMED, True)
    ours.refresh_from_db()
    assert ours.state == AssignmentState.SUBMITTED
    assert ours.submitted_at is not None


@pytest.mark.parametrize("nonce", ["", "x", uuid.UUID(int=0).hex, "{" * 5])
def test_any_other_nonce_is_none(ours: Assignment, nonce: str) -> None:
    found = confirm(ours.hit, submission=submission(ours, nonce=nonce))
    assert (found.proof, found.news) == (Proof.UNPROVEN, False)
    ours.refresh_from_db()
    assert ours.state == AssignmentState.UNPROVEN
    assert ours.submitted_at is not None, "the place is used up, whatever it proves"


def test_a_proof_that_comes_with_a_later_listing_is_taken(ours: Assignment) -> None:
    confirm(ours.hit, submission=submission(ours, nonce="cut off"))
    found = confirm(ours.hit, submission=submission(ours))
    assert (found.proof, found.news) == (Proof.CONFIRMED, True)


def test_an_older_listing_takes_nothing_back(ours: Assignment) -> None:
    confirm(ours.hit, submission=submission(ours, state=SubmissionState.APPROVED))
    found = confirm(ours.hit, submission=submission(ours))
    assert not found.news
    ours.refresh_from_db()
    assert ours.state == AssignmentState.APPROVED


def test_a_rejection_can_be_overruled_and_an_approval_not(ours: Assignment) -> None:
    confirm(ours.hit, submission=submission(ours, state=SubmissionState.REJECTED))
    assert confirm(ours.hit, submission=submission(ours, state=SubmissionState.APPROVED)).news
    assert not confirm(ours.hit, submission=submission(ours, state=SubmissionState.REJECTED)).news
    ours.refresh_from_db()
    assert ours.state == AssignmentState.APPROVED


def test_a_stranger_is_recorded_once_and_keeps_their_rater() -> None:
    hit = HITFactory.create()
    known = RaterIdentityFactory.create(worker_id="AWORKER")
    for _ in range(2):
        found = confirm(hit, submission=submission())
        assert found.proof is Proof.UNKNOWN
    assert Assignment.objects.get().rater == known.rater
    confirm(hit, submission=submission(worker_id="AOTHER"))
    assert (Rater.objects.count(), RaterIdentity.objects.count()) == (2, 2)


def test_a_strangers_record_follows_the_marketplace() -> None:
    hit = HITFactory.create()
    confirm(hit, submission=submission())
    confirm(hit, submission=submission(state=SubmissionState.APPROVED))
    assert Assignment.objects.get().state == AssignmentState.APPROVED


def test_the_worker_of_another_environment_is_another_person(ours: Assignment) -> None:
    RaterIdentity.objects.update(provider="sandbox")
    found = confirm(ours.hit, submission=submission(ours))
    assert found.proof is Proof.UNKNOWN
    ours.refresh_from_db()
    assert ours.state == AssignmentState.WORKING


def test_moving_without_a_listing_notes_the_review(ours: Assignment) -> None:
    confirm(ours.hit, submission=submission(ours))
    assert move(ours, state=AssignmentState.APPROVED)
    assert not move(ours, state=AssignmentState.APPROVED)
    ours.refresh_from_db()
    assert ours.reviewed_at is not None
    assert ours.submitted_at is not None
