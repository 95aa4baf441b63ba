"""CreateHITType, and the HIT type values it shares with CreateHIT."""

from __future__ import annotations

from decimal import Decimal

from marketplace.actions.create_hit import HITTypeValues, find_or_create_hit_type
from marketplace.errors import InvalidParameterError, RequestRefusedError
from marketplace.models import HITType, Requester
from marketplace.operations.parameters import (
    Parameters,
    filled,
    money,
    text,
    whole,
)
from marketplace.operations.requirements import read_requirements

SHORTEST_S = 30
YEAR_S = 31_536_000
MONTH_S = 2_592_000
LEAST_REWARD = Decimal("0.01")
LARGEST_REWARD = Decimal("10000.00")


def _reward(parameters: Parameters) -> Decimal:
    reward = money(parameters, "Reward")
    if not LEAST_REWARD <= reward <= LARGEST_REWARD:
        raise InvalidParameterError(f"Reward must be from {LEAST_REWARD} to {LARGEST_REWARD} USD.")
    return reward


def hit_type_values(parameters: Parameters) -> HITTypeValues:
    """The checked values of a HIT type."""
    return HITTypeValues(
        title=filled(parameters, "Title", longest=128),
        description=filled(parameters, "Description", longest=2000),
        keywords=text(parameters, "Keywords", longest=1000),
        reward=_reward(parameters),
        assignment_duration_s=whole(
            parameters, "AssignmentDurationInSeconds", low=SHORTEST_S, high=YEAR_S
        ),
        auto_approval_delay_s=whole(
            parameters, "AutoApprovalDelayInSeconds", low=0, high=MONTH_S, default=MONTH_S
        ),
        requirements=read_requirements(parameters),
    )


def create_hit_type(requester: Requester, parameters: Parameters) -> dict[str, object]:
    """The id of the HIT type with exactly these values, made if there is none."""
    hit_type = find_or_create_hit_type(requester, values=hit_type_values(parameters))
    return {"HITTypeId": hit_type.hit_type_id}


def find_hit_type(requester: Requester, *, parameters: Parameters) -> HITType:
    """The requester's HIT type named by HITTypeId, unless it was deleted."""
    hit_type_id = text(parameters, "HITTypeId")
    known = (
        HITType.objects.filter(
            requester=requester, hit_type_id=hit_type_id, deleted_at__isnull=True
        )
        .prefetch_related("requirements")
        .first()
    )
    if known is None:
        raise RequestRefusedError("HITTypeDoesNotExist", f"HITType {hit_type_id} does not exist.")
    return known
