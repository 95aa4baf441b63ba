"""One worker's take on one HIT."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from marketplace.ids import new_entity_id
from marketplace.models.hits import HIT
from marketplace.models.workers import Worker
from marketplace.vocabulary import CLAIMING, REVIEWABLE, AssignmentStatus

_CLAIMING = Q(status__in=[status.value for status in CLAIMING])
_REVIEWABLE = Q(status__in=[status.value for status in REVIEWABLE])


class Assignment(models.Model):
    """Accepted work. Its id is never given to a second worker: it authorises the submission."""

    hit = models.ForeignKey(HIT, on_delete=models.PROTECT, related_name="assignments")
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="assignments")
    assignment_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    place = models.PositiveIntegerField(help_text="Which of the HIT's places, from 0.")
    status = models.CharField(
        max_length=10, choices=AssignmentStatus.choices, default=AssignmentStatus.ACCEPTED
    )
    accepted_at = models.DateTimeField()
    deadline = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Returned or abandoned.")
    submitted_at = models.DateTimeField(null=True, blank=True)
    auto_approval_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="QuestionFormAnswers XML.")
    requester_feedback = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("status", "deadline"), name="marketplace_asg_deadline"),
            models.Index(fields=("status", "auto_approval_at"), name="marketplace_asg_approval"),
            models.Index(fields=("hit", "submitted_at", "id"), name="marketplace_asg_listing"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("hit", "worker"), condition=_CLAIMING, name="marketplace_worker_once"
            ),
            models.UniqueConstraint(
                fields=("hit", "place"), condition=_CLAIMING, name="marketplace_place_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=AssignmentStatus.values), name="marketplace_asg_status"
            ),
            models.CheckConstraint(
                condition=Q(deadline__gt=F("accepted_at")), name="marketplace_asg_deadline_after"
            ),
            models.CheckConstraint(
                condition=~_REVIEWABLE
                | Q(submitted_at__isnull=False, auto_approval_at__isnull=False),
                name="marketplace_asg_submitted",
            ),
        )

    def __str__(self) -> str:
        return self.assignment_id
