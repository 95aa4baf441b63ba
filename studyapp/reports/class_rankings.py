"""Classes ranked by their robustness score, and rankings set against each other.

Szyc et al. (2021): step 3 of the method, and section 3.2 with its Table 1. Rankings are our own,
of a model, a saliency method and its settings on a set, or tables that others published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef

from studyapp.analytics import Overlap, OverlapInterval, overlap_interval, rank_overlap
from studyapp.analytics.class_robustness import ranks
from studyapp.analytics.results import JSONValue
from studyapp.models import ClassList, ClassScoreTable, ImageSet, RobustnessScore
from studyapp.reports.cache import kept
from studyapp.selectors.class_scores import OwnScores, own_scores, scores_stand

#: Scores below which the paper counts classes, and depths at which it compares rankings.
THRESHOLDS = (0.2, 0.3, 0.4)
DEPTHS = (20, 100)
#: Resamples of images, and images beyond which a page does not wait for them.
DRAWS, MOST_RESAMPLED = 200, 5_000

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Columns by index of the class, 0..C-1; NaN where a class has no score or figure.

    name: tells it from every other. about: model, method and where it comes from, in words.
    accuracy: by the number of predictions it looks at, 0 where its author does not say. own: the
    scores of images it is counted from; None for a published table.
    """

    name: str
    about: str
    class_list: ClassList
    crs: Float64
    accuracy: dict[int, Float64]
    own: OwnScores | None = None
    image_set: str = ""

    @property
    def n_ranked(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.crs)))

    @property
    def mean(self) -> float | None:
        """Mean crs over the classes that have one."""
        return float(np.nanmean(self.crs)) if self.n_ranked else None

    def n_below(self, threshold: float) -> int:
        """Classes with a crs below it."""
        return int(np.count_nonzero(self.crs < threshold))

    def order(self) -> npt.NDArray[np.int64]:
        """Indices of the classes with a score, the lowest first, equal ones by index."""
        rank, _ = ranks(self.crs)
        ranked = np.flatnonzero(~np.isnan(self.crs))
        return np.asarray(ranked[np.argsort(rank[ranked], kind="stable")], dtype=np.int64)


@dataclass(frozen=True)
class Comparison:
    """One ranking against the base, at each depth there are classes for."""

    base: str
    other: str
    overlaps: tuple[Overlap, ...]
    #: Of the first depth, over draws of images; None where the two are not of the same images.
    interval: OverlapInterval | None = None

    @property
    def spearman(self) -> float | None:
        """Over every class that has a score in both."""
        return self.overlaps[0].spearman if self.overlaps else None

    def values(self) -> dict[str, JSONValue]:
        """JSON-safe."""
        return {
            "base": self.base,
            "other": self.other,
            "overlaps": [overlap.to_dict() for overlap in self.overlaps],
            "interval": self.interval.to_dict() if self.interval else None,
        }


def ranked_lists() -> list[ClassList]:
    """Class lists that have a ranking, our own or a published one, by name."""
    published = set(ClassScoreTable.objects.values_list("class_list", flat=True))
    scored = RobustnessScore.objects.filter(saliency_map__image__image_set=OuterRef("pk"))
    with_scores = set(ImageSet.objects.filter(Exists(scored)).values_list("class_list", flat=True))
    return list(ClassList.objects.filter(pk__in=published | with_scores).order_by("name", "pk"))


def kept_rankings(class_list: ClassList) -> list[Ranking]:
    """`rankings`, or what it gave when nothing had come since: a page does not count them anew."""
    return kept("rankings", key=lambda: scores_stand(class_list), make=lambda: rankings(class_list))


def rankings(class_list: ClassList) -> list[Ranking]:
    """Our own by image set, model and method, then the published ones by name."""
    found = []
    for image_set in ImageSet.objects.filter(class_list=class_list).order_by("name"):
        found += [
            _of_own(scores, image_set=image_set.name, class_list=class_list)
            for scores in own_scores(image_set)
        ]
    tables = ClassScoreTable.objects.filter(class_list=class_list).select_related("class_list")
    return [*found, *(_of_table(table) for table in tables)]


def comparisons(base: Ranking, others: Sequence[Ranking]) -> Iterator[Comparison]:
    """Each other ranking against the base, over the classes with a score in both.

    At the paper's depths as far as they are less than half of the classes; else at a fifth of them,
    for nearly all of a few classes are always shared.
    """
    for other in others:
        if other.name != base.name:
            both = int(np.count_nonzero(~np.isnan(base.crs) & ~np.isnan(other.crs)))
            depths = [k for k in DEPTHS if 2 * k <= both] or [max(1, both // 5)] * bool(both)
            yield Comparison(
                base=base.name,
                other=other.name,
                overlaps=tuple(rank_overlap(base.crs, b=other.crs, k=k) for k in depths),
                interval=_interval(base, other, k=depths[0]) if depths else None,
            )


def _interval(base: Ranking, other: Ranking, *, k: int) -> OverlapInterval | None:
    """How far the overlap hangs on which images there were, where both have scores of the same."""
    one, two = base.own, other.own
    if one is None or two is None or base.image_set != other.image_set:
        return None
    images, first, second = np.intersect1d(one.image, two.image, return_indices=True)
    # Over fewer images than the overlap itself an interval would be one of something else.
    if not 0 < images.size == one.image.size == two.image.size <= MOST_RESAMPLED:
        return None
    return overlap_interval(
        one.rs[first],
        rs_b=two.rs[second],
        cls=one.label[first],
        n_classes=one.n_classes,
        k=k,
        rng=np.random.default_rng(0),
        draws=DRAWS,
    )


def _of_own(scores: OwnScores, *, image_set: str, class_list: ClassList) -> Ranking:
    return Ranking(
        name=f"{image_set}: {scores.name}",
        about=f"{scores.model.name}, {scores.method}, on {image_set}",
        class_list=class_list,
        crs=scores.classes.crs,
        accuracy={1: scores.accuracy(1), 5: scores.accuracy(5)},
        own=scores,
        image_set=image_set,
    )


def _of_table(table: ClassScoreTable) -> Ranking:
    crs, accuracy = (np.full(table.class_list.n_classes, np.nan) for _ in range(2))
    for index, score, share in table.scores:
        crs[index] = score
        accuracy[index] = np.nan if share is None else share
    about = ", ".join(filter(None, (table.vision_model, table.method, table.source)))
    return Ranking(
        name=table.name,
        about=f"published: {about}" if about else "published",
        class_list=table.class_list,
        crs=crs,
        accuracy={} if np.isnan(accuracy).all() else {table.accuracy_k or 0: accuracy},
    )
