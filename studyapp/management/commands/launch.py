"""Launch a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.pipeline.launch_study import launch_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Check a study, freeze its protocol and let it live. From then on nothing of the protocol "
        "can change. Trials are built by build_trials, before or after."
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
            summary = launch_study(
                study_named(options["study"]), check_funds=not options["offline"]
            )
        self.stdout.write("\n".join(summary.lines()))
