"""Pay bonuses: one by one, up to an hourly wage, or for work that was lost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyapp.management.terminal import progress_bar, readable_errors, usd
from studyapp.people import account_named
from studyapp.pipeline.pay_bonus import pay_bonus
from studyapp.pipeline.pay_lost_work import pay_lost_work
from studyapp.pipeline.pay_wage import pay_wage
from studyapp.selectors.named import study_named


class Command(BaseCommand):
    help = (
        "Pay the worker of one assignment more than the reward; or bring all confirmed work to an "
        "hourly wage; or pay for work that could not be handed in. Running the same twice pays "
        "once. The last two say what they would pay until --pay is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="name of the study")
        parser.add_argument(
            "assignment", type=int, nargs="?", help="number of the assignment in the admin"
        )
        parser.add_argument(
            "amount", nargs="?", help="US dollars, such as 0.50; the fee comes on top"
        )
        parser.add_argument("--reason", help="what the worker of that assignment will read")
        parser.add_argument(
            "--to-wage",
            metavar="USD",
            help="an hourly wage, such as 15: what each assignment lacks to it at the usual time",
        )
        parser.add_argument(
            "--compensate",
            type=int,
            nargs="*",
            metavar="NUMBER",
            help="list work that was done and could not be handed in; with numbers and --pay, pay "
            "for those assignments",
        )
        parser.add_argument("--pay", action="store_true", help="send what is said")
        parser.add_argument("--by", metavar="NAME", help="the account of who decides it")

    def handle(self, *args: Any, **options: Any) -> None:
        ways = [
            options["assignment"] is not None,
            options["to_wage"] is not None,
            options["compensate"] is not None,
        ]
        if sum(ways) != 1:
            raise CommandError(
                "Give an assignment with its amount, or --to-wage, or --compensate: one of them."
            )
        with readable_errors(), progress_bar("Paying", unit="bonuses") as progress:
            study = study_named(options["study"])
            actor = account_named(options["by"]) if options["by"] else None
            pays = options["pay"]
            if options["to_wage"] is not None:
                hourly = usd(options["to_wage"])
                lines = pay_wage(
                    study, hourly=hourly, pays=pays, actor=actor, progress=progress
                ).lines()
            elif options["compensate"] is not None:
                only = options["compensate"]
                lines = pay_lost_work(
                    study, only=only, pays=pays, actor=actor, progress=progress
                ).lines()
            else:
                if options["amount"] is None or options["reason"] is None:
                    raise CommandError("A bonus needs its amount and --reason.")
                lines = pay_bonus(
                    study,
                    options["assignment"],
                    amount=usd(options["amount"]),
                    reason=options["reason"],
                    actor=actor,
                ).lines()
        self.stdout.write("\n".join(lines))
