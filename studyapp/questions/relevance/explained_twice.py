"""What a model looks at in an image before an attack and after it, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F

from studyapp.models import AttentionImage, Study
from studyapp.plurals import counted
from studyapp.questions.relevance.flipped import flips
from studyapp.reports.parts import PartPicture, PartStrip
from studyapp.selectors.slices import WHOLE, Slice

#: Images on the page, and how many are looked through for them.
MOST_SHOWN, LOOKED_THROUGH = 4, 100


def explained_twice(study: Study, *, only: Slice = WHOLE) -> Iterator[PartStrip]:
    """The first flipped images that were explained both ways, each for its class of the moment."""
    attacked = flips(study)
    clean = (
        AttentionImage.objects.filter(
            only.made(),
            vision_model__in=study.vision_models.all(),
            image__in=attacked.values("image"),
            label_class=F("image__label"),
        )
        .exclude(parameters__has_key="of_attack")
        .select_related("image", "label_class", "vision_model")
        .order_by("image", "vision_model", "-pk")[:LOOKED_THROUGH]
    )
    first: dict[tuple[int, int], AttentionImage] = {}
    for row in clean:
        first.setdefault((row.vision_model_id, row.image_id), row)
    after = {
        (row.vision_model_id, row.image_id, str(row.parameters["of_attack"])): row
        for row in AttentionImage.objects.filter(
            image__in={image for _, image in first}, parameters__has_key="of_attack"
        )
        .select_related("label_class")
        .order_by("pk")
    }
    n_shown = 0
    for flip in attacked.filter(image__in={image for _, image in first}).order_by("pk"):
        before = first.get((flip.vision_model_id, flip.image_id))
        then = after.get((flip.vision_model_id, flip.image_id, flip.parameters_hash))
        if before is None or then is None or n_shown == MOST_SHOWN:
            continue
        n_shown += 1
        yield _strip(before, then, steps=flip.steps_to_flip or 0)


def _strip(before: AttentionImage, then: AttentionImage, *, steps: int) -> PartStrip:
    label, other = before.label_class.prompt_name, then.label_class.prompt_name
    return PartStrip(
        title=f"{before.image.image_id}: {label}, and {other} after {counted(steps, 'step')}",
        pictures=(
            PartPicture("attentionimage", before.pk, "input", "As it is"),
            PartPicture("attentionimage", before.pk, "attention", f"What speaks for {label}"),
            PartPicture("attentionimage", then.pk, "input", "Attacked"),
            PartPicture("attentionimage", then.pk, "attention", f"What speaks for {other}"),
        ),
        note=f"The superpixels that weigh most for {before.vision_model.name}, before and after.",
    )
