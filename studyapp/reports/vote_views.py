"""How the votes of a study came in: how many of whom, how fast, and what fewer would have said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics import fit_beta_binomial, rectified_top1, savings, verdicts
from studyapp.reports.analysis import Analysis

#: Bars of a histogram; fewer where there is little to show.
BARS = 24


@dataclass(frozen=True)
class VoteBar:
    """What lies from low (inside) to high: raters, or votes that count and that do not."""

    low: float
    high: float
    n: int
    n_excluded: int = 0

    @property
    def last(self) -> int:
        """The largest whole number in it."""
        return math.ceil(self.high) - 1


@dataclass(frozen=True)
class StoppingRow:
    """The votes replayed in groups; n_changed is how many verdicts differ, which is none."""

    groups: tuple[int, ...]
    n_votes: int
    n_used: int
    saved_share: float | None
    n_curtailed: int
    n_changed: int


@dataclass(frozen=True)
class PanelRow:
    """What a second panel of as many raters would say of a model's mistakes.

    From a beta-binomial fit of the n_questions with all their votes; raters are taken to be alike.
    """

    model: str
    n_questions: int
    icc: float | None
    same_verdict: float
    verdict_kappa: float | None
    accepted_share: float
    true_share: float


@dataclass(frozen=True)
class VoteViews:
    """per_rater: raters by votes that count. times: votes by seconds, bars of equal ratio.

    n_untimed: votes whose seconds are not known, or are 0, which no such bar holds.
    """

    per_rater: tuple[VoteBar, ...]
    times: tuple[VoteBar, ...]
    n_untimed: int
    stopping: tuple[StoppingRow, ...]
    panels: tuple[PanelRow, ...]


def vote_views(analysis: Analysis) -> VoteViews:
    """Everything the page of votes shows, under the rule and window of the analysis."""
    seconds, keep = analysis.votes.seconds, analysis.exclusion.keep
    timed = seconds > 0
    return VoteViews(
        per_rater=_per_rater(np.bincount(analysis.valid.rater)),
        times=_times(seconds[timed], keep[timed]),
        n_untimed=int(np.count_nonzero(~timed)),
        stopping=tuple(_stopping(analysis)),
        panels=tuple(_panels(analysis)),
    )


def groupings(n: int) -> list[tuple[int, ...]]:
    """Ways to ask for n votes: one by one, in twos, in halves, all but one first."""
    one_by_one = (1,) * n
    twos = (2,) * (n // 2) + (1,) * (n % 2)
    half = (n - n // 2, n // 2) if n > 1 else (n,)
    last = (n - 1, 1) if n > 1 else (n,)
    return list(dict.fromkeys((one_by_one, twos, half, last)))


def _per_rater(counts: npt.NDArray[np.int64]) -> tuple[VoteBar, ...]:
    counts = counts[counts > 0]
    if not counts.size:
        return ()
    step = max(1, -(-int(counts.max()) // BARS))
    bins = np.bincount((counts - 1) // step)
    return tuple(
        VoteBar(1 + step * place, 1 + step * (place + 1), int(n)) for place, n in enumerate(bins)
    )


def _times(seconds: npt.NDArray[np.float64], keep: npt.NDArray[np.bool_]) -> tuple[VoteBar, ...]:
    if not seconds.size:
        return ()
    low, high = float(seconds.min()), float(seconds.max())
    if high < 2 * low:
        low, high = low / 1.5, high * 1.5
    ends = np.geomspace(low, high, BARS + 1)
    place = np.clip(np.searchsorted(ends, seconds, side="right") - 1, 0, BARS - 1)
    counted = np.bincount(place[keep], minlength=BARS)
    excluded = np.bincount(place[~keep], minlength=BARS)
    return tuple(
        VoteBar(float(ends[bar]), float(ends[bar + 1]), int(counted[bar]), int(excluded[bar]))
        for bar in range(BARS)
    )


def _stopping(analysis: Analysis) -> list[StoppingRow]:
    rows = []
    whole = verdicts(analysis.whole, rule=analysis.rule)
    for groups in groupings(analysis.rule.n):
        found = savings(analysis.whole, rule=analysis.rule, groups=groups)
        stopped = verdicts(analysis.whole.valid(found.keep), rule=analysis.rule)
        rows.append(
            StoppingRow(
                groups=groups,
                n_votes=found.n_votes,
                n_used=found.n_used,
                saved_share=found.saved_share,
                n_curtailed=found.n_curtailed,
                n_changed=int(np.count_nonzero(stopped.code != whole.code)),
            )
        )
    return rows


def _panels(analysis: Analysis) -> list[PanelRow]:
    rows = []
    for model in analysis.told:
        if not model.row.size or analysis.rule.n < 2:
            continue
        by_yes = rectified_top1(
            model.correct,
            question=analysis.shown_whole(model.question),
            verdicts=analysis.verdicts,
        ).by_yes
        if not by_yes.sum():
            continue
        fit, k = fit_beta_binomial(by_yes), analysis.rule.k
        rows.append(
            PanelRow(
                model=model.name,
                n_questions=fit.n_questions,
                icc=fit.icc,
                same_verdict=fit.same_verdict(k),
                verdict_kappa=fit.verdict_kappa(k),
                accepted_share=fit.accepted_share(k),
                true_share=fit.true_share(k),
            )
        )
    return rows
