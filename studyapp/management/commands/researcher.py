"""manage.py researcher"""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyapp.people import make_researcher


class Command(BaseCommand):
    help = "Give somebody an account that can set up, run and read studies of their own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What the person signs in as.")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from standard input."
        )

    def handle(self, **options: Any) -> None:
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            try:
                password = getpass.getpass(f"Password for {options['name']}: ")
            except EOFError as error:
                raise CommandError(
                    "no password was given: there is no terminal to ask at. Run it at one, or "
                    "give the password's line on standard input with --password-stdin."
                ) from error
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        name = make_researcher(options["name"], password=password).username
        self.stdout.write(f"{name} can sign in at {settings.QUORUM_URL}/admin/.")
        self.stdout.write(
            "Next: manage.py import_images --set NAME PATH, then a study: in the admin, or "
            f"new_study FILE.yaml --owner {name}"
        )
