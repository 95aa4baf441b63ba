"""Say of every vote that does not count why it does not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.filter_votes import filter_votes
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Work out which votes of a study do not count, and why: test runs, unconfirmed "
        "submissions, undone answers, second votes of a rater, votes outside the timing window, "
        "votes excluded by hand, votes beyond those asked for. No vote is changed or deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Filtering", unit="exclusions") as progress:
            summary = filter_votes(study_named(options["study"]), progress=progress)
        self.stdout.write("\n".join(summary.lines()))
