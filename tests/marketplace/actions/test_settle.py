from __future__ import annotations

import pytest

from marketplace import ledger
from marketplace.actions.settle import settle_due
from marketplace.models import Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_requester, a_submitted, an_accepted, at_once


def test_only_what_is_due_is_settled_and_only_once(requester: Requester, moved: MovedClock) -> None:
    early = a_hit(requester, lifetime_s=60)
    a_hit(requester, lifetime_s=6000)
    other = a_hit(a_requester(), lifetime_s=60)
    assert settle_due() == 0
    moved.forward(61)
    assert settle_due(hit=early) == 1
    assert settle_due(requester=requester) == 0
    assert settle_due() == 1
    assert settle_due() == 0
    other.refresh_from_db()
    assert (other.funded, other.expiry_settled) == (0, True)
    assert ledger.balance(requester).on_hold == 12


def test_times_are_those_at_which_things_were_due(requester: Requester, moved: MovedClock) -> None:
    hit = a_hit(requester, max_assignments=3, duration_s=60, auto_approval_delay_s=100)
    done, held = a_submitted(hit), an_accepted(hit)
    moved.forward(1000)
    settle_due()
    done.refresh_from_db()
    held.refresh_from_db()
    assert (done.status, done.approved_at) == ("approved", done.auto_approval_at)
    assert (held.status, held.ended_at) == ("abandoned", held.deadline)
    assert ledger.balance(requester).paid == 12


@pytest.mark.django_db(transaction=True)
def test_settling_by_many_at_once_pays_once(moved: MovedClock) -> None:
    requester = a_requester()
    hit = a_hit(requester, max_assignments=2, lifetime_s=60, auto_approval_delay_s=30)
    a_submitted(hit)
    moved.forward(61)
    assert all(isinstance(found, int) for found in at_once(*[settle_due] * 4))
    now = ledger.balance(requester)
    assert (now.on_hold, now.paid, now.available) == (0, 12, 9_988)
