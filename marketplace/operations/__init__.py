"""The operations a requester calls: each takes checked parameters and returns a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from marketplace.errors import RequestRefusedError
from marketplace.models import Requester
from marketplace.operations import account, assignments, hit_types, hits

Handler = Callable[[Requester, Mapping[str, object]], dict[str, object]]

OPERATIONS: Mapping[str, Handler] = MappingProxyType(
    {
        "ApproveAssignment": assignments.approve_assignment,
        "CreateHIT": hits.create_hit,
        "CreateHITType": hit_types.create_hit_type,
        "CreateHITWithHITType": hits.create_hit_with_hit_type,
        "GetAccountBalance": account.get_account_balance,
        "GetAssignment": assignments.get_assignment,
        "GetHIT": hits.get_hit,
        "ListAssignmentsForHIT": assignments.list_assignments_for_hit,
        "ListHITs": hits.list_hits,
        "RejectAssignment": assignments.reject_assignment,
        "UpdateExpirationForHIT": hits.update_expiration_for_hit,
    }
)


def handler_for(name: str) -> Handler:
    """The operation's function; operations this marketplace lacks are refused by name."""
    if name not in OPERATIONS:
        raise RequestRefusedError(
            "OperationNotSupported",
            f"{name} is not offered by this marketplace. Offered: {', '.join(OPERATIONS)}.",
        )
    return OPERATIONS[name]
