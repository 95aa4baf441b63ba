"""Images that a model predicted right until an attack flipped them (Table 2 of the paper).

Condition `adversarial` shows the whole adversarial image, `attention` the strongest superpixels of
that very image; both ask about the class the attack led to. An image of too few superpixels has no
attention image, and is not asked about in that condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from studyapp.explanation import told_apart
from studyapp.models import AdversarialImage, AttentionImage, Condition, Study
from studyapp.selectors import populations
from studyapp.selectors.explanations import settings_of_rows
from studyapp.selectors.populations import Asked, AtLaunch, Made, Picture, PopulationSize
from studyapp.vocabulary import ConditionKind

KINDS = frozenset({ConditionKind.ADVERSARIAL, ConditionKind.ATTENTION})


def attacks(study: Study) -> QuerySet[AdversarialImage]:
    """The attacks the study is about: of its models, on its classes, with its settings."""
    rows = AdversarialImage.objects.filter(
        vision_model__in=study.vision_models.all(), image__image_set=study.image_set_id
    )
    if classes := study.selection.get("classes"):
        rows = rows.filter(image__label__wnid__in=classes)
    return rows.filter(
        parameters_hash__startswith=_at_launch(study) or study.selection.get("attack", "")
    )


def drawn_attack(study: Study) -> AtLaunch:
    """The settings of the attack, which stay those: a later attack with others is another study's,
    though the selection names none or the beginning of both."""
    if settings := _at_launch(study):
        return {"attack": settings}
    known = {settings for settings, _ in settings_of_rows(attacks(study))}
    return {"attack": known.pop()} if len(known) == 1 else {}


def _at_launch(study: Study) -> str:
    """What was drawn; empty before launch, and in protocols frozen by an earlier version."""
    frozen: Mapping[str, Any] | None = study.protocol if study.frozen else None
    return str((frozen or {}).get("population", {}).get("drawn", {}).get("attack", ""))


def flips(study: Study) -> QuerySet[AdversarialImage]:
    """Those that led away from the label, also when the picture is stored in 8 bits."""
    return attacks(study).filter(admitted=True, flip_file__isnull=False, flip_survives=True)


def attention_of(study: Study) -> dict[tuple[int, int, str], AttentionImage]:
    """Attention images of adversarial ones, by model, image and settings of the attack."""
    rows = AttentionImage.objects.filter(
        vision_model__in=study.vision_models.all(),
        image__image_set=study.image_set_id,
        parameters__has_key="of_attack",
    ).order_by("-pk")
    return {
        (row.vision_model_id, row.image_id, str(row.parameters["of_attack"])): row for row in rows
    }


def size(study: Study) -> PopulationSize:
    rows = flips(study)
    n_images, n_flips = rows.values("image").distinct().count(), rows.count()
    kinds = list(study.conditions.filter(kind__in=KINDS).values_list("kind", flat=True))
    n_explained = _n_explained(study) if ConditionKind.ATTENTION in kinds else 0
    of_each = [n_explained if kind == ConditionKind.ATTENTION else n_flips for kind in kinds]
    return PopulationSize(
        images=n_images, showable=n_images, pairs=sum(of_each), of_one=max(of_each, default=0)
    )


def _n_explained(study: Study) -> int:
    """Flips whose picture has an attention image; a picture of few superpixels has none."""
    explained = attention_of(study)
    rows = flips(study).values_list("vision_model_id", "image_id", "parameters_hash")
    return sum(row in explained for row in rows)


def shown(study: Study, condition: Condition) -> Iterator[tuple[AdversarialImage, Picture]]:
    """Each flip with its picture in the condition, in the order they were made."""
    rows = flips(study).select_related("image", "vision_model").order_by("pk")
    explained = attention_of(study) if condition.kind == ConditionKind.ATTENTION else {}
    for row in rows.iterator(chunk_size=populations.BATCH):
        made = _adversarial(row)
        if condition.kind == ConditionKind.ATTENTION:
            attention = explained.get((row.vision_model_id, row.image_id, row.parameters_hash))
            if attention is None:
                continue
            made = _attention(attention)
        yield row, Picture(row.image, (Asked(label_class=row.flip_class_id),), made)


def pictures(study: Study, condition: Condition) -> Iterator[list[Picture]]:
    found = (picture for _, picture in shown(study, condition))
    while batch := list(islice(found, populations.BATCH)):
        yield batch


def in_words(study: Study) -> str:
    classes = study.selection.get("classes")
    of = f" of {len(classes)} classes" if classes else ""
    return (
        f"Raters were asked about every image of the image set {study.image_set.name}{of} that a "
        "model of this study predicted right until an attack of a few steps led it to another "
        "class, and about that class."
    )


def problems(study: Study) -> Iterator[str]:
    settings = settings_of_rows(attacks(study))
    unknown = list(populations.unknown_classes(study))
    if not settings:
        narrowed = [key for key in ("attack", "classes") if key in study.selection]
        so = f" (with {' and '.join(narrowed)} of the selection)" if narrowed else ""
        run = "run `manage.py explain --kind adversarial`"
        yield from unknown or [f"no model of the study was attacked on its images{so}: {run}"]
        return
    if len(settings) > 1:
        yield (
            "the images were attacked with several settings: put the beginning of one into the "
            f"selection as attack: {told_apart(settings)}"
        )
    odd = study.conditions.exclude(kind__in=KINDS).values_list("name", flat=True)
    if odd:
        yield f"condition {', '.join(odd)} shows no adversarial image: choose another kind for it"
    wants = study.conditions.filter(kind=ConditionKind.ATTENTION).exists()
    if wants and not _n_explained(study):
        yield (
            "no adversarial image has an attention image: run "
            "`manage.py explain --kind attention --among attacked`"
        )
    yield from unknown


def _adversarial(row: AdversarialImage) -> Made:
    return Made(
        file=row.flip_file or "",
        method="adversarial",
        parameters_hash=row.parameters_hash,
        weights_hash=row.vision_model.weights_hash,
    )


def _attention(row: AttentionImage) -> Made:
    return Made(
        file=row.file,
        method="attention",
        parameters_hash=row.parameters_hash,
        weights_hash=row.vision_model.weights_hash,
    )
