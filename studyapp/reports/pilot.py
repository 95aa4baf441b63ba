"""What votes that are there say for the design of the next study."""

from __future__ import annotations

from dataclasses import dataclass

from studyapp.analytics import BetaBinomial, fit_beta_binomial, rater_spread
from studyapp.reports.study_report import ModelReport, StudyReport

#: Questions with all their votes below which a fit says more about chance than about questions.
ENOUGH = 20
#: Reasons by which a vote that was asked for is lost; the others never were votes to count on.
LOST = ("late", "withdrawn", "duplicate", "too_fast", "too_slow", "manual")


@dataclass(frozen=True)
class Pilot:
    """What a study's votes suggest; None where they say nothing.

    model: whose mistakes it was read from, the one with the most questions that have all their
    votes. n_questions: those. The rest as in DesignWish.
    """

    study: str
    model: str | None
    n_questions: int
    n_raters: int
    yes_rate: float | None
    icc: float | None
    spread: float | None
    lost: float | None
    discordant: float | None


def pilot_of(report: StudyReport) -> Pilot:
    """Read a pilot from a report of its votes."""
    model = max(report.models, key=lambda model: sum(model.by_yes), default=None)
    complete = sum(model.by_yes) if model else 0
    fit = _fit(model) if model and complete >= ENOUGH else None
    return Pilot(
        study=report.study,
        model=model.model if model else None,
        n_questions=complete,
        n_raters=report.raters.n_raters_valid,
        yes_rate=fit.mean if fit else None,
        icc=fit.icc if fit else None,
        spread=_spread(model, fit, k=report.protocol.accept_at) if model and fit else None,
        lost=_lost(report),
        discordant=_discordant(report),
    )


def _fit(model: ModelReport) -> BetaBinomial | None:
    return fit_beta_binomial(model.by_yes) if len(model.by_yes) > 2 else None


def _spread(model: ModelReport, fit: BetaBinomial, *, k: int) -> float | None:
    if model.resampled is None or not model.n_asked:
        return None
    part = model.resampled.rater_sampling
    if part.se is None:
        return None
    # Mistakes nobody was asked about hold no rater's habits.
    return rater_spread(
        part.se,
        n_images=model.n_images,
        m=model.n_asked,
        raters=part.n_raters,
        noise=min(0.25, max(0.0, (1 - fit.same_verdict(k)) / 2)),
    )


def _lost(report: StudyReport) -> float | None:
    """Lost votes among those that could have counted."""
    lost = sum(part.n_votes for part in report.votes.excluded if part.reason in LOST)
    given = report.votes.n_valid + lost
    return lost / given if given else None


def _discordant(report: StudyReport) -> float | None:
    """Of the pair of models with most images, the share only one of the two gets right."""
    pair = max(report.comparisons, key=lambda pair: pair.n_images, default=None)
    if pair is None or not report.votes.n_valid:
        return None
    n = pair.rectified.n
    return (n["only_first"] + n["only_second"]) / pair.n_images
