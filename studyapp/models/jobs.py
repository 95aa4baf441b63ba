"""Background work: one row per piece, with a lease, so that a killed worker loses nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from studyapp.models.study import Study
from studyapp.vocabulary import JobState


class Job(models.Model):
    verb = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict, blank=True)
    #: The study it belongs to, if any: who may see the study may see the job.
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs"
    )
    #: The job this one is a part of. A job with parts is never run itself: it is what they are.
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="shards"
    )
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    #: What it is doing, then what it did, or the error a person should read.
    message = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Who holds the lease; a worker that lost it must not write.
    lease_holder = models.UUIDField(null=True, blank=True)
    #: Messages sent to the broker, and when the sweep may send one more.
    sends = models.PositiveIntegerField(default=0)
    send_again_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.verb} ({self.state})"

    @property
    def label(self) -> str:
        """What it does, in words."""
        return self.verb.replace("_", " ").capitalize()
