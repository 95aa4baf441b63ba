from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from marketplace.models import HIT, HITType, Requester
from tests.marketplace.factories import a_hit


def test_the_database_refuses_wrong_hits(requester: Requester) -> None:
    hit = a_hit(requester, max_assignments=2)
    assert hit.unit_cost == Decimal("0.12")
    for change in (
        {"funded": 3},
        {"max_assignments": 0},
        {"reward": Decimal("0.00")},
        {"fee": Decimal("0.00")},
        {"hit_id": a_hit(requester).hit_id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HIT.objects.filter(pk=hit.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        HITType.objects.update(reward=Decimal("0.00"))


def test_names(requester: Requester) -> None:
    hit = a_hit(requester, token="lot-1")
    assert (str(hit), str(hit.hit_type)) == (hit.hit_id, "Is it there?")
    assert str(hit.tokens.get()) == "lot-1"
