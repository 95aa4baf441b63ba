"""Write who took part by link and what they are owed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.exports.panel_list import panel_list
from studyapp.management.terminal import readable_errors
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Write who took part by a study's link, with their codes and what they are owed, as CSV: "
        "a link pays nobody, the panel is paid by this list. It names people."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--bonuses",
            action="store_true",
            help="two columns without a header, as panels take bonuses in bulk: session, else "
            "participant, and the amount",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            summary = panel_list(study, out=options["out"], bonuses=options["bonuses"])
        self.stdout.write("\n".join(summary.lines()))
