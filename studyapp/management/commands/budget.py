"""Set the most a study may cost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors, usd
from studyapp.pipeline.set_budget import set_budget
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Set the most a study may cost, with fees and bonuses. Nothing is published, extended or "
        "paid as a bonus beyond it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument("amount", help="US dollars, such as 250.00; `none` lifts the limit")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            none = options["amount"] == "none"
            summary = set_budget(
                study_named(options["study"]), amount=None if none else usd(options["amount"])
            )
        self.stdout.write("\n".join(summary.lines()))
