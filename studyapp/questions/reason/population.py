"""Mistakes of models, each image with its label and what was said instead.

With `sample` in the selection, so many of each model: an image has one draw from the seed, so that
models that share mistakes are asked about the same ones. With `classes`, of images labelled so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from studyapp.asking import Subject
from studyapp.models import Condition, Image, Prediction, Study
from studyapp.plurals import counted
from studyapp.questions.reason import USUAL_REASONS
from studyapp.selectors import populations
from studyapp.selectors.population import mistakes
from studyapp.selectors.populations import Asked, AtLaunch, Picture, Population, PopulationSize
from studyapp.vocabulary import ConditionKind


@dataclass(frozen=True)
class Mistake:
    """An image by its content, the indices of its label and of what was said, and by whom."""

    content: str
    image: int
    label: int
    said: int
    model: str


def reasons_of(study: Study) -> list[str]:
    """The codebook: the study's own, or the usual one."""
    return [str(name).strip() for name in study.selection.get("reasons", USUAL_REASONS)]


def reason_subject(study: Study, *, label: int, said: int) -> Subject:
    """`classes`: the label, then what was said; `names`: the codebook."""
    return {
        "class_list": study.image_set.class_list.content_hash,
        "classes": [label, said],
        "names": reasons_of(study),
    }


def chosen_mistakes(study: Study) -> list[Mistake]:
    """Every mistake, or those drawn of each model; those drawn at launch from launch on."""
    rows = _of_classes(study).filter(image__content_hash__isnull=False)
    columns = rows.order_by("image").values_list(
        "image__content_hash", "image_id", "image__label__index", "top1__index",
        "vision_model__name",
    )  # fmt: skip
    first: dict[tuple[str, int, int, str], Mistake] = {}
    for content, image, label, said, model in columns.iterator(chunk_size=5_000):
        key = (str(content), label, said, model)
        first.setdefault(key, Mistake(key[0], image, label, said, model))
    found = sorted(first.values(), key=lambda mistake: (mistake.content, mistake.model))
    if "sample" not in study.selection:
        return found
    frozen: Mapping[str, Any] | None = study.protocol if study.frozen else None
    kept = (frozen or {}).get("population", {}).get("drawn", {}).get("mistakes")
    if kept is not None:
        # One content may lie in a set under two labels; earlier protocols do not say which.
        by_key: dict[tuple[object, ...], Mistake] = {}
        for mistake in found:
            drawn = _drawn_as(mistake)
            by_key.setdefault(drawn, mistake)
            by_key.setdefault(drawn[:3], mistake)
        return [by_key[place] for row in kept if (place := tuple(row)) in by_key]
    return _sample(study, found, n=int(study.selection["sample"]))


def _of_classes(study: Study) -> QuerySet[Prediction]:
    classes = study.selection.get("classes")
    rows = mistakes(study)
    return rows.filter(image__label__wnid__in=classes) if classes else rows


def _drawn_as(mistake: Mistake) -> tuple[str, int, str, int]:
    return mistake.content, mistake.said, mistake.model, mistake.label


def _sample(study: Study, found: list[Mistake], *, n: int) -> list[Mistake]:
    def order(mistake: Mistake) -> bytes:
        return hashlib.sha256(f"{study.seed}/reason/{mistake.content}".encode()).digest()

    models = sorted({mistake.model for mistake in found})
    return [
        mistake
        for model in models
        for mistake in sorted((m for m in found if m.model == model), key=order)[:n]
    ]


def _by_content(study: Study) -> dict[str, dict[tuple[int, int], int]]:
    """The image by content, and in it by what is told of it."""
    by_content: dict[str, dict[tuple[int, int], int]] = {}
    for mistake in chosen_mistakes(study):
        told = by_content.setdefault(mistake.content, {})
        told.setdefault((mistake.label, mistake.said), mistake.image)
    return dict(sorted(by_content.items()))


def _pictures(study: Study, _condition: Condition) -> Iterator[list[Picture]]:
    rows = list(_by_content(study).values())
    for start in range(0, len(rows), populations.BATCH):
        part = rows[start : start + populations.BATCH]
        images = Image.objects.in_bulk([next(iter(told.values())) for told in part])
        yield [
            Picture(
                images[next(iter(told.values()))],
                tuple(
                    Asked(subject=reason_subject(study, label=label, said=said))
                    for label, said in told
                ),
            )
            for told in part
        ]


def _size(study: Study) -> PopulationSize:
    found = _by_content(study)
    n_asked = sum(map(len, found.values()))
    by_id = _of_classes(study).filter(image__content_hash__isnull=True)
    n_by_id = 0 if "sample" in study.selection else by_id.values("image").distinct().count()
    return PopulationSize(
        images=len(found) + n_by_id,
        showable=len(found),
        pairs=n_asked * study.conditions.count(),
        of_one=n_asked,
    )


def _in_words(study: Study) -> str:
    where = f"of the image set {study.image_set.name}"
    if classes := study.selection.get("classes"):
        where = f"of {counted(len(classes), 'class', 'classes')} {where}"
    told = "They were told both classes, and not which model it was."
    if sample := study.selection.get("sample"):
        return (
            f"Raters were shown {counted(int(sample), 'mistake')} of each model of this study, "
            f"drawn at random among its images {where} whose annotated class differs from its "
            f"first prediction. {told}"
        )
    return (
        f"Raters were shown every image {where} whose annotated class differs from the first "
        f"prediction of a model of this study. {told}"
    )


def _problems(study: Study) -> Iterator[str]:
    if len(reasons_of(study)) < 2:
        yield "a codebook needs two reasons or more: put them into the selection as reasons: [...]"
    yield from populations.unknown_classes(study)
    odd = study.conditions.exclude(kind=ConditionKind.WHOLE_IMAGE).values_list("name", flat=True)
    if odd:
        yield f"condition {', '.join(odd)} does not show the whole image: choose that kind for it"


def _drawn(study: Study) -> AtLaunch:
    if "sample" not in study.selection:
        return {}
    return {"mistakes": [list(_drawn_as(mistake)) for mistake in chosen_mistakes(study)]}


CODED_MISTAKES = Population(
    size=_size, pictures=_pictures, in_words=_in_words, problems=_problems, drawn=_drawn
)
