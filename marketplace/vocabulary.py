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
    BONUS = "bonus", "bonus: from available to the worker"
    BONUS_FEE = "bonus_fee", "fee on a bonus: from available to the marketplace"


class TokenPurpose(models.TextChoices):
    """What a UniqueRequestToken was sent with; each purpose has tokens of its own."""

    CREATE = "create"
    EXTEND = "extend"
    BONUS = "bonus"


class HITStatus(models.TextChoices):
    """A HIT's state as the protocol names it; derived, never stored."""

    ASSIGNABLE = "Assignable"
    UNASSIGNABLE = "Unassignable"
    REVIEWABLE = "Reviewable"
    REVIEWING = "Reviewing"
    DISPOSED = "Disposed"


class Comparator(models.TextChoices):
    """How a requirement compares a worker's value; the wire's own words."""

    LESS = "LessThan", "below"
    AT_MOST = "LessThanOrEqualTo", "at most"
    MORE = "GreaterThan", "above"
    AT_LEAST = "GreaterThanOrEqualTo", "at least"
    EQUAL = "EqualTo", "exactly"
    NOT_EQUAL = "NotEqualTo", "other than"
    EXISTS = "Exists", "any value"
    DOES_NOT_EXIST = "DoesNotExist", "none"
    IN = "In", "one of"
    NOT_IN = "NotIn", "none of"


class ActionsGuarded(models.TextChoices):
    """What a worker who does not meet a requirement may not do."""

    ACCEPT = "Accept"
    PREVIEW = "PreviewAndAccept"
    DISCOVER = "DiscoverPreviewAndAccept"


class RequestStatus(models.TextChoices):
    """Where a worker's request for a qualification stands."""

    TESTING = "testing", "test under way"
    PENDING = "pending", "waits for the requester"
    GRANTED = "granted", "granted"
    REJECTED = "rejected", "not granted"
    OVERDUE = "overdue", "time ran out"


OPEN_REQUESTS = (RequestStatus.TESTING, RequestStatus.PENDING)
"""Requests that bar a second one for the same qualification."""


class DisputeStatus(models.TextChoices):
    """Where a contested rejection stands."""

    OPEN = "open", "waits for the operator"
    PAID = "paid", "paid after all"
    DISMISSED = "dismissed", "the rejection stands"


class EventType(models.TextChoices):
    """What a requester can be told of; the wire's own words."""

    ACCEPTED = "AssignmentAccepted"
    ABANDONED = "AssignmentAbandoned"
    RETURNED = "AssignmentReturned"
    SUBMITTED = "AssignmentSubmitted"
    REJECTED = "AssignmentRejected"
    APPROVED = "AssignmentApproved"
    CREATED = "HITCreated"
    EXPIRED = "HITExpired"
    REVIEWABLE = "HITReviewable"
    EXTENDED = "HITExtended"
    DISPOSED = "HITDisposed"
    PING = "Ping"
