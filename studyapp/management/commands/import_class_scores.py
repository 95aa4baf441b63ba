"""Import class robustness scores that others published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.pipeline.import_class_scores import import_class_scores
from studyapp.selectors.image_sets import image_set_by_name


class Command(BaseCommand):
    help = (
        "Import a published table of class robustness scores (id;acc;crs;name), to be compared "
        "with others on the page “Robustness” and by `rankings`. Run again, it adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="The table.")
        parser.add_argument("--name", required=True, help="What to call it; each table its own.")
        parser.add_argument(
            "--set",
            metavar="NAME",
            help="Image set whose classes these are (default: the classes the table names).",
        )
        parser.add_argument("--model", default="", help="The model, as its author names it.")
        parser.add_argument("--method", default="", help="The saliency method.")
        parser.add_argument("--source", default="", help="Where the table comes from.")
        parser.add_argument(
            "--accuracy",
            type=int,
            choices=(1, 5),
            help="Predictions its accuracy looks at; leave it out where the author does not say.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            chosen = image_set_by_name(options["set"]).class_list if options["set"] else None
            summary = import_class_scores(
                options["file"],
                name=options["name"],
                class_list=chosen,
                vision_model=options["model"],
                method=options["method"],
                source=options["source"],
                accuracy_k=options["accuracy"],
            )
        self.stdout.write("\n".join(summary.lines()))
