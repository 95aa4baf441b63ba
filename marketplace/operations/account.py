"""The requester's money."""

from __future__ import annotations

from marketplace import ledger
from marketplace.actions.settle import settle_due
from marketplace.fees import from_cents
from marketplace.models import Requester
from marketplace.operations.parameters import Parameters


def get_account_balance(requester: Requester, _parameters: Parameters) -> dict[str, object]:
    """What can be spent and what is held for HITs."""
    settle_due(requester=requester)
    now = ledger.balance(requester)
    return {
        "AvailableBalance": str(from_cents(now.available)),
        "OnHoldBalance": str(from_cents(now.on_hold)),
    }
