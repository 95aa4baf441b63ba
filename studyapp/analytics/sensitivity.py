"""The multiverse: a rectified error under every rule, timing window and set of raters at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Bool, id_column, mask_column
from studyapp.analytics.errors import ColumnError
from studyapp.analytics.rectified import Rectified, rectified_top1
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.rules import EXTRA_CODINGS, Rule
from studyapp.analytics.verdicts import verdicts
from studyapp.analytics.votes import UNSURE_CODINGS, Votes
from studyapp.analytics.windows import Window, outside, window_ends

#: The name of the set that leaves nobody out.
ALL_RATERS = "all"


@dataclass(frozen=True, eq=False)
class SensitivityRow:
    """One choice of each kind and what it makes of the error.

    window: (low, high) in seconds or None. raters: name of the set, n_raters those with a vote
    that counts. n_votes: votes on the asked errors that are left under the window and the set.
    figures: with the rule, counts, interval and bounds. A question that loses all its votes stays
    asked and becomes undecided.
    """

    window: Window | None
    raters: str
    n_raters: int
    n_votes: int
    figures: Rectified

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: window_low, window_high (null where open), the counts, and the figures."""
        low, high = (None, None) if self.window is None else self.window
        return (
            payload(
                window_low=low,
                window_high=high,
                raters=self.raters,
                n_raters=self.n_raters,
                n_votes=self.n_votes,
            )
            | self.figures.to_dict()
        )


def rule_grid(
    n: int = 5,
    *,
    unsure: Sequence[str] = UNSURE_CODINGS,
    extra: Sequence[str] = EXTRA_CODINGS,
) -> tuple[Rule, ...]:
    """k = 1..n by every coding of `unsure` and of votes beyond n: 30 rules for n = 5."""
    return tuple(
        Rule(k=k, n=n, unsure=coding, extra=beyond)
        for beyond in extra
        for coding in unsure
        for k in range(1, n + 1)
    )


def sensitivity(
    votes: Votes,
    *,
    correct: npt.ArrayLike,
    question: npt.ArrayLike,
    rules: Iterable[Rule] | None = None,
    windows: Sequence[Window | None] = (None,),
    rater_sets: Mapping[str, npt.ArrayLike] | None = None,
    unasked: str = "error",
    method: str = "wilson",
    level: float = 0.95,
) -> tuple[SensitivityRow, ...]:
    """`rectified_top1` for every window, set of raters and rule, in that order.

    votes: those that count but for windows and sets, so without surplus votes removed: the first n
    are chosen anew among those that are left. correct, question, unasked, method, level: as in
    `rectified_top1`. rules: None is `rule_grid()`. rater_sets: name -> bool[R], who is kept; None
    is everybody, under the name `all`. A set is to be decided on before the verdicts are seen.
    Raises ColumnError for bad columns or windows where no vote has a time, RuleError for bad
    windows.
    """
    chosen = tuple(rule_grid() if rules is None else rules)
    sets = _rater_sets(rater_sets, n_raters=votes.n_raters)
    hits = np.asarray(correct)
    right = mask_column("correct", hits, length=hits.size)
    asked_of, _ = id_column(
        "question", question, size=votes.n_questions, lowest=-1, length=right.size
    )
    # Only the votes on this model's errors matter: fewer by far than a study's.
    wanted = np.zeros(votes.n_questions, dtype=np.bool_)
    wanted[asked_of[~right & (asked_of >= 0)]] = True
    own = votes.valid(wanted[votes.question])
    rows = []
    for window in windows:
        inside = _inside(own, window)
        for name, members in sets.items():
            kept = own.valid(inside & members[own.rater])
            for rule in chosen:
                figures = rectified_top1(
                    right,
                    question=asked_of,
                    verdicts=verdicts(kept, rule=rule),
                    unasked=unasked,
                    method=method,
                    level=level,
                )
                rows.append(
                    SensitivityRow(
                        window=window,
                        raters=name,
                        n_raters=int(np.unique(kept.rater).size),
                        n_votes=len(kept),
                        figures=figures,
                    )
                )
    return tuple(rows)


def _rater_sets(
    rater_sets: Mapping[str, npt.ArrayLike] | None, *, n_raters: int
) -> dict[str, Bool]:
    if rater_sets is None:
        return {ALL_RATERS: np.ones(n_raters, dtype=np.bool_)}
    return {
        name: mask_column(f"rater_sets[{name}]", np.asarray(members), length=n_raters)
        for name, members in rater_sets.items()
    }


def _inside(votes: Votes, window: Window | None) -> Bool:
    if window_ends(window) == (0, np.inf):
        return np.ones(len(votes), dtype=np.bool_)
    if votes.seconds is None:
        raise ColumnError(
            f"The window {window} needs times and no vote has one; give seconds or leave it out."
        )
    too_fast, too_slow = outside(votes.seconds, window=window)
    return ~(too_fast | too_slow)
