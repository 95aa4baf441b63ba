"""Pictures nobody labelled, with what a model says of them below (Szyc et al. 2021, Fig. 6)."""

from __future__ import annotations

from collections.abc import Iterator

from studyapp.models import ImageSet, LabelClass, ProbeResult, VisionModel
from studyapp.reports.parts import PartPicture, PartStrip
from studyapp.reports.probe_settings import of_one_setting
from studyapp.reports.sheets import answer_words
from studyapp.vocabulary import ProbeKind

MOST_SHOWN = 24
LISTED = 5


def outside_pictures(
    model: VisionModel, *, image_set: ImageSet | None = None
) -> Iterator[PartStrip]:
    """Captions of the model, those it is surest of first, set by set; of one set where named."""
    rows = ProbeResult.objects.filter(vision_model=model, kind=ProbeKind.CAPTIONS)
    if image_set is not None:
        rows = rows.filter(image__image_set=image_set)
    sets = rows.order_by("image__image_set__name").values_list(
        "image__image_set", "image__image_set__name"
    )
    classes = LabelClass.objects.filter(class_list=model.class_list_id)
    names = dict(classes.values_list("index", "prompt_name"))
    for of, title in dict.fromkeys(sets):
        of_set = (
            of_one_setting(rows.filter(image__image_set=of))
            .select_related("image")
            .order_by("-probability_after", "pk")[:MOST_SHOWN]
        )
        yield PartStrip(
            title=f"What {model.name} says of the pictures of {title}",
            pictures=tuple(
                PartPicture(
                    "proberesult", row.pk, "input", answer_words(row.after, names, most=LISTED)
                )
                for row in of_set
            ),
            note=(
                "The first five classes with their probabilities. A picture that is sure of a "
                "class it does not show is an adversarial example that nobody made."
            ),
        )
