"""Is the class still seen when its object is covered with noise? (Szyc et al. 2021, Fig. 1 d)"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from studyapp.analytics import Interval, proportion_ci
from studyapp.models import ProbeResult, VisionModel
from studyapp.reports.probe_settings import of_one_setting
from studyapp.vocabulary import ProbeKind

#: Flags of probes of which nothing can be said: nothing was covered, or everything.
UNUSABLE = frozenset({"nothing_covered", "all_covered"})


@dataclass(frozen=True)
class NoiseOfClass:
    """Images of one class that the model has right before.

    still: those among them whose class is first all the same, the object covered. share = still /
    n_right. before, after: mean probability of the class over them. n_unusable: images with nothing
    to cover, or nothing left; they count nowhere else.
    """

    class_index: int
    n_images: int
    n_unusable: int
    n_right: int
    n_still: int
    share: float | None
    ci: Interval | None
    before: float | None
    after: float | None


def covered_objects(model: VisionModel, *, image_set: str) -> QuerySet[ProbeResult]:
    """The first draw of every image whose boxes were covered, and not all but them; under one
    setting. Those with nothing to cover or nothing left are among them, by their flags."""
    # A setting that is not there keeps its default, and is no null that could be compared.
    inside = Q(parameters__where__isnull=True) | ~Q(parameters__where="outside")
    return of_one_setting(
        ProbeResult.objects.filter(
            inside,
            vision_model=model,
            kind=ProbeKind.REGION_NOISE,
            image__image_set__name=image_set,
            part=0,
        )
    )


def region_noise(model: VisionModel, *, image_set: str) -> dict[int, NoiseOfClass]:
    """By index of the class, from the first draw of every image probed inside its boxes, under the
    settings that most were probed with."""
    rows = covered_objects(model, image_set=image_set).filter(image__label__isnull=False)
    by_class: dict[int, list[_Answer]] = {}
    columns = rows.order_by("pk").values_list(
        "image__label__index", "label_class__index", "after", "probability_before",
        "probability_after", "flags",
    )  # fmt: skip
    for label, followed, after, *probabilities, flags in columns.iterator(chunk_size=5_000):
        answer = _Answer(
            label=label,
            usable=not UNUSABLE & set(flags),
            # The class that is followed is the first one before.
            right=followed == label,
            still=after["classes"][0] == label,
            before=float(probabilities[0] or 0),
            after=float(probabilities[1] or 0),
        )
        by_class.setdefault(answer.label, []).append(answer)
    return {label: _of_class(label, found) for label, found in sorted(by_class.items())}


@dataclass(frozen=True)
class _Answer:
    label: int
    usable: bool
    right: bool
    still: bool
    before: float
    after: float


def _of_class(label: int, found: list[_Answer]) -> NoiseOfClass:
    right = [answer for answer in found if answer.usable and answer.right]
    n, still = len(right), sum(answer.still for answer in right)
    return NoiseOfClass(
        class_index=label,
        n_images=len(found),
        n_unusable=sum(not answer.usable for answer in found),
        n_right=n,
        n_still=still,
        share=still / n if n else None,
        ci=proportion_ci(still, n=n) if n else None,
        before=_mean([answer.before for answer in right]),
        after=_mean([answer.after for answer in right]),
    )


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
