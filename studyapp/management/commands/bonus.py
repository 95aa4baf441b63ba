"""Pay a bonus."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studyapp.management.terminal import readable_errors, usd
from studyapp.people import account_named
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Pay the worker of one assignment more than the reward. The same amount for the same "
        "reason is the same bonus: running it twice pays once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument("assignment", type=int, help="number of the assignment in the admin")
        parser.add_argument("amount", help="US dollars, such as 0.50; the fee comes on top")
        parser.add_argument("--reason", required=True, help="what the worker will read")
        parser.add_argument("--by", metavar="NAME", help="the account of who decides it")

    def handle(self, *args: Any, **options: Any) -> None:
        with readable_errors():
            summary = pay_bonus(
                study_named(options["study"]),
                options["assignment"],
                amount=usd(options["amount"]),
                reason=options["reason"],
                actor=account_named(options["by"]) if options["by"] else None,
            )
        self.stdout.write("\n".join(summary.lines()))
