"""Ask more raters, or offer HITs for longer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.extend_study import extend_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Let every HIT of a live study have more raters, or stay on offer for longer, within the "
        "study's budget. Both are ends, not steps: run it again after any stop."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--raters",
            type=int,
            help="raters of each HIT in all; from below 10 it cannot come to 10 or more, where the "
            "fee is 40 %% instead of 20 %%",
        )
        parser.add_argument("--days", type=int, help="days on offer, from now")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Extending", unit="calls") as progress:
            summary = extend_study(
                study_named(options["study"]),
                raters=options["raters"],
                days=options["days"],
                progress=progress,
            )
        self.stdout.write("\n".join(summary.lines()))
