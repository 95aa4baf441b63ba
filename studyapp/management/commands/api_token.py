"""Make, list and revoke access tokens of the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser

from studyapp.api_tokens import DEFAULT_DAYS, issue_token, revoke_token, token_of, token_state
from studyapp.management.terminal import readable_errors
from studyapp.people import account_named
from studyapp.vocabulary import Scope


class Command(BaseCommand):
    help = (
        "Make an access token of the API for an account. It is shown once and cannot be shown "
        "again; with --list see which there are, with --revoke end one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="account whose studies the token opens")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it allows; may be given several times (read if it is not given)",
        )
        parser.add_argument("--label", default="from the terminal", help="what it is for")
        parser.add_argument(
            "--days", type=int, default=DEFAULT_DAYS, help=f"days it is good for ({DEFAULT_DAYS})"
        )
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--list", action="store_true", help="list the account's tokens")
        instead.add_argument("--revoke", metavar="START", help="end the token that begins so")

    def handle(self, **options: Any) -> None:
        with readable_errors():
            lines = _done(account_named(options["name"]), options)
        self.stdout.write("\n".join(lines))


def _done(user: User, options: dict[str, Any]) -> list[str]:
    if options["list"]:
        return [
            f"{token.start}…  {token_state(token)}, {', '.join(token.scopes)}, until "
            f"{token.expires_at:%Y-%m-%d}, last used "
            f"{f'{token.last_used_at:%Y-%m-%d}' if token.last_used_at else 'never'}: {token.label}"
            for token in user.api_tokens.all()
        ] or [f"{user.username} has no tokens."]
    if options["revoke"]:
        token = token_of(user, start=options["revoke"])
        was_good = revoke_token(token)
        return [f"{token.start}… {'is revoked now' if was_good else 'was revoked before'}."]
    token = issue_token(
        user, label=options["label"], scopes=options["scope"] or ["read"], days=options["days"]
    )
    return [
        token.secret,
        f"It opens the studies of {user.username} until {token.expires_at:%Y-%m-%d} for: "
        + ", ".join(token.scopes),
        "Keep it now: it is not shown again.",
    ]
