from __future__ import annotations

import pytest

from marketplace import ledger
from marketplace.actions.give_back import give_back
from marketplace.errors import WorkRefusedError
from marketplace.models import Requester
from tests.marketplace.conftest import MovedClock
from tests.marketplace.factories import a_hit, a_submitted, an_accepted


def test_the_place_is_free_and_the_money_still_held(requester: Requester) -> None:
    hit = a_hit(requester)
    held = an_accepted(hit)
    give_back(held)
    give_back(held)
    held.refresh_from_db()
    assert held.status == "returned"
    assert ledger.balance(requester).on_hold == 12
    assert an_accepted(hit).place == 0


def test_after_expiry_the_money_goes_back(requester: Requester, moved: MovedClock) -> None:
    held = an_accepted(a_hit(requester, lifetime_s=60, duration_s=600))
    moved.forward(61)
    give_back(held)
    assert ledger.balance(requester).on_hold == 0
    assert ledger.balance(requester).available == 10_000


def test_submitted_work_is_not_returned(requester: Requester) -> None:
    done = a_submitted(a_hit(requester))
    with pytest.raises(WorkRefusedError, match="handed this in"):
        give_back(done)
    done.refresh_from_db()
    assert done.status == "submitted"
