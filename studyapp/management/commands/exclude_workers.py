"""Keep people out of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.people import account_named
from studyapp.pipeline.exclude_workers import exclude_workers
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Keep people out of a study from now on: those whose worker ids a file lists, or whoever "
        "took part in another study. Votes they gave before stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--file", type=Path, metavar="PATH", help="worker ids, one a line")
        who.add_argument("--from", dest="took_part_in", metavar="STUDY", help="its raters")
        parser.add_argument(
            "--let-in", action="store_true", help="the other way round: keep them out no more"
        )
        parser.add_argument("--by", metavar="NAME", help="the account of who decides it")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            other = options["took_part_in"]
            summary = exclude_workers(
                study_named(options["study"]),
                file=options["file"],
                took_part_in=study_named(other) if other else None,
                let_in=options["let_in"],
                actor=account_named(options["by"]) if options["by"] else None,
            )
        self.stdout.write("\n".join(summary.lines()))
