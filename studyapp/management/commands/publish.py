"""Publish the trials of a live study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.publish import publish
from studyapp.publication import Again
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Offer every trial of a live study that is not out yet to raters, in HITs, after checking "
        "that the account can pay. A study that asks in groups goes on with the next group where "
        "it is needed. Stopped at any point, run it again: no HIT is made twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="print every call and what it would cost; send and change nothing",
        )

        parser.add_argument(
            "--again",
            type=int,
            default=0,
            metavar="TIMES",
            help="also offer trials that lack votes once more, up to so many times in all: votes "
            "that do not count, and places nobody took",
        )
        parser.add_argument(
            "--undecided",
            action="store_true",
            help="with --again, leave trials alone that are decided with the votes they have",
        )
        parser.add_argument(
            "--now",
            action="store_true",
            help="do not wait for more trials to fill a HIT; one that is not full costs as much",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Publishing", unit="HITs") as progress:
            summary = publish(
                study_named(options["study"]),
                dry_run=options["dry_run"],
                again=Again(
                    times=options["again"], undecided=options["undecided"], now=options["now"]
                ),
                progress=progress,
            )
        self.stdout.write("\n".join(summary.lines()))
