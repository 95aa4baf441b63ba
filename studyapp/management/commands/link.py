"""Set and show the link by which people come to a study."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.errors import InputError
from studyapp.management.terminal import readable_errors
from studyapp.pipeline.set_link import FIELDS, invite, set_link
from studyapp.selectors.named import study_named
from studyapp.study_link import PANELS


class Command(BaseCommand):
    help = (
        "Show the link of a study whose raters come by link, after changing what is asked for: "
        "the panel's parameters, its codes, the way back to it. --invite writes a link of their "
        "own for each person of a list."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--for",
            dest="kind",
            metavar="PANEL",
            help=f"use the words of a panel: {', '.join(PANELS)}; the options below go before them",
        )
        parser.add_argument("--panel", help="whose participants: ids are the same people within it")
        parser.add_argument("--participant-field", metavar="NAME", help="parameter with the id")
        parser.add_argument(
            "--session-field", metavar="NAME", help="parameter with the session, if any"
        )
        parser.add_argument("--tasks-each", type=int, metavar="N", help="HITs a person may do")
        parser.add_argument(
            "--completion-code", metavar="CODE", help="the panel's; '' for own ones"
        )
        parser.add_argument("--screen-out-code", metavar="CODE")
        parser.add_argument("--full-code", metavar="CODE")
        parser.add_argument("--return-url", metavar="URL", help="way back, with {code} in it")
        parser.add_argument("--fee-percent", metavar="PERCENT", help="what the panel takes on top")
        who = parser.add_mutually_exclusive_group()
        who.add_argument(
            "--invited-only",
            action="store_const",
            const=True,
            help="only links written by --invite work",
        )
        who.add_argument("--anybody", dest="invited_only", action="store_const", const=False)
        parser.add_argument("--invite", type=Path, metavar="FILE", help="one id a line")
        parser.add_argument("--out", type=Path, metavar="FILE", help="CSV of the links to send")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            values = {name: options[name] for name in FIELDS if options[name] is not None}
            if "fee_percent" in values:
                values["fee_percent"] = _percent(values["fee_percent"])
            lines = set_link(study, kind=options["kind"], values=values).lines()
            if options["invite"]:
                if not options["out"]:
                    raise InputError(
                        "the links need a file to go to", item="--invite", remedy="Give --out FILE"
                    )
                lines += invite(study, path=options["invite"], out=options["out"]).lines()
        self.stdout.write("\n".join(lines))


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InputError("not a percentage", item=text, remedy="Write it like 33.3") from error
