from __future__ import annotations

from decimal import Decimal

import pytest

from marketplace import ledger
from marketplace.actions.enrol import create_worker, deposit, find_or_create_requester
from marketplace.errors import EnrolmentError
from marketplace.models import Worker
from tests.marketplace.factories import at_once


@pytest.mark.django_db(transaction=True)
def test_a_deposit_is_made_once_per_reference() -> None:
    lab = find_or_create_requester("the lab")
    assert find_or_create_requester("the lab") == lab
    results = at_once(*[lambda: deposit(lab, amount=Decimal("5"), reference="a") for _ in range(4)])
    assert sorted(map(bool, results)) == [False, False, False, True]
    assert deposit(lab, amount=Decimal("1.50"), reference="b") is True
    assert ledger.balance(lab).available == 650
    with pytest.raises(EnrolmentError, match="another --reference"):
        deposit(lab, amount=Decimal("6"), reference="a")


@pytest.mark.parametrize("amount", ["0", "-1", "0.005", "1000000000.01"])
def test_amounts_that_are_refused(amount: str, db: None) -> None:
    with pytest.raises(EnrolmentError, match="A deposit must be"):
        deposit(find_or_create_requester("lab"), amount=Decimal(amount), reference="a")


def test_names_that_are_refused(db: None) -> None:
    for name in (" ", "x" * 101):
        with pytest.raises(EnrolmentError, match="name"):
            find_or_create_requester(name)
    with pytest.raises(EnrolmentError, match="reference"):
        deposit(find_or_create_requester("lab"), amount=Decimal(1), reference=" ")
    create_worker("ada", password="correct-horse")
    with pytest.raises(EnrolmentError, match="taken"):
        create_worker("ada", password="correct-horse")
    assert Worker.objects.count() == 1
