"""The words the marketplace stores and which of them mean what."""

from __future__ import annotations

from django.db import models


class AssignmentStatus(models.TextChoices):
    """Where one worker's take on a HIT stands."""

    ACCEPTED = "accepted", "accepted"
    SUBMITTED = "submitted", "submitted"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    RETURNED = "returned", "returned"
    ABANDONED = "abandoned", "abandoned"


CLAIMING = (
    AssignmentStatus.ACCEPTED,
    AssignmentStatus.SUBMITTED,
    AssignmentStatus.APPROVED,
    AssignmentStatus.REJECTED,
)
"""Statuses that take one of a HIT's places and bar the worker from a second one."""

REVIEWABLE = (
    AssignmentStatus.SUBMITTED,
    AssignmentStatus.APPROVED,
    AssignmentStatus.REJECTED,
)
"""Statuses a requester ever sees."""

FUNDED = (AssignmentStatus.ACCEPTED, AssignmentStatus.SUBMITTED)
"""Statuses whose reward and fee are still on hold."""


class TransactionKind(models.TextChoices):
    """What a ledger row moves."""

    DEPOSIT = "deposit", "deposit: from outside to available"
    HOLD = "hold", "hold: from available to on hold"
    RELEASE = "release", "release: from on hold back to available"
    REWARD = "reward", "reward: from on hold to the worker"
    FEE = "fee", "fee: from on hold to the marketplace"


class HITStatus(models.TextChoices):
    """A HIT's state as the protocol names it; derived, never stored."""

    ASSIGNABLE = "Assignable"
    UNASSIGNABLE = "Unassignable"
    REVIEWABLE = "Reviewable"
    REVIEWING = "Reviewing"
    DISPOSED = "Disposed"
