"""Enrol: requesters with deposits, workers with a name and a password."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from marketplace import clock, ledger
from marketplace.actions.locking import lock_requester
from marketplace.errors import EnrolmentError
from marketplace.fees import CENT, from_cents
from marketplace.models import Requester, Transaction, Worker
from marketplace.vocabulary import TransactionKind

LARGEST_DEPOSIT = Decimal("1000000000.00")


def find_or_create_requester(name: str) -> Requester:
    """The requester of that name, made with fresh keys if there is none."""
    if not name.strip() or len(name) > 100:
        raise EnrolmentError("A requester's name must have 1 to 100 characters.")
    requester, _ = Requester.objects.get_or_create(name=name, defaults={"created_at": clock.now()})
    return requester


def deposit(requester: Requester, *, amount: Decimal, reference: str) -> bool:
    """Add money once per reference; False if that deposit was made before.

    The same reference with another amount is an error: one of the two must be a mistake.
    """
    if not CENT <= amount <= LARGEST_DEPOSIT or amount != amount.quantize(CENT):
        raise EnrolmentError(
            f"A deposit must be from {CENT} to {LARGEST_DEPOSIT} USD in whole cents, not {amount}."
        )
    if not reference.strip() or len(reference) > 100:
        raise EnrolmentError("A deposit's reference must have 1 to 100 characters.")
    with transaction.atomic():
        locked = lock_requester(requester.pk)
        known = Transaction.objects.filter(requester=locked, reference=reference).first()
        if known is None:
            ledger.post(
                locked,
                kind=TransactionKind.DEPOSIT,
                amount=amount,
                at=clock.now(),
                reference=reference,
            )
            return True
    if known.amount != amount:
        raise EnrolmentError(
            f"Deposit {reference!r} was made with {from_cents(known.amount_cents)} USD: give "
            "another --reference for another deposit."
        )
    return False


def create_worker(name: str, *, password: str) -> Worker:
    """A worker with a user of their own."""
    try:
        with transaction.atomic():
            user = get_user_model().objects.create_user(username=name, password=password)
            return Worker.objects.create(user=user, created_at=clock.now())
    except IntegrityError:
        raise EnrolmentError(f"The name {name!r} is taken: choose another.") from None
