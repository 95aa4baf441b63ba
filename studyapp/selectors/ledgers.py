"""Studies of imported votes a person may read other models by, and those models."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef, QuerySet

from studyapp.models import Image, ImageSet, Prediction, Study, VisionModel
from studyapp.selectors.studies import Person, visible_studies


def visible_ledgers(user: Person) -> QuerySet[Study]:
    """Votes gathered elsewhere that the person may see, by name."""
    return visible_studies(user).filter(imported=True).select_related("image_set").order_by("name")


def models_on(image_set: ImageSet) -> QuerySet[VisionModel]:
    """The models with predictions on the set, by name."""
    there = Prediction.objects.filter(vision_model=OuterRef("pk"), image__image_set=image_set)
    return VisionModel.objects.filter(Exists(there)).order_by("name")


def has_file(image_set: ImageSet, *, image: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of these images (keys, int64[P]) have a file and so can be shown, bool[P]."""
    rows = Image.objects.filter(image_set=image_set, content_hash__isnull=False)
    there = np.fromiter(rows.values_list("pk", flat=True).iterator(), dtype=np.int64)
    return np.isin(image, there)
