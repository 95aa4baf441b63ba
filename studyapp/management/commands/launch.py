"""Launch a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.build_trials import build_trials
from studyapp.pipeline.launch_study import launch_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Check a study, freeze its protocol and let it live. From then on nothing of the protocol "
        "can change. The trials that are not built yet are built then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--offline",
            action="store_true",
            help="do not ask the marketplace whether the account can pay",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            summary = launch_study(study, check_funds=not options["offline"])
            self.stdout.write("\n".join(summary.lines()))
            with progress_bar("Building trials", unit="pictures") as progress:
                built = build_trials(study, progress=progress)
        self.stdout.write("\n".join(built.lines()))
