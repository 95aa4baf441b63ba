from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from marketplace import models as offers
from studyapp.errors import BudgetError, InputError, StudyError
from studyapp.models import HIT, Assignment, IntendedCall, Study, Vote
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.publish import publish
from studyapp.pipeline.review_assignments import (
    approve_assignment,
    approve_valid,
    reject_assignment,
)
from studyapp.pipeline.set_budget import set_budget
from studyapp.recruiters.spending import spending
from studyapp.vocabulary import CallKind, CallState
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(site: Site) -> Study:
    """Three have handed in: two from our page, one without its proof. Nobody is paid yet."""
    study = a_live_study(images=2, raters_per_trial=3, accept_at=2)
    publish(study)
    hit = HIT.objects.get()
    for nonce, worker in zip((None, None, "forged"), new_workers(3), strict=True):
        take(hit, worker=worker, nonce=nonce)
    summary = collect_votes(study, pays=False)
    assert (summary.confirmed, summary.approved) == (2, 0)
    return study


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


def statuses() -> list[str]:
    return list(offers.Assignment.objects.order_by("pk").values_list("status", flat=True))


def reject(study: Study, work: Assignment, *, ada: User, confirmed: bool = True) -> str:
    words = "Every answer was the same key within a second."
    summary = reject_assignment(study, work.pk, reason=words, actor=ada, confirmed=confirmed)
    return "\n".join(summary.lines())


def test_what_came_from_our_page_is_paid_and_the_rest_waits(study: Study) -> None:
    summary = approve_valid(study)
    assert (summary.waiting, summary.approved, summary.troubles) == (2, 2, [])
    assert statuses() == ["approved", "approved", "submitted"]
    again = approve_valid(study)
    assert (again.waiting, again.approved) == (0, 0)
    doubtful = Assignment.objects.get(state="unproven")
    assert "is approved" in approve_assignment(study, doubtful.pk).lines()[0]
    assert "was approved" in approve_assignment(study, doubtful.pk).lines()[0]
    assert statuses() == ["approved"] * 3
    doubtful.refresh_from_db()
    # Paid, and its answers count as little as before.
    assert doubtful.state == "unproven"
    assert spending(study).paid * 100 == 36


def test_a_rejection_is_asked_twice_and_said_in_words(study: Study, ada: User) -> None:
    work = Assignment.objects.order_by("pk")[0]
    votes = Vote.objects.count()
    with pytest.raises(StudyError, match="asked twice"):
        reject(study, work, ada=ada, confirmed=False)
    with pytest.raises(InputError, match="is told why"):
        reject_assignment(study, work.pk, reason="  ", actor=ada, confirmed=True)
    assert not IntendedCall.objects.exists()
    assert "is rejected" in reject(study, work, ada=ada)
    assert statuses()[0] == "rejected"
    call = IntendedCall.objects.get()
    assert (call.decided_by, call.state) == (ada, CallState.DONE)
    assert Vote.objects.count() == votes
    with pytest.raises(StudyError, match="it was rejected"):
        approve_assignment(study, work.pk)
    assert collect_votes(study).approved == 2
    assert statuses() == ["rejected", "approved", "approved"]


def test_a_rejection_is_taken_back_within_the_budget(study: Study, ada: User) -> None:
    work = Assignment.objects.order_by("pk")[0]
    with pytest.raises(StudyError, match="nothing to take back"):
        approve_assignment(study, work.pk, override=True)
    reject(study, work, ada=ada)
    set_budget(study, amount=spending(study).committed)
    with pytest.raises(BudgetError, match=r"0\.12 USD on top"):
        approve_assignment(study, work.pk, override=True)
    set_budget(study, amount=None)
    assert "after all" in approve_assignment(study, work.pk, override=True).lines()[0]
    assert statuses()[0] == "approved"
    work.refresh_from_db()
    assert work.state == "approved"
    with pytest.raises(StudyError, match="it is paid"):
        reject(study, Assignment.objects.get(pk=work.pk), ada=ada)


def test_the_unproven_stays_unproven_when_rejected(study: Study, ada: User) -> None:
    """Otherwise a rejection would make its answers count."""
    work = Assignment.objects.get(state="unproven")
    reject(study, work, ada=ada)
    work.refresh_from_db()
    assert (work.state, statuses()[2]) == ("unproven", "rejected")
    assert spending(study).paid == 0
    assert spending(study).committed * 100 == 24


def test_a_decision_that_another_run_means_is_respected(study: Study, ada: User) -> None:
    """A rejection planned a moment ago, and not sent yet, is not paid over."""
    work = Assignment.objects.order_by("pk")[0]
    reject(study, work, ada=ada)
    IntendedCall.objects.update(state=CallState.PLANNED, settled_at=None)
    offers.Assignment.objects.filter(status="rejected").update(status="submitted")
    Assignment.objects.filter(pk=work.pk).update(state="submitted")
    summary = approve_valid(study)
    assert summary.approved == 1
    assert "it was rejected" in summary.lines()[1]
    assert IntendedCall.objects.get(assignment=work).kind == CallKind.REJECT


def test_another_studys_work_is_not_found(study: Study) -> None:
    with pytest.raises(InputError, match="no assignment of this number"):
        approve_assignment(study, 10_000_000)
