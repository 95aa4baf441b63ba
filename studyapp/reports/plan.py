"""The analysis plan as it was stamped at launch: what was said before anybody was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studyapp.identity import canonical_hash
from studyapp.models import Study
from studyapp.planned_contrasts import VERSUS
from studyapp.reports.plan_values import Plan
from studyapp.vocabulary import PopulationKind

#: Parts of the protocol that decide how votes are read, and of whom.
_PARTS = ("question", "rule", "timing_window", "population", "analysis")


def plan_content(study: Study) -> dict[str, Any] | None:
    """The plan's part of the frozen protocol; None where none was frozen."""
    frozen: Mapping[str, Any] | None = study.protocol
    if not study.frozen or frozen is None or "analysis" not in frozen:
        return None
    return {part: frozen[part] for part in _PARTS}


def plan_of(study: Study) -> Plan | None:
    """The plan as a report tells it."""
    content = plan_content(study)
    if content is None or study.live_at is None:
        return None
    rule, window, analysis = content["rule"], content["timing_window"], content["analysis"]
    return Plan(
        stamped_at=study.live_at.isoformat(),
        plan_hash=canonical_hash(content),
        protocol_hash=study.protocol_hash,
        headline=analysis["headline"],
        population=content["population"].get("kind", PopulationKind.MISTAKES.value),
        image_set=content["population"]["image_set"],
        n_images=content["population"]["images"],
        models=tuple(model["name"] for model in content["population"]["models"]),
        accept_at=rule["accept_at"],
        raters_per_trial=rule["raters_per_trial"],
        unsure=rule["unsure"],
        seconds_min=window["seconds_min"],
        seconds_max=window["seconds_max"],
        exclusions=tuple(analysis["exclusions"]),
        contrasts=tuple(analysis["contrasts"]),
        note=analysis["note"],
    )


def planned_pairs(plan: Plan | None) -> frozenset[frozenset[str]]:
    """The models of each planned contrast."""
    if plan is None:
        return frozenset()
    return frozenset(
        frozenset(name.strip() for name in line.split(VERSUS)) for line in plan.contrasts
    )
