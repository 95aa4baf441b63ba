"""Qualification types, what HIT types ask for, what workers hold and what they asked for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from marketplace.ids import new_entity_id
from marketplace.models.hits import HITType
from marketplace.models.requesters import Requester
from marketplace.models.workers import Worker
from marketplace.vocabulary import OPEN_REQUESTS, ActionsGuarded, Comparator, RequestStatus


class QualificationType(models.Model):
    """A quality a requester gives workers. Deleted ones stay, for HITs that still ask for them."""

    requester = models.ForeignKey(
        Requester, on_delete=models.PROTECT, related_name="qualification_types"
    )
    qualification_type_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=2000)
    keywords = models.CharField(max_length=1000, blank=True)
    active = models.BooleanField(default=True)
    retry_delay_s = models.BigIntegerField(null=True, blank=True, help_text="Empty: no retries.")
    test = models.TextField(blank=True, help_text="QuestionForm XML.")
    answer_key = models.TextField(blank=True, help_text="AnswerKey XML; empty: marked by hand.")
    test_duration_s = models.BigIntegerField(null=True, blank=True)
    auto_granted = models.BooleanField(default=False)
    auto_granted_value = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("requester", "name"),
                condition=Q(deleted_at__isnull=True),
                name="marketplace_qualification_name",
            ),
            models.CheckConstraint(
                condition=Q(test="") | Q(test_duration_s__isnull=False, auto_granted=False),
                name="marketplace_qualification_test",
            ),
            models.CheckConstraint(
                condition=Q(answer_key="") | ~Q(test=""), name="marketplace_qualification_key"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Requirement(models.Model):
    """One thing a HIT type asks of a worker; the type is named by id, for some are built in."""

    hit_type = models.ForeignKey(HITType, on_delete=models.CASCADE, related_name="requirements")
    position = models.PositiveSmallIntegerField()
    qualification_type_id = models.CharField(max_length=64, db_index=True)
    comparator = models.CharField(max_length=20, choices=Comparator.choices)
    integer_values = models.JSONField(default=list, blank=True)
    locale_values = models.JSONField(default=list, blank=True)
    actions_guarded = models.CharField(max_length=24, choices=ActionsGuarded.choices)

    class Meta:
        ordering = ("hit_type", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("hit_type", "position"), name="marketplace_requirement_position"
            ),
        )

    def __str__(self) -> str:
        return f"{self.qualification_type_id} {self.comparator}"


class Qualification(models.Model):
    """What one worker holds, or held until it was revoked."""

    qualification_type = models.ForeignKey(
        QualificationType, on_delete=models.PROTECT, related_name="grants"
    )
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="qualifications")
    value = models.IntegerField()
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("qualification_type", "worker"), name="marketplace_qualification_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.qualification_type_id}: {self.value}"


class QualificationRequest(models.Model):
    """A worker asks for a qualification, by taking its test where it has one."""

    qualification_type = models.ForeignKey(
        QualificationType, on_delete=models.PROTECT, related_name="requests"
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="qualification_requests"
    )
    request_id = models.CharField(max_length=64, unique=True, default=new_entity_id)
    status = models.CharField(max_length=10, choices=RequestStatus.choices)
    test = models.TextField(blank=True, help_text="As it was when the worker began.")
    answer_key = models.TextField(blank=True, help_text="As it was when the worker began.")
    answer = models.TextField(blank=True, help_text="QuestionFormAnswers XML.")
    started_at = models.DateTimeField()
    deadline = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("qualification_type", "worker"),
                condition=Q(status__in=[status.value for status in OPEN_REQUESTS]),
                name="marketplace_one_open_request",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RequestStatus.values), name="marketplace_request_status"
            ),
        )

    def __str__(self) -> str:
        return self.request_id
