"""Every call that costs or changes something, under every fault: once, and the money adds up.

Each call is broken, given again, and given a third time; also with a day and an hour between, when
the marketplace has forgotten the tokens. Whatever the fault, one of everything is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from pytest_django.fixtures import Settings

from marketplace import ledger
from marketplace import models as offers
from studyapp.errors import RecruiterError
from studyapp.models import HIT, Assignment, IntendedCall, Study
from studyapp.pipeline.close_study import close_study
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.pipeline.dispose_study import dispose_study
from studyapp.pipeline.extend_study import extend_study
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.publish import publish
from studyapp.pipeline.reconcile import reconcile
from studyapp.pipeline.review_assignments import approve_assignment, reject_assignment
from studyapp.pipeline.stop_study import stop_study
from studyapp.recruiters.mturk.endpoints import endpoint_for
from studyapp.recruiters.mturk.gateway import MTurkGateway
from studyapp.recruiters.spending import spending
from studyapp.vocabulary import CallState, Environment, HITState
from tests.faulty_proxy import (
    Answer,
    Fault,
    FaultyProxy,
    after_work_says,
    lost_after,
    lost_before,
    says,
    throttled,
    truncated,
)
from tests.recruiting import Site, a_live_study, new_workers, take

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DAY_AND_HOUR = timedelta(hours=25)
#: The client's patience, and an answer that comes after it.
PATIENCE_S, LATE_S = 0.2, 0.3


def late(forward: Callable[[], Answer]) -> Answer:
    answer = forward()
    time.sleep(LATE_S)
    return answer


FAULTS: dict[str, Fault] = {
    "dropped before": lost_before,
    "dropped after": lost_after,
    "late": late,
    "throttled": throttled,
    "500": says(500, b'{"__type": "ServiceFault", "Message": "Internal failure."}'),
    "empty before": says(200, b""),
    "empty after": after_work_says(200, b""),
    "cut": truncated,
}


#: What is done with a recruiter, again and again.
Act = Callable[[MTurkGateway], object]


class Matrix:
    """Breaks calls, moves the clock, gives them again."""

    def __init__(self, proxy: FaultyProxy, settings: Settings) -> None:
        self._proxy, self._settings = proxy, settings
        endpoint = endpoint_for(Environment.MARKETPLACE)
        self.good = MTurkGateway(endpoint, attempts=1)
        self._impatient = MTurkGateway(endpoint, attempts=1, read_timeout_s=PATIENCE_S)
        # The first call has the marketplace load what it answers by, which takes longer than that.
        self.good.balance()

    def cells(self, operation: str, acts: Iterable[Act]) -> None:
        """One act a cell: every fault, first with the clock as it is, then with it moved."""
        waiting = iter(acts)
        for fault in FAULTS.values():
            act = next(waiting)
            self.breaks(operation, act, fault=fault)
            act(self.good)
            act(self.good)
        moved = [next(waiting) for _ in FAULTS]
        for act, fault in zip(moved, FAULTS.values(), strict=True):
            self.breaks(operation, act, fault=fault)
        self.moves_clock()
        for act in (*moved, *moved):
            act(self.good)

    def breaks(self, operation: str, act: Act, *, fault: Fault) -> None:
        before = self._proxy.count(operation)
        self._proxy.plan(operation, fault)
        # On a busy machine a call before it may come too late for this client as well.
        for _ in range(5):
            with suppress(RecruiterError):
                act(self._impatient)
            if self._proxy.count(operation) > before:
                return
        raise AssertionError("the fault met no call")

    def moves_clock(self) -> None:
        """A day and an hour pass for both sides."""
        self._settings.MARKETPLACE_CLOCK_OFFSET_S += DAY_AND_HOUR.total_seconds()
        IntendedCall.objects.update(sent_at=F("sent_at") - DAY_AND_HOUR)
        HIT.objects.update(sent_at=F("sent_at") - DAY_AND_HOUR)


@pytest.fixture
def matrix(proxy: FaultyProxy, settings: Settings) -> Matrix:
    settings.MARKETPLACE_CLOCK_OFFSET_S = 0
    return Matrix(proxy, settings)


def a_study(**fields: object) -> Study:
    """Published, with time enough for a clock that is moved."""
    fields = {"images": 1, "raters_per_trial": 1, "accept_at": 1, "trials_per_hit": 1} | fields
    study = a_live_study(**{"lifetime_days": 30, "auto_approval_hours": 720} | fields)
    publish(study)
    return study


def handed_in(study: Study, *, n: int) -> list[int]:
    """So many submissions of the study's one lot, seen and not paid yet."""
    hit = HIT.objects.get(study=study)
    for worker in new_workers(n):
        take(hit, worker=worker, votes=False)
    collect_votes(study, pays=False)
    return list(Assignment.objects.order_by("pk").values_list("pk", flat=True))


def assert_money_adds_up(site: Site, study: Study) -> None:
    """The marketplace's ledger balances, and our own sums are the same to the cent."""
    books, ours = ledger.balance(site.requester), spending(study)
    assert books.deposited == books.available + books.on_hold + books.paid
    assert ours.paid * 100 == books.paid
    # Places of HITs that have just ended are counted longer here than the marketplace holds money.
    assert (ours.committed - ours.may_be_held) * 100 == books.paid + books.on_hold
    assert not IntendedCall.objects.exclude(state=CallState.DONE).exists()
    assert reconcile(study).differences == []


