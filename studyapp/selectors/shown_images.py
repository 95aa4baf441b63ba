"""Images that people are asked about."""

from __future__ import annotations

from django.db.models import QuerySet

from studyapp.models import Image, Study


def shown_images(study: Study) -> QuerySet[Image]:
    """Every image whose content the study shows, under whichever id and in whichever set."""
    shown = Image.objects.filter(stimuli__questions__trials__condition__study=study)
    return Image.objects.filter(content_hash__in=shown.values("content_hash"))
