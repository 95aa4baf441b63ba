"""Confirm and pay what raters have handed in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.collect_votes import collect_votes
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Ask the marketplace which assignments were submitted, confirm the answers saved on our "
        "pages, and approve (pay) every submission. Run it as often as you like."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--no-pay",
            action="store_true",
            help="confirm only: you will look first and pay with `review`, before the marketplace "
            "pays by itself",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Collecting votes", unit="HITs") as progress:
            summary = collect_votes(
                study_named(options["study"]), pays=not options["no_pay"], progress=progress
            )
        self.stdout.write("\n".join(summary.lines()))
