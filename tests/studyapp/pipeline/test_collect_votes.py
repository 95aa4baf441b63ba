from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.actions.accept import accept
from marketplace.actions.submit import submit
from marketplace.models import HIT as Offered  # noqa: N811
from marketplace.models import Assignment as OfferedAssignment
from studyapp.errors import InsufficientFundsError, RecruiterUnavailableError, StudyError
from studyapp.models import (
    HIT,
    Assignment,
    AuditEntry,
    Rater,
    RaterIdentity,
    Study,
    TimingEvent,
    Vote,
)
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.publish import publish
from studyapp.selectors.study_progress import study_progress
from studyapp.vocabulary import AssignmentState, HITState, TimingEventKind
from tests.factories.study import TrialFactory
from tests.faulty_proxy import Answer, Fault, FaultyProxy, lost_after, lost_before, says, truncated
from tests.recruiting import Site, a_draft, a_live_study, new_workers, take, take_here

pytestmark = pytest.mark.django_db(transaction=True)
APPROVE, LIST = "ApproveAssignment", "ListAssignmentsForHIT"


@pytest.fixture
def study(site: Site) -> Study:
    study = a_live_study(images=10, raters_per_trial=3, accept_at=2)
    publish(study)
    return study


@pytest.fixture
def hit(study: Study) -> HIT:
    return HIT.objects.filter(study=study).order_by("lot")[0]


def state(assignment: Assignment) -> str:
    assignment.refresh_from_db()
    return assignment.state


def paid() -> int:
    return OfferedAssignment.objects.filter(status="approved").count()


def test_proven_work_is_confirmed_and_paid(study: Study, hit: HIT) -> None:
    ours = [take(hit, worker=worker) for worker in new_workers(2)]
    summary = collect_votes(study)
    assert (summary.hits, summary.submissions, summary.confirmed, summary.approved) == (2, 2, 2, 2)
    assert (summary.votes, summary.awaited) == (10, 4)
    for assignment in ours:
        assert state(assignment) == AssignmentState.APPROVED
        assert assignment.submitted_at is not None
        assert assignment.accepted_at is not None
        assert assignment.accepted_at <= assignment.submitted_at
        assert assignment.reviewed_at is not None
    assert paid() == 2
    assert AuditEntry.objects.get(verb="collect_votes").summary["votes"] == 10


def test_again_adds_nothing_and_full_hits_are_left_alone(
    study: Study, hit: HIT, proxy: FaultyProxy
) -> None:
    for worker in new_workers(3):
        take(hit, worker=worker)
    collect_votes(study)
    # One page of each HIT: of the full one no second page is asked for, though one is announced.
    assert proxy.count(LIST) == 2
    before = list(Assignment.objects.order_by("pk").values())
    summary = collect_votes(study)
    assert (summary.hits, summary.submissions, summary.confirmed) == (1, 0, 0)
    assert list(Assignment.objects.order_by("pk").values()) == before
    assert Vote.objects.count() == 15


@pytest.mark.parametrize("nonce", ["", "not a nonce", "5d1f" * 8])
def test_unproven_work_is_paid_and_stays_unconfirmed(study: Study, hit: HIT, nonce: str) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker, nonce=nonce)
    summary = collect_votes(study)
    assert (summary.unproven, summary.confirmed, summary.approved, summary.votes) == (1, 0, 1, 0)
    assert state(ours) == AssignmentState.UNPROVEN
    assert paid() == 1
    wanted = sum(HIT.objects.filter(study=study).values_list("raters", flat=True))
    assert (summary.awaited, summary.places_lost) == (wanted - 1, 1)
    assert f"assignment {ours.pk}" in "\n".join(summary.lines())
    again = collect_votes(study)
    assert (again.unproven, again.approved) == (1, 0)
    others = new_workers(hit.raters)
    for place in HIT.objects.filter(study=study):
        for other in others[place == hit :]:
            take(place, worker=other)
    assert collect_votes(study).awaited == 0
    assert study_progress(study).complete
    assert collect_votes(study).hits == 0, "nothing more to ask about"
    assert worker.worker_id not in "\n".join(summary.lines())


