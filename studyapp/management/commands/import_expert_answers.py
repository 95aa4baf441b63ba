"""manage.py import_expert_answers"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.pipeline.import_expert_answers import import_expert_answers
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Give a study the right answers to some of its questions, to hold its raters against on "
        "the page of raters. They change no verdict."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "file", type=Path, help="CSV with image_id, class_index and answer (yes or no)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            summary = import_expert_answers(study_named(options["study"]), options["file"])
        self.stdout.write("\n".join(summary.lines()))
