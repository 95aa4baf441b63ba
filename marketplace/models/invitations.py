"""Links that let one person each become a worker."""

from __future__ import annotations

from django.db import models

from marketplace.models.workers import Worker


class Invitation(models.Model):
    """One invitation; the code itself is in the link alone, here is its SHA-256."""

    code_hash = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    worker = models.OneToOneField(
        Worker, null=True, blank=True, on_delete=models.PROTECT, related_name="invitation"
    )

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.note or f"invitation {self.pk}"
