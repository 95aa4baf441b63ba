"""HIT types, HITs and the request tokens that keep a repeated call from making a second HIT."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from marketplace.ids import new_entity_id
from marketplace.models.requesters import Requester
from marketplace.vocabulary import TokenPurpose


class HITType(models.Model):
    """What HITs of one kind share; equal values give the same HIT type."""

    requester = models.ForeignKey(Requester, on_delete=models.PROTECT, related_name="hit_types")
    hit_type_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    group_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of all values below.")
    title = models.CharField(max_length=128)
    description = models.CharField(max_length=2000)
    keywords = models.CharField(max_length=1000, blank=True)
    reward = models.DecimalField(max_digits=9, decimal_places=2)
    assignment_duration_s = models.PositiveIntegerField()
    auto_approval_delay_s = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="A qualification type it asks for was deleted."
    )

    class Meta:
        verbose_name = "HIT type"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("requester", "fingerprint"), name="marketplace_hit_type_once"
            ),
            models.CheckConstraint(
                condition=Q(reward__gte=Decimal("0.01")), name="marketplace_hit_type_reward"
            ),
        )

    def __str__(self) -> str:
        return self.title


class HIT(models.Model):
    """A lot of work for up to `max_assignments` workers; state and counters are derived."""

    requester = models.ForeignKey(Requester, on_delete=models.PROTECT, related_name="hits")
    hit_type = models.ForeignKey(HITType, on_delete=models.PROTECT, related_name="hits")
    hit_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    question = models.TextField()
    frame_url = models.TextField(blank=True, help_text="Empty: the question brings its page.")
    frame_height = models.PositiveIntegerField(help_text="Pixels; 0 fits the window.")
    max_assignments = models.PositiveIntegerField()
    requester_annotation = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reward = models.DecimalField(max_digits=9, decimal_places=2)
    fee = models.DecimalField(
        max_digits=9, decimal_places=2, help_text="Per assignment, fixed when the HIT was made."
    )
    funded = models.PositiveIntegerField(
        help_text="Assignments whose reward and fee are on hold now."
    )
    reviewing = models.BooleanField(
        default=False, help_text="The requester's own mark on a reviewable HIT."
    )
    disposed_at = models.DateTimeField(null=True, blank=True)
    expiry_settled = models.BooleanField(
        default=False, help_text="Money of places nobody took was released after expiry."
    )

    class Meta:
        verbose_name = "HIT"
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("expiry_settled", "expires_at"), name="marketplace_hit_expiry"),
            models.Index(fields=("requester", "id"), name="marketplace_hit_listing"),
            models.Index(fields=("disposed_at", "expires_at"), name="marketplace_hit_disposal"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(max_assignments__gte=1), name="marketplace_hit_max"),
            models.CheckConstraint(
                condition=Q(funded__lte=F("max_assignments")), name="marketplace_hit_funded"
            ),
            models.CheckConstraint(
                condition=Q(reward__gte=Decimal("0.01"), fee__gte=Decimal("0.01")),
                name="marketplace_hit_money",
            ),
        )

    def __str__(self) -> str:
        return self.hit_id

    @property
    def unit_cost(self) -> Decimal:
        """Reward and fee of one assignment."""
        return self.reward + self.fee


class RequestToken(models.Model):
    """A UniqueRequestToken and the HIT it was for; after 24 hours it may be used anew."""

    requester = models.ForeignKey(Requester, on_delete=models.PROTECT, related_name="tokens")
    purpose = models.CharField(
        max_length=10, choices=TokenPurpose.choices, default=TokenPurpose.CREATE
    )
    token = models.CharField(max_length=64)
    hit = models.ForeignKey(HIT, on_delete=models.PROTECT, related_name="tokens")
    request_id = models.CharField(max_length=36, blank=True, help_text="Of the call it came with.")
    used_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("requester", "purpose", "token"), name="marketplace_token_once"
            ),
        )

    def __str__(self) -> str:
        return self.token
