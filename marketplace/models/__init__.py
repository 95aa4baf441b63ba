"""Tables of the marketplace."""

from __future__ import annotations

from marketplace.models.assignments import Assignment
from marketplace.models.bonuses import BonusPayment
from marketplace.models.hits import HIT, HITType, RequestToken
from marketplace.models.invitations import Invitation
from marketplace.models.ledger import Transaction
from marketplace.models.notifications import Notification, NotificationSetting
from marketplace.models.qualifications import (
    Qualification,
    QualificationRequest,
    QualificationType,
    Requirement,
)
from marketplace.models.relations import Dispute, Message, WorkerBlock
from marketplace.models.requesters import Requester
from marketplace.models.workers import Worker

__all__ = [
    "HIT",
    "Assignment",
    "BonusPayment",
    "Dispute",
    "HITType",
    "Invitation",
    "Message",
    "Notification",
    "NotificationSetting",
    "Qualification",
    "QualificationRequest",
    "QualificationType",
    "RequestToken",
    "Requester",
    "Requirement",
    "Transaction",
    "Worker",
    "WorkerBlock",
]
