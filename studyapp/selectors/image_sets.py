"""Image sets by name, for commands."""

from __future__ import annotations

from studyapp.errors import InputError
from studyapp.models import ImageSet


def image_set_by_name(name: str) -> ImageSet:
    """The set, or an error that names those there are."""
    try:
        return ImageSet.objects.select_related("class_list").get(name=name)
    except ImageSet.DoesNotExist:
        known = ", ".join(ImageSet.objects.values_list("name", flat=True)[:10]) or "none yet"
        raise InputError(
            "there is no such image set",
            item=f"set {name!r}",
            remedy=f"Import one with import_images, or use one of: {known}",
        ) from None
