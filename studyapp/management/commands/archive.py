"""Write the archive of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.exports import archive_study
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Write one zip with a study's data, protocol and results, and a program that counts the "
        "results from the data with numpy and scipy alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--out",
            metavar="FILE.zip",
            required=True,
            type=Path,
            help="file to write: new, or an earlier archive, which is then replaced",
        )
        parser.add_argument(
            "--pseudonym-key",
            metavar="TEXT",
            help="exports with the same text name raters alike, so that they can be joined",
        )
        parser.add_argument(
            "--public",
            action="store_true",
            help="for anybody to read: times cut to their day, pseudonyms of no other export",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Archiving", unit="tables") as progress:
            summary = archive_study(
                study_named(options["study"]),
                out=options["out"],
                pseudonym_key=options["pseudonym_key"],
                public=options["public"],
                progress=progress,
            )
        self.stdout.write(
            f"{summary.study}: {len(summary.files) + 1} files in {summary.out}\n"
            "Its data give its figures, byte for byte.\n"
            "Next: unpack it and run `python rerun.py` in it"
        )
