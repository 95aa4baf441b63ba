"""Which number means which class, and whether a model seems to count them in another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from studyapp.models import ImageSet, Prediction, VisionModel

_NAMES_SHOWN = 8
#: A model that is wrong on this share of so many images is taken for one of another order.
_DOUBTFUL_SHARE = 0.9
_FEWEST_IMAGES = 10


@dataclass(frozen=True)
class FirstPlaces:
    """A model's first classes on the labelled images of a set."""

    labelled: int
    wrong: int

    @property
    def doubtful(self) -> bool:
        return self.labelled >= _FEWEST_IMAGES and self.wrong >= _DOUBTFUL_SHARE * self.labelled


def numbering(names: Sequence[str]) -> str:
    """Which number stands for which name, shortened where there are many: `0=bird, 1=cat`."""
    told = [f"{index}={name}" for index, name in enumerate(names)]
    if len(told) > _NAMES_SHOWN:
        told[_NAMES_SHOWN - 2 : -1] = ["..."]
    return ", ".join(told)


def first_places(model: VisionModel, *, image_set: ImageSet) -> FirstPlaces:
    """Count a model's predictions for the labelled images of a set, and the wrong ones."""
    labelled = Prediction.objects.filter(
        vision_model=model, image__image_set=image_set, image__label__isnull=False
    )
    return FirstPlaces(
        labelled=labelled.count(), wrong=labelled.exclude(top1=F("image__label")).count()
    )


def order_doubt(model: VisionModel, *, places: FirstPlaces) -> str:
    """What to say of a model that is wrong nearly everywhere; empty where it is not."""
    if not places.doubtful:
        return ""
    classes = model.class_list.classes.order_by("index").values_list("name", flat=True)
    return (
        f"Mind: {model} is wrong on {places.wrong:,} of {places.labelled:,} labelled images. "
        "Does it number the classes as the set does? There they are "
        f"{numbering(list(classes))}."
    )
