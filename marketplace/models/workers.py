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
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("worker_id",)

    def __str__(self) -> str:
        return self.worker_id
