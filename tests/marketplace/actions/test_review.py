from __future__ import annotations

import pytest

from marketplace import ledger
from marketplace.actions.review import approve, reject
from marketplace.errors import InsufficientFundsError, RequestRefusedError
from marketplace.models import Assignment, Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, a_submitted, at_once


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_pay_once() -> None:
    requester = a_requester()
    done = a_submitted(a_hit(requester))
    results = at_once(
        *[lambda: approve(done, feedback="", override_rejection=False) for _ in range(4)]
    )
    assert sum(found is None for found in results) == 1
    assert ledger.balance(requester).paid == 12


def test_approval_pays_reward_and_fee_out_of_the_hold(requester: Requester) -> None:
    done = a_submitted(a_hit(requester, reward="0.50"))
    approve(done, feedback="Thanks", override_rejection=False)
    rows = requester.transactions.order_by("number").values_list("kind", "amount_cents")
    assert list(rows) == [("deposit", 10_000), ("hold", 60), ("reward", 50), ("fee", 10)]
    assert Assignment.objects.get().requester_feedback == "Thanks"


def test_an_override_needs_money_and_thirty_days(moved: MovedClock, db: None) -> None:
    requester = a_requester(deposited="0.15")
    done = a_submitted(a_hit(requester))
    reject(done, feedback="No answers.")
    other = a_hit(requester)
    with pytest.raises(InsufficientFundsError):
        approve(done, feedback="", override_rejection=True)
    assert Assignment.objects.get().status == "rejected"
    assert (ledger.balance(requester).on_hold, other.funded) == (12, 1)
    moved.forward(31 * 86_400)
    with pytest.raises(RequestRefusedError, match="within 30 days"):
        approve(done, feedback="", override_rejection=True)


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_rejection_at_once_are_one_of_them() -> None:
    requester = a_requester()
    done = a_submitted(a_hit(requester))
    results = at_once(
        *[lambda: approve(done, feedback="", override_rejection=False)] * 2,
        *[lambda: reject(done, feedback="-")] * 2,
    )
    assert sum(found is None for found in results) == 1
    done.refresh_from_db()
    now = ledger.balance(requester)
    assert (now.paid, now.on_hold) == ((12, 0) if done.status == "approved" else (0, 0))
