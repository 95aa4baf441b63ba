"""The ledger: every movement of a requester's money, with the balance after it."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from marketplace.fees import from_cents
from marketplace.models.assignments import Assignment
from marketplace.models.hits import HIT
from marketplace.models.requesters import Requester
from marketplace.vocabulary import TransactionKind


class Transaction(models.Model):
    """One movement. Rows are numbered per requester and only ever added.

    Whole cents, because SQLite adds decimals as floating point and the check below is exact.
    The database itself refuses a row after which available + on hold + paid is not what was
    deposited, a negative balance, and a second payment of one assignment.
    """

    requester = models.ForeignKey(Requester, on_delete=models.PROTECT, related_name="transactions")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10, choices=TransactionKind.choices)
    amount_cents = models.BigIntegerField()
    hit = models.ForeignKey(
        HIT, null=True, blank=True, on_delete=models.PROTECT, related_name="transactions"
    )
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="transactions"
    )
    reference = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    deposited_after_cents = models.BigIntegerField()
    available_after_cents = models.BigIntegerField()
    on_hold_after_cents = models.BigIntegerField()
    paid_after_cents = models.BigIntegerField()

    class Meta:
        ordering = ("requester", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("requester", "number"), name="marketplace_ledger_number"
            ),
            models.UniqueConstraint(
                fields=("requester", "reference"),
                condition=~Q(reference=""),
                name="marketplace_ledger_reference",
            ),
            models.UniqueConstraint(
                fields=("assignment", "kind"),
                condition=Q(kind__in=["reward", "fee"]),
                name="marketplace_ledger_paid_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TransactionKind.values), name="marketplace_ledger_kind"
            ),
            models.CheckConstraint(
                condition=Q(amount_cents__gt=0), name="marketplace_ledger_amount"
            ),
            models.CheckConstraint(
                condition=Q(
                    deposited_after_cents=F("available_after_cents")
                    + F("on_hold_after_cents")
                    + F("paid_after_cents")
                ),
                name="marketplace_ledger_balanced",
            ),
            models.CheckConstraint(
                condition=Q(
                    available_after_cents__gte=0,
                    on_hold_after_cents__gte=0,
                    paid_after_cents__gte=0,
                ),
                name="marketplace_ledger_covered",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} USD"

    @property
    def amount(self) -> Decimal:
        """The amount in US dollars."""
        return from_cents(self.amount_cents)
