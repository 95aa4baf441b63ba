"""Design a study before anybody is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.errors import InputError
from studyapp.exports.whole_file import write_text
from studyapp.management.terminal import readable_errors
from studyapp.reports import StudyReport, build_report
from studyapp.reports.design import design_study
from studyapp.reports.design_values import DesignWish
from studyapp.reports.design_words import design_lines
from studyapp.reports.pilot import Pilot, pilot_of
from studyapp.reports.wishes import first_wish
from studyapp.selectors.named import study_named

#: Option, field of the wish, its kind, and what it is; a percentage becomes a share.
OPTIONS = (
    ("--images", "n_images", int, "labelled images"),
    ("--errors", "n_errors", int, "mistakes among them"),
    ("--width", "halfwidth", "percent", "wanted interval, ± percentage points"),
    ("--people", "people", int, "different raters in all"),
    ("--raters", "raters_per_trial", int, "raters a question"),
    ("--accept", "accept_at", int, "yes votes that accept"),
    ("--yes", "yes_rate", "percent", "votes expected to be yes, in per cent"),
    ("--differ", "icc", float, "how much questions differ, 0 to 1"),
    ("--spread", "spread", "percent", "how much raters differ, in percentage points"),
    ("--lost", "lost", "percent", "votes that will not count, in per cent"),
    ("--discordant", "discordant", "percent", "images one of two models gets right, in per cent"),
    ("--reward", "reward", Decimal, "USD per HIT"),
    ("--trials-per-hit", "trials_per_hit", int, "questions per HIT"),
)


class Command(BaseCommand):
    help = (
        "Say how many mistakes and raters a wanted interval takes, which difference between two "
        "models could be found, what it costs, and what early stopping saves. Starts from a "
        "study's own numbers and a pilot's votes, if they are named; an option given here wins."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", help="take images, mistakes, rule and payment from it")
        parser.add_argument("--pilot", help="take what its votes say; the study itself by default")
        for option, field, _, meaning in OPTIONS:
            parser.add_argument(option, dest=field, metavar="N", help=meaning)
        parser.add_argument(
            "--json", metavar="FILE", help="write every figure there; - prints nothing else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"]) if options["study"] else None
            report = build_report(study) if study else None
            pilot = _pilot(options, report=report)
            design = design_study(_wish(first_wish(study, report=report, pilot=pilot), options))
            text = json.dumps(design.to_dict(), indent=2, ensure_ascii=False)
            if options["json"] and options["json"] != "-":
                write_text(Path(options["json"]), text + "\n")
        if options["json"] == "-":
            self.stdout.write(text)
            return
        self.stdout.write("\n".join(design_lines(design, pilot=pilot)))
        if options["json"]:
            self.stdout.write(f"\nEvery figure is in {options['json']}.")


def _pilot(options: dict[str, Any], *, report: StudyReport | None) -> Pilot | None:
    """The study named as a pilot, else the study itself if it has votes."""
    if options["pilot"] and options["pilot"] != options["study"]:
        return pilot_of(build_report(study_named(options["pilot"])))
    return pilot_of(report) if report and report.votes.n_valid else None


def _wish(wish: DesignWish, options: dict[str, Any]) -> DesignWish:
    given: dict[str, Any] = {
        field: _number(options[field], kind=kind, option=option)
        for option, field, kind, _ in OPTIONS
        if options[field] is not None
    }
    return replace(wish, **given)


def _number(text: str, *, kind: object, option: str) -> int | float | Decimal:
    try:
        if kind is int:
            return int(text)
        if kind is Decimal:
            return Decimal(text).quantize(Decimal("0.01"))
        number = float(text)
    except (ValueError, InvalidOperation) as error:
        raise InputError("this is no number", item=f"{option} {text}") from error
    return number / 100 if kind == "percent" else number
