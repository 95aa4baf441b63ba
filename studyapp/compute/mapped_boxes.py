"""Boxes of the objects, taken through the very transform that made the model's square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from explain.preparation import Preparation
from explain.types import Boxes
from studyapp.errors import InputError
from studyapp.models import Box, Image, VisionModel


def preparation_of(model: VisionModel) -> Preparation:
    """The model's way from an image to its square, as predict recorded it.

    Raises InputError where the model prepares images in its own way, which no box can follow.
    """
    geometry = model.details.get("geometry")
    if not geometry:
        raise InputError(
            "it prepares images in its own way, so where a box lies in its square is not known",
            item=f"model {model.name!r}",
            remedy="Leave `preprocess` out of the module where the usual preparation does the same "
            "(docs/reference/models.md), and run predict with it under another name",
        )
    return Preparation(**geometry)


def mapped_boxes(preparation: Preparation, *, classes: Mapping[int, int]) -> dict[int, Boxes]:
    """float64 [B, 4] in pixels of the square, for each image.

    classes  by image, the class whose boxes are meant (primary keys); boxes of no class count too
    """
    found: dict[int, list[Sequence[float]]] = {pk: [] for pk in classes}
    rows = Box.objects.filter(image__in=classes).order_by("pk")
    for image, label, *corners in rows.values_list(
        "image_id", "label_class_id", "x0", "y0", "x1", "y1"
    ):
        if label in (None, classes[image]):
            found[image].append(corners)
    sizes = Image.objects.filter(pk__in=classes).values_list("pk", "width", "height")
    return {
        pk: preparation.boxes(
            np.array(found[pk], dtype=np.float64).reshape(-1, 4), width=width, height=height
        )
        for pk, width, height in sizes
        if width and height
    }
