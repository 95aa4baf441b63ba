"""Stop asking for now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.stop_study import stop_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Take the HITs of a live study off the marketplace's list. The study stays live: `extend` "
        "puts them back. Who is at work may finish."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Stopping", unit="HITs") as progress:
            summary = stop_study(study_named(options["study"]), progress=progress)
        self.stdout.write("\n".join(summary.lines()))
