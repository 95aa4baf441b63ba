"""Dispose of a closed study's HITs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.dispose_study import dispose_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Dispose of the HITs of a closed study whose work is all decided on. Everything here "
        "stays; over there, rejections can be taken back no more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Disposing", unit="HITs") as progress:
            summary = dispose_study(study_named(options["study"]), progress=progress)
        self.stdout.write("\n".join(summary.lines()))
