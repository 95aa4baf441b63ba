"""The tables of a robustness page as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from studyapp.analytics.class_robustness import ranks
from studyapp.reports.class_rankings import THRESHOLDS, Comparison, Ranking
from studyapp.reports.parts import Cell, PartExport
from studyapp.reports.region_noise import NoiseOfClass

_RANKING_COLUMNS = """
    rank integer 1 for the lowest crs; equal scores by index
    class_index integer Index of the class
    class_name string Its name
    crs share Mean rs of its images with one
    crs_se number Standard deviation of rs / sqrt(n); null for a published table or fewer than two
    n_images integer Images with a defined rs; null for a published table
    n_undefined integer Images without: no box, none inside the crop, a map of zeros
    area share Mean share of the square inside the boxes: the crs of a model that looks everywhere
    top1_accuracy share Of its n_predicted images, mapped or not, or as published: it comes first
    top5_accuracy share The class is among the first five
    accuracy_unstated share As published, where the author does not say how many predictions count
    n_predicted integer Labelled images of the class with a prediction; null for a published table
    tied boolean Whether another class has the same crs, so that their indices decide who is first
"""
_COMPARISON_COLUMNS = """
    base string The ranking others are compared with
    other string The other ranking
    k integer Depth: the k classes with the lowest scores
    n_classes integer Classes with a score in both
    n_left_out integer Classes without one in one or both
    size integer Classes among the k lowest of both
    expected number k^2 / n_classes, what unrelated rankings would share
    jaccard share size / (2 k - size)
    log10_p number Logarithm of Fisher's exact one-sided p of sharing so many by chance
    spearman number Spearman's correlation over all n_classes
    kendall number Kendall's tau-b over them
    rbo number Rank-biased overlap from the low end
    n_tied_at_k integer Classes whose score is that of the k-th of either, if several have it
    size_low number Of the first depth: 2.5 % of resamples of the images share fewer; null elsewhere
    size_high number 97.5 % share at most so many
    spearman_low number The same of Spearman's correlation
    spearman_high number Its upper end
"""
_BELOW_COLUMNS = """
    ranking string The ranking
    about string Model, method and where it comes from
    n_classes integer Classes with a score
    mean_crs share Their mean
    below_02 integer Classes with a crs below 0.2
    below_03 integer Below 0.3
    below_04 integer Below 0.4
"""
_NOISE_COLUMNS = """
    class_index integer Index of the class
    class_name string Its name
    n_images integer Images whose boxes were covered with noise
    n_unusable integer Those with nothing to cover or nothing left
    n_right integer Usable ones that the model has right before
    n_still integer Those of them it names all the same, the object covered
    share share n_still / n_right
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    mean_before share Mean probability of the class before, over n_right
    mean_after share And after
"""


def ranked_rows(base: Ranking, names: Mapping[int, str]) -> Iterator[tuple[Cell, ...]]:
    """Rows of the ranking, the lowest score first; classes without one are left out."""
    own = base.own
    classes = own.classes if own else None
    area = _mean_area(base)
    _, tied = ranks(base.crs)
    for rank, at in enumerate(base.order().tolist(), 1):
        yield (
            rank,
            at,
            names.get(at),
            float(base.crs[at]),
            _number(classes.crs_se[at]) if classes else None,
            int(classes.n[at]) if classes else None,
            int(classes.n_undefined[at]) if classes else None,
            area.get(at),
            *(_number(base.accuracy[k][at]) if k in base.accuracy else None for k in (1, 5, 0)),
            int(own.n_predicted[at]) if own else None,
            bool(tied[at]),
        )


def _mean_area(base: Ranking) -> dict[int, float]:
    """Over the images with a defined score, by index of the class."""
    own = base.own
    if own is None:
        return {}
    defined = ~np.isnan(own.rs)
    n = np.bincount(own.label[defined], minlength=own.n_classes)
    total = np.bincount(own.label[defined], weights=own.area[defined], minlength=own.n_classes)
    return {int(at): float(total[at] / n[at]) for at in np.flatnonzero(n)}


def robustness_exports(
    base: Ranking,
    everything: Sequence[Ranking],
    found: Sequence[Comparison],
    noise: Mapping[int, NoiseOfClass],
    names: Mapping[int, str],
) -> Iterator[PartExport]:
    """The ranking, every ranking, the comparisons and the region noise."""
    yield PartExport(
        name="ranking",
        title="Classes by robustness score",
        columns=_RANKING_COLUMNS,
        rows=tuple(ranked_rows(base, names)),
        key=("class_index",),
        printed=("rank", "class_name", "crs", "top1_accuracy", "top5_accuracy"),
    )
    yield PartExport(
        name="rankings",
        title="Every ranking, and how many classes score low",
        columns=_BELOW_COLUMNS,
        rows=tuple(
            (
                each.name, each.about, each.n_ranked, each.mean,
                *(each.n_below(limit) for limit in THRESHOLDS),
            )
            for each in everything
        ),
        key=("ranking",),
        printed=("ranking", "n_classes", "below_02", "below_03", "below_04"),
    )  # fmt: skip
    yield PartExport(
        name="comparisons",
        title="Rankings against the base",
        columns=_COMPARISON_COLUMNS,
        rows=tuple(
            (
                each.base, each.other, overlap.k, overlap.n_classes, overlap.n_left_out,
                overlap.size, overlap.expected, overlap.jaccard, overlap.log10_p,
                overlap.spearman, overlap.kendall, overlap.rbo, overlap.n_tied_at_k,
                *_ends(each if overlap is each.overlaps[0] else None),
            )
            for each in found
            for overlap in each.overlaps
        ),
        key=("base", "other", "k"),
        printed=("other", "k", "size", "expected", "log10_p", "spearman"),
    )  # fmt: skip
    yield PartExport(
        name="region_noise",
        title="Classes with their object covered with noise",
        columns=_NOISE_COLUMNS,
        rows=tuple(
            (
                row.class_index, names.get(row.class_index), row.n_images, row.n_unusable,
                row.n_right, row.n_still, row.share, row.ci.low if row.ci else None,
                row.ci.high if row.ci else None, row.before, row.after,
            )
            for row in noise.values()
        ),
        key=("class_index",),
        printed=("class_name", "n_right", "n_still", "share", "ci_low", "ci_high"),
    )  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ends(found: Comparison | None) -> tuple[float | None, ...]:
    drawn = found.interval if found else None
    if drawn is None:
        return (None,) * 4
    return drawn.size_low, drawn.size_high, drawn.spearman_low, drawn.spearman_high
