"""Tables of the marketplace."""

from __future__ import annotations

from marketplace.models.assignments import Assignment
from marketplace.models.hits import HIT, HITType, RequestToken
from marketplace.models.ledger import Transaction
from marketplace.models.requesters import Requester
from marketplace.models.workers import Worker

__all__ = ["HIT", "Assignment", "HITType", "RequestToken", "Requester", "Transaction", "Worker"]
