"""Which images of a set are to be explained, and which of them still are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest, parameters_hash, told_apart
from studyapp.models import (
    AdversarialImage,
    Artefact,
    AttentionImage,
    Prediction,
    SaliencyMap,
    VisionModel,
)
from studyapp.vocabulary import ExplanationKind

TABLES: dict[ExplanationKind, type[Artefact]] = {
    ExplanationKind.ATTENTION: AttentionImage,
    ExplanationKind.ADVERSARIAL: AdversarialImage,
    ExplanationKind.SALIENCY: SaliencyMap,
}


def model_named(name: str) -> VisionModel:
    """The model, or an error that names those there are."""
    model = VisionModel.objects.select_related("class_list").filter(name=name).first()
    if model is None:
        known = ", ".join(VisionModel.objects.order_by("name").values_list("name", flat=True)[:20])
        raise InputError(
            "there is no model of this name",
            item=f"model {name!r}",
            remedy=f"Run predict with it first. There are: {known or 'none yet'}",
        )
    return model


def network_named(name: str) -> VisionModel:
    """The model, or an error where there is none, or none whose network can be asked again."""
    model = model_named(name)
    refuse_imported(model)
    return model


def refuse_imported(model: VisionModel) -> None:
    """Raise InputError for a model of which only its predictions are known."""
    if model.source == "imported":
        raise InputError(
            "its predictions were made elsewhere, so there is no network to ask",
            item=f"model {model.name!r}",
            remedy="Run predict with the network itself, under another name",
        )


def wanted(request: ExplainRequest, *, images: Sequence[int] | None = None) -> QuerySet[Prediction]:
    """Predictions on the images that are meant, each with its `target`, the key of the class.

    `index` is the place of that class and `shown_file` the picture that is explained. `images`
    narrows them to these primary keys.
    """
    if request.among == "attacked":
        return _attacked(request, images=images)
    rows = Prediction.objects.filter(
        vision_model__name=request.model,
        image__image_set__name=request.image_set,
        image__file__isnull=False,
    )
    if request.among != "all" or request.of == "label":
        rows = rows.filter(image__label__isnull=False)
    if request.among == "mistakes":
        rows = rows.exclude(top1=F("image__label"))
    elif request.among == "right":
        rows = rows.filter(top1=F("image__label"))
    if images is not None:
        rows = rows.filter(image__in=images)
    if request.classes:
        rows = rows.filter(image__label__index__in=request.classes)
    of = "top1" if request.of == "predicted" else "image__label"
    return rows.annotate(
        target=F(of), index=F(f"{of}__index"), shown_file=F("image__file")
    ).order_by("image")


def _attacked(
    request: ExplainRequest, *, images: Sequence[int] | None = None
) -> QuerySet[Prediction]:
    """Predictions whose image the attack flipped, with the class it led to and its picture."""
    flips = AdversarialImage.objects.filter(
        vision_model=OuterRef("vision_model"),
        image=OuterRef("image"),
        parameters_hash=getattr(request.settings, "of_attack", ""),
        flip_file__isnull=False,
        flip_survives=True,
    )
    rows = Prediction.objects.filter(
        Exists(flips),
        vision_model__name=request.model,
        image__image_set__name=request.image_set,
    )
    if images is not None:
        rows = rows.filter(image__in=images)
    if request.classes:
        rows = rows.filter(image__label__index__in=request.classes)
    return rows.annotate(
        target=Subquery(flips.values("flip_class")[:1]),
        index=Subquery(flips.values("flip_class__index")[:1]),
        shown_file=Subquery(flips.values("flip_file")[:1]),
    ).order_by("image")


def attack_named(given: str | None, *, image_set: str, model: str) -> str:
    """The hash of the attack that is meant: the one given by its beginning, or the only one."""
    rows = AdversarialImage.objects.filter(
        vision_model__name=model, image__image_set__name=image_set
    )
    known = dict(settings_of_rows(rows))
    fitting = [text for text in known if text.startswith(given or "")]
    if len(fitting) == 1:
        return fitting[0]
    if not known:
        raise InputError(
            "the model was not attacked on this set",
            item=f"model {model}",
            remedy="Run explain --kind adversarial first",
        )
    raise InputError(
        f"{len(fitting)} attacks fit",
        item=f"--attack {given or ''}".rstrip(),
        remedy=f"Name one by the beginning of its hash: {told_apart(known.items())}",
    )


def settings_of_rows(rows: QuerySet[Any]) -> list[tuple[str, dict[str, object]]]:
    """Hash and parameters of each of the settings that artefacts were made with."""
    return list(rows.order_by().values_list("parameters_hash", "parameters").distinct())


def saliency_maps(request: ExplainRequest) -> QuerySet[SaliencyMap]:
    """The maps of a model, a set and settings. Raises InputError where there are none."""
    maps = SaliencyMap.objects.filter(
        vision_model__name=request.model,
        image__image_set__name=request.image_set,
        parameters_hash=parameters_hash(request.settings),
    )
    if not maps.exists():
        raise InputError(
            f"model {request.model} has no {request.settings.method} maps with these settings",
            item=f"set {request.image_set!r}",
            remedy="Run explain --kind saliency first, with the same settings",
        )
    return maps


def missing(
    request: ExplainRequest, *, images: Sequence[int] | None = None
) -> QuerySet[Prediction]:
    """Those of the wanted that have no artefact with these settings yet."""
    done = TABLES[request.settings.kind]._default_manager.filter(
        vision_model=OuterRef("vision_model"),
        image=OuterRef("image"),
        label_class=OuterRef("target"),
        parameters_hash=parameters_hash(request.settings),
    )
    return wanted(request, images=images).exclude(Exists(done))