def test_lots(matrix: Matrix, site: Site) -> None:
    studies = [
        a_live_study(images=1, raters_per_trial=2, accept_at=1, lifetime_days=30)
        for _ in range(2 * len(FAULTS))
    ]
    matrix.cells("CreateHITWithHITType", (partial(published, study) for study in studies))
    assert len(site.offered()) == len(studies)
    tokens = {hit.hit_id: hit.requester_annotation for hit in site.offered()}
    ours = dict(HIT.objects.filter(state=HITState.OPEN).values_list("hit_id", "request_token"))
    assert ours == tokens
    books = ledger.balance(site.requester)
    assert books.on_hold == sum(spending(study).committed for study in studies) * 100


def published(study: Study, recruiter: MTurkGateway) -> object:
    return publish(study, recruiter=recruiter)


def approved(study: Study, override: bool, work: int, recruiter: MTurkGateway) -> object:
    return approve_assignment(study, work, override=override, recruiter=recruiter)


def test_approvals(matrix: Matrix, site: Site) -> None:
    n = 2 * len(FAULTS)
    study = a_study(raters_per_trial=n)
    acts = (partial(approved, study, False, work) for work in handed_in(study, n=n))
    matrix.cells("ApproveAssignment", acts)
    assert offers.Assignment.objects.filter(status="approved").count() == n
    assert set(Assignment.objects.values_list("state", flat=True)) == {"approved"}
    assert_money_adds_up(site, study)


def test_rejections_and_taking_them_back(matrix: Matrix, site: Site) -> None:
    n = 2 * len(FAULTS)
    study = a_study(raters_per_trial=n)
    ada = User.objects.create(username="ada")
    work = handed_in(study, n=n)

    def rejected(pk: int, recruiter: MTurkGateway) -> object:
        words = "Left empty."
        return reject_assignment(
            study, pk, reason=words, actor=ada, confirmed=True, recruiter=recruiter
        )

    matrix.cells("RejectAssignment", (partial(rejected, pk) for pk in work))
    there = offers.Assignment.objects.values_list("status", "requester_feedback")
    assert set(there) == {("rejected", "Left empty.")}
    assert set(Assignment.objects.values_list("state", flat=True)) == {"rejected"}
    assert_money_adds_up(site, study)
    matrix.cells("ApproveAssignment", (partial(approved, study, True, pk) for pk in work))
    assert set(offers.Assignment.objects.values_list("status", flat=True)) == {"approved"}
    assert set(Assignment.objects.values_list("state", flat=True)) == {"approved"}
    assert_money_adds_up(site, study)


def test_bonuses(matrix: Matrix, site: Site) -> None:
    study = a_study()
    (work,) = handed_in(study, n=1)
    reasons = [f"Thank you, number {number}." for number in range(2 * len(FAULTS))]

    def paid(reason: str, recruiter: MTurkGateway) -> object:
        amount = Decimal("0.13")
        return pay_bonus(study, work, amount=amount, reason=reason, recruiter=recruiter)

    matrix.cells("SendBonus", (partial(paid, reason) for reason in reasons))
    there = offers.BonusPayment.objects.values_list("reason", "amount", "fee")
    wanted = [(reason, Decimal("0.13"), Decimal("0.03")) for reason in reasons]
    assert sorted(there) == sorted(wanted)
    assert spending(study).bonuses == Decimal("0.16") * len(reasons)
    assert_money_adds_up(site, study)


@pytest.mark.parametrize("moved", [False, True], ids=["at once", "25 h later"])
def test_more_raters(matrix: Matrix, site: Site, moved: bool) -> None:
    """Each cell asks one more of the same lot, so each has to be settled before the next."""
    study = a_study(raters_per_trial=10)
    for raters, fault in enumerate(FAULTS.values(), 11):

        def extended(recruiter: MTurkGateway, raters: int = raters) -> object:
            return extend_study(study, raters=raters, recruiter=recruiter)

        matrix.breaks("CreateAdditionalAssignmentsForHIT", extended, fault=fault)
        if moved:
            matrix.moves_clock()
        extended(matrix.good)
        extended(matrix.good)
    (offered,) = site.offered()
    assert offered.max_assignments == HIT.objects.get().raters == 10 + len(FAULTS)
    assert_money_adds_up(site, study)


@pytest.mark.parametrize("moved", [False, True], ids=["at once", "25 h later"])
def test_ends_of_lots(matrix: Matrix, site: Site, moved: bool) -> None:
    """A study for each fault, through stop, extend, close and dispose, each of them broken."""
    until = "UpdateExpirationForHIT"
    for fault in FAULTS.values():
        study = a_study(raters_per_trial=2)
        steps: list[tuple[str, Act]] = [
            (until, partial(taken_off, study)),
            (until, partial(offered_longer, study)),
            (until, partial(closed, study)),
            ("DeleteHIT", partial(disposed, study)),
        ]
        for (operation, act), held in zip(steps, [0, 24, 0, 0], strict=True):
            matrix.breaks(operation, act, fault=fault)
            if moved:
                matrix.moves_clock()
            act(matrix.good)
            act(matrix.good)
            assert_money_adds_up(site, study)
            assert ledger.balance(site.requester).on_hold == held
        assert HIT.objects.get(study=study).state == HITState.DISPOSED
    assert all(hit.disposed_at for hit in offers.HIT.objects.all())


def taken_off(study: Study, recruiter: MTurkGateway) -> object:
    return stop_study(study, recruiter=recruiter)


def offered_longer(study: Study, recruiter: MTurkGateway) -> object:
    return extend_study(study, days=60, recruiter=recruiter)


def closed(study: Study, recruiter: MTurkGateway) -> object:
    return close_study(study, recruiter=recruiter)


def disposed(study: Study, recruiter: MTurkGateway) -> object:
    return dispose_study(study, recruiter=recruiter)
