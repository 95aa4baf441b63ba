"""Money beyond the reward."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from marketplace.models.assignments import Assignment


class BonusPayment(models.Model):
    """One bonus for one assignment; paid when the row is made."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="bonuses")
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    fee = models.DecimalField(max_digits=9, decimal_places=2)
    reason = models.TextField()
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gte=Decimal("0.01"), fee__gte=Decimal("0.01")),
                name="marketplace_bonus_money",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} USD"
