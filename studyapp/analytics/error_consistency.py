"""Error consistency: whether two raters, or a model and a rater, err on the same items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from studyapp.analytics.columns import Bool, Float64, Int32, Int64, frozen, id_column, mask_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True)
class MeanConsistency:
    """Means over the pairs that have a kappa; None without one.

    n_pairs: those pairs. n_undefined: pairs without a kappa, left out of every mean.
    observed, expected: in 0..1. kappa, lowest, highest: mean, least and greatest, in -1..1.
    """

    n_pairs: int
    n_undefined: int
    observed: float | None
    expected: float | None
    kappa: float | None
    lowest: float | None
    highest: float | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above."""
        return payload(
            method="cohen_kappa_of_correctness",
            n_pairs=self.n_pairs,
            n_undefined=self.n_undefined,
            observed=self.observed,
            expected=self.expected,
            kappa=self.kappa,
            lowest=self.lowest,
            highest=self.highest,
        )


@dataclass(frozen=True, eq=False)
class ErrorConsistency:
    """Every pair of R raters; symmetric read-only arrays, the diagonal 0 or NaN.

    shared: int64[R, R], items both saw. both_right: int64[R, R], items both got right.
    observed: float64[R, R], share of the shared items that both got right or both got wrong;
    NaN where none is shared. expected: float64[R, R], the same if the two erred independently,
    each as often as it does on those items. kappa: float64[R, R], (observed - expected) /
    (1 - expected); NaN below `min_shared` items, and where both were always right or both always
    wrong, for then agreement says nothing.
    """

    min_shared: int
    shared: Int64
    both_right: Int64
    observed: Float64
    expected: Float64
    kappa: Float64

    def among(self, raters: npt.ArrayLike | None = None) -> MeanConsistency:
        """The mean over pairs inside a group: `raters`, bool[R]; None is everybody."""
        size = self.kappa.shape[0]
        group = np.ones(size, dtype=np.bool_)
        if raters is not None:
            group = mask_column("raters", raters, length=size)
        return self._mean(np.triu(group[:, None] & group[None, :], k=1))

    def between(self, first: npt.ArrayLike, *, second: npt.ArrayLike) -> MeanConsistency:
        """The mean over pairs of one of `first` and one of `second`, bool[R] without overlap.

        Raises ColumnError where somebody is in both.
        """
        one = mask_column("first", first, length=self.kappa.shape[0])
        other = mask_column("second", second, length=self.kappa.shape[0])
        if (one & other).any():
            raise ColumnError(
                f"Rater {int((one & other).argmax())} is in both groups; give groups apart."
            )
        return self._mean(one[:, None] & other[None, :])

    def _mean(self, pairs: Bool) -> MeanConsistency:
        defined = pairs & ~np.isnan(self.kappa)
        n_pairs = int(np.count_nonzero(defined))
        n_undefined = int(np.count_nonzero(pairs)) - n_pairs
        if not n_pairs:
            return MeanConsistency(0, n_undefined, None, None, None, None, None)
        kappa = self.kappa[defined]
        return MeanConsistency(
            n_pairs=n_pairs,
            n_undefined=n_undefined,
            observed=float(self.observed[defined].mean()),
            expected=float(self.expected[defined].mean()),
            kappa=float(kappa.mean()),
            lowest=float(kappa.min()),
            highest=float(kappa.max()),
        )

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the matrices above, and `mean`, that of `among()`."""
        return payload(
            method="cohen_kappa_of_correctness",
            n_raters=self.kappa.shape[0],
            min_shared=self.min_shared,
            shared=self.shared,
            both_right=self.both_right,
            observed=self.observed,
            expected=self.expected,
            kappa=self.kappa,
            mean=self.among().to_dict(),
        )


def error_consistency(
    correct: npt.ArrayLike,
    *,
    item: npt.ArrayLike,
    rater: npt.ArrayLike,
    n_raters: int | None = None,
    min_shared: int = 1,
) -> ErrorConsistency:
    """Cohen's kappa of right and wrong for every pair (Geirhos, Meding and Wichmann 2020).

    correct: bool[T], whether the trial was answered rightly; no answer is a wrong one.
    item: int32[T], what was shown, 0..I-1. rater: int32[T], 0..R-1; a model is one more rater.
    With s shared items, a and b of them right for the first and the second, and both of them
    right w times: observed = (s - a - b + 2 w) / s, expected = (a b + (s - a)(s - b)) / s^2.
    Takes R^2 memory. Raises ColumnError for other shapes or a second trial of a rater on an
    item, RuleError for min_shared below 1.
    """
    if min_shared < 1:
        raise RuleError(f"min_shared={min_shared} compares nothing; give 1 or more items.")
    items, n_items = id_column("item", item)
    raters, n_raters = id_column("rater", rater, size=n_raters, length=items.size)
    right = mask_column("correct", correct, length=items.size)
    _refuse_second_trials(items, raters, n_items=n_items)
    shape = (n_raters, n_items)
    seen = sparse.csr_array((np.ones(items.size, np.int64), (raters, items)), shape=shape)
    good = sparse.csr_array((right.astype(np.int64), (raters, items)), shape=shape)
    shared, both_right = _product(seen, seen), _product(good, good)
    first = _product(good, seen)
    for table in (shared, both_right, first):
        np.fill_diagonal(table, 0)
    second = first.T
    agreeing = shared - first - second + 2 * both_right
    # Two raters that were both always right, or both always wrong, agree by chance for certain.
    certain = (first + second == 0) | (first + second == 2 * shared)
    size = np.where(shared > 0, shared, 1).astype(np.float64)
    met = shared > 0
    p, q = first / size, second / size
    observed = np.where(met, agreeing / size, np.nan)
    expected = np.where(met, p * q + (1 - p) * (1 - q), np.nan)
    kappa = np.full(shape[:1] * 2, np.nan)
    fit = (shared >= min_shared) & ~certain
    kappa[fit] = (observed[fit] - expected[fit]) / (1 - expected[fit])
    return ErrorConsistency(
        min_shared=int(min_shared),
        shared=frozen(shared),
        both_right=frozen(both_right),
        observed=frozen(observed),
        expected=frozen(expected),
        kappa=frozen(kappa),
    )


def _product(left: sparse.csr_array, right: sparse.csr_array) -> Int64:
    return np.asarray((left @ right.T).toarray(), dtype=np.int64)


def _refuse_second_trials(item: Int32, rater: Int32, *, n_items: int) -> None:
    pair = np.sort(rater.astype(np.int64) * n_items + item)
    again = pair[1:] == pair[:-1]
    if again.any():
        who, what = divmod(int(pair[int(again.argmax())]), n_items)
        raise ColumnError(
            f"Rater {who} has more than one trial on item {what}; keep one, such as the first."
        )
