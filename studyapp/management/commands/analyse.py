"""Print a study's figures."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.analytics import Window
from studyapp.errors import InputError
from studyapp.exports.whole_file import write_text
from studyapp.management.terminal import readable_errors
from studyapp.models import Study
from studyapp.people import account_named
from studyapp.pipeline.name_analysis import name_analysis
from studyapp.reports import build_report, report_lines
from studyapp.selectors.named import study_named
from studyapp.vocabulary import UnsureCoding

_SECONDS = re.compile(r"(\d{1,6}(?:\.\d+)?)?-(\d{1,6}(?:\.\d+)?)?", re.ASCII)


@dataclass(frozen=True)
class Settings:
    """What stands on the command line; None is what the study says."""

    accept: int | None
    unsure: str | None
    window: Window | None


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
            "--seconds",
            metavar="LOW-HIGH",
            help="timing window in seconds, instead of what the study says: 1-60, 1-, -60, or - "
            "for none",
        )
        parser.add_argument(
            "--name",
            help="keep these settings under a name: they are listed with every report of the study "
            "as an analysis that was not planned",
        )
        parser.add_argument("--note", default="", help="why, for the list; only with --name")
        parser.add_argument("--by", metavar="ACCOUNT", help="who names it; only with --name")
        parser.add_argument(
            "--json", metavar="FILE", help="write every figure there; - prints nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            settings = Settings(options["accept"], options["unsure"], _window(options["seconds"]))
            named = _name(study, settings, options)
            report = build_report(
                study, accept=settings.accept, unsure=settings.unsure, window=settings.window
            )
            text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
            if options["json"] == "-":
                self.stdout.write(text)
                return
            if options["json"]:
                write_text(Path(options["json"]), text + "\n")
        self.stdout.write("\n".join(report_lines(report)))
        if named:
            self.stdout.write("\n" + "\n".join(named))
        if options["json"]:
            self.stdout.write(f"\nEvery figure is in {options['json']}.")
        self.stdout.write(f"\nNext: manage.py export {study.name} --out DIR")


def _window(text: str | None) -> Window | None:
    if text is None:
        return None
    found = _SECONDS.fullmatch(text)
    low, high = (None if end is None else float(end) for end in found.groups()) if found else (1, 0)
    if low is not None and high is not None and low >= high:
        raise InputError(
            "this is no timing window", item=text, remedy="Write 1-60, 1-, -60, or - for none"
        )
    return low, high


def _name(study: Study, settings: Settings, options: dict[str, Any]) -> list[str]:
    """Name the analysis before it is seen, so that what was looked at is listed."""
    if not options["name"]:
        return []
    summary = name_analysis(
        study,
        name=options["name"],
        accept=settings.accept,
        unsure=settings.unsure,
        window=settings.window,
        note=options["note"],
        actor=account_named(options["by"]) if options["by"] else None,
    )
    return summary.lines()
