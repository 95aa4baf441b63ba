"""Two pictures and what is said of each: objects covered with noise, and pairs of like images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from django.db.models import QuerySet

from studyapp.analytics import proportion_ci
from studyapp.models import ImageSet, ProbeResult, VisionModel
from studyapp.plurals import counted
from studyapp.reports.parts import PartPicture, PartStrip, PartTable
from studyapp.reports.probe_settings import settings_words
from studyapp.reports.region_noise import UNUSABLE
from studyapp.reports.sentences import interval, percent
from studyapp.reports.sheets import Sheet, answer_words

#: Images on the page.
MOST_SHOWN = 12


def first_class(answer: Mapping[str, Sequence[float]]) -> int:
    """Index of the class a model's answer names first."""
    return int(answer["classes"][0])


def covered_sheet(
    rows: QuerySet[ProbeResult],
    image_set: ImageSet,
    model: VisionModel,
    names: Mapping[int, str],
) -> Sheet:
    """Region noise by its settings; the page of robustness counts it class by class."""
    by_settings: dict[str, list[bool | None]] = {}
    told = rows.filter(before__isnull=False).order_by("pk")
    columns = told.values_list("parameters", "flags", "before", "after")
    for parameters, flags, before, after in columns.iterator(chunk_size=5_000):
        changed = None
        if before is not None and not UNUSABLE & set(flags):
            changed = first_class(before) != first_class(after)
        by_settings.setdefault(settings_words(parameters), []).append(changed)
    usable = [changed for each in by_settings.values() for changed in each if changed is not None]
    shown = (row for row in told.iterator(chunk_size=500) if not UNUSABLE & set(row.flags))
    return Sheet(
        headline=(
            f"{model.name} on {image_set.name}, region noise: {sum(usable):,} of "
            f"{counted(len(usable), 'answer')} name another class than before."
        ),
        tables=(
            PartTable(
                title="Named otherwise than before",
                header=("Settings", "Images", "Unusable", "Changed", "Share", "95 % interval"),
                rows=tuple(_covered_row(words, each) for words, each in by_settings.items()),
                note=(
                    "Share: images whose first class is another one with the region covered / "
                    "usable images. Unusable: nothing to cover, or nothing left."
                ),
            ),
        ),
        strips=(
            PartStrip(
                title="Two by two: before, and then",
                pictures=tuple(_two_by_two(shown, names=names)),
            ),
        ),
    )


def _covered_row(words: str, told: Sequence[bool | None]) -> tuple[str, ...]:
    usable = [changed for changed in told if changed is not None]
    n, k = len(usable), sum(usable)
    ci = proportion_ci(k, n=n) if n else None
    return (
        words, f"{len(told):,}", f"{len(told) - n:,}", f"{k:,}",
        f"{percent(k / n)} %" if n else "–", f"{interval(ci.low, ci.high)} %" if ci else "–",
    )  # fmt: skip


def pairs_sheet(
    rows: QuerySet[ProbeResult],
    image_set: ImageSet,
    model: VisionModel,
    names: Mapping[int, str],
) -> Sheet:
    """Pairs of like images that are predicted differently, the nearest first."""
    nearest = rows.order_by("distance", "pk")[:MOST_SHOWN]
    return Sheet(
        headline=(
            f"{model.name} on {image_set.name}: {counted(rows.count(), 'pair')} of images that "
            "are alike to the model and predicted differently."
        ),
        tables=(),
        strips=(
            PartStrip(
                title="Two by two, the nearest first",
                pictures=tuple(_two_by_two(nearest, names=names)),
            ),
        ),
    )


def _two_by_two(rows: Iterable[ProbeResult], *, names: Mapping[int, str]) -> Iterator[PartPicture]:
    for row in islice(rows, MOST_SHOWN):
        other = row.other or row.image
        yield PartPicture(
            "proberesult", row.pk, "input",
            f"{row.image.image_id}: {answer_words(row.before, names)}",
        )  # fmt: skip
        yield PartPicture(
            "proberesult", row.pk, "probed", f"{other.image_id}: {answer_words(row.after, names)}"
        )
