"""Review a draft before its launch, or the work that was handed in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.errors import InputError
from studyapp.management.terminal import progress_bar, readable_errors
from studyapp.models import Study
from studyapp.people import account_named
from studyapp.pipeline.review_assignments import (
    ReviewAssignmentsSummary,
    approve_assignment,
    approve_valid,
    reject_assignment,
)
from studyapp.pipeline.review_study import review_study
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Without an option: look a draft over, its fields, population, models and cost; one that "
        "passes is reviewed and can be launched. With one: decide on work that was handed in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "--offline",
            action="store_true",
            help="of a draft: do not ask the marketplace whether the account can pay",
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--approve-valid",
            action="store_true",
            help="pay everything that came from our page and is not decided on",
        )
        what.add_argument(
            "--approve", type=int, metavar="ID", help="pay one assignment, by its number"
        )
        what.add_argument(
            "--reject",
            type=int,
            metavar="ID",
            help="refuse to pay one assignment; needs --reason, --by and --confirm",
        )
        parser.add_argument("--override", action="store_true", help="take a rejection back")
        parser.add_argument("--reason", default="", help="what the worker will read")
        parser.add_argument("--by", metavar="NAME", help="the account of who decides it")
        parser.add_argument(
            "--confirm", action="store_true", help="yes, this person is to stay unpaid"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            study = study_named(options["study"])
            decides = options["approve_valid"] or options["approve"] or options["reject"]
            if decides:
                lines = _decide(study, options).lines()
            else:
                lines = review_study(study, check_funds=not options["offline"]).lines()
        self.stdout.write("\n".join(lines))


def _decide(study: Study, options: dict[str, Any]) -> ReviewAssignmentsSummary:
    actor = account_named(options["by"]) if options["by"] else None
    if options["reject"]:
        if actor is None:
            raise InputError(
                "a rejection needs the name of who decides it",
                item="review",
                remedy="Give --by NAME, the account of that person",
            )
        return reject_assignment(
            study,
            options["reject"],
            reason=options["reason"],
            actor=actor,
            confirmed=options["confirm"],
        )
    if options["approve"]:
        override = options["override"]
        return approve_assignment(study, options["approve"], override=override, actor=actor)
    with progress_bar("Approving", unit="assignments") as progress:
        return approve_valid(study, actor=actor, progress=progress)
