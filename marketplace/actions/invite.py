"""Invite: links with which one person each becomes a worker."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from marketplace import clock
from marketplace.actions.enrol import create_worker
from marketplace.errors import EnrolmentError
from marketplace.models import Invitation, Worker

LIFE_DAYS = 30


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def invite(*, note: str = "", days: int = LIFE_DAYS) -> str:
    """Make one invitation; the code is returned here and kept nowhere."""
    code = secrets.token_urlsafe(18)
    at = clock.now()
    Invitation.objects.create(
        code_hash=_hash(code), note=note, created_at=at, expires_at=at + timedelta(days=days)
    )
    return code


def invitation_of(code: str) -> Invitation | None:
    """The invitation a link holds, if it can still be used."""
    return Invitation.objects.filter(
        code_hash=_hash(code), used_at__isnull=True, expires_at__gt=clock.now()
    ).first()


def join(code: str, *, name: str, password: str) -> Worker:
    """Use an invitation: the first to do so becomes a worker."""
    with transaction.atomic():
        found = invitation_of(code)
        # Only one of two callers at once changes the row.
        used = found is not None and Invitation.objects.filter(
            pk=found.pk, used_at__isnull=True
        ).update(used_at=clock.now())
        if found is None or not used:
            raise EnrolmentError("This invitation has been used or has run out: ask for another.")
        worker = create_worker(name, password=password)
        Invitation.objects.filter(pk=found.pk).update(worker=worker)
    return worker
