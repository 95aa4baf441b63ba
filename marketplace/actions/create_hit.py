"""Create HIT types and HITs, holding the money of every assignment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace import clock, ledger
from marketplace.actions.locking import lock_requester
from marketplace.errors import RequestRefusedError
from marketplace.fees import fee_per_assignment
from marketplace.models import HIT, HITType, Requester, RequestToken

TOKEN_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class HITTypeValues:
    """The values two HITs must share to be of one HIT type."""

    title: str
    description: str
    keywords: str
    reward: Decimal
    assignment_duration_s: int
    auto_approval_delay_s: int

    def fingerprint(self) -> str:
        """SHA-256 over the exact values; the reward counts as an amount, not as a text."""
        values = asdict(self) | {"reward": f"{self.reward:.2f}"}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class HITValues:
    """What is each HIT's own."""

    question: str
    frame_url: str
    frame_height: int
    max_assignments: int
    lifetime_s: int
    requester_annotation: str


def find_or_create_hit_type(requester: Requester, *, values: HITTypeValues) -> HITType:
    """The requester's HIT type of exactly these values, made if there is none."""
    fingerprint = values.fingerprint()
    known = HITType.objects.filter(requester=requester, fingerprint=fingerprint).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return HITType.objects.create(
                requester=requester,
                fingerprint=fingerprint,
                created_at=clock.now(),
                **asdict(values),
            )
    except IntegrityError:
        # Somebody made the same type between the look and the insert.
        return HITType.objects.get(requester=requester, fingerprint=fingerprint)


def _refuse_used_token(requester: Requester, *, token: str, at: datetime) -> None:
    used = RequestToken.objects.filter(requester=requester, token=token).select_related("hit")
    for row in used:
        if row.used_at > at - TOKEN_LIFE:
            raise RequestRefusedError(
                "HitAlreadyExists",
                "The HIT with this UniqueRequestToken already exists: it is HIT "
                f"{row.hit.hit_id}. Use that HIT, or another token for another HIT.",
            )


def create_hit(
    requester: Requester, *, hit_type: HITType | HITTypeValues, values: HITValues, token: str
) -> HIT:
    """Create one HIT and hold its money, or change nothing.

    A token used in the last 24 hours raises HitAlreadyExists naming the HIT it made, whatever
    the other values are.
    """
    at = clock.now()
    with transaction.atomic():
        requester = lock_requester(requester.pk)
        if token:
            _refuse_used_token(requester, token=token, at=at)
        if isinstance(hit_type, HITTypeValues):
            hit_type = find_or_create_hit_type(requester, values=hit_type)
        hit = HIT.objects.create(
            requester=requester,
            hit_type=hit_type,
            question=values.question,
            frame_url=values.frame_url,
            frame_height=values.frame_height,
            max_assignments=values.max_assignments,
            requester_annotation=values.requester_annotation,
            created_at=at,
            expires_at=at + timedelta(seconds=values.lifetime_s),
            reward=hit_type.reward,
            fee=fee_per_assignment(hit_type.reward, max_assignments=values.max_assignments),
            funded=0,
        )
        ledger.hold(hit, places=values.max_assignments, at=at)
        if token:
            RequestToken.objects.update_or_create(
                requester=requester, token=token, defaults={"hit": hit, "used_at": at}
            )
    return hit
