"""Make the trials of a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.build_trials import build_trials
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Make one trial for each picture of the study's population and each class a model wrongly "
        "predicts for it. Models with the same mistake share the trial. Run again, it makes only "
        "what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Building trials", unit="pictures") as progress:
            summary = build_trials(study_named(options["study"]), progress=progress)
        self.stdout.write("\n".join(summary.lines()))
