"""What was planned, and what was looked at besides: parts of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What was stated before launch, with the time and the hash it was stamped with.

    headline: a name of `selectors.planned_analysis`; population: a value of PopulationKind.
    plan_hash is the SHA-256 of the plan's part of the frozen protocol. contrasts: `A vs B`.
    """

    stamped_at: str
    plan_hash: str
    protocol_hash: str
    headline: str
    population: str
    image_set: str
    n_images: int
    models: tuple[str, ...]
    accept_at: int
    raters_per_trial: int
    unsure: str
    seconds_min: float | None
    seconds_max: float | None
    exclusions: tuple[str, ...]
    contrasts: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class AnalysisOfModel:
    """One model under a named analysis; shares are fractions."""

    model: str
    n_images: int
    n_accepted: int
    n_undecided: int
    rectified_top1_error: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class UnplannedAnalysis:
    """A named analysis: other settings than the plan's, by whom and when they were chosen."""

    name: str
    note: str
    accept_at: int
    unsure: str
    seconds_min: float | None
    seconds_max: float | None
    author: str | None
    created_at: str
    n_votes: int
    models: tuple[AnalysisOfModel, ...]
