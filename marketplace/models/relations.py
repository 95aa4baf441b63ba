"""What stands between one worker and requesters: blocks, messages, disputes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.models.assignments import Assignment
from marketplace.models.requesters import Requester
from marketplace.models.workers import Worker
from marketplace.vocabulary import DisputeStatus


class WorkerBlock(models.Model):
    """A requester does not let a worker at their HITs; lifted blocks stay as history."""

    requester = models.ForeignKey(Requester, on_delete=models.PROTECT, related_name="blocks")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="blocks")
    reason = models.TextField(help_text="The worker never sees it.")
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("requester", "worker"),
                condition=Q(lifted_at__isnull=True),
                name="marketplace_block_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.requester_id}: {self.worker_id}"


class Message(models.Model):
    """Words for a worker, from a requester or from the marketplace itself."""

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="messages")
    requester = models.ForeignKey(
        Requester, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.subject


class Dispute(models.Model):
    """A worker contests a rejection; the operator looks at it once."""

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="dispute")
    text = models.TextField(help_text="The worker's words.")
    status = models.CharField(
        max_length=10, choices=DisputeStatus.choices, default=DisputeStatus.OPEN
    )
    answer = models.TextField(blank=True, help_text="The operator's words to the worker.")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=DisputeStatus.values), name="marketplace_dispute_status"
            ),
        )

    def __str__(self) -> str:
        return self.get_status_display()
