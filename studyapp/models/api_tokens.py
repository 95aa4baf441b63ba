"""Access tokens of the API. What is kept of a token tells it again and cannot be turned back."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ApiToken(models.Model):
    """A person's key to the API, good for its scopes until it expires or is revoked."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    label = models.CharField(
        max_length=100, help_text="What it is for, such as the machine it lies on."
    )
    #: The token's first characters, by which its owner knows it again.
    start = models.CharField(max_length=20, editable=False)
    #: SHA-256 of the token, which is random enough that no slower hash is needed.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    #: Names of vocabulary.Scope.
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    #: To the minute, so that reading does not mean writing each time.
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    #: The token itself, on the object that was just made; in no table.
    secret = ""

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.start}… ({self.label})"
