"""Which images a probe is about, and which of them have no answers yet."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from studyapp.models import Image
from studyapp.probing import ProbeRequest


def probed_images(request: ProbeRequest, *, images: Sequence[int] | None = None) -> QuerySet[Image]:
    """Images of the set with files, of the label that is meant; `images` narrows them."""
    rows = Image.objects.filter(image_set__name=request.image_set, file__isnull=False)
    if request.label is not None:
        rows = rows.filter(label__index=request.label)
    if images is not None:
        rows = rows.filter(pk__in=images)
    return rows.order_by("pk")
