"""Class robustness scores from those of images (Szyc et al. 2021, steps 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.columns import Bool, Float64, Int32, Int64, frozen, id_column
from studyapp.analytics.errors import ColumnError, RuleError
from studyapp.analytics.results import JSONValue, payload

#: What an image counts as whose score is not defined.
UNDEFINED_CODINGS = ("left_out", "zero")


@dataclass(frozen=True, eq=False)
class ClassRobustness:
    """One row per class, 0..C-1; every array is read-only.

    crs: float64[C], mean rs of the class's n images with one, 0..1; NaN without any.
    crs_se: float64[C], sd of rs (divisor n - 1) / sqrt(n); NaN for n < 2.
    n, n_undefined: int64[C], images with and without a defined rs. undefined: `left_out`, or
    `zero`, where images without a score count as 0 and are in n as well.
    rank: int64[C], 1 for the lowest crs, equal scores by class number; 0 where crs is NaN.
    tied: bool[C], whether another class has the same crs, so that the rank is arbitrary.
    """

    undefined: str
    crs: Float64
    crs_se: Float64
    n: Int64
    n_undefined: Int64
    rank: Int64
    tied: Bool

    def n_below(self, threshold: float) -> int:
        """How many classes have a crs below `threshold`."""
        return int(np.count_nonzero(self.crs < threshold))

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above; crs, crs_se and rank are null where undefined."""
        return payload(
            undefined=self.undefined,
            n_classes=self.crs.size,
            n_classes_without=int(np.count_nonzero(np.isnan(self.crs))),
            crs=self.crs,
            crs_se=self.crs_se,
            n=self.n,
            n_undefined=self.n_undefined,
            rank=[rank or None for rank in self.rank.tolist()],
            tied=self.tied,
        )


def class_robustness(
    rs: npt.ArrayLike, *, cls: npt.ArrayLike, n_classes: int, undefined: str = "left_out"
) -> ClassRobustness:
    """Mean score of the images of each class, and the ranks of the classes.

    rs: float64[I] in 0..1, NaN where it is not defined (no box in view, an empty map).
    cls: int32[I], the annotated class of each image. undefined: `left_out`, or `zero` as in the
    authors' code. Raises ColumnError for scores outside 0..1 or other shapes, RuleError for
    another `undefined`.
    """
    if undefined not in UNDEFINED_CODINGS:
        raise RuleError(
            f"undefined={undefined!r} is unknown; use one of {', '.join(UNDEFINED_CODINGS)}."
        )
    classes, _ = id_column("cls", cls, size=n_classes)
    scores = rs_column(rs, length=classes.size)
    missing = np.isnan(scores)
    if undefined == "zero":
        scores = np.where(missing, 0.0, scores)
    crs, crs_se, n = _means(scores, classes, n_classes)
    rank, tied = ranks(crs)
    return ClassRobustness(
        undefined=undefined,
        crs=frozen(crs),
        crs_se=frozen(crs_se),
        n=frozen(n),
        n_undefined=frozen(np.bincount(classes[missing], minlength=n_classes).astype(np.int64)),
        rank=frozen(rank),
        tied=frozen(tied),
    )


def ranks(crs: Float64) -> tuple[Int64, Bool]:
    """int64[C] ranks from 1 by rising score, ties by class, 0 for NaN; and bool[C], tied or not."""
    defined = ~np.isnan(crs)
    rank = np.zeros(crs.size, dtype=np.int64)
    # A stable sort keeps equal scores in the order of their classes, and NaN at the end.
    order = np.argsort(crs, kind="stable")[: int(np.count_nonzero(defined))]
    rank[order] = np.arange(1, order.size + 1)
    _, place, sizes = np.unique(crs, return_inverse=True, return_counts=True, equal_nan=True)
    return rank, defined & (sizes[place] > 1)


def rs_column(values: npt.ArrayLike, *, length: int) -> Float64:
    """`values` as float64[length], each in 0..1 or NaN."""
    column = np.asarray(values)
    if column.shape != (length,) or (column.size and column.dtype.kind not in "iuf"):
        raise ColumnError(
            f"Column rs has shape {column.shape} of {column.dtype}; give {length} numbers."
        )
    scores = column.astype(np.float64)
    bad = (scores < 0) | (scores > 1)
    if bad.any():
        row = int(bad.argmax())
        raise ColumnError(
            f"Row {row} of column rs holds {scores[row]}; give shares, or NaN where undefined."
        )
    return scores


def _means(scores: Float64, classes: Int32, n_classes: int) -> tuple[Float64, Float64, Int64]:
    defined = ~np.isnan(scores)
    value, of = scores[defined], classes[defined]
    n = np.bincount(of, minlength=n_classes).astype(np.int64)
    total = np.bincount(of, weights=value, minlength=n_classes)
    crs = np.full(n_classes, np.nan)
    np.divide(total, n, out=crs, where=n > 0)
    # Two passes: the sum of squares less the square of the sum loses digits.
    squares = np.bincount(of, weights=(value - crs[of]) ** 2, minlength=n_classes)
    crs_se = np.full(n_classes, np.nan)
    np.divide(squares, (n - 1) * n, out=crs_se, where=n > 1)
    return crs, np.sqrt(crs_se), n
