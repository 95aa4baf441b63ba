"""Find out what became of calls nobody knows about."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.reconcile import reconcile
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Ask the marketplace about every HIT and call of unknown outcome, and compare the rest. "
        "Sends nothing that changes anything there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Comparing", unit="HITs") as progress:
            summary = reconcile(study_named(options["study"]), progress=progress)
        self.stdout.write("\n".join(summary.lines()))
