"""Images a model predicts right, each with that model's saliency map of the class beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from studyapp.explanation import told_apart
from studyapp.models import Condition, Prediction, SaliencyMap, Study
from studyapp.plurals import counted
from studyapp.selectors import populations
from studyapp.selectors.explanations import settings_of_rows
from studyapp.selectors.populations import (
    Asked,
    AtLaunch,
    Mapped,
    Picture,
    Population,
    PopulationSize,
)
from studyapp.vocabulary import ConditionKind

#: Images of each model where the selection does not say how many.
USUAL_SAMPLE = 100
#: Contents a query may name: databases take so many values and no more.
MOST_NAMED = 5_000


def right_maps(study: Study) -> QuerySet[SaliencyMap]:
    """Maps of the annotated class, on images of the study's set that their own model has right."""
    right = Prediction.objects.filter(
        vision_model=OuterRef("vision_model"),
        image=OuterRef("image"),
        top1=F("image__label"),
    )
    rows = SaliencyMap.objects.filter(
        Exists(right),
        vision_model__in=study.vision_models.all(),
        image__image_set=study.image_set_id,
        image__content_hash__isnull=False,
        label_class=F("image__label"),
        parameters_hash__startswith=study.selection.get("map", ""),
    )
    classes = study.selection.get("classes")
    return rows.filter(label_class__wnid__in=classes) if classes else rows


def chosen_maps(study: Study) -> list[SaliencyMap]:
    """So many of each model, drawn at random; those drawn at launch from launch on.

    An image has one draw from the seed, so that models are asked about the same ones where they
    have them right.
    """
    rows = right_maps(study).select_related("image", "vision_model", "label_class").order_by("pk")
    frozen: Mapping[str, Any] | None = study.protocol if study.frozen else None
    kept = (frozen or {}).get("population", {}).get("drawn", {}).get("mapped")
    if kept is not None:
        contents = {str(drawn[0]) for drawn in kept}
        if len(contents) <= MOST_NAMED:  # else all maps of the study are looked through
            rows = rows.filter(image__content_hash__in=contents)
        # Two models may have made the same map; protocols frozen by an earlier version name none.
        by_key: dict[tuple[str, ...], SaliencyMap] = {}
        for row in rows:
            for key in (_drawn_as(row), _drawn_as(row)[:2]):
                by_key.setdefault(key, row)
        return [by_key[key] for drawn in kept if (key := tuple(drawn)) in by_key]
    first: dict[tuple[str, str], SaliencyMap] = {}
    for row in rows:
        first.setdefault((row.vision_model.name, str(row.image.content_hash)), row)
    n = int(study.selection.get("sample", USUAL_SAMPLE))
    return [
        first[model, content]
        for model in sorted({model for model, _ in first})
        for content in sorted(
            (content for of, content in first if of == model),
            key=lambda content: hashlib.sha256(f"{study.seed}/mapped/{content}".encode()).digest(),
        )[:n]
    ]


def _drawn_as(row: SaliencyMap) -> tuple[str, str, str]:
    return str(row.image.content_hash), row.file, row.vision_model.name


def mapped_picture(row: SaliencyMap) -> Picture:
    """The square the model saw and its map, asked about with the annotated class."""
    return Picture(
        row.image, (Asked(label_class=row.label_class_id),), Mapped(row.input_file, row.file)
    )


def _pictures(study: Study, _condition: Condition) -> Iterator[list[Picture]]:
    rows = chosen_maps(study)
    for start in range(0, len(rows), populations.BATCH):
        yield [mapped_picture(row) for row in rows[start : start + populations.BATCH]]


def _size(study: Study) -> PopulationSize:
    rows = chosen_maps(study)
    n_images = len({row.image.content_hash for row in rows})
    n = len({(row.image.content_hash, row.input_file, row.file) for row in rows})
    return PopulationSize(
        images=n_images, showable=n_images, pairs=n * study.conditions.count(), of_one=n
    )


def _in_words(study: Study) -> str:
    n = int(study.selection.get("sample", USUAL_SAMPLE))
    methods = sorted(set(right_maps(study).order_by().values_list("method", flat=True)))
    return (
        f"Raters were shown at most {counted(n, 'image')} for each model of this study, drawn at "
        f"random among those of the image set {study.image_set.name} that it predicts right and "
        f"that have a saliency map ({', '.join(methods) or 'none'}) of the class: the square the "
        "model saw, and the same square in grey under the map."
    )


def _problems(study: Study) -> Iterator[str]:
    settings = settings_of_rows(right_maps(study))
    if not settings:
        yield (
            "no model of the study has a saliency map of the annotated class on an image it has "
            "right: run `manage.py explain --kind saliency --of label --among right`"
        )
    if len(settings) > 1:
        yield (
            "there are maps with several settings: put the beginning of one into the selection as "
            f"map: {told_apart(settings)}"
        )
    yield from populations.unknown_classes(study)
    odd = study.conditions.exclude(kind=ConditionKind.WHOLE_IMAGE).values_list("name", flat=True)
    if odd:
        yield f"condition {', '.join(odd)} does not show the whole image: choose that kind for it"


def _drawn(study: Study) -> AtLaunch:
    return {"mapped": [list(_drawn_as(row)) for row in chosen_maps(study)]}


RIGHT_WITH_MAP = Population(
    size=_size, pictures=_pictures, in_words=_in_words, problems=_problems, drawn=_drawn
)
