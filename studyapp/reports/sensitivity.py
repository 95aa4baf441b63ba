"""What would have come out under other choices: every rule and timing window at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Rule, SensitivityRow, Votes, Window, rule_grid, sensitivity
from studyapp.reports.analysis import Analysis, ModelAnalysis
from studyapp.reports.rater_quality import disagreeing
from studyapp.reports.study_report import (
    ALL_RATERS,
    PLANNED_WINDOW,
    WITHOUT_DISAGREEING,
    Choice,
)
from studyapp.selectors.votes import exclude_votes

#: How far from the rule of the report the number of yes votes is varied.
STEPS = 4

#: Share of the known times that the windows of a comparison cut off.
CUT = 0.05


@dataclass(frozen=True, eq=False)
class _Look:
    """Votes (rows of the study's) under every combination of these rules, windows and raters."""

    kept: npt.NDArray[np.int64]
    rules: list[Rule]
    windows: dict[str, Window | None]
    rater_sets: dict[str, npt.NDArray[np.bool_]] | None = None


def sensitivity_of(analysis: Analysis) -> tuple[Choice, ...]:
    """Every choice for every model with images, in the order window, fraction, unsure, k.

    Last, where some raters disagree, the rule and window of the analysis without them.
    """
    kept = exclude_votes(analysis.votes, study=analysis.study, by_choice=False).keep
    windows = windows_of(analysis)
    rules = [rule for rule in rule_grid(analysis.rule.n) if abs(rule.k - analysis.rule.k) <= STEPS]
    looks = [_Look(np.flatnonzero(kept), rules, windows)]
    disagree = disagreeing(analysis)
    if disagree.any():
        sets = {WITHOUT_DISAGREEING: ~disagree}
        planned = {PLANNED_WINDOW: windows[PLANNED_WINDOW]}
        looks.append(_Look(np.flatnonzero(kept), [analysis.rule], planned, sets))
    return tuple(
        _choice(row, model=model.name, planned=analysis.rule, windows=look.windows)
        for model in analysis.told
        if model.row.size
        for look in looks
        for row in _rows(analysis, model, look=look)
    )


def windows_of(analysis: Analysis) -> dict[str, Window | None]:
    """The window of the analysis, none, and without the fastest or slowest twentieth."""
    seconds = analysis.votes.seconds
    low, high = (None if end is None else float(end) for end in analysis.window)
    windows: dict[str, Window | None] = {
        PLANNED_WINDOW: None if low is None and high is None else (low, high)
    }
    known = seconds[~np.isnan(seconds)]
    if windows[PLANNED_WINDOW] is not None:
        windows["none"] = None
    if known.size:
        fast, slow = np.quantile(known, [CUT, 1 - CUT]).tolist()
        windows |= {"without_fastest": (fast, None), "without_slowest": (None, slow)}
    return windows


def _rows(analysis: Analysis, model: ModelAnalysis, *, look: _Look) -> tuple[SensitivityRow, ...]:
    """Only the model's own questions are looked at, numbered anew: few of a study's many."""
    votes = analysis.votes
    asked, question = np.unique(model.question, return_inverse=True)
    shift = int(asked.size > 0 and asked[0] < 0)
    asked = asked[shift:]
    number = np.full(analysis.questions.question.size, -1, dtype=np.int32)
    number[asked] = np.arange(asked.size)
    of_vote = number[np.searchsorted(analysis.questions.question, votes.questions)][
        votes.question[look.kept]
    ]
    own = look.kept[of_vote >= 0]
    return sensitivity(
        Votes.from_columns(
            of_vote[of_vote >= 0],
            rater=votes.rater[own],
            answer=votes.answer[own],
            order=own,
            seconds=votes.seconds[own],
            n_questions=asked.size,
            n_raters=votes.raters.size,
        ),
        correct=model.correct,
        question=question.reshape(-1).astype(np.int32) - shift,
        rules=look.rules,
        windows=tuple(look.windows.values()),
        rater_sets=look.rater_sets,
    )


def _choice(
    row: SensitivityRow, *, model: str, planned: Rule, windows: dict[str, Window | None]
) -> Choice:
    figures, rule = row.figures, row.figures.rule
    name = next(name for name, window in windows.items() if window == row.window)
    low, high = row.window or (None, None)
    return Choice(
        model=model,
        planned=name == PLANNED_WINDOW and rule == planned and row.raters == ALL_RATERS,
        accept_at=rule.k,
        unsure=rule.unsure,
        extra=rule.extra,
        window=name,
        window_low=low,
        window_high=high,
        raters=row.raters,
        n_raters=row.n_raters,
        n_votes=row.n_votes,
        n_images=figures.n_images,
        n_accepted=figures.n_accepted,
        n_undecided=figures.n_undecided,
        rectified_top1_error=figures.rectified_top1_error,
        ci_low=figures.ci.low,
        ci_high=figures.ci.high,
    )
