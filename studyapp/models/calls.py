"""Calls to the recruiter that cost or change something, each a row before it is sent."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from studyapp.models.crowd import HIT, Assignment
from studyapp.vocabulary import CallKind, CallState


class IntendedCall(models.Model):
    """One call: what is meant, what it costs, and what is known of its outcome.

    `token` is made of what is meant, so the same intention is the same row however often it comes
    up, and the recruiter recognises a call that is sent again.
    """

    kind = models.CharField(max_length=12, choices=CallKind)
    hit = models.ForeignKey(HIT, on_delete=models.PROTECT, related_name="calls")
    #: Whose work it is about; none for calls about the lot itself.
    assignment = models.ForeignKey(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="calls"
    )
    arguments = models.JSONField(default=dict)
    #: What the worker reads.
    reason = models.TextField(blank=True)
    token = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=CallState, default=CallState.PLANNED)
    #: US dollars that this call adds to what the study may cost, without and with the fee apart.
    amount = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal(0))
    fee = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal(0))
    #: Who decided it; none for what a step does by itself.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    planned_at = models.DateTimeField(auto_now_add=True)
    #: Of the first try the recruiter may still remember the token of; none where it was never sent.
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    #: What the recruiter said, where it was no plain success.
    said = models.TextField(blank=True)

    class Meta:
        ordering = ["planned_at", "pk"]
        verbose_name = "call to the recruiter"
        verbose_name_plural = "calls to the recruiter"
        indexes = [models.Index("hit", "state", name="call_of_hit")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0, fee__gte=0), name="call_money"),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "refused"]) | Q(settled_at__isnull=False),
                name="call_settled_has_time",
            ),
            # Nobody goes unpaid, and no bonus is paid, without words for the worker.
            models.CheckConstraint(
                condition=~Q(kind__in=["reject", "bonus"]) | ~Q(reason=""),
                name="call_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.assignment or self.hit}"

    @property
    def cost(self) -> Decimal:
        return self.amount + self.fee
