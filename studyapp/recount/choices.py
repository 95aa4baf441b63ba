"""The rectified error under other rules, timing windows and raters, counted anew."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from studyapp.analytics import Rule, Votes, Window, rater_report, rectified_top1, verdicts
from studyapp.analytics.usual import far_below
from studyapp.analytics.windows import outside
from studyapp.recount.labelled import Labelled, OfModels
from studyapp.recount.ledger import Ledger, exclusion_of
from studyapp.recount.tables import RecountError

Bool = npt.NDArray[np.bool_]

#: Share of the known times that a window cuts off.
_CUT = 0.05
_OF_FIGURES = (
    "n_images", "n_accepted", "n_undecided", "rectified_top1_error", "ci_low", "ci_high",
)  # fmt: skip
_COUNTED = ("window_low", "window_high", "n_raters", "n_votes", *_OF_FIGURES)


def recount_choices(
    given: list[dict[str, Any]], ledger: Ledger, models: OfModels
) -> list[dict[str, Any]]:
    """Every choice that `given` names, in its order."""
    looked = _Looks(ledger)
    asked: dict[tuple[str, str, str], tuple[Votes, Labelled]] = {}
    counted: list[dict[str, Any]] = []
    for one in given:
        look = (one["model"], one["window"], one["raters"])
        if look not in asked:
            # They come look by look, so that one is enough to hold.
            asked = {look: looked.at(models[one["model"]], window=one["window"], who=one["raters"])}
        votes, of = asked[look]
        rule = Rule(k=one["accept_at"], n=ledger.rule.n, unsure=one["unsure"], extra=one["extra"])
        figures = rectified_top1(
            of.correct, question=of.question, verdicts=verdicts(votes, rule=rule)
        ).to_dict()
        counted.append({name: figures[name] for name in _OF_FIGURES})
        counted[-1]["n_raters"] = int(np.unique(votes.rater).size)
        counted[-1]["n_votes"] = len(votes)
        counted[-1]["window_low"], counted[-1]["window_high"] = looked.windows[one["window"]]
    return counted


def blanked_choices(choices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The choices with a null for each figure that `recount_choices` counts."""
    return [choice | dict.fromkeys(_COUNTED) for choice in choices]


class _Looks:
    """The votes that may count, but for the window, the number asked for, and who gave them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.kept = exclusion_of(ledger.rows, ledger.row, window=(None, None), n=None).keep

    @cached_property
    def windows(self) -> dict[str, Window]:
        """By name; the ends that cut are those of all known times, counted or not."""
        low, high = (None if end is None else float(end) for end in self.ledger.window)
        found: dict[str, Window] = {"planned": (low, high), "none": (None, None)}
        seconds = self.ledger.rows["seconds"]
        known = seconds[~np.isnan(seconds)]
        if known.size:
            fast, slow = np.quantile(known, [_CUT, 1 - _CUT]).tolist()
            found |= {"without_fastest": (fast, None), "without_slowest": (None, slow)}
        return found

    @cached_property
    def _disagreeing(self) -> Bool:
        """bool[V]: votes of raters far below the usual agreement, by the votes that count."""
        ledger = self.ledger
        whole = ledger.valid.valid(ledger.complete[ledger.valid.question])
        flagged = far_below(rater_report(whole, unsure=ledger.rule.unsure).peer_agreement)
        return np.isin(ledger.rows["rater"], np.flatnonzero(flagged))

    def at(self, of: Labelled, *, window: str, who: str) -> tuple[Votes, Labelled]:
        """The votes on the questions of a model, which are numbered anew: few of a study's many."""
        ledger = self.ledger
        if who not in ("all", "without_disagreeing"):
            raise RecountError(f"Raters {who!r} of a choice are not known here.")
        asked = np.unique(of.question[~of.correct & (of.question >= 0)])
        place = np.full(ledger.questions.size + 1, -1, dtype=np.int64)
        place[asked] = np.arange(asked.size)
        too_fast, too_slow = outside(ledger.rows["seconds"], window=self.windows[window])
        keep = self.kept & (place[ledger.row] >= 0) & ~too_fast & ~too_slow
        if who != "all":
            keep &= ~self._disagreeing
        votes = Votes.from_columns(
            place[ledger.row[keep]],
            rater=ledger.rows["rater"][keep],
            answer=ledger.rows["answer"][keep],
            order=np.flatnonzero(keep),
            n_questions=asked.size,
        )
        return votes, Labelled(of.row, of.correct, place[of.question])
