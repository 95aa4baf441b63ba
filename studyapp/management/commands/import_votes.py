"""Import votes gathered elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.management.vote_file_options import (
    VOTE_FILE_HELP,
    add_vote_file_options,
    vote_layout,
)
from studyapp.pipeline.import_votes import import_votes
from studyapp.selectors.image_sets import image_set_by_name


class Command(BaseCommand):
    help = (
        "Import votes that were gathered elsewhere. The whole file is checked before anything is "
        "stored. If there is no study of the name, a closed study of imported votes is made. Run "
        "again, it adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", required=True, metavar="NAME", help="name of the image set")
        parser.add_argument("--study", required=True, metavar="NAME", help="name of the study")
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help=VOTE_FILE_HELP,
        )
        add_vote_file_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Importing", unit="votes") as progress:
            summary = import_votes(
                image_set_by_name(options["set"]),
                study=options["study"],
                file=options["file"],
                layout=vote_layout(options),
                progress=progress,
            )
        self.stdout.write("\n".join(summary.lines()))
