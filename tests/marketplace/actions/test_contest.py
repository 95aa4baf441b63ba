from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace import clock, ledger
from marketplace.actions.contest import contest, decide_dispute
from marketplace.actions.dispose_hit import dispose_hit
from marketplace.actions.expire_hit import expire_hit
from marketplace.actions.review import approve, reject
from marketplace.errors import InsufficientFundsError, RequestRefusedError, WorkRefusedError
from marketplace.models import Assignment, Dispute, Message, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, a_submitted, at_once


@pytest.fixture
def rejected(requester: Requester) -> Assignment:
    done = a_submitted(a_hit(requester, auto_approval_delay_s=2_592_000))
    reject(done, feedback="Too quick.")
    return done


def test_paid_after_all(rejected: Assignment, requester: Requester) -> None:
    dispute = contest(rejected, text=" I looked at each. ")
    assert contest(rejected, text="I looked at each.") == dispute
    assert decide_dispute(dispute, pay=True, answer="You are right.") is True
    assert decide_dispute(dispute, pay=False, answer="Or not.") is False
    rejected.refresh_from_db()
    dispute.refresh_from_db()
    assert (rejected.status, dispute.status) == ("approved", "paid")
    assert ledger.balance(requester).paid == 12
    assert Message.objects.get().text == "You are right."


def test_the_rejection_stands(rejected: Assignment, requester: Requester) -> None:
    decide_dispute(contest(rejected, text="But I did!"), pay=False, answer="No answers in it.")
    rejected.refresh_from_db()
    assert (rejected.status, Dispute.objects.get().status) == ("rejected", "dismissed")
    assert ledger.balance(requester).paid == 0
    with pytest.raises(WorkRefusedError, match="first words count"):
        contest(rejected, text="Look again!")


def test_the_requester_may_have_paid_meanwhile(rejected: Assignment, requester: Requester) -> None:
    dispute = contest(rejected, text="But I did!")
    approve(rejected, feedback="", override_rejection=True)
    assert decide_dispute(dispute, pay=True, answer="They paid.") is True
    assert ledger.balance(requester).paid == 12


def test_what_cannot_be_contested(rejected: Assignment, requester: Requester) -> None:
    for words in (" ", "x" * 2001):
        with pytest.raises(WorkRefusedError) as refused:
            contest(rejected, text=words)
        assert refused.value.reason == "words"
    with pytest.raises(WorkRefusedError) as refused:
        contest(a_submitted(a_hit(requester)), text="Already?")
    assert refused.value.reason == "state"
    assert not Dispute.objects.exists()


def test_without_money_nothing_is_decided(db: None, moved: MovedClock) -> None:
    poor = a_requester(deposited="0.12")
    done = a_submitted(a_hit(poor))
    reject(done, feedback="-")
    a_hit(poor)
    dispute = contest(done, text="But I did!")
    with pytest.raises(InsufficientFundsError):
        decide_dispute(dispute, pay=True, answer="Yes.")
    dispute.refresh_from_db()
    assert dispute.status == "open"
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_pay_once() -> None:
    requester = a_requester()
    done = a_submitted(a_hit(requester))
    reject(done, feedback="-")
    dispute = contest(done, text="But I did!")
    results = at_once(*[lambda: decide_dispute(dispute, pay=True, answer="Yes.")] * 3)
    assert sorted(map(bool, results)) == [False, False, True]
    assert ledger.balance(requester).paid == 12


def test_neither_time_nor_disposal_makes_a_rejection_final(
    rejected: Assignment, requester: Requester, moved: MovedClock
) -> None:
    dispute = contest(rejected, text="But I did!")
    expire_hit(rejected.hit, expire_at=clock.now())
    dispose_hit(rejected.hit)
    moved.forward(timedelta(days=40).total_seconds())
    with pytest.raises(RequestRefusedError):
        approve(rejected, feedback="", override_rejection=True)
    assert decide_dispute(dispute, pay=True, answer="You are right.") is True
    rejected.refresh_from_db()
    assert rejected.status == "approved"
    assert ledger.balance(requester).paid == 12
