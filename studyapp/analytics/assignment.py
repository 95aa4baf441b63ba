"""The assignment task: how often people name the group that a model's class goes by (Table 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Bool, Float64, Int32, id_column, mask_column, seconds_column
from studyapp.analytics.errors import RuleError
from studyapp.analytics.intervals import Interval, proportion_ci
from studyapp.analytics.results import JSONValue, payload
from studyapp.analytics.windows import Window, outside

#: 20 seconds to 3 minutes, both ends included (section 4.2 of Stock and Cisse 2018).
WINDOW = (20.0, 180.0)
#: One of six groups.
CHANCE = 1 / 6


@dataclass(frozen=True)
class ConditionRow:
    """Successes under one condition, of the answers whose time lies inside `window`.

    n, n_raters: those answers and the raters who gave them. mean = successes / n.
    sd = sqrt(mean (1 - mean)), the spread of single answers; se = sd / sqrt(n), what Table 3
    prints under the name Std. It takes answers as independent, which those of one rater are not.
    ci: interval of the mean, its denominator n. All four are None without answers.
    n_below, n_above: answers that were faster or slower than the window; n_untimed: answers
    without a time, which are kept. n_all, mean_all: the same without a window, so
    n_all = n + n_below + n_above. chance: what guessing gives.
    """

    condition: int
    window: Window | None
    n: int
    n_raters: int
    successes: int
    mean: float | None
    sd: float | None
    se: float | None
    ci: Interval | None
    chance: float
    n_below: int
    n_above: int
    n_untimed: int
    n_all: int
    mean_all: float | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, window and interval as single keys."""
        low, high = (None, None) if self.window is None else self.window
        return payload(
            condition=self.condition,
            window_low=low,
            window_high=high,
            n=self.n,
            n_raters=self.n_raters,
            successes=self.successes,
            mean=self.mean,
            sd=self.sd,
            se=self.se,
            ci_low=self.ci and self.ci.low,
            ci_high=self.ci and self.ci.high,
            ci_method=self.ci and self.ci.method,
            ci_level=self.ci and self.ci.level,
            chance=self.chance,
            n_below=self.n_below,
            n_above=self.n_above,
            n_untimed=self.n_untimed,
            n_all=self.n_all,
            mean_all=self.mean_all,
        )


def assignment_summary(
    success: npt.ArrayLike,
    *,
    condition: npt.ArrayLike,
    rater: npt.ArrayLike,
    seconds: npt.ArrayLike,
    windows: Sequence[Window | None] = (WINDOW,),
    chance: float = CHANCE,
    method: str = "wilson",
    level: float = 0.95,
) -> tuple[ConditionRow, ...]:
    """A row for each window and condition, in that order (section 4.2 and Table 3 of the paper).

    success: bool[A], whether the group chosen is that of the target. condition, rater: int32[A]
    from 0. seconds: float64[A], from showing to answering by the server's clock, NaN where not
    known. windows: see `Window`; a grid of them shows whether the filter makes the result.
    Raises ColumnError for bad columns, RuleError for bad windows or a chance outside 0..1.
    """
    if not 0 <= chance <= 1:
        raise RuleError(f"chance={chance} cannot be; give a share.")
    hits = np.asarray(success)
    won = mask_column("success", hits, length=hits.size)
    conditions, n_conditions = id_column("condition", condition, length=won.size)
    raters, _ = id_column("rater", rater, length=won.size)
    taken = seconds_column(seconds, length=won.size)
    rows = []
    for window in windows:
        too_fast, too_slow = outside(taken, window=window)
        for number in range(n_conditions):
            own = conditions == number
            rows.append(
                _row(
                    number,
                    window,
                    own=own,
                    inside=own & ~too_fast & ~too_slow,
                    columns=(won, raters, taken),
                    outside_counts=(_count(own & too_fast), _count(own & too_slow)),
                    chance=chance,
                    interval=(method, level),
                )
            )
    return tuple(rows)


def _row(
    condition: int,
    window: Window | None,
    *,
    own: Bool,
    inside: Bool,
    columns: tuple[Bool, Int32, Float64],
    outside_counts: tuple[int, int],
    chance: float,
    interval: tuple[str, float],
) -> ConditionRow:
    won, raters, taken = columns
    n, successes, n_all = _count(inside), _count(inside & won), _count(own)
    mean = successes / n if n else None
    sd = None if mean is None else math.sqrt(mean * (1 - mean))
    method, level = interval
    return ConditionRow(
        condition=condition,
        window=window,
        n=n,
        n_raters=int(np.unique(raters[inside]).size),
        successes=successes,
        mean=mean,
        sd=sd,
        se=None if sd is None else sd / math.sqrt(n),
        ci=proportion_ci(successes, n=n, method=method, level=level) if n else None,
        chance=chance,
        n_below=outside_counts[0],
        n_above=outside_counts[1],
        n_untimed=_count(own & np.isnan(taken)),
        n_all=n_all,
        mean_all=_count(own & won) / n_all if n_all else None,
    )


def _count(rows: Bool) -> int:
    return int(np.count_nonzero(rows))
