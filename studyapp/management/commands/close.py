"""Close a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.close_study import close_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Close a live study: its HITs are taken off the marketplace's list and nobody new is "
        "asked. Who is at work may finish; run collect_votes once more later."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Closing", unit="HITs") as progress:
            summary = close_study(study_named(options["study"]), progress=progress)
        self.stdout.write("\n".join(summary.lines()))
