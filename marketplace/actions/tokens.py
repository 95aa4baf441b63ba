"""UniqueRequestToken: a call repeated within 24 hours does not do its work twice.

The requester is locked by the caller, so of two calls with one token the second sees the first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.errors import RequestRefusedError
from marketplace.models import HIT, Requester, RequestToken
from marketplace.request_id import current_request_id
from marketplace.vocabulary import TokenPurpose

TOKEN_LIFE = timedelta(hours=24)


def refuse_used(requester: Requester, *, purpose: TokenPurpose, token: str, at: datetime) -> None:
    """Raise if the token did its work in the last 24 hours, whatever else the call says."""
    if not token:
        return
    used = RequestToken.objects.filter(
        requester=requester, purpose=purpose, token=token, used_at__gt=at - TOKEN_LIFE
    ).select_related("hit")
    for row in used:
        if purpose == TokenPurpose.CREATE:
            raise RequestRefusedError(
                "HitAlreadyExists",
                "The HIT with this UniqueRequestToken already exists: it is HIT "
                f"{row.hit.hit_id}. Use that HIT, or another token for another HIT.",
            )
        raise RequestRefusedError(
            "DuplicateRequest",
            f'The idempotency token "{token}" has already been processed: request '
            f"{row.request_id} did this. Nothing was done a second time.",
        )


def keep(hit: HIT, *, purpose: TokenPurpose, token: str, at: datetime) -> None:
    """Remember that the token has done its work now."""
    if not token:
        return
    RequestToken.objects.update_or_create(
        requester=hit.requester,
        purpose=purpose,
        token=token,
        defaults={"hit": hit, "used_at": at, "request_id": current_request_id()},
    )
