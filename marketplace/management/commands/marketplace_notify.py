"""Deliver notifications that are due."""

from __future__ import annotations

import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from marketplace.actions.settle import settle_due
from marketplace.sinks import deliver_due


class Command(BaseCommand):
    """`manage.py marketplace_notify [--every SECONDS]`."""

    help = "Sends requesters the events they asked for, once or again and again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument(
            "--every", type=float, default=0, metavar="SECONDS", help="go on until ended"
        )

    def handle(self, *args: object, **options: object) -> None:
        """Run it."""
        every = float(str(options["every"]))
        while True:
            try:
                self._once(says_all=not every)
            except OperationalError as error:
                # A database that is locked or starts anew is there again in a moment; where this
                # process ends, those started with it end too.
                if not every:
                    raise
                self.stderr.write(f"The database did not answer ({error}): trying again.")
            if not every:
                return
            time.sleep(every)
            close_old_connections()

    def _once(self, *, says_all: bool) -> None:
        # What time has done is an event too, and nobody else may be looking.
        settle_due()
        arrived, failed = deliver_due()
        if arrived or failed or says_all:
            told = f"{arrived} notification{'' if arrived == 1 else 's'} delivered"
            self.stdout.write(f"{told}, {failed} to be tried again.")
