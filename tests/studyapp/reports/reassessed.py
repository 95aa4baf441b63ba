"""The real votes of shared/data/reassessed_imagenet, through the commands a researcher types."""

from __future__ import annotations

import io
from pathlib import Path

from django.core.management import call_command

from studyapp.models import Study


def imported_study(data: Path, *, name: str = "reassessed") -> Study:
    """A closed study of imported votes, with 4,964 images and four models' predictions."""
    folder = data / "reassessed_imagenet"
    classes = data / "imagenet_classes" / "classes.csv"
    for command, *arguments in (
        ("import_images", "-", "--labels", folder / "labels.csv.gz", "--classes", classes),
        ("import_predictions", folder / "predictions.csv.gz"),
        ("import_votes", folder / "votes.csv.gz", "--study", name),
    ):
        call_command(command, *map(str, arguments), "--set", name, stdout=io.StringIO())
    return Study.objects.get(name=name)
