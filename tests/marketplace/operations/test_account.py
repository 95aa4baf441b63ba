from __future__ import annotations

from tests.marketplace.conftest import MovedClock, Wire
from tests.marketplace.factories import a_hit, a_requester


def test_balance_and_hold(wire: Wire, moved: MovedClock) -> None:
    a_hit(wire.requester, max_assignments=3, lifetime_s=60)
    assert wire.call("GetAccountBalance") == (
        200,
        {"AvailableBalance": "99.64", "OnHoldBalance": "0.36"},
    )
    moved.forward(61)
    assert wire.call("GetAccountBalance")[1]["OnHoldBalance"] == "0.00"


def test_an_account_without_a_deposit(db: None) -> None:
    poor = a_requester()
    poor.transactions.all().delete()
    assert Wire(poor).call("GetAccountBalance")[1] == {
        "AvailableBalance": "0.00",
        "OnHoldBalance": "0.00",
    }
