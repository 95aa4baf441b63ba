"""How far the overlap of two rankings depends on which images the scores were taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studyapp.analytics.class_robustness import rs_column
from studyapp.analytics.columns import Float64, Int32, Int64, id_column
from studyapp.analytics.errors import RuleError
from studyapp.analytics.rankings import Overlap, rank_overlap, shared_by_depth, spearman
from studyapp.analytics.results import JSONValue, payload


@dataclass(frozen=True)
class OverlapInterval:
    """The overlap and how it varies over draws of as many images from each class.

    overlap: of the scores as they are. size_low, size_high, spearman_low, spearman_high:
    percentiles of the draws at `level`. size_mean, spearman_mean: means of the draws; a draw adds
    noise to both rankings, so they lie below the overlap itself, and so may the whole interval.
    """

    overlap: Overlap
    draws: int
    level: float
    size_mean: float
    size_low: float
    size_high: float
    spearman_mean: float | None
    spearman_low: float | None
    spearman_high: float | None

    def to_dict(self) -> dict[str, JSONValue]:
        """JSON-safe: the fields above, the overlap as an object."""
        return payload(
            method="bootstrap of images within classes, percentile",
            overlap=self.overlap.to_dict(),
            draws=self.draws,
            level=self.level,
            size_mean=self.size_mean,
            size_low=self.size_low,
            size_high=self.size_high,
            spearman_mean=self.spearman_mean,
            spearman_low=self.spearman_low,
            spearman_high=self.spearman_high,
        )


def overlap_interval(
    rs_a: npt.ArrayLike,
    *,
    rs_b: npt.ArrayLike,
    cls: npt.ArrayLike,
    n_classes: int,
    k: int,
    rng: np.random.Generator,
    draws: int = 1000,
    level: float = 0.95,
    persistence: float | None = None,
) -> OverlapInterval:
    """Bootstrap `rank_overlap` over images, drawn with replacement within each class.

    rs_a, rs_b: float64[I] scores of the same images by two models or methods, NaN where undefined;
    cls: int32[I]. A drawn image brings both of its scores. A class that loses its last score in a
    draw is not ranked in it. Raises as `class_robustness` and `rank_overlap` do, and RuleError for
    fewer than two draws or a level outside 0..1.
    """
    if draws < 2 or not 0 < level < 1:
        raise RuleError(f"{draws} draws at level={level} cannot be; give 2 or more, and 0..1.")
    classes, _ = id_column("cls", cls, size=n_classes)
    order = np.argsort(classes, kind="stable")
    of = classes[order]
    scores = tuple(rs_column(rs, length=of.size)[order] for rs in (rs_a, rs_b))
    once = np.ones(of.size, dtype=np.int64)
    a, b = (_class_means(rs, once, of, n_classes) for rs in scores)
    overlap = rank_overlap(a, b=b, k=k, persistence=persistence)
    sizes = np.bincount(of, minlength=n_classes)
    first, n_own = (np.cumsum(sizes) - sizes)[of], sizes[of]
    shared, correlation = np.zeros(draws), np.full(draws, np.nan)
    for draw in range(draws):
        drawn = first + (rng.random(of.size) * n_own).astype(np.int64)
        times = np.bincount(drawn, minlength=of.size)
        one, two = (_class_means(rs, times, of, n_classes) for rs in scores)
        both = ~(np.isnan(one) | np.isnan(two))
        by_depth = shared_by_depth(one[both], two[both])
        shared[draw] = by_depth[min(k, by_depth.size) - 1] if by_depth.size else 0
        found = spearman(one[both], two[both])
        correlation[draw] = np.nan if found is None else found
    tail = np.array([(1 - level) / 2, (1 + level) / 2])
    size_low, size_high = np.quantile(shared, tail).tolist()
    defined = correlation[~np.isnan(correlation)]
    rho_low, rho_high = np.quantile(defined, tail).tolist() if defined.size else (None, None)
    return OverlapInterval(
        overlap=overlap,
        draws=draws,
        level=float(level),
        size_mean=float(shared.mean()),
        size_low=size_low,
        size_high=size_high,
        spearman_mean=float(defined.mean()) if defined.size else None,
        spearman_low=rho_low,
        spearman_high=rho_high,
    )


def _class_means(rs: Float64, times: Int64, of: Int32, n_classes: int) -> Float64:
    defined = ~np.isnan(rs)
    n = np.bincount(of, weights=times * defined, minlength=n_classes)
    total = np.bincount(of, weights=times * np.where(defined, rs, 0.0), minlength=n_classes)
    means = np.full(n_classes, np.nan)
    np.divide(total, n, out=means, where=n > 0)
    return means
