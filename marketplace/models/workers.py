"""Who does the work."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from marketplace.ids import new_worker_id


class Worker(models.Model):
    """A worker as requesters see one. Name and password live in the linked user alone."""

    worker_id = models.CharField(max_length=64, unique=True, default=new_worker_id)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="marketplace_worker"
    )
    active = models.BooleanField(
        default=True, help_text="Off: signs in no more. What was handed in is paid all the same."
    )
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166, as the worker says; empty: not said."
    )
    subdivision = models.CharField(max_length=2, blank=True, help_text="ISO 3166-2, of the US.")
    adult_content = models.BooleanField(
        default=False, help_text="The worker is of age and agreed to be shown adult content."
    )
    auto_accept = models.BooleanField(
        default=False, help_text="After handing in, the next task of the kind is taken at once."
    )
    masters = models.BooleanField(default=False, help_text="The operator's seal of good work.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("worker_id",)

    def __str__(self) -> str:
        return self.worker_id
