"""The robustness of the classes of one ranking, and of the others beside it, written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from studyapp.models import LabelClass, RobustnessScore
from studyapp.plurals import counted
from studyapp.reports.class_rankings import THRESHOLDS, Comparison, Ranking, comparisons
from studyapp.reports.outside_pictures import outside_pictures
from studyapp.reports.parts import Cell, PartPicture, PartStrip, PartTable
from studyapp.reports.region_noise import (
    UNUSABLE,
    NoiseOfClass,
    covered_objects,
    region_noise,
)
from studyapp.reports.robustness_exports import ranked_rows, robustness_exports
from studyapp.reports.sentences import interval, percent
from studyapp.reports.sheets import Sheet, answer_words

#: Classes of the table on the page; the file has all. Images of the gallery.
MOST_RANKED, MOST_SHOWN = 30, 24


def robustness_sheet(base: Ranking, everything: Sequence[Ranking], *, shown: int | None) -> Sheet:
    """shown: index of the class whose images are shown; None for the lowest."""
    rows = LabelClass.objects.filter(class_list=base.class_list)
    names = dict(rows.values_list("index", "prompt_name"))
    found = list(comparisons(base, everything))
    noise = region_noise(base.own.model, image_set=base.image_set) if base.own else {}
    order = base.order()
    chosen = int(order[0]) if shown is None and order.size else shown
    return Sheet(
        headline=_headline(base, names),
        tables=tuple(_tables(base, everything, found, noise, names)),
        strips=(
            *(_lowest_images(base, chosen, names) if chosen is not None else ()),
            *(_noise_strip(base, chosen, names) if chosen is not None else ()),
            *(outside_pictures(base.own.model) if base.own else ()),
        ),
        exports=tuple(robustness_exports(base, everything, found, noise, names)),
    )


def _headline(base: Ranking, names: Mapping[int, str]) -> str:
    order = base.order()
    if not order.size:
        return f"{base.name}: no class has a score."
    lowest = ", ".join(
        f"{names.get(int(index), index)} {base.crs[index]:.3f}" for index in order[:3]
    )
    below = ", ".join(f"{base.n_below(limit)} below {limit:g}" for limit in THRESHOLDS)
    return (
        f"{base.about}: of {counted(base.n_ranked, 'class', 'classes')} the lowest scores are "
        f"{lowest}; {below}."
    )


def accuracy_name(k: int) -> str:
    """What an accuracy looks at, in words."""
    return {0: "Accuracy (k not stated)", 1: "Top-1", 5: "Top-5"}[k]


def _tables(
    base: Ranking,
    everything: Sequence[Ranking],
    found: Sequence[Comparison],
    noise: Mapping[int, NoiseOfClass],
    names: Mapping[int, str],
) -> Iterator[PartTable]:
    rows = list(ranked_rows(base, names))[:MOST_RANKED]
    yield PartTable(
        title="Classes with the lowest robustness score",
        header=(
            "Class", "Rank", "crs", "SE", "Images", "Undefined", "Box area",
            *(("Predicted",) if base.own else ()),
            *(accuracy_name(k) for k in sorted(base.accuracy)),
        ),
        rows=tuple(
            (
                str(name), f"{rank:,}", _three(crs), _three(se), _whole(n), _whole(undefined),
                _three(area),
                *((f"{base.own.n_predicted[int(str(index))]:,}",) if base.own else ()),
                *(_share(base.accuracy[k][int(str(index))]) for k in sorted(base.accuracy)),
            )
            for rank, index, name, crs, se, n, undefined, area, *_ in rows
        ),
        note=(
            "crs: mean over the images of the class of the share of the saliency map that lies in "
            "the boxes of the class. Box area is what a map that is the same everywhere would "
            "score: a low crs beside a small area says less. Classes that are recognised well all "
            "the same are those to look at: accuracies are over the images with a prediction, "
            "mapped or not."
        ),
    )  # fmt: skip
    yield PartTable(
        title="Every ranking",
        header=("Ranking", "Classes", "Mean crs", *(f"Below {limit:g}" for limit in THRESHOLDS)),
        rows=tuple(
            (
                each.name, f"{each.n_ranked:,}", _three(each.mean),
                *(f"{each.n_below(limit):,}" for limit in THRESHOLDS),
            )
            for each in everything
        ),
        note="The base is " + base.name + ".",
    )  # fmt: skip
    if found:
        yield PartTable(
            title="Do other models and methods find the same classes?",
            header=(
                "With the base", "Depth", "Classes", "Shared", "By chance", "Jaccard", "log10 p",
                "Spearman", "Kendall", "RBO", "Shared over draws",
            ),
            rows=tuple(
                (
                    each.other, f"{overlap.k:,}", f"{overlap.n_classes:,}", f"{overlap.size:,}",
                    f"{overlap.expected:.1f}", f"{overlap.jaccard:.2f}",
                    f"{overlap.log10_p:.1f}", _four(overlap.spearman), _four(overlap.kendall),
                    f"{overlap.rbo:.2f}", _drawn(each) if overlap is each.overlaps[0] else "–",
                )
                for each in found
                for overlap in each.overlaps
            ),
            note=(
                "Shared: classes among the lowest of both. log10 p: of Fisher’s exact one-sided "
                "test; it is nearly always tiny, so read how much is shared. Spearman and Kendall "
                "are over all classes with a score in both. Over draws: 95 % of 200 resamples of "
                "the images, for rankings of the same ones; a draw adds noise to both, so it lies "
                "low."
            ),
        )  # fmt: skip
    if noise:
        yield _noise_table(base, noise, names)


def _drawn(found: Comparison) -> str:
    drawn = found.interval
    return f"[{drawn.size_low:.0f}, {drawn.size_high:.0f}]" if drawn else "–"


def _noise_table(
    base: Ranking, noise: Mapping[int, NoiseOfClass], names: Mapping[int, str]
) -> PartTable:
    ranked = [int(index) for index in base.order() if int(index) in noise]
    shown = [noise[index] for index in ranked][:MOST_RANKED]
    return PartTable(
        title="The object covered with noise",
        header=(
            "Class", "crs", "Right before", "Still named", "Share", "95 % interval",
            "Probability before", "after",
        ),
        rows=tuple(
            (
                names.get(row.class_index, str(row.class_index)), _three(base.crs[row.class_index]),
                f"{row.n_right:,}", f"{row.n_still:,}", _share(row.share),
                f"{interval(row.ci.low, row.ci.high)} %" if row.ci else "–", _share(row.before),
                _share(row.after),
            )
            for row in shown
        ),
        note=(
            "Of the images the model has right, those whose class it still names first when every "
            "pixel of its boxes is noise. A high share with a low crs: the class is known by "
            "something else than the object."
        ),
    )  # fmt: skip


def _lowest_images(base: Ranking, shown: int, names: Mapping[int, str]) -> Iterator[PartStrip]:
    own = base.own
    if own is None:
        return
    places = np.flatnonzero((own.label == shown) & ~np.isnan(own.rs))
    if not places.size:
        return
    places = places[np.argsort(own.rs[places], kind="stable")][:MOST_SHOWN]
    rows = RobustnessScore.objects.select_related("saliency_map__image").in_bulk(
        own.score[places].tolist()
    )
    pictures = []
    for at in places:
        row = rows[int(own.score[at])]
        place = int(own.place[at])
        said = "right" if place == 0 else "not first"
        caption = f"{row.saliency_map.image.image_id}: rs {own.rs[at]:.3f}, {said}"
        pictures.append(PartPicture("saliencymap", row.saliency_map_id, "map", caption))
    yield PartStrip(
        title=f"{names.get(shown, str(shown))}: the images with the lowest scores",
        pictures=tuple(pictures),
        note=(
            "The map over the image, yellow where the evidence is strongest, and the boxes of the "
            "class. rs is the share of the map inside them; right: the class is predicted first."
        ),
    )


def _noise_strip(base: Ranking, shown: int, names: Mapping[int, str]) -> Iterator[PartStrip]:
    if base.own is None:
        return
    rows = (
        covered_objects(base.own.model, image_set=base.image_set)
        .filter(image__label__index=shown, label_class__index=shown)
        .select_related("image")
        .order_by("-probability_after", "pk")
    )
    # An image nothing was covered in keeps its probability: it would come first, and shows nothing.
    covered = (
        row for row in rows.iterator(chunk_size=2_000) if not UNUSABLE & frozenset(row.flags)
    )
    pictures = tuple(
        PartPicture(
            "proberesult",
            row.pk,
            "probed",
            f"{row.image.image_id}: {answer_words(row.before, names)}, covered "
            f"{answer_words(row.after, names)}",
        )
        for row in islice(covered, MOST_SHOWN // 2)
    )
    if pictures:
        yield PartStrip(
            title=f"{names.get(shown, str(shown))}: the object covered, and what is said then",
            pictures=pictures,
            note="Those first that still get the highest probability of the class.",
        )


def _three(value: Cell) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "–"


def _four(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _whole(value: Cell) -> str:
    return f"{value:,}" if isinstance(value, int) else "–"


def _share(value: float | None) -> str:
    return "–" if value is None or np.isnan(value) else f"{percent(value)} %"
