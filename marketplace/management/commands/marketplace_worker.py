"""Make a worker."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from marketplace.actions.enrol import create_worker
from marketplace.errors import EnrolmentError


class Command(BaseCommand):
    """`manage.py marketplace_worker NAME [--password-stdin]`."""

    help = "Creates a worker who signs in as NAME; asks for the password or reads it from stdin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command line."""
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password's line from stdin"
        )

    def handle(self, *args: object, **options: object) -> None:
        """Run it."""
        name = str(options["name"])
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            try:
                password = getpass.getpass(f"Password for {name}: ")
            except EOFError as error:
                raise CommandError(
                    "no password was given: there is no terminal to ask at. Run it at one, or "
                    "give the password's line on standard input with --password-stdin."
                ) from error
        try:
            validate_password(password)
            worker = create_worker(name, password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except EnrolmentError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Worker {name} has the worker id {worker.worker_id}.")
