"""What probes found on a set: each kind with its figures and the pictures behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Count, QuerySet

from studyapp.analytics import proportion_ci
from studyapp.models import ImageSet, LabelClass, ProbeResult, VisionModel
from studyapp.plurals import counted
from studyapp.reports.insertion import Insertion, insertions, object_name
from studyapp.reports.outside_pictures import outside_pictures
from studyapp.reports.parts import PartExport, PartPicture, PartStrip, PartTable
from studyapp.reports.probe_changes import covered_sheet, first_class, pairs_sheet
from studyapp.reports.probe_settings import settings_words
from studyapp.reports.sentences import interval, percent
from studyapp.reports.sheets import Sheet, answer_words
from studyapp.reports.tiles import TILE_COLUMNS, tiled
from studyapp.vocabulary import ProbeKind

#: Images on the page.
MOST_SHOWN = 12
_INSERTION_COLUMNS = """
    object string First letters of the SHA-256 of the pasted picture's file
    settings string Those that were given, or usual; each combination is counted by itself
    n_images integer Images probed
    n_sure integer Those the model was sure enough of; the object was pasted into no other
    n_flipped integer Those of them whose first class is another one with the object in (first draw)
    flipped_share share n_flipped / n_sure
    ci_low share Lower end of its interval (Wilson, 95 %)
    ci_high share Upper end of it
    n_right_before integer Labelled ones of n_sure whose first class is the label before
    n_right_after integer And after
    n_labelled integer Labelled ones of n_sure
    p number Of McNemar's test of right before against right after
    mean_change number Mean change of the probability of the class that was first before
    change_low number Lower end of its interval (bootstrap of images, percentile, 95 %)
    change_high number Upper end of it
"""
_PROBED_COLUMNS = """
    image_id string The image
    part integer Number among the questions of the image under these settings
    object string Of an insertion: first letters of the SHA-256 of the pasted picture's file
    settings string Those that were given, or usual
    label string Its annotated class; null without
    before string The model's first class before
    before_probability share Its probability
    after string The first class then
    after_probability share Its probability
    followed_after share Probability then of the class that was first before
    flags string What did not go as asked, separated by ;
