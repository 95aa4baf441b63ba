"""Let later conditions of a live study wait for a person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.pipeline.launch_by_hand import launch_by_hand
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Switch off that a live study publishes its later conditions by itself: from now on "
        "somebody has to publish each. What is on offer stays on offer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            summary = launch_by_hand(study_named(options["study"]))
        self.stdout.write("\n".join(summary.lines()))
