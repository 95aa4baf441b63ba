"""The one place that writes audit lines."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User

from studyapp.models import AuditEntry, Study


def record(
    verb: str,
    *,
    summary: Mapping[str, object],
    study: Study | None = None,
    actor: AbstractBaseUser | None = None,
) -> None:
    """Keep that `verb` was done, with its counts. A worker id has no place in `summary`."""
    AuditEntry.objects.create(
        verb=verb,
        study=study,
        actor=actor if isinstance(actor, User) else None,
        summary=dict(summary),
    )
