"""The qualification types every worker has a standing in without a requester granting it."""

from __future__ import annotations

MASTERS_PRODUCTION = "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"
MASTERS_SANDBOX = "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6"
PERCENT_APPROVED = "000000000000000000L0"
NUMBER_APPROVED = "00000000000000000040"
LOCALE = "00000000000000000071"
ADULT = "00000000000000000060"

MASTERS = frozenset({MASTERS_PRODUCTION, MASTERS_SANDBOX})
"""The two ids of the service differ by environment; here both mean the operator's seal."""

NAMES = {
    MASTERS_PRODUCTION: "Masters",
    MASTERS_SANDBOX: "Masters",
    PERCENT_APPROVED: "Percentage of your work that was approved",
    NUMBER_APPROVED: "Number of tasks of yours that were approved",
    LOCALE: "Where you are",
    ADULT: "Agreement to be shown adult content",
}
"""What a worker reads."""
