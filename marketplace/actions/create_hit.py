"""Create HIT types and HITs, holding the money of every assignment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from marketplace import clock, ledger
from marketplace.actions.locking import lock_requester
from marketplace.actions.tokens import keep, refuse_used
from marketplace.builtin import MASTERS
from marketplace.events import note
from marketplace.fees import fee_per_assignment
from marketplace.models import HIT, HITType, Requester, Requirement
from marketplace.vocabulary import ActionsGuarded, EventType, TokenPurpose


@dataclass(frozen=True)
class RequirementValues:
    """One qualification requirement; locales are (country, subdivision or "")."""

    qualification_type_id: str
    comparator: str
    integer_values: tuple[int, ...] = ()
    locale_values: tuple[tuple[str, str], ...] = ()
    actions_guarded: str = ActionsGuarded.ACCEPT.value


@dataclass(frozen=True)
class HITTypeValues:
    """The values two HITs must share to be of one HIT type."""

    title: str
    description: str
    keywords: str
    reward: Decimal
    assignment_duration_s: int
    auto_approval_delay_s: int
    requirements: tuple[RequirementValues, ...] = ()

    def fingerprint(self) -> str:
        """SHA-256 over the exact values; the reward counts as an amount, not as a text."""
        values = asdict(self) | {"reward": f"{self.reward:.2f}"}
        if not self.requirements:
            # As it was before there were requirements.
            del values["requirements"]
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
    own = asdict(values)
    own.pop("requirements")
    try:
        with transaction.atomic():
            made = HITType.objects.create(
                requester=requester, fingerprint=fingerprint, created_at=clock.now(), **own
            )
            Requirement.objects.bulk_create(
                Requirement(hit_type=made, position=position, **asdict(requirement))
                for position, requirement in enumerate(values.requirements)
            )
            return made
    except IntegrityError:
        # Somebody made the same type between the look and the insert.
        return HITType.objects.get(requester=requester, fingerprint=fingerprint)


def cost_of(hit_type: HITType, *, max_assignments: int) -> tuple[Decimal, Decimal]:
    """Reward and fee of one assignment of a HIT of that type."""
    masters = any(
        requirement.qualification_type_id in MASTERS for requirement in hit_type.requirements.all()
    )
    fee = fee_per_assignment(hit_type.reward, max_assignments=max_assignments, masters=masters)
    return hit_type.reward, fee


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
        refuse_used(requester, purpose=TokenPurpose.CREATE, token=token, at=at)
        if isinstance(hit_type, HITTypeValues):
            hit_type = find_or_create_hit_type(requester, values=hit_type)
        reward, fee = cost_of(hit_type, max_assignments=values.max_assignments)
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
            reward=reward,
            fee=fee,
            funded=0,
        )
        ledger.hold(hit, places=values.max_assignments, at=at)
        keep(hit, purpose=TokenPurpose.CREATE, token=token, at=at)
        note(hit, event_type=EventType.CREATED, at=at)
    return hit
