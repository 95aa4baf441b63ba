"""Make a draft study from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.people import account_named
from studyapp.pipeline.new_study import KEYS, new_study


class Command(BaseCommand):
    help = (
        "Make a draft study from a YAML file, or change the draft of that name. What the file "
        f"leaves out has its default. Keys: {', '.join(KEYS)}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.yaml", help="what the study is")
        parser.add_argument(
            "--owner",
            metavar="USERNAME",
            help="researcher who owns the study and sees it on the site (else superusers only)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            owner = account_named(options["owner"]) if options["owner"] else None
            summary = new_study(options["file"], owner=owner, actor=owner)
        self.stdout.write("\n".join(summary.lines()))
