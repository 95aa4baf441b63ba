from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from marketplace import ledger
from marketplace.actions.create_hit import HITTypeValues, find_or_create_hit_type
from marketplace.models import HITType, Requester
from tests.marketplace.factories import a_hit, a_requester, at_once


def test_the_money_of_every_assignment_is_held_with_its_fee(requester: Requester) -> None:
    nine = a_hit(requester, reward="0.10", max_assignments=9)
    assert (nine.fee, ledger.balance(requester).on_hold) == (Decimal("0.02"), 9 * 12)
    ten = a_hit(requester, reward="0.10", max_assignments=10)
    assert (ten.fee, ledger.balance(requester).on_hold) == (Decimal("0.04"), 9 * 12 + 10 * 14)
    assert ten.expires_at - ten.created_at == timedelta(hours=1)
    assert nine.hit_type == ten.hit_type


@pytest.mark.django_db(transaction=True)
def test_one_hit_type_from_many_callers_at_once() -> None:
    requester = a_requester()
    values = HITTypeValues("t", "d", "", Decimal("0.10"), 60, 0)
    results = at_once(
        *[lambda: find_or_create_hit_type(requester, values=values) for _ in range(5)]
    )
    assert set(results) == {HITType.objects.get()}