def test_the_nonce_of_another_is_no_proof(study: Study, hit: HIT) -> None:
    first, second = new_workers(2)
    honest = take(hit, worker=first)
    thief = take(hit, worker=second, nonce=honest.nonce.hex)
    summary = collect_votes(study)
    assert (summary.confirmed, summary.unproven) == (1, 1)
    assert state(honest) == AssignmentState.APPROVED
    assert state(thief) == AssignmentState.UNPROVEN


def test_a_nonce_given_twice_is_no_proof(study: Study, hit: HIT, proxy: FaultyProxy) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    OfferedAssignment.objects.update(
        answer=OfferedAssignment.objects.get().answer.replace(
            "</QuestionFormAnswers>",
            f"<Answer><QuestionIdentifier>nonce</QuestionIdentifier><FreeText>{ours.nonce.hex}"
            "</FreeText></Answer></QuestionFormAnswers>",
        )
    )
    assert collect_votes(study).unproven == 1


def test_an_answer_that_is_no_xml_is_paid_and_named(study: Study, hit: HIT) -> None:
    (worker,) = new_workers(1)
    take(hit, worker=worker)
    OfferedAssignment.objects.update(answer="<!DOCTYPE a><QuestionFormAnswers/>")
    summary = collect_votes(study)
    assert (summary.unproven, summary.approved) == (1, 1)
    assert "not XML without a DTD" in "\n".join(summary.lines())


def test_a_submission_nobody_here_knows_is_recorded_without_votes(study: Study, hit: HIT) -> None:
    (worker,) = new_workers(1)
    accepted = accept(worker, hit=Offered.objects.get(hit_id=hit.hit_id))
    submit(accepted.assignment_id, fields={"anything": "x"})
    summary = collect_votes(study)
    assert (summary.unknown, summary.confirmed, summary.approved, summary.votes) == (1, 0, 1, 0)
    ours = Assignment.objects.get()
    assert (ours.assignment_id, ours.state) == (accepted.assignment_id, AssignmentState.APPROVED)
    assert ours.rater.identity.worker_id == worker.worker_id
    assert collect_votes(study).unknown == 1
    assert (Assignment.objects.count(), Rater.objects.count(), paid()) == (1, 1, 1)


def test_pictures_that_did_not_load_are_told(study: Study, hit: HIT) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    answered = Vote.objects.filter(assignment=ours).values_list("trial", flat=True)[0]
    lost = TrialFactory.create(condition=study.conditions.get())
    for trial in (answered, lost.pk):
        TimingEvent.objects.create(
            assignment=ours, trial_id=trial, kind=TimingEventKind.IMAGE_FAILED, client_ms=5
        )
    summary = collect_votes(study)
    assert (summary.unseen_assignments, summary.unseen_trials) == (1, 1)
    assert "unanswered: 1 picture in 1 assignment." in "\n".join(summary.lines())


def test_an_assignment_handed_on_after_a_return_is_the_second_workers(
    study: Study, hit: HIT
) -> None:
    first, second = new_workers(2)
    ours = take(hit, worker=second)
    gone = take_here(hit, worker_id=first.worker_id, assignment_id=ours.assignment_id)
    collect_votes(study)
    assert state(ours) == AssignmentState.APPROVED
    assert state(gone) == AssignmentState.WORKING


def test_a_forgotten_person_is_known_by_the_nonce(study: Study, hit: HIT) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    RaterIdentity.objects.all().delete()
    assert collect_votes(study).confirmed == 1
    assert state(ours) == AssignmentState.APPROVED
    assert not RaterIdentity.objects.exists()


def test_paid_between_listing_and_approval_is_done(
    study: Study, hit: HIT, proxy: FaultyProxy, site: Site
) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    gateway = site.gateway()

    def paid_meanwhile(forward: Callable[[], Answer]) -> Answer:
        (submission,) = gateway.submissions(str(hit.hit_id))
        gateway.approve(submission)
        return forward()

    proxy.plan(APPROVE, paid_meanwhile)
    summary = collect_votes(study)
    assert (summary.confirmed, summary.troubles) == (1, [])
    assert state(ours) == AssignmentState.APPROVED
    assert paid() == 1


