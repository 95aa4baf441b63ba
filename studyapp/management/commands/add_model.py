"""Add a model to a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.errors import InputError
from studyapp.management.terminal import readable_errors
from studyapp.models import VisionModel
from studyapp.pipeline.add_model import add_model
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Add a model to a study, also to one that is live. build_trials and publish then ask "
        "only about the mistakes that no other model of the study makes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument("model", help="name of the model, as predict printed it")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            summary = add_model(study_named(options["study"]), model=_model(options["model"]))
        self.stdout.write("\n".join(summary.lines()))


def _model(name: str) -> VisionModel:
    model = VisionModel.objects.filter(name=name).first()
    if model is None:
        known = ", ".join(VisionModel.objects.order_by("name").values_list("name", flat=True)[:20])
        raise InputError(
            "there is no model of this name", item=name, remedy=f"There are: {known or 'none yet'}"
        )
    return model
