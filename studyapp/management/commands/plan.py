"""Show every call a study waits for."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.pipeline.plan import plan
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Print every call that publication, review and unsettled calls of a study would send, and "
        "the money to the cent. Sends and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            summary = plan(study_named(options["study"]))
        self.stdout.write("\n".join(summary.lines()))