def test_a_lost_approval_is_made_good(
    study: Study, hit: HIT, site: Site, proxy: FaultyProxy
) -> None:
    ours = [take(hit, worker=worker) for worker in new_workers(2)]
    proxy.plan(APPROVE, lost_after)
    with pytest.raises(RecruiterUnavailableError):
        collect_votes(study, recruiter=site.gateway())
    assert state(ours[0]) == AssignmentState.SUBMITTED
    collect_votes(study)
    assert [state(assignment) for assignment in ours] == [AssignmentState.APPROVED] * 2
    assert paid() == 2


@pytest.mark.parametrize("fault", [lost_before, truncated, says(200, b"{}")])
def test_a_listing_that_fails_changes_nothing(
    fault: Fault, study: Study, hit: HIT, site: Site, proxy: FaultyProxy
) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    proxy.plan(LIST, fault)
    with pytest.raises(RecruiterUnavailableError):
        collect_votes(study, recruiter=site.gateway())
    assert state(ours) == AssignmentState.WORKING
    assert collect_votes(study).confirmed == 1


def test_no_money_for_pay_stops_with_the_work_confirmed(
    study: Study, hit: HIT, proxy: FaultyProxy
) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    poor = b'{"__type": "RequestError", "TurkErrorCode": "AWS.MechanicalTurk.InsufficientFunds"}'
    proxy.plan(APPROVE, says(400, poor))
    with pytest.raises(InsufficientFundsError):
        collect_votes(study)
    assert state(ours) == AssignmentState.SUBMITTED
    assert collect_votes(study).approved == 1


def test_one_refused_payment_does_not_hold_up_the_rest(
    study: Study, hit: HIT, proxy: FaultyProxy
) -> None:
    ours = [take(hit, worker=worker) for worker in new_workers(2)]
    proxy.plan(
        APPROVE,
        says(400, b'{"__type": "RequestError", "TurkErrorCode": "AWS.MechanicalTurk.Strange"}'),
    )
    summary = collect_votes(study)
    assert (summary.confirmed, summary.approved) == (2, 1)
    assert "not paid yet: ApproveAssignment was refused" in "\n".join(summary.lines())
    assert sorted(state(assignment) for assignment in ours) == ["approved", "submitted"]


def test_a_hit_deleted_over_there_is_said(study: Study, hit: HIT) -> None:
    HIT.objects.filter(pk=hit.pk).update(hit_id="3NOSUCHHITNOSUCHHITNOSUCHHIT0")
    summary = collect_votes(study)
    assert (summary.hits, len(summary.troubles)) == (2, 1)
    assert "what came in before is kept" in "\n".join(summary.lines())


def test_a_hit_whose_time_is_over_is_expired_and_still_asked(study: Study, hit: HIT) -> None:
    HIT.objects.filter(pk=hit.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    collect_votes(study)
    hit.refresh_from_db()
    assert hit.state == HITState.EXPIRED
    assert collect_votes(study).hits == 2


def test_work_on_a_hit_whose_publication_got_no_answer_is_collected(
    site: Site, proxy: FaultyProxy
) -> None:
    study = a_live_study(images=3, raters_per_trial=3, accept_at=2)
    proxy.plan("CreateHITWithHITType", lost_after)
    with pytest.raises(RecruiterUnavailableError):
        publish(study, recruiter=site.gateway())
    lost = HIT.objects.get(study=study, state=HITState.SENDING, hit_id=None)
    lost.hit_id = site.offered()[0].hit_id
    take(lost, worker=new_workers(1)[0])
    summary = collect_votes(study)
    assert (summary.confirmed, summary.approved, summary.votes) == (1, 1, 3)
    assert HIT.objects.get(study=study).state == HITState.OPEN
    assert not publish(study).opened
    assert len(site.offered()) == 1


def test_late_work_of_a_closed_study_is_collected(study: Study, hit: HIT) -> None:
    (worker,) = new_workers(1)
    ours = take(hit, worker=worker)
    close_study(study)
    assert collect_votes(study).confirmed == 1
    assert state(ours) == AssignmentState.APPROVED


def test_a_draft_has_nothing_to_collect() -> None:
    with pytest.raises(StudyError, match="it is draft"):
        collect_votes(a_draft(images=1))
