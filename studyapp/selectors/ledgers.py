"""Studies of imported votes a person may read other models by, and those models."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from studyapp.models import ImageSet, Prediction, Study, VisionModel
from studyapp.selectors.studies import Person, visible_studies


def visible_ledgers(user: Person) -> QuerySet[Study]:
    """Votes gathered elsewhere that the person may see, by name."""
    return visible_studies(user).filter(imported=True).select_related("image_set").order_by("name")


def models_on(image_set: ImageSet) -> QuerySet[VisionModel]:
    """The models with predictions on the set, by name."""
    there = Prediction.objects.filter(vision_model=OuterRef("pk"), image__image_set=image_set)
    return VisionModel.objects.filter(Exists(there)).order_by("name")
