"""Print a study's figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.exports.whole_file import write_text
from studyapp.management.terminal import readable_errors
from studyapp.reports import build_report, report_lines
from studyapp.selectors.named import study_named
from studyapp.vocabulary import UnsureCoding


class Command(BaseCommand):
    help = (
        "Count a study's figures from its votes as they are now: errors, rectified errors with "
        "intervals and bounds, votes by yes, agreement. The votes that do not count are worked "
        "out afresh, so filter_votes need not have run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--unsure",
            choices=UnsureCoding.values,
            help="how “cannot tell” counts, instead of what the study says",
        )
        parser.add_argument(
            "--accept",
            type=int,
            metavar="K",
            help="yes votes that accept a prediction, instead of what the study says",
        )
        parser.add_argument(
            "--json", metavar="FILE", help="write every figure there; - prints nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            report = build_report(study, accept=options["accept"], unsure=options["unsure"])
            text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
            if options["json"] == "-":
                self.stdout.write(text)
                return
            if options["json"]:
                write_text(Path(options["json"]), text + "\n")
        self.stdout.write("\n".join(report_lines(report)))
        if options["json"]:
            self.stdout.write(f"\nEvery figure is in {options['json']}.")
        self.stdout.write(f"\nNext: manage.py export {study.name} --out DIR")
