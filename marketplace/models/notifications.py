"""What requesters want to be told, and what waits to be told."""

from __future__ import annotations

from django.db import models

from marketplace.ids import new_entity_id
from marketplace.models.hits import HIT, HITType
from marketplace.models.requesters import Requester
from marketplace.vocabulary import EventType


class NotificationSetting(models.Model):
    """Where events of a HIT type's HITs go."""

    hit_type = models.OneToOneField(
        HITType, on_delete=models.PROTECT, related_name="notification_setting"
    )
    destination = models.CharField(max_length=2000)
    transport = models.CharField(max_length=5)
    version = models.CharField(max_length=20)
    event_types = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.transport} {self.destination}"


class Notification(models.Model):
    """One event to be delivered at least once; kept afterwards as a record of what was sent."""

    requester = models.ForeignKey(Requester, on_delete=models.PROTECT, related_name="notifications")
    hit = models.ForeignKey(
        HIT, null=True, blank=True, on_delete=models.PROTECT, related_name="notifications"
    )
    event_type = models.CharField(max_length=20, choices=EventType.choices)
    document_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    destination = models.CharField(max_length=2000)
    transport = models.CharField(max_length=5)
    version = models.CharField(max_length=20)
    event = models.JSONField(help_text="The event as it is sent.")
    created_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=("delivered_at", "given_up_at", "next_try_at"),
                name="marketplace_note_due",
            ),
            models.Index(fields=("hit", "id"), name="marketplace_note_of_hit"),
        )

    def __str__(self) -> str:
        return self.document_id
