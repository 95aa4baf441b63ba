"""Print what workers have earned."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError

from marketplace import clock
from marketplace.actions.settle import settle_due
from marketplace.payouts import payouts


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(f"{text!r} is no day like 2026-11-30.") from None


class Command(BaseCommand):
    """`manage.py marketplace_payouts [--since DAY] [--until DAY]`."""

    help = (
        "Prints as CSV what each worker has earned from one day on and before another (UTC): "
        "rewards, bonuses, total."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("--since", default="2000-01-01", metavar="DAY", help="first day")
        parser.add_argument(
            "--until", metavar="DAY", help="the first day that no longer counts; default: now"
        )

    def handle(self, *args: object, **options: str | None) -> None:
        """Run it."""
        settle_due()
        until = _day(options["until"]) if options["until"] else clock.now()
        writer = csv.writer(self.stdout)
        writer.writerow(["worker_id", "rewards_usd", "bonuses_usd", "total_usd"])
        for one in payouts(since=_day(str(options["since"])), until=until):
            writer.writerow([one.worker_id, one.rewards, one.bonuses, one.total])
