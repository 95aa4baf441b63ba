"""Who publishes HITs and pays."""

from __future__ import annotations

from django.db import models

from marketplace.ids import new_access_key_id


class Requester(models.Model):
    """One account of the requester protocol. Its secret key is derived, never stored."""

    name = models.CharField(max_length=100, unique=True)
    access_key_id = models.CharField(max_length=32, unique=True, default=new_access_key_id)
    key_version = models.PositiveIntegerField(
        default=1, help_text="Raise it to make the present secret key worthless."
    )
    active = models.BooleanField(default=True)
    next_call_at_us = models.BigIntegerField(
        default=0, help_text="Where the rate limit stands, in microseconds since 1970."
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
