"""Make a requester, give them money and write their credentials."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace import conf, ledger
from marketplace.actions.enrol import deposit, find_or_create_requester
from marketplace.credentials import write_profile
from marketplace.errors import EnrolmentError
from marketplace.fees import from_cents
from marketplace.models import Requester


class Command(BaseCommand):
    """`manage.py marketplace_requester NAME [--deposit AMOUNT --reference TEXT] [--file PATH]`."""

    help = (
        "Creates the requester NAME or finds them, deposits money once per reference, and writes "
        "their keys into a credentials file: this site's own, or one to hand to somebody else."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--deposit", metavar="AMOUNT", help="US dollars, for example 250.00")
        parser.add_argument(
            "--reference",
            default="first deposit",
            help="names the deposit; the same reference is only ever deposited once",
        )

        parser.add_argument(
            "--file",
            metavar="PATH",
            type=Path,
            help="where the keys go; left out, the file this site itself publishes with",
        )

    def handle(self, *args: object, **options: Any) -> None:
        """Run it."""
        try:
            requester = find_or_create_requester(str(options["name"]))
            if options["deposit"] is not None:
                self._deposit(
                    requester, amount=options["deposit"], reference=str(options["reference"])
                )
        except EnrolmentError as error:
            raise CommandError(str(error)) from None
        path: Path = options["file"] or conf.credentials_path()
        write_profile(path, requester=requester)
        available = from_cents(ledger.balance(requester).available)
        self.stdout.write(
            f"Requester {requester.name}: {available} USD available, keys in {path}. "
            f"API: {conf.base_url()}/marketplace/api/"
        )
        self.stdout.write(
            "Next: manage.py publish STUDY, or any boto3 client with these keys and the address "
            "in AWS_ENDPOINT_URL_MTURK"
        )

    def _deposit(self, requester: Requester, *, amount: str, reference: str) -> None:
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise CommandError(f"--deposit {amount!r} is not an amount like 250.00.") from None
        if not value.is_finite():
            raise CommandError(f"--deposit {amount!r} is not an amount like 250.00.")
        done = deposit(requester, amount=value, reference=reference)
        verb = "Deposited" if done else f"Already deposited under {reference!r}:"
        self.stdout.write(f"{verb} {value:.2f} USD.")
