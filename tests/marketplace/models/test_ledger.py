from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from marketplace import clock
from marketplace.models import Requester, Transaction
from tests.marketplace.factories import a_hit, a_submitted

GOOD = {
    "kind": "hold",
    "amount_cents": 10,
    "number": 2,
    "deposited_after_cents": 10_000,
    "available_after_cents": 9_990,
    "on_hold_after_cents": 10,
    "paid_after_cents": 0,
}


def _insert(requester: Requester, **change: object) -> Transaction:
    with transaction.atomic():
        return Transaction.objects.create(
            requester=requester, created_at=clock.now(), **GOOD | change
        )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"available_after_cents": 9_991}, "balanced"),
        ({"available_after_cents": 10_010, "on_hold_after_cents": -10}, "covered"),
        ({"amount_cents": 0}, "amount"),
        ({"kind": "gift"}, "kind"),
        ({"number": 1}, "number"),
        ({"reference": "start"}, "reference"),
    ],
)
def test_the_database_refuses_wrong_rows(
    requester: Requester, change: dict[str, object], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=f"{constraint}|UNIQUE"):
        _insert(requester, **change)
    assert str(_insert(requester)) == "hold 0.10 USD"


def test_no_assignment_is_paid_twice(requester: Requester) -> None:
    hit = a_hit(requester, auto_approval_delay_s=0)
    paid = a_submitted(hit)
    for kind in ("reward", "fee"):
        with pytest.raises(IntegrityError, match=r"paid_once|assignment_id"):
            _insert(requester, kind=kind, assignment=paid, number=9)
