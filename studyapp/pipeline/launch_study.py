"""Launch a study: draft or reviewed -> live, with its protocol frozen."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from studyapp import audit
from studyapp.cost import Costs
from studyapp.errors import StudyError
from studyapp.identity import canonical_hash
from studyapp.lifecycle import advance, require_state
from studyapp.models import Study
from studyapp.recruiters.funds import funds_warnings
from studyapp.row_locks import lock_study
from studyapp.selectors.protocol import protocol_of
from studyapp.selectors.readiness import readiness
from studyapp.vocabulary import StudyState


@dataclass(frozen=True)
class LaunchStudySummary:
    study: str
    protocol_hash: str
    cost: Costs
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        """What comes next, trials and their publication, whoever launches says."""
        return [
            f"{self.study} is live; its protocol is frozen as {self.protocol_hash[:16]}.",
            *self.cost.lines(),
            *(f"Mind: {warning}." for warning in self.warnings),
        ]


def launch_study(
    study: Study, *, check_funds: bool = True, actor: AbstractBaseUser | None = None
) -> LaunchStudySummary:
    """Check the study, freeze its protocol and let it live, all of it or nothing.

    From here on question, rule, window, rendering, population and payment stay as they are.
    """
    require_state(
        study,
        states=frozenset({StudyState.DRAFT, StudyState.REVIEWED}),
        verb="launch it",
        remedy=(
            f"It was launched before; next: manage.py publish {study.name}"
            if study.state == StudyState.LIVE
            else "A closed study stays closed; make a new one with new_study"
        ),
    )
    with transaction.atomic():
        held = lock_study(study)
        found = readiness(held)
        if found.errors:
            raise StudyError(
                f"it is not ready: {'; '.join(found.errors)}", item=f"study {study.name}"
            )
        if held.state == StudyState.DRAFT:
            advance(held, to=StudyState.REVIEWED)
        protocol = protocol_of(held)
        protocol_hash = canonical_hash(protocol)
        advance(
            held,
            to=StudyState.LIVE,
            protocol=protocol,
            protocol_hash=protocol_hash,
            live_at=timezone.now(),
        )
        audit.record(
            "launch_study",
            study=held,
            actor=actor,
            summary={"protocol_hash": protocol_hash, "images": found.size.images},
        )
    study.refresh_from_db()
    funds = funds_warnings(study.environment, cost=found.cost) if check_funds else ()
    return LaunchStudySummary(
        study=study.name,
        protocol_hash=protocol_hash,
        cost=found.cost,
        warnings=(*found.warnings, *funds),
    )
