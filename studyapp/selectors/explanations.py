"""Which images of a set are to be explained, and which of them still are."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, F, OuterRef, QuerySet

from studyapp.errors import InputError
from studyapp.explanation import ExplainRequest, parameters_hash
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


def wanted(request: ExplainRequest, *, images: Sequence[int] | None = None) -> QuerySet[Prediction]:
    """Predictions on the images that are meant, each with its `target`, the key of the class.

    `images` narrows them to these primary keys.
    """
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
    target = F("top1") if request.of == "predicted" else F("image__label")
    return rows.annotate(target=target).order_by("image")


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