"""


@dataclass(frozen=True)
class Probed:
    """Answers of one kind there are, by a model on a set."""

    image_set: ImageSet
    model: VisionModel
    kind: ProbeKind
    n_answers: int


def probed_sets() -> list[Probed]:
    """Every set, model and kind with an answer, by name."""
    rows = (
        ProbeResult.objects.order_by("image__image_set__name", "vision_model__name", "kind")
        .values_list("image__image_set", "vision_model", "kind")
        .annotate(n=Count("pk"))
    )
    found = list(rows)
    sets = ImageSet.objects.in_bulk({row[0] for row in found})
    models = VisionModel.objects.in_bulk({row[1] for row in found})
    return [Probed(sets[s], models[m], ProbeKind(kind), n) for s, m, kind, n in found]


def probe_sheet(
    image_set: ImageSet, *, model: VisionModel, kind: ProbeKind, with_answers: bool = False
) -> Sheet:
    """The figures and pictures of one kind of probe; the file of every answer has its rows only
    where they are asked for, for there may be one for each image of a large set."""
    rows = ProbeResult.objects.filter(
        vision_model=model, image__image_set=image_set, kind=kind
    ).select_related("image__label", "other")
    classes = LabelClass.objects.filter(class_list=model.class_list_id)
    names = dict(classes.values_list("index", "prompt_name"))
    sheet = _MAKERS[kind](rows, image_set, model, names)
    return Sheet(
        headline=sheet.headline,
        tables=sheet.tables,
        strips=sheet.strips,
        exports=(*sheet.exports, _answers(rows if with_answers else rows.none(), names)),
    )


def _insertion(
    rows: QuerySet[ProbeResult],
    image_set: ImageSet,
    model: VisionModel,
    names: Mapping[int, str],
) -> Sheet:
    found = insertions(rows)
    first = found[-1]
    return Sheet(
        headline=(
            f"{model.name} on {image_set.name}: an object pasted into "
            f"{counted(first.n_sure, 'image')} it is sure of changes the first class of "
            f"{percent(first.flipped_share)} % "
            f"{interval(first.ci.low, first.ci.high) if first.ci else ''}."
        ),
        tables=(_insertion_table(found),),
        strips=tuple(_insertion_strips(rows, found, names)),
        exports=(
            PartExport(
                name="insertions",
                title="Objects pasted in, and what they change",
                columns=_INSERTION_COLUMNS,
                rows=tuple(each.cells() for each in found),
                key=("object", "settings"),
                printed=(
                    "object",
                    "settings",
                    "n_sure",
                    "n_flipped",
                    "flipped_share",
                    "mean_change",
                ),
            ),
        ),
    )


def _insertion_table(found: Sequence[Insertion]) -> PartTable:
    return PartTable(
        title="Before and after",
        header=(
            "Object", "Settings", "Images", "Sure", "Flipped", "Share", "95 % interval",
            "Right before", "Right after", "p", "Mean change of probability",
        ),
        rows=tuple(
            (
                each.object,
                each.settings,
                f"{each.n_images:,}",
                f"{each.n_sure:,}",
                f"{each.n_flipped:,}",
                f"{percent(each.flipped_share)} %",
                f"{interval(each.ci.low, each.ci.high)} %" if each.ci else "–",
                f"{each.n_right_before:,} of {each.n_labelled:,}",
                f"{each.n_right_after:,}",
                "–" if each.p is None else "< 1e-300" if each.p < 1e-300 else f"{each.p:.4g}",
                each.change_words(),
            )
            for each in found
        ),
        note=(
            "Sure: the first class has at least the probability that was asked for; nothing is "
            "pasted into the others. Flipped: another class is first with the object in (the first "
            "draw of each image). Right: against the annotated class; McNemar’s test. The change "
            "is that of the class that was first before, with a bootstrap interval over images."
        ),
    )  # fmt: skip


def _insertion_strips(
    rows: QuerySet[ProbeResult], found: Sequence[Insertion], names: Mapping[int, str]
) -> Iterator[PartStrip]:
    for each in found:
        of_object = rows.filter(parameters_hash=each.parameters_hash, part=0)
        columns = of_object.order_by("probability_after", "pk").values_list(
            "pk", "flags", "before", "after"
        )
        flips = (
            pk
            for pk, flags, before, after in columns.iterator(chunk_size=500)
            if before and not flags and first_class(before) != first_class(after)
        )
        chosen = list(islice(flips, MOST_SHOWN))
        found_rows = rows.in_bulk(chosen)
        flipped = [found_rows[pk] for pk in chosen]
        if flipped:
            yield PartStrip(
                title=f"Flipped by object {each.object} ({each.settings})",
                pictures=tuple(
                    PartPicture(
                        "proberesult",
                        row.pk,
                        "probed",
                        f"{row.image.image_id}: {answer_words(row.before, names)} → "
                        f"{answer_words(row.after, names)}",
                    )
                    for row in flipped
                ),
                note="Those first that lose most of the probability they had.",
            )


def _tiles(
    rows: QuerySet[ProbeResult],
    image_set: ImageSet,
    model: VisionModel,
    names: Mapping[int, str],
) -> Sheet:
    found = tiled(rows)
    return Sheet(
        headline=(
            f"{model.name} on {image_set.name}: of {counted(found.n_images, 'image')} broken into "
            f"{found.n_tiles_each} tiles, {found.n_none:,} have no tile that is named as the whole "
            f"is ({percent(found.none_share)} % {_wilson(found.n_none, found.n_images)})."
        ),
        tables=(
            PartTable(
                title="Tiles named as the whole image is",
                header=("Tiles so named", "Images", "Share", "95 % interval"),
                rows=tuple(
                    (
                        str(n),
                        f"{count:,}",
                        f"{percent(count / max(1, found.n_images))} %",
                        f"{_wilson(count, found.n_images)} %",
                    )
                    for n, count in enumerate(found.by_tiles)
                ),
                note=(
                    "Each tile is enlarged to the model’s input and predicted by itself. An image "
                    "none of whose tiles is named as the whole hangs on what only the whole shows."
                ),
            ),
        ),
        strips=tuple(_tile_strips(rows, names)),
        exports=(
            PartExport(
                name="tiles",
                title="Images by how many tiles are named as the whole is",
                columns=TILE_COLUMNS,
                rows=tuple((n, count) for n, count in enumerate(found.by_tiles)),
                key=("n_tiles",),
                printed=("n_tiles", "n_images"),
            ),
        ),
    )


def _wilson(k: int, n: int) -> str:
    if not n:
        return "–"
    ci = proportion_ci(k, n=n)
    return interval(ci.low, ci.high)


def _tile_strips(rows: QuerySet[ProbeResult], names: Mapping[int, str]) -> Iterator[PartStrip]:
    firsts = rows.filter(part=0).order_by("-pk")[: MOST_SHOWN // 2]
    for first in firsts:
        tiles = rows.filter(image=first.image_id, parameters_hash=first.parameters_hash).order_by(
            "part"
        )
        yield PartStrip(
            title=f"{first.image.image_id}: {answer_words(first.before, names)}",
            pictures=(
                PartPicture("proberesult", first.pk, "whole", "The whole image"),
                *(
                    PartPicture(
                        "proberesult",
                        tile.pk,
                        "probed",
                        f"{tile.part + 1}: {answer_words(tile.after, names)}",
                    )
                    for tile in tiles
                ),
            ),
        )


def _captions(
    rows: QuerySet[ProbeResult],
    image_set: ImageSet,
    model: VisionModel,
    _names: Mapping[int, str],
) -> Sheet:
    return Sheet(
        headline=f"What {model.name} says of {counted(rows.count(), 'picture')} of "
        f"{image_set.name}.",
        tables=(),
        strips=tuple(outside_pictures(model, image_set=image_set)),
    )


_MAKERS: Mapping[
    ProbeKind,
    Callable[[QuerySet[ProbeResult], ImageSet, VisionModel, Mapping[int, str]], Sheet],
] = {
    ProbeKind.INSERTION: _insertion,
    ProbeKind.TILES: _tiles,
    ProbeKind.REGION_NOISE: covered_sheet,
    ProbeKind.PAIRS: pairs_sheet,
    ProbeKind.CAPTIONS: _captions,
}


def _answers(rows: QuerySet[ProbeResult], names: Mapping[int, str]) -> PartExport:
    """Every answer, as a file."""
    return PartExport(
        name="answers",
        title="Every answer",
        columns=_PROBED_COLUMNS,
        rows=tuple(
            (
                row.image.image_id,
                row.part,
                object_name(row.parameters) or None,
                settings_words(row.parameters),
                row.image.label.name if row.image.label else None,
                names.get(first_class(row.before)) if row.before else None,
                row.before["probabilities"][0] if row.before else None,
                names.get(first_class(row.after)),
                row.after["probabilities"][0],
                row.probability_after if row.before else None,
                ";".join(row.flags) or None,
            )
            for row in rows.order_by("pk").iterator(chunk_size=2_000)
        ),
        key=(),
    )
