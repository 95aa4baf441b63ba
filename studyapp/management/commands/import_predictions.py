"""Import predictions made elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.pipeline.import_predictions import import_predictions
from studyapp.selectors.image_sets import image_set_by_name


class Command(BaseCommand):
    help = (
        "Import what models predict for the images of a set, as class indices. The whole file is "
        "checked before anything is stored. Run again, it adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--set", required=True, metavar="NAME", help="name of the image set")
        parser.add_argument(
            "--name", metavar="N", help="name of the model, where FILE has no names"
        )
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="CSV (may be gzipped): image_id, then class_1..class_5[,prob_1..prob_5] of one "
            "model, or one column of first classes per model, headed by its name",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors(), progress_bar("Importing", unit="models") as progress:
            summary = import_predictions(
                image_set_by_name(options["set"]),
                file=options["file"],
                name=options["name"],
                progress=progress,
            )
        self.stdout.write("\n".join(summary.lines()))
