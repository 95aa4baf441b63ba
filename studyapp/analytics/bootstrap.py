"""What every resampling of this package shares: its result, its units and its random weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studyapp.analytics.columns import Float64, Int64
from studyapp.analytics.errors import RuleError
from studyapp.analytics.results import JSONValue, payload

#: What is drawn with replacement: questions (or images), raters, or both at once.
UNITS = ("question", "rater", "both")

METHOD = "percentile"


@dataclass(frozen=True)
class Bootstrap:
    """An estimate and how it varies over resamples; None where it cannot be said.

    estimate: of the data as they are. se: standard deviation of the resampled estimates.
    low, high: their (1 - level) / 2 and (1 + level) / 2 quantiles. bias: their mean less
    `estimate`; where it is not small against `se`, low and high are shifted by it.
    unit: what was drawn (UNITS). n_draws: resamples that have an estimate; n_undefined_draws: those
    that have none, which count nowhere. n_items, n_raters: what there was to draw from.
    """

    estimate: float | None
    se: float | None
    low: float | None
    high: float | None
    bias: float | None
    unit: str
    n_draws: int
    n_undefined_draws: int
    n_items: int
    n_raters: int
    level: float
    method: str = METHOD
    undefined: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(**{name: getattr(self, name) for name in self.__dataclass_fields__})


def summary(
    estimate: float | None,
    *,
    resampled: Float64,
    unit: str,
    n_items: int,
    n_raters: int,
    level: float,
) -> Bootstrap:
    """The Bootstrap of `resampled` float64[draws], NaN in a draw that has no estimate."""
    known = resampled[~np.isnan(resampled)]
    reason = _why_not(estimate, known.size, unit=unit, n_items=n_items, n_raters=n_raters)
    se = low = high = bias = None
    if reason is None and estimate is not None:
        low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
        se, bias = float(known.std(ddof=1)), float(known.mean()) - estimate
    return Bootstrap(
        estimate=estimate,
        se=se,
        low=low,
        high=high,
        bias=bias,
        unit=unit,
        n_draws=known.size,
        n_undefined_draws=resampled.size - known.size,
        n_items=n_items,
        n_raters=n_raters,
        level=float(level),
        undefined={} if reason is None else dict.fromkeys(("se", "low", "high", "bias"), reason),
    )


def check_resampling(*, unit: str, draws: int, level: float) -> None:
    """Refuse, with RuleError, an unknown unit, fewer than two draws or a level outside 0..1."""
    if unit not in UNITS:
        raise RuleError(f"unit={unit!r} is unknown; use one of {', '.join(UNITS)}.")
    if draws < 2:
        raise RuleError(f"draws={draws} resamples do not vary; give 1000, or at least 2.")
    if not 0 < level < 1:
        raise RuleError(f"level={level} is no confidence; give a number between 0 and 1.")


def drawn_weights(n: int, *, draws: int, rng: np.random.Generator) -> Int64:
    """How often each of n items comes up in n draws with replacement: int64[n, draws]."""
    return multinomial_weights(np.full(draws, n), size=n, rng=rng)


def multinomial_weights(totals: Int64, *, size: int, rng: np.random.Generator) -> Int64:
    """int64[size, D]: column d counts totals[d] draws with replacement out of `size` items."""
    draws = totals.size
    column = np.repeat(np.arange(draws), totals)
    cell = rng.integers(0, max(size, 1), size=column.size) * draws + column
    return np.bincount(cell, minlength=size * draws).reshape(size, draws).astype(np.int64)


def _why_not(
    estimate: float | None, n_known: int, *, unit: str, n_items: int, n_raters: int
) -> str | None:
    if estimate is None:
        return "the data themselves have no estimate"
    if unit != "rater" and n_items < 2:
        return "fewer than two questions or images, so how they differ is unknown"
    if unit != "question" and n_raters < 2:
        return "fewer than two raters, so how they differ is unknown"
    if n_known < 2:
        return "fewer than two resamples have an estimate"
    return None
