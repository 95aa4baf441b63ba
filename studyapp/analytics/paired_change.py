"""How far a number moves between two looks at the same items."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studyapp.analytics.bootstrap import Bootstrap, summary
from studyapp.analytics.columns import number_column
from studyapp.analytics.errors import RuleError

#: Items drawn at once: 16 MB, however many items there are.
_CELLS = 1_000_000


def mean_change(
    before: npt.ArrayLike,
    *,
    after: npt.ArrayLike,
    rng: np.random.Generator,
    draws: int = 1000,
    level: float = 0.95,
) -> Bootstrap:
    """Mean of after - before over I items, with the percentile interval of `draws` resamples of the
    items, each keeping its pair.

    before, after: float64[I], finite. Without items the estimate is None. Raises ColumnError for
    other shapes or numbers, RuleError for fewer than two draws or a level outside 0..1.
    """
    if draws < 2 or not 0 < level < 1:
        raise RuleError(f"{draws} draws at level={level} cannot be; give 2 or more, and 0..1.")
    first = number_column("before", before)
    second = number_column("after", after, length=first.size)
    change = second - first
    n = change.size
    resampled = np.full(draws, np.nan)
    at_once = max(1, _CELLS // max(n, 1))
    for start in range(0, draws if n else 0, at_once):
        part = slice(start, min(start + at_once, draws))
        resampled[part] = change[rng.integers(0, n, size=(part.stop - start, n))].mean(axis=1)
    return summary(
        float(change.mean()) if n else None,
        resampled=resampled,
        unit="question",
        n_items=n,
        n_raters=0,
        level=level,
    )
