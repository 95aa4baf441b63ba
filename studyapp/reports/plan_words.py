"""The plan, and what was looked at besides, in words."""

from __future__ import annotations

from datetime import datetime

from studyapp.analytics import ExclusionReason
from studyapp.reports.headline_words import (
    contrast_words,
    headline_words,
    population_words,
    rule_facts,
)
from studyapp.reports.plan_values import Plan, UnplannedAnalysis
from studyapp.reports.study_report import StudyReport
from studyapp.vocabulary import StudyState

#: Digits of a hash that tell two apart for a reader; the whole one is in the data.
SHOWN = 12

_UNSURE = {"missing": "left out", "no": "as no", "yes": "as yes"}


def planned_sentence(report: StudyReport) -> str:
    """Whether what one reads was planned, and how that can be checked."""
    plan = report.plan
    if plan is None:
        return f"No analysis plan was stamped for this study: {_why_none(report)}."
    if report.slice is not None and report.slice.recounts:
        return "Nothing of this view was planned: it looks at a part of the study."
    if not report.protocol.as_planned:
        return "Nothing of this view was planned: it follows another rule or timing window."
    later = [model.model for model in report.models if not model.planned]
    added = f" Added later, and not planned: {', '.join(later)}." if later else ""
    return (
        f"This follows the analysis plan stamped at launch, {stamped(plan)} UTC "
        f"(SHA-256 {plan.plan_hash[:SHOWN]}…).{added}"
    )


def _why_none(report: StudyReport) -> str:
    if report.protocol.imported:
        return "these votes were gathered elsewhere"
    if report.protocol.state in (StudyState.LIVE, StudyState.CLOSED):
        return "it was launched before plans were kept"
    return "it is not launched"


def stamped(plan: Plan) -> str:
    """When the plan was stamped, to the minute."""
    return f"{datetime.fromisoformat(plan.stamped_at):%Y-%m-%d %H:%M}"


def plan_facts(plan: Plan) -> list[tuple[str, str]]:
    """What was stated beforehand: each thing and how it stands."""
    labels = {reason.slug: reason.label.lower() for reason in ExclusionReason}
    reasons = ", ".join(labels.get(slug, slug) for slug in plan.exclusions)
    facts = [
        ("Headline", headline_words(plan)),
        ("Population", population_words(plan)),
        ("Models", ", ".join(plan.models)),
        *rule_facts(plan, unsure=_UNSURE[plan.unsure]),
        ("Timing window", window_words(plan.seconds_min, plan.seconds_max)),
        ("Excluded, in this order", reasons),
        ("Contrasts", contrast_words(plan)),
    ]
    return [*facts, ("Stated beforehand", plan.note)] if plan.note else facts


def settings_words(one: UnplannedAnalysis, *, raters: int) -> str:
    """The settings of a named analysis."""
    return (
        f"accepted at {one.accept_at} of {raters}, “cannot tell” {_UNSURE[one.unsure]}, "
        f"{window_words(one.seconds_min, one.seconds_max)}"
    )


def window_words(low: float | None, high: float | None) -> str:
    """A timing window, in a few words."""
    if low is None and high is None:
        return "votes of any time"
    if high is None:
        return f"votes of at least {low:g} s"
    return f"votes of at most {high:g} s" if low is None else f"votes of {low:g} to {high:g} s"
