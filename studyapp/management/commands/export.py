"""Write a study's tables into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.exports import export_study, formats_of
from studyapp.exports.slices import SLICE_PARAMETERS, slice_of
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Write votes, questions, predictions, models, raters, agreement, sensitivity, contrasts, "
        "flow and conditions as tables, report.json and a manifest with checksums. Raters carry "
        "pseudonyms that hold within this export."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--out",
            metavar="DIR",
            required=True,
            type=Path,
            help="folder to write: new, empty, or an earlier export, which is then replaced",
        )
        parser.add_argument(
            "--format",
            metavar="LIST",
            default="csv",
            help="csv,json,parquet,latex or some of them; csv is always written",
        )
        parser.add_argument(
            "--pseudonym-key",
            metavar="TEXT",
            help="exports with the same text name raters alike, so that they can be joined",
        )
        for name, told in (
            ("model", "a model by name: its figures alone"),
            ("class", "an annotated class by index or id: its images, their questions and votes"),
            ("condition", "a condition by name: the votes given in it"),
            ("rater", "a pseudonym as votes stand: everything without this rater"),
        ):
            parser.add_argument(f"--{name}", default="", help=f"a part of the study; {told}")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Exporting", unit="files") as progress:
            study = study_named(options["study"])
            summary = export_study(
                study,
                out=options["out"],
                only=slice_of(study, asked={name: options[name] for name in SLICE_PARAMETERS}),
                formats=formats_of(options["format"]),
                pseudonym_key=options["pseudonym_key"],
                progress=progress,
            )
        self.stdout.write("\n".join(summary.lines()))
