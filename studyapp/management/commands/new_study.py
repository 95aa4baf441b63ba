"""Make a draft study from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyapp.management.terminal import readable_errors
from studyapp.people import account_named
from studyapp.pipeline.new_study import KEYS, new_study
from studyapp.presets import preset_named


class Command(BaseCommand):
    help = (
        "Make a draft study from a YAML file, a preset or both, or change the draft of that name. "
        "What the file leaves out is as the preset says, and else has its default. Keys: "
        f"{', '.join(KEYS)}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", metavar="FILE.yaml", help="what the study is"
        )
        parser.add_argument(
            "--preset", metavar="NAME", help="a study of the papers; `presets` lists them"
        )
        parser.add_argument("--name", help="name of the study, before that of the file")
        parser.add_argument("--set", metavar="NAME", help="image set, before that of the file")
        parser.add_argument(
            "--model",
            action="append",
            metavar="NAME",
            help="a model, before those of the file; may be given again",
        )
        parser.add_argument(
            "--owner",
            metavar="USERNAME",
            help="researcher who owns the study and sees it on the site (else superusers only)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            owner = account_named(options["owner"]) if options["owner"] else None
            if options["file"] is None and options["preset"] is None:
                raise CommandError("Give a YAML file, or --preset NAME, or both.")
            given = {"name": options["name"], "set": options["set"], "models": options["model"]}
            summary = new_study(
                options["file"],
                preset=preset_named(options["preset"]) if options["preset"] else None,
                values={key: value for key, value in given.items() if value},
                owner=owner,
                actor=owner,
            )
        self.stdout.write("\n".join(summary.lines()))
