"""Review a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.pipeline.review_study import review_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Look a draft over: its fields, population, models and cost. A study that passes is "
        "reviewed and can be launched."
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
            summary = review_study(
                study_named(options["study"]), check_funds=not options["offline"]
            )
        self.stdout.write("\n".join(summary.lines()))
