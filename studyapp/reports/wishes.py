"""What a design starts from: a study's own numbers, a pilot's answers, else the papers'."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studyapp.models import Study
from studyapp.reports.design_values import DesignWish
from studyapp.reports.pilot import Pilot
from studyapp.reports.study_report import StudyReport

#: ResNet-101 on ImageNet's validation set (Stock and Cisse 2018, table 1).
PAPER = DesignWish(n_images=50_000, n_errors=11_345)

#: Yes rates and spreads at the ends leave nothing to plan with.
LEAST, MOST = 0.005, 0.995


def first_wish(
    study: Study | None, *, report: StudyReport | None, pilot: Pilot | None
) -> DesignWish:
    """The wish before a person changes anything.

    Of several models of the study's report the one with most mistakes counts.
    """
    wish = PAPER
    if report is not None:
        largest = max(report.models, key=lambda model: model.n_errors, default=None)
        if largest is not None and largest.n_errors:
            wish = replace(wish, n_images=largest.n_images, n_errors=largest.n_errors)
    if study is not None:
        wish = replace(
            wish,
            raters_per_trial=study.raters_per_trial,
            accept_at=study.accept_at,
            reward=study.reward,
            trials_per_hit=study.trials_per_hit,
            people=max(wish.people, study.raters_per_trial),
        )
    return replace(wish, **_of_pilot(pilot)) if pilot else wish


def _of_pilot(pilot: Pilot) -> dict[str, Any]:
    told = {
        "icc": pilot.icc,
        "spread": pilot.spread,
        "lost": pilot.lost,
        "discordant": pilot.discordant or None,
        "yes_rate": None if pilot.yes_rate is None else min(MOST, max(LEAST, pilot.yes_rate)),
    }
    return {name: value for name, value in told.items() if value is not None}
