"""Make invitations."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from marketplace import conf
from marketplace.actions.invite import LIFE_DAYS, invite

MOST = 1_000


class Command(BaseCommand):
    """`manage.py marketplace_invite [--count N] [--days N] [--note TEXT]`."""

    help = "Prints links with which one person each can become a worker; they are shown only here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("--count", type=int, default=1, metavar="N", help="how many links")
        parser.add_argument(
            "--days", type=int, default=LIFE_DAYS, metavar="N", help="how long they are good for"
        )
        parser.add_argument("--note", default="", metavar="TEXT", help="for your own records")

    def handle(self, *args: object, **options: object) -> None:
        """Run it."""
        count, days, note = int(str(options["count"])), int(str(options["days"])), options["note"]
        if not 1 <= count <= MOST or not 1 <= days <= 365:
            raise CommandError(f"--count must be from 1 to {MOST} and --days from 1 to 365.")
        for _ in range(count):
            code = invite(note=str(note)[:200], days=days)
            self.stdout.write(conf.base_url() + reverse("marketplace:join", args=[code]))
